"""What is accepted of evaluations and lessons, and what is refused with a sentence."""

from typing import Any

import pytest
from django.test import Client

from indicators.models import Evaluation, Lesson
from indicators.models.kinds.learning import CRITERIA
from strategy.choices import RecordKind
from strategy.models import User
from tests.factories import make_approved, make_record
from tests.support.samples.form_answers import post_edit, post_new, read_text
from tests.support.samples.import_files import check

pytestmark = pytest.mark.django_db

EX_POST = {"level": "ex_post", "completed_on": "2021-03", "project": "PRJ-1"}

RUNNING = (
    "An ex-post evaluation is of a project that has ended. Enter the end date of PRJ-1 first, or "
    "choose another level."
)


def import_one(kind: str, values: dict[str, str], by: User) -> list[str]:
    """Import one row; return its sentences."""
    text = ",".join(values) + "\n" + ",".join(values.values()) + "\n"
    checked = check(kind, text, by)
    if checked.outcome.is_good:
        checked.write()
    return [str(problem) for problem in checked.outcome.problems]


@pytest.mark.parametrize(
    ("ends_on", "is_refused"),
    [(None, True), ("2021-04", True), ("2021-04-01", True), ("2021", False), ("2020-12", False)],
)
def test_an_ex_post_evaluation_of_a_project_still_running_is_refused(
    ends_on: str | None, is_refused: bool, officer: User, officer_client: Client
) -> None:
    make_record("project", reference="PRJ-1", ends_on=ends_on, entered_by=officer)

    response = post_new(officer_client, RecordKind.EVALUATION, **EX_POST)
    assert (RUNNING in read_text(response)) == is_refused
    assert Evaluation.objects.exists() != is_refused

    of_file = import_one("evaluation", {"title": "From a file", **EX_POST}, officer)
    assert of_file == ([f"row 2, level: {RUNNING}"] if is_refused else [])


def test_a_final_evaluation_of_a_running_project_is_accepted(
    officer: User, officer_client: Client
) -> None:
    make_record("project", reference="PRJ-1", entered_by=officer)
    post_new(officer_client, RecordKind.EVALUATION, **EX_POST | {"level": "final"})
    assert Evaluation.objects.get().project.reference == "PRJ-1"


def test_not_assessed_is_what_an_empty_cell_says_and_no_step(officer: User) -> None:
    row = {"title": "Review", "level": "monitoring", "impact": "", "ethics": "fully_met"}
    assert import_one("evaluation", row, officer) == []
    stored = Evaluation.objects.values(*CRITERIA).get()
    assert stored.pop("ethics") == "fully_met"
    assert set(stored.values()) == {"not_assessed"}


def test_a_step_outside_the_scale_is_refused(officer: User, officer_client: Client) -> None:
    row = {"title": "Review", "level": "final", "relevance": "4 of 5"}
    (sentence,) = import_one("evaluation", row, officer)
    assert sentence.startswith("row 2, relevance: “4 of 5” is not one of these: Not met, Partly")

    response = post_new(officer_client, RecordKind.EVALUATION, relevance="half_met")
    assert "relevance" in response.context["form"].errors
    assert not Evaluation.objects.exists()


def test_a_lesson_names_the_records_that_apply_it(officer: User, officer_client: Client) -> None:
    make_approved("policy_update", reference="POL-1", entered_by=officer)
    make_record("initiative", reference="INI-1", entered_by=officer)
    given: dict[str, Any] = {"state": "applied", "applied_in": "POL-1; ini-1"}
    post_new(officer_client, RecordKind.LESSON, **given)
    lesson = Lesson.objects.get()
    assert lesson.applied_in == "POL-1; ini-1"

    response = post_edit(officer_client, lesson, state="applied", applied_in="POL-1; INI-2")
    sentence = "There is no record “INI-2”. Correct the reference, or record it first."
    assert sentence in read_text(response)
    row = {"title": "L", "year": "2019", "level": "final", "learned": "L", **given}
    row["applied_in"] = "POL-9"
    assert import_one("lesson", row, officer) == [
        "row 2, applied_in: There is no record “POL-9”. Correct the reference, or record it first."
    ]


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"state": "applied"}, "applied_in", "Enter the reference of the record or policy"),
        ({"state": "open", "applied_in": "INI-1"}, "state", "Choose “Applied”, or take away"),
    ],
)
def test_a_lesson_is_applied_where_it_says_so(
    given: dict[str, str], field: str, sentence: str, officer: User, officer_client: Client
) -> None:
    make_record("initiative", reference="INI-1", entered_by=officer)
    response = post_new(officer_client, RecordKind.LESSON, **given)
    assert response.context["form"].errors[field][0].startswith(sentence)
    assert not Lesson.objects.exists()
