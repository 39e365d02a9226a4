"""Review: records that await approval, and actions on one or several of them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from indicators.models import Event, Record, Status
from indicators.safeguarding.detection import NOTE_LENGTH
from indicators.views.work import PER_PAGE
from indicators.workflow.actions import save_record
from indicators.workflow.evidence import EvidenceEdit
from strategy.choices import RecordKind, Role
from strategy.dates.periods import PartialDate
from strategy.models import Plan, User
from tests.conftest import client_of
from tests.factories import NOON, make_approved, make_country, make_record, make_user
from tests.support.query_baselines import Baseline
from tests.support.samples.form_answers import read_text

REVIEW = reverse("indicators:review")


@pytest.fixture
def _plan(plan: Plan) -> None:
    """Load the plan with its reference data."""


pytestmark = pytest.mark.usefixtures("_plan")


def submitted(kind: str = "event", **values: Any) -> Any:
    return make_record(kind, status=Status.SUBMITTED, **{"evidence": 1, **values})


def key(record: Record, version: int | None = None) -> str:
    return f"{record.KIND}/{record.reference}/{version or record.version}"


def shown(client: Client, address: str = REVIEW) -> list[str]:
    return [item.pending.reference for item in client.get(address).context["items"]]


def test_what_waits_is_shown_oldest_first_whatever_its_kind(
    staff: User, manager_client: Client
) -> None:
    submitted("decision", entered_by=staff, reference="B", at=NOON + timedelta(days=2))
    submitted("event", entered_by=staff, reference="A", at=NOON + timedelta(days=1))
    submitted("initiative", entered_by=staff, reference="C", at=NOON + timedelta(days=3))
    make_record("event", entered_by=staff)
    make_approved("event", entered_by=staff)
    assert shown(manager_client) == ["A", "B", "C"]


def test_what_one_entered_or_last_changed_is_not_offered_but_told(
    staff: User, manager: User, manager_client: Client
) -> None:
    submitted(entered_by=manager)
    changed = submitted(entered_by=staff)
    changed.title = "Corrected"
    save_record(changed, by=manager, at=NOON)
    response = manager_client.get(REVIEW)
    assert response.context["items"] == []
    assert "You entered or last changed 2 more" in response.content.decode()


def test_each_says_what_it_would_count_towards(staff: User, manager_client: Client) -> None:
    submitted("decision", entered_by=staff, authority_country="NE", reference="NIGER")
    submitted(
        "initiative", entered_by=staff, countries=["CA"], fields_of_activity=[], reference="CANADA"
    )
    submitted("project", entered_by=staff, reference="PROJECT")
    response = manager_client.get(REVIEW)
    items = {item.pending.reference: item for item in response.context["items"]}
    assert items["NIGER"].objectives == "2.1"
    outside = items["CANADA"].outside
    assert items["CANADA"].objectives == ""
    assert outside and outside.elsewhere == ("1.3",)
    page = response.content.decode()
    assert "counts towards 2.1" in page
    sentence = "counts nowhere: Outside the geography of the target. Canada counts under 1.3."
    assert sentence in read_text(response)
    assert "is not counted itself" in page


def test_what_changed_since_the_approval_is_shown_field_by_field(
    staff: User, manager_client: Client
) -> None:
    initiative = make_approved(
        "initiative",
        countries=["NE"],
        starts_on="2018",
        evidence=["https://a.org"],
        entered_by=staff,
    )
    initiative.starts_on = PartialDate("2018-03")
    save_record(initiative, by=staff, at=NOON + timedelta(days=1))
    togo = {"countries": [make_country("TG")]}
    save_record(initiative, by=staff, at=NOON + timedelta(days=2), many=togo)
    links = EvidenceEdit(links=["https://b.org"])
    save_record(initiative, by=staff, at=NOON + timedelta(days=3), evidence=links)
    submitted("initiative", entered_by=staff)

    response = manager_client.get(REVIEW)
    items = {item.pending.reference: item.changes for item in response.context["items"]}
    changes = items.pop(initiative.reference)
    assert [(one.label, one.before, one.after) for one in changes] == [
        ("Target countries", "Niger", "Togo"),
        ("Start date", "2018", "2018-03"),
        ("Evidence", "https://a.org", "https://b.org"),
    ]
    assert list(items.values()) == [()]
    assert "Approved on 3 June 2019" in response.content.decode()
    detail = reverse("indicators:record_detail", args=["initiative", initiative.reference])
    assert "Approved on 3 June 2019" in manager_client.get(detail).content.decode()


@pytest.mark.parametrize("kind", list(RecordKind))
def test_every_kind_can_wait(kind: RecordKind, manager_client: Client) -> None:
    record = submitted(kind)
    assert record.reference in shown(manager_client)


def test_one_is_approved_by_its_own_button(
    staff: User, manager: User, manager_client: Client
) -> None:
    event = submitted(entered_by=staff)
    other = submitted(entered_by=staff)
    response = manager_client.post(REVIEW, {"act": f"approve:{key(event)}"}, follow=True)
    event.refresh_from_db()
    other.refresh_from_db()
    assert (event.status, event.approved_by) == (Status.APPROVED, manager)
    assert other.status == Status.SUBMITTED
    assert "1 record was approved." in response.content.decode()


def test_one_is_returned_with_its_own_note(staff: User, manager_client: Client) -> None:
    event = submitted(entered_by=staff)
    values = {
        "act": f"return:{key(event)}",
        f"note:event/{event.reference}": "Which month?",
        "note": "for others",
    }
    manager_client.post(REVIEW, values)
    event.refresh_from_db()
    assert (event.status, event.note_on_return) == (Status.RETURNED, "Which month?")


def test_several_are_approved_and_those_that_cannot_are_told_with_the_reason(
    staff: User, manager: User, manager_client: Client
) -> None:
    good = submitted(entered_by=staff)
    bare = submitted(entered_by=staff, evidence=0)
    stale = submitted(entered_by=staff)
    own = submitted(entered_by=manager)
    keys = [key(good), key(bare), key(stale, 7), key(own), "event/EVT-NONE/1", "nonsense"]

    response = manager_client.post(REVIEW, {"act": "approve", "record": keys})

    assert response.status_code == 400
    assert response.context["failed"] == {
        f"event/{bare.reference}": "It has no evidence. Attach a file or a link first.",
        f"event/{stale.reference}": (
            "Someone else changed this record after you opened it. Nothing was written."
        ),
        f"event/{own.reference}": "You entered or last changed it: someone else must approve it.",
        "event/EVT-NONE": "There is no such record that you may see.",
        "": "There is no such record that you may see.",
    }
    page = response.content.decode()
    assert "<title>Error: " in page
    assert "1 record was approved." in page
    assert set(Event.objects.filter(status=Status.APPROVED)) == {good}


def test_several_are_returned_with_one_note(staff: User, manager_client: Client) -> None:
    events = [submitted(entered_by=staff) for _number in range(3)]
    values = {"act": "return", "record": [key(event) for event in events], "note": "No dates."}
    response = manager_client.post(REVIEW, values, follow=True)
    assert "3 records were returned." in response.content.decode()
    assert set(Event.objects.values_list("note_on_return", flat=True)) == {"No dates."}


def test_a_return_without_a_note_keeps_what_was_ticked_and_written(
    staff: User, manager_client: Client
) -> None:
    event, other = submitted(entered_by=staff), submitted(entered_by=staff)
    response = manager_client.post(
        REVIEW,
        {
            "act": f"return:{key(event)}",
            "record": [key(other)],
            f"note:event/{other.reference}": "Half a note",
        },
    )
    page = response.content.decode()
    assert response.status_code == 400
    assert "Write a note that says what to correct." in page
    assert "Half a note</textarea>" in page
    assert f'value="{key(other)}" checked' in page


def test_an_act_on_one_keeps_the_notes_written_at_the_others(
    staff: User, manager_client: Client
) -> None:
    first, second = submitted(entered_by=staff), submitted(entered_by=staff)
    values = {
        "act": f"return:{key(first)}",
        f"note:event/{first.reference}": "No dates.",
        f"note:event/{second.reference}": "Which ministry?",
        "note": "For several",
    }
    page = manager_client.post(REVIEW, values)
    assert page.status_code == 200
    assert "1 record was returned." in page.content.decode()
    assert [(item.record, item.note) for item in page.context["items"]] == [
        (second, "Which ministry?")
    ]
    assert page.context["note"] == "For several"
    several = {"act": "return", "record": [key(second)], "note": "For several"}
    assert manager_client.post(REVIEW, several).status_code == 302


def test_two_references_alike_but_for_signs_are_two_places_on_the_page(
    staff: User, manager_client: Client
) -> None:
    for reference in ("A.1", "A1", "سجل 1"):
        submitted(entered_by=staff, reference=reference)
    page = manager_client.get(REVIEW).content.decode()
    places = re.findall(r'<li id="([^"]+)"', page)
    assert len(set(places)) == len(places) == 3


def test_a_note_as_long_as_a_book_is_refused_and_kept(staff: User, manager_client: Client) -> None:
    event, note = submitted(entered_by=staff), "y" * (NOTE_LENGTH.limit_value + 1)
    values = {"act": f"return:{key(event)}", f"note:event/{event.reference}": note}
    page = manager_client.post(REVIEW, values)
    assert page.status_code == 400
    assert "at most 5000 characters" in page.content.decode()
    assert page.context["items"][0].note == note
    assert Event.objects.get().status == Status.SUBMITTED


def test_nothing_ticked_is_said(staff: User, manager_client: Client) -> None:
    submitted(entered_by=staff)
    response = manager_client.post(REVIEW, {"act": "approve"})
    assert response.status_code == 400
    assert "Choose at least one record first." in response.content.decode()


@pytest.mark.parametrize(
    "act", ["", "burn", "approve:", "approve:/", "approve:event", "burn:event/x/1"]
)
def test_an_act_that_means_nothing_is_refused(act: str, manager_client: Client) -> None:
    response = manager_client.post(REVIEW, {"act": act})
    assert response.status_code == 400


@pytest.mark.parametrize("name", ["festival/X/1", "event/\x00/1", "event/X/" + "9" * 5000])
def test_a_record_that_is_none_is_refused_and_not_an_error_of_ours(
    name: str, manager_client: Client
) -> None:
    response = manager_client.post(REVIEW, {"act": "approve", "record": [name]})
    assert response.status_code == 400


def test_nothing_waits(manager_client: Client) -> None:
    assert "Nothing waits for you" in manager_client.get(REVIEW).content.decode()


@pytest.mark.parametrize("role", [Role.STAFF, Role.BOARD, Role.ADMIN])
def test_others_do_not_review(role: Role) -> None:
    client = client_of(make_user(role))
    assert client.get(REVIEW).status_code == 403
    assert client.post(REVIEW, {"act": "approve"}).status_code == 403


def test_twenty_are_a_page(staff: User, manager_client: Client) -> None:
    for number in range(23):
        submitted(entered_by=staff, at=NOON + timedelta(minutes=number))
    assert len(shown(manager_client)) == 20
    assert len(shown(manager_client, f"{REVIEW}?page=2")) == 3
    assert manager_client.get(f"{REVIEW}?page=abc").status_code == 400


def test_the_cost_grows_with_the_kinds_and_not_with_the_records(
    staff: User, manager_client: Client, query_baseline: Baseline
) -> None:
    for kind in ("event", "initiative", "decision"):
        for _number in range(2):
            submitted(kind, entered_by=staff)
    with query_baseline("review"):
        manager_client.get(REVIEW)
    for kind in ("event", "initiative", "decision"):
        for _number in range(4):
            submitted(kind, entered_by=staff)
    with query_baseline("review"):
        manager_client.get(REVIEW)


def test_the_last_page_may_be_done_and_what_failed_there_is_shown_there(
    staff: User, manager_client: Client
) -> None:
    records = [submitted(entered_by=staff) for _number in range(PER_PAGE + 2)]
    last, second = (f"{REVIEW}?page={number}" for number in (3, 2))
    one, other = records[-2:]

    names = [f"{record.KIND}/{record.reference}" for record in (one, other)]
    values = {"act": f"return:{key(one)}", f"note:{names[0]}": " ", f"note:{names[1]}": "Which?"}
    response = manager_client.post(second, values)
    assert response.status_code == 400
    items = {item.name: item for item in response.context["items"]}
    assert items.keys() == set(names)
    assert items[names[0]].error and items[names[1]].note == "Which?"

    both = {"act": "approve", "record": [key(one), key(other)]}
    response = manager_client.post(second, both, follow=True)
    assert response.status_code == 200
    assert len(response.context["items"]) == PER_PAGE
    assert shown(manager_client, last) == shown(manager_client)
