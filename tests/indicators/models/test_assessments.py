"""What is accepted of assessments, what is refused, and what files have of them."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from indicators.models import Assessment
from strategy.choices import RecordKind
from strategy.models import Indicator, Objective, Plan, Priority, RubricStep, User
from tests.factories import make_approved, make_record
from tests.support.database.fixtures import load_fixtures
from tests.support.samples.form_answers import post_new, read_text
from tests.support.samples.import_files import check, summarize

pytestmark = pytest.mark.django_db

OTHER_RUBRIC = (
    "This step is not of the indicator’s rubric. Choose one of its steps, or enter a value if it"
    " has none."
)
HEADINGS = "indicator,assessed_on,step,value,numerator,denominator,justification\n"


@pytest.fixture(autouse=True)
def plan(db: None) -> Plan:
    load_fixtures("countries", "reference", "tests/fixtures/qualitative_plan.json")
    return Plan.objects.get(code="qualitative")


def find_problems(line: str, by: User) -> list[str]:
    outcome = check("assessment", f"{HEADINGS}{line}\n", by).outcome
    return [str(problem) for problem in outcome.problems]


def find_step(rubric: str, code: str) -> RubricStep:
    return RubricStep.objects.get(rubric__code=rubric, code=code)


def test_the_form_records_a_step_of_the_indicator_s_rubric(officer_client: Client) -> None:
    indicator, step = Indicator.objects.get(code="Q1.1"), find_step("adoption", "most")
    response = post_new(
        officer_client, RecordKind.ASSESSMENT, indicator=indicator.pk, step=step.pk, value=""
    )
    assert response.status_code == 302, response.context["form"].errors
    assessment = Assessment.objects.get()
    assert (assessment.indicator, assessment.step, assessment.value) == (indicator, step, None)
    assert assessment.name == "Q1.1 · 2018-12-31"


def test_a_step_of_another_rubric_is_refused(officer: User, officer_client: Client) -> None:
    indicator, step = Indicator.objects.get(code="Q1.1"), find_step("voice", "deciding")
    response = post_new(
        officer_client, RecordKind.ASSESSMENT, indicator=indicator.pk, step=step.pk, value=""
    )
    assert OTHER_RUBRIC in read_text(response)
    (problem,) = find_problems("Q1.1,2021,deciding,,,,Why", officer)
    assert problem.startswith("row 2, step: “deciding” is not one of these: ")
    assert not Assessment.objects.exists()


def test_a_file_names_a_step_by_its_code_or_its_words(officer: User) -> None:
    text = (
        f"{HEADINGS}Q1.1,2021-06,most,,,,Why\nQ1.2,2021-06,Consultados,,,,Why\n"
        "Q1.2,2021-07,consultés,,,,Why\nQ1.3,2021,,,75,100,Why\n"
    )
    checked = check("assessment", text, officer)
    assert [str(problem) for problem in checked.outcome.problems] == [
        (
            "row 3, step: “Consultados” is not one of these: Informed, Consulted, Deciding. "
            "Did you mean Consulted?"
        )
    ]
    assert summarize(checked) == "new 3, changed 0, unchanged 0, error 1"


def test_a_changed_indicator_does_not_keep_a_step_of_the_other_rubric(officer: User) -> None:
    step = find_step("adoption", "most")
    make_record("assessment", reference="A-1", indicator="Q1.1", step=step, entered_by=officer)
    text = "reference,indicator\nA-1,Q1.2\n"
    (problem,) = check("assessment", text, officer).outcome.problems
    assert str(problem) == f"row 2, Step: {OTHER_RUBRIC}"


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        (",,,", "step", "Choose a step, or enter a value, or a numerator with its denominator."),
        (
            "most,3,,",
            "step",
            "Give one only: a step, a value, or a numerator with its denominator.",
        ),
        (",3,1,2", "step", "Give one only: a step, a value, or a numerator with its denominator."),
        (",,75,", "denominator", "Enter the denominator: all who were asked."),
        (",,0,0", "denominator", "Enter the denominator: all who were asked."),
        (",,,100", "numerator", "Enter the numerator: those who answered so."),
        (",,101,100", "numerator", "Enter a numerator that is not above the denominator."),
    ],
)
def test_an_assessment_has_one_finding(
    cells: str, column: str, sentence: str, officer: User
) -> None:
    assert find_problems(f"Q1.1,2021,{cells},Why", officer) == [f"row 2, {column}: {sentence}"]


def test_an_assessment_needs_its_reasons(officer: User) -> None:
    assert find_problems("Q1.1,2021,most,,,,", officer) == [
        "row 2, justification: Enter the justification."
    ]


def test_an_indicator_has_one_assessment_a_day(officer: User, officer_client: Client) -> None:
    indicator, step = Indicator.objects.get(code="Q1.1"), find_step("adoption", "most")
    values: dict[str, Any] = {"indicator": indicator, "assessed_on": "2021-06-30", "step": step}
    make_approved("assessment", reference="A-1", **values)
    answers = {"indicator": indicator.pk, "assessed_on": "2021-06-30", "value": "1"}
    assert post_new(officer_client, RecordKind.ASSESSMENT, **answers).status_code == 400
    assert find_problems("Q1.1,2021-06-30,,1,,,Why", officer) == [
        "row 2, indicator: There is such a record already: A-1. Change that one instead."
    ]
    with pytest.raises((ValidationError, IntegrityError)), transaction.atomic():
        make_record("assessment", **values)
    make_record("assessment", status="withdrawn", **values)
    make_record("assessment", indicator="Q1.2", assessed_on="2021-06-30")


def test_a_code_of_two_plans_is_that_of_the_plan_of_the_day(officer: User) -> None:
    other = Plan.objects.create(
        code="other", title="Other", starts_on=date(2025, 1, 1), ends_on=date(2028, 12, 31)
    )
    priority = Priority.objects.create(plan=other, number=1, title="Other")
    objective = Objective.objects.create(
        priority=priority, number=1, code="O", statement="Other", short_title="Other"
    )
    Indicator.objects.create(objective=objective, code="Q1.1", statement="Other")
    text = f"{HEADINGS}Q1.1,2024-12-31,,3,,,Why\nQ1.1,2025,,3,,,Why\nQ1.1,,,3,,,Why\n"
    checked = check("assessment", text, officer)
    assert summarize(checked) == "new 2, changed 0, unchanged 0, error 1"
    (problem,) = checked.outcome.problems
    assert "“Q1.1” may mean any of these: qualitative/Q1.1, other/Q1.1." in str(problem)
    read = [notice for notice in checked.outcome.notices if "was read as" in notice]
    assert [notice.split(" was read as ")[1].split(" ")[0] for notice in read] == [
        "qualitative/Q1.1",
        "other/Q1.1",
    ]
