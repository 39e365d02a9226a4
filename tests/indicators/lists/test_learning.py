"""The page of learning: the grid of criteria, what is to be done, and what lessons led to."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from indicators.models import Recommendation
from indicators.models.kinds.learning import is_overdue, is_to_be_done
from strategy.choices import EvaluationStep, Role
from strategy.models import User
from tests.factories import make_approved, make_record, make_user
from tests.support.query_baselines import Baseline
from tests.support.samples.form_answers import read_text

pytestmark = pytest.mark.django_db

LEARNING = "/learning/"
DAY = date(2020, 6, 15)


def see(client: Client, address: str = LEARNING) -> Any:
    response = client.get(address)
    assert response.status_code == 200
    return response.context["learning"]


def count_listed(client: Client, address: str) -> int:
    number: int = client.get(address).context["page"].paginator.count
    return number


def test_who_has_recorded_nothing_is_told_what_to_do(
    staff_client: Client, manager_client: Client
) -> None:
    text = read_text(staff_client.get(LEARNING))
    for name, label in (("evaluation", "an evaluation"), ("lesson", "a lesson")):
        assert f"No {name} is approved yet. Record {label}" in text
    assert "/records/evaluation/new/" in staff_client.get(LEARNING).content.decode()
    make_record("evaluation", status="submitted")
    page = manager_client.get(LEARNING)
    assert "No evaluation is approved yet. 1 waits for approval" in read_text(page)
    assert 'href="/records/evaluation/?status=submitted"' in page.content.decode()


def test_approved_evaluations_stand_by_project_with_the_step_of_each_criterion(
    officer: User, officer_client: Client
) -> None:
    project = make_record("project", title="A school for the police", entered_by=officer)
    make_approved("evaluation", title="Of none", ethics="partly_met")
    make_approved("evaluation", title="Mid-term", project=project, completed_on="2018")
    make_approved(
        *("evaluation",),
        title="Final",
        project=project,
        relevance="fully_met",
        impact="not_met",
    )
    make_record("evaluation", title="Hidden one", status="submitted")
    page = see(officer_client)
    assert [row.evaluation.title for row in page.evaluation_rows] == [
        "Final",
        "Mid-term",
        "Of none",
    ]
    assert [step.value for step in page.evaluation_rows[0].steps] == [
        *("fully_met", "not_assessed", "not_assessed", "not_met", "not_assessed", "not_assessed")
    ]
    response = officer_client.get(LEARNING)
    html, text = response.content.decode(), read_text(response)
    for step in (EvaluationStep.FULLY_MET, EvaluationStep.NOT_MET, EvaluationStep.NOT_ASSESSED):
        assert f"</svg>{step.label}</span>" in html
    assert "3 approved records · 1 waits for approval" in text
    assert "Hidden one" not in text
    assert text.index("A school for the police") < text.index("Without a project")


@pytest.mark.parametrize(
    ("values", "is_open", "is_late"),
    [
        ({}, True, False),
        ({"due_on": "2020-06-15"}, True, False),
        ({"due_on": "2020-06-14"}, True, True),
        ({"due_on": "2020-06"}, True, False),
        ({"due_on": "2020-05"}, True, True),
        ({"due_on": "2020"}, True, False),
        ({"due_on": "2019"}, True, True),
        ({"due_on": "2019", "response": "accepted"}, True, True),
        ({"due_on": "2019", "response": "partly"}, True, True),
        ({"due_on": "2019", "response": "rejected"}, False, False),
        ({"due_on": "2019", "done_on": "2020-06-15"}, False, False),
        ({"due_on": "2019", "done_on": "2020"}, False, False),
        ({"due_on": "2019", "done_on": "2020-06-16"}, True, True),
    ],
)
def test_a_recommendation_is_open_until_done_and_overdue_from_the_day_after_it_is_due(
    values: dict[str, str], is_open: bool, is_late: bool
) -> None:
    given: dict[str, Any] = {"done_on": None, **values}
    make_record("recommendation", **given)
    assert Recommendation.objects.filter(is_to_be_done(DAY)).exists() == is_open
    assert Recommendation.objects.filter(is_overdue(DAY)).exists() == is_late


def test_the_most_urgent_recommendations_stand_first_and_each_number_is_its_list(
    officer_client: Client,
) -> None:
    for title, due in (
        ("Some day", None),
        ("Later", "2099-01-02"),
        ("Late", "2018"),
        ("Now", "2017"),
    ):
        make_approved("recommendation", title=title, due_on=due, done_on=None)
    make_approved("recommendation", title="Done")
    make_record("recommendation", title="Draft", due_on="2017", done_on=None)
    to_do = see(officer_client).recommendations
    titles = [(row.recommendation.title, row.is_late) for row in to_do.rows]
    assert titles == [("Now", True), ("Late", True), ("Later", False), ("Some day", False)]
    html = officer_client.get(LEARNING).content.decode()
    for action, number in (("open", to_do.number), ("overdue", to_do.overdue)):
        address = f"/records/recommendation/?status=approved&action={action}"
        assert address.replace("&", "&amp;") in html
        assert count_listed(officer_client, address) == number == {"open": 4, "overdue": 2}[action]


def test_that_nothing_is_left_to_do_is_said(officer_client: Client) -> None:
    make_approved("recommendation", due_on="2017", response="rejected", done_on=None)
    assert "None is to be done" in read_text(officer_client.get(LEARNING))


def test_lessons_stand_by_level_with_links_to_what_applies_them(
    staff: User, staff_client: Client
) -> None:
    make_approved("policy_update", reference="POL-1", entered_by=staff)
    make_approved("policy_update", reference="POL-2", entered_by=make_user(office="dakar"))
    applied = {"state": "applied", "applied_in": "pol-1; POL-2"}
    make_approved("lesson", title="Applied", level="ex_post", entered_by=staff, **applied)
    make_approved("lesson", title="Not yet", level="monitoring", entered_by=staff)
    make_approved("lesson", title="Nor this", level="ex_post", entered_by=staff)
    levels = see(staff_client).lesson_levels
    assert [(level.level.value, level.number) for level in levels] == [
        *(("monitoring", 1), ("ex_post", 2)),
    ]
    rows = {row.lesson.title: row for level in levels for row in level.rows}
    assert rows["Applied"].applied_in == [("pol-1", "/records/policy_update/POL-1/"), ("POL-2", "")]
    address = "/records/lesson/?status=approved&level=ex_post&state=applied"
    assert address.replace("&", "&amp;") in staff_client.get(LEARNING).content.decode()
    assert count_listed(staff_client, address) == 1


def test_staff_see_the_records_of_their_office_and_others_may_not_open_the_page(
    staff_client: Client, board_client: Client, manager_client: Client
) -> None:
    for kind in ("evaluation", "recommendation", "lesson"):
        make_approved(
            kind,
            title="Of Dakar",
            entered_by=make_user(Role.STAFF, "dakar"),
            **({"done_on": None} if kind == "recommendation" else {}),
        )
    assert "Of Dakar" not in read_text(staff_client.get(LEARNING))
    assert read_text(manager_client.get(LEARNING)).count("Of Dakar") == 3
    assert board_client.get(LEARNING).status_code == 403


def test_the_cost_does_not_grow_with_the_records_and_long_lists_have_pages(
    officer: User, officer_client: Client, query_baseline: Baseline
) -> None:
    project = make_record("project", title="ش" * 250, entered_by=officer)
    for times in (2, 21):
        for _time in range(times):
            evaluation = make_approved("evaluation", project=project, entered_by=officer)
            make_approved("recommendation", evaluation=evaluation, done_on=None)
            applied = {"state": "applied", "applied_in": evaluation.reference}
            make_approved("lesson", project=project, evaluation=evaluation, **applied)
        with query_baseline("learning"):
            officer_client.get(LEARNING)
    text = read_text(officer_client.get(LEARNING))
    assert "1 to 20 of 23" in text
    assert text.count("See all 23") == 2
    assert len(see(officer_client, f"{LEARNING}?page=2").evaluation_rows) == 3
    assert officer_client.get(f"{LEARNING}?page=9").status_code == 400


@pytest.mark.parametrize(
    ("kind", "words"),
    [("initiative", "level=final"), ("evaluation", "state=open"), ("lesson", "action=open")],
)
def test_a_condition_of_other_kinds_changes_no_list(
    kind: str, words: str, officer_client: Client
) -> None:
    make_record(kind)
    assert count_listed(officer_client, f"/records/{kind}/?{words}") == 1


def test_the_page_reads_in_arabic(officer_client: Client, settings: Any) -> None:
    make_approved("evaluation", title="تقييم نهائي", relevance="largely_met")
    officer_client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ar"
    html = officer_client.get(LEARNING).content.decode()
    assert 'dir="rtl"' in html
    assert "<bdi>تقييم نهائي</bdi>" in html
    assert "Largely met" not in html


def test_a_step_is_told_by_its_shape_too(officer_client: Client) -> None:
    for step in EvaluationStep:
        make_approved("evaluation", **dict.fromkeys(("relevance", "ethics"), step.value))
    html = officer_client.get(LEARNING).content.decode()
    shapes = {part.partition("</svg>")[0] for part in html.split('<svg class="mark"')[1:]}
    assert len({shape for shape in shapes if "currentColor" in shape}) == len(EvaluationStep)
