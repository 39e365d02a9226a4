"""My work: the user's unfinished records, and links to start."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from indicators.forms.registry import RECORD_TYPES
from indicators.lists.work_queue import WorkItem
from indicators.models import Event, Status
from indicators.workflow.actions import save_record
from indicators.workflow.queues import union_all
from strategy.choices import RecordKind, Role
from strategy.models import Plan, User
from tests.conftest import client_of
from tests.factories import NOON, ONE_A_YEAR, make_approved, make_record, make_user
from tests.support.query_baselines import Baseline

MY_WORK = reverse("indicators:my_work")


@pytest.fixture
def _plan(plan: Plan) -> None:
    """Load the plan with its reference data."""


pytestmark = pytest.mark.usefixtures("_plan")


def names(items: Iterable[WorkItem]) -> list[str]:
    return [item.pending.reference for item in items]


def test_ones_own_records_stand_by_what_is_to_be_done(staff: User, staff_client: Client) -> None:
    make_record("event", reference="DRAFT", entered_by=staff)
    make_record("decision", reference="BACK", status=Status.RETURNED, entered_by=staff)
    make_record("initiative", reference="WAITS", status=Status.SUBMITTED, entered_by=staff)
    make_approved("event", reference="UNDATED", occurred_on=None, entered_by=staff)
    make_approved("event", reference="DONE", entered_by=staff)
    make_record("event", reference="GONE", status=Status.WITHDRAWN, entered_by=staff)
    colleague = make_user(Role.STAFF, "niamey")
    make_record("event", reference="THEIRS", entered_by=colleague)

    context = staff_client.get(MY_WORK).context
    assert names(context["drafts"]) == ["DRAFT"]
    assert names(context["returned"]) == ["BACK"]
    assert names(context["submitted"]) == ["WAITS"]
    assert names(context["undated"]) == ["UNDATED"]


def test_what_came_back_shows_its_note(staff: User, staff_client: Client) -> None:
    make_record("event", status=Status.RETURNED, entered_by=staff)
    page = staff_client.get(MY_WORK).content.decode()
    assert "Which month did it start?" in page
    assert "1 record came back with a note." in page


def test_what_one_changed_last_of_a_colleague_is_ones_work_too(
    staff: User, staff_client: Client
) -> None:
    event = make_record("event", entered_by=make_user(Role.STAFF, "niamey"))
    event.title = "Corrected"
    save_record(event, by=staff, at=NOON)
    assert names(staff_client.get(MY_WORK).context["drafts"]) == [event.reference]


def test_each_says_what_it_lacks(staff: User, staff_client: Client) -> None:
    make_record("event", entered_by=staff, reference="BOTH", occurred_on=None)
    make_record("event", entered_by=staff, reference="NONE", evidence=1)
    items = {item.pending.reference: item for item in staff_client.get(MY_WORK).context["drafts"]}
    assert not items["BOTH"].pending.has_evidence
    assert not items["BOTH"].pending.has_date
    assert items["NONE"].pending.has_evidence
    assert items["NONE"].pending.has_date


def test_what_waits_says_how_long_and_what_it_will_count_towards(
    staff: User, staff_client: Client
) -> None:
    make_record(
        "decision",
        status=Status.SUBMITTED,
        entered_by=staff,
        evidence=1,
        at=NOON - timedelta(days=3),
    )
    [item] = staff_client.get(MY_WORK).context["submitted"]
    assert item.objectives == "2.1"
    assert item.days > 300


def test_an_empty_page_says_where_to_begin(staff_client: Client) -> None:
    page = staff_client.get(MY_WORK).content.decode()
    assert "Nothing of yours is unfinished" in page
    for kind in RecordKind:
        assert reverse("indicators:record_create", args=[kind]) in page


def test_managers_and_officers_have_their_own_work_too(
    manager: User, manager_client: Client
) -> None:
    make_record("event", entered_by=manager, reference="MINE")
    assert names(manager_client.get(MY_WORK).context["drafts"]) == ["MINE"]


@pytest.mark.parametrize("role", [Role.BOARD, Role.ADMIN])
def test_who_enters_no_records_has_no_such_page(role: Role) -> None:
    assert client_of(make_user(role)).get(MY_WORK).status_code == 403


def test_the_queues_of_many_more_kinds_still_make_one_question(db: None) -> None:
    # SQLite limits the depth of nested statements.
    events = Event.objects.filter(status=Status.DRAFT).order_by().values("pk")
    assert list(union_all([events] * 40)) == []


def test_the_cost_is_fixed(staff: User, staff_client: Client, query_baseline: Baseline) -> None:
    def fill() -> None:
        for kind in RECORD_TYPES:
            values: dict[str, Any] = {"year": "2019"} if kind in ONE_A_YEAR else {}
            make_record(kind, entered_by=staff)
            make_record(kind, entered_by=staff, status=Status.RETURNED, **values)

    fill()
    make_record("event", entered_by=staff, status=Status.SUBMITTED)
    with query_baseline("my_work"):
        staff_client.get(MY_WORK)
    for _number in range(5):
        make_record("event", entered_by=staff, status=Status.SUBMITTED)
    with query_baseline("my_work"):
        staff_client.get(MY_WORK)
