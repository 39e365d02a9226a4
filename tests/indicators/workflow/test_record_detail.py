"""The page of a record, its workflow actions and its history."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from indicators.models import Event, Record, Status
from indicators.workflow import actions
from indicators.workflow.actions import save_record
from indicators.workflow.audit_log import HistoryAction
from indicators.workflow.evidence import EvidenceEdit
from strategy.choices import Reason, RecordKind, Role
from strategy.models import Plan, User
from tests.conftest import client_of
from tests.factories import NOON, make_approved, make_country, make_record, make_user
from tests.support.html_tree import text_of, tree_of
from tests.support.query_baselines import Baseline

AT = datetime(2019, 9, 2, 14, 30, tzinfo=UTC)


def page_of(client: Client, record: Record) -> Any:
    return client.get(reverse("indicators:record_detail", args=[record.KIND, record.reference]))


def history_of(client: Client, record: Record) -> Any:
    return client.get(reverse("indicators:record_history", args=[record.KIND, record.reference]))


def act(client: Client, record: Record, name: str, **values: Any) -> Any:
    address = reverse("indicators:record_action", args=[record.KIND, record.reference, name])
    return client.post(address, {"version": record.version, **values})


@pytest.mark.usefixtures("plan")
def test_arabic_words_in_a_row_have_their_own_comma(staff: User, settings: Any) -> None:
    record = make_record(
        "initiative",
        entered_by=staff,
        evidence=1,
        countries=["NE", "BJ"],
        target_groups=["government", "security_forces"],
        fields_of_activity=["justice", "violence"],
    )
    client = client_of(staff)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ar"
    of_record = [record.KIND, record.reference]
    for route, values, has_rows in (
        ("indicators:record_detail", of_record, True),
        ("indicators:record_list", [record.KIND], True),
        ("indicators:record_history", of_record, False),
        ("indicators:my_work", [], False),
        ("strategy:plan", [], False),
    ):
        text = text_of(tree_of(client.get(reverse(route, args=values))))
        assert not re.search(r"[\u0600-\u06ff]\S*, ", text), route
        assert "\u060c " in text or not has_rows


@pytest.fixture
def _plan(plan: Plan) -> None:
    """Load the plan with its reference data."""


pytestmark = pytest.mark.usefixtures("_plan")


@pytest.mark.parametrize("kind", list(RecordKind))
def test_every_kind_has_its_page_and_its_history(
    kind: RecordKind, staff: User, staff_client: Client
) -> None:
    record = make_record(kind, entered_by=staff, notes="A note.")
    for response in (page_of(staff_client, record), history_of(staff_client, record)):
        assert response.status_code == 200
        assert record.reference in response.content.decode()


def answers_of(response: Any) -> dict[str, Reason | None]:
    return {item.target.code: item.reason for item in response.context["contributions"]}


def test_the_page_says_what_an_approved_record_counts_towards(
    staff: User, staff_client: Client
) -> None:
    initiative = make_approved("initiative", countries=["NE"], entered_by=staff)
    response = page_of(staff_client, initiative)
    assert answers_of(response) == {
        "1.1-initiatives": None,
        "1.1-countries": None,
        "1.2-fields": None,
    }


def test_the_page_says_why_a_record_does_not_count_and_where_it_would(
    staff: User, staff_client: Client
) -> None:
    initiative = make_approved("initiative", countries=["CA"], entered_by=staff)
    response = page_of(staff_client, initiative)
    assert answers_of(response)["1.1-countries"] == Reason.OUTSIDE_GEOGRAPHY
    assert answers_of(response)["1.2-fields"] is None
    assert "Canada counts under 1.3." in response.content.decode()


def test_a_draft_is_told_what_it_would_count_towards(staff: User, staff_client: Client) -> None:
    decision = make_record("decision", authority_country="NE", entered_by=staff)
    response = page_of(staff_client, decision)
    assert answers_of(response) == {
        "2.1-decisions": None,
        "2.2-decisions": Reason.OUTSIDE_GEOGRAPHY,
    }
    assert "it would count" in response.content.decode()


def test_a_kind_that_is_never_counted_says_so(staff: User, staff_client: Client) -> None:
    page = page_of(staff_client, make_record("project", entered_by=staff)).content.decode()
    assert "Records of this kind are not counted themselves." in page


def test_people_trained_are_shown_as_written_down_and_never_derived(
    staff: User, staff_client: Client
) -> None:
    activity = make_record("activity", entered_by=staff, women=4, men=None, sex_not_recorded=26)
    response = page_of(staff_client, activity)
    assert [one.text for one in response.context["people"]] == ["4", "", "26"]
    page = response.content.decode()
    assert "not recorded" in page
    assert "30" not in page.split("People trained")[1].split("</section>")[0]


def test_a_project_lists_its_initiatives_and_an_initiative_its_sessions(
    staff: User, staff_client: Client
) -> None:
    project = make_record("project", entered_by=staff)
    initiative = make_record("initiative", project=project, entered_by=staff, reference="INI-9")
    make_record("activity", initiative=initiative, entered_by=staff, reference="ACT-9")
    assert "INI-9" in page_of(staff_client, project).content.decode()
    assert "ACT-9" in page_of(staff_client, initiative).content.decode()


def test_values_are_words_and_what_people_wrote_is_no_markup(
    staff: User, staff_client: Client
) -> None:
    decision = make_record(
        "decision",
        entered_by=staff,
        contribution="<img src=x onerror=alert(1)>\n\nTwo paragraphs.",
        countries_concerned=["NE", "TG"],
        evidence=["https://example.org/?a=1&b=<script>"],
    )
    page = page_of(staff_client, decision).content.decode()
    assert "Niger, Togo" in page
    assert "Decree" in page
    assert "<img src=x" not in page
    assert "<script>" not in page.split("</head>")[1]


def test_records_of_other_offices_are_not_there(staff_client: Client) -> None:
    event = make_record("event", entered_by=make_user(Role.STAFF, "dakar"))
    assert page_of(staff_client, event).status_code == 404
    assert history_of(staff_client, event).status_code == 404
    assert act(staff_client, event, "submit").status_code == 404
    assert staff_client.get("/records/event/EVT-NONE/").status_code == 404


@pytest.mark.parametrize("role", [Role.BOARD, Role.ADMIN])
def test_board_and_administrators_see_no_record(role: Role) -> None:
    event = make_record("event")
    client = client_of(make_user(role))
    assert page_of(client, event).status_code == 403
    assert history_of(client, event).status_code == 403
    assert act(client, event, "approve").status_code == 403


def test_a_record_is_submitted_approved_and_said_to_be(
    staff: User, staff_client: Client, manager_client: Client
) -> None:
    event = make_record("event", entered_by=staff, evidence=1)

    assert "Submit for approval" in page_of(staff_client, event).content.decode()
    assert act(staff_client, event, "submit").status_code == 302
    event.refresh_from_db()
    assert "Approve</button>" in page_of(manager_client, event).content.decode()
    assert act(manager_client, event, "approve").status_code == 302
    event.refresh_from_db()
    assert event.status == Status.APPROVED
    page = page_of(manager_client, event).content.decode()
    assert "Approved by Rosalie" in page


def test_without_evidence_there_is_nothing_to_press_and_pressing_is_refused(
    manager_client: Client,
) -> None:
    event = make_record("event", status=Status.SUBMITTED, evidence=0)
    page = page_of(manager_client, event).content.decode()
    assert "Approve</button>" not in page
    assert "cannot be approved yet" in page
    response = act(manager_client, event, "approve")
    assert response.status_code == 400
    assert "It has no evidence." in response.content.decode()


def test_who_entered_or_last_changed_it_is_told_that_someone_else_must_approve(
    manager: User, manager_client: Client
) -> None:
    event = make_record("event", status=Status.SUBMITTED, evidence=1, entered_by=manager)
    page = page_of(manager_client, event).content.decode()
    assert "Approve</button>" not in page
    assert "someone else must approve it" in page
    assert act(manager_client, event, "approve").status_code == 403


def test_staff_approve_nothing(staff_client: Client, staff: User) -> None:
    other = make_user(Role.STAFF, "niamey")
    event = make_record("event", status=Status.SUBMITTED, evidence=1, entered_by=other)
    assert act(staff_client, event, "approve").status_code == 403
    event.refresh_from_db()
    assert event.status == Status.SUBMITTED


def test_a_return_needs_a_note_and_shows_it(
    staff: User, staff_client: Client, manager_client: Client
) -> None:
    event = make_record("event", status=Status.SUBMITTED, entered_by=staff)
    response = act(manager_client, event, "return", note=" ")
    assert response.status_code == 400
    assert "Write a note" in response.content.decode()
    act(manager_client, event, "return", note="Which month?")
    event.refresh_from_db()
    assert event.status == Status.RETURNED
    assert "Which month?" in page_of(staff_client, event).content.decode()


def test_what_changed_since_the_page_was_opened_is_not_approved(
    staff: User, manager_client: Client
) -> None:
    event = make_record("event", status=Status.SUBMITTED, evidence=1, entered_by=staff)
    seen = event.version
    event.title = "Another title"
    save_record(event, by=staff, at=AT)

    response = act(manager_client, event, "approve", version=seen)
    assert response.status_code == 400
    assert "Someone else changed this record" in response.content.decode()
    assert act(manager_client, event, "approve", version="abc").status_code == 400
    assert Event.objects.get().status == Status.SUBMITTED


def test_a_note_is_kept_when_the_return_fails(staff: User, manager_client: Client) -> None:
    event = make_record("event", status=Status.SUBMITTED, entered_by=staff)
    response = act(manager_client, event, "return", version=99, note="A long note.")
    assert "A long note.</textarea>" in response.content.decode()


def test_an_approved_record_is_withdrawn_and_restored(staff: User, manager_client: Client) -> None:
    event = make_approved("event", entered_by=staff)
    assert "Delete the record" not in page_of(manager_client, event).content.decode()
    act(manager_client, event, "withdraw", note="Entered twice")
    event.refresh_from_db()
    assert event.status == Status.WITHDRAWN
    page = page_of(manager_client, event).content.decode()
    assert "Entered twice" in page
    assert "Restore as a draft" in page
    act(manager_client, event, "restore")
    event.refresh_from_db()
    assert event.status == Status.DRAFT


def test_an_act_that_there_is_not_is_not_there(staff: User, staff_client: Client) -> None:
    event = make_record("event", entered_by=staff)
    assert act(staff_client, event, "burn").status_code == 404
    address = reverse("indicators:record_action", args=["event", event.reference, "submit"])
    assert staff_client.get(address).status_code == 405


def test_the_history_tells_every_change_with_who_when_and_what(
    staff: User, staff_client: Client, manager: User
) -> None:
    niger, togo = make_country("NE"), make_country("TG")
    initiative = make_record("initiative", entered_by=staff, countries=["NE"], starts_on="2018")
    initiative.title = "Another title"
    save_record(
        initiative,
        by=staff,
        at=AT,
        many={"countries": [niger, togo]},
        evidence=EvidenceEdit(links=["https://example.org/list"]),
    )
    actions.submit(initiative, by=staff, at=AT + timedelta(days=1))
    actions.return_record(initiative, by=manager, at=AT + timedelta(days=2), note="Which month?")
    actions.submit(initiative, by=staff, at=AT + timedelta(days=3))
    actions.approve(initiative, by=manager, at=AT + timedelta(days=4))
    initiative.starts_on = "2018-03"
    save_record(initiative, by=staff, at=AT + timedelta(days=5))
    actions.withdraw(initiative, by=staff, at=AT + timedelta(days=6), note="Twice")
    actions.restore(initiative, by=staff, at=AT + timedelta(days=7))

    response = history_of(staff_client, initiative)
    changes = response.context["changes"]
    assert [change.act for change in changes] == [
        HistoryAction.RESTORED,
        HistoryAction.WITHDRAWN,
        HistoryAction.CHANGED_AGAIN,
        HistoryAction.APPROVED,
        HistoryAction.SUBMITTED,
        HistoryAction.RETURNED,
        HistoryAction.SUBMITTED,
        HistoryAction.CHANGED,
        HistoryAction.CREATED,
    ]
    edited = changes[7]
    assert (edited.at, edited.by) == (AT, staff)
    assert [(one.label, one.before, one.after) for one in edited.fields] == [
        ("Title", "Niger: police training", "Another title"),
        ("Target countries", "Niger", "Niger, Togo"),
    ]
    assert edited.evidence.added == ("https://example.org/list",)
    assert (changes[5].note, changes[1].note) == ("Which month?", "Twice")
    assert [(one.label, one.after) for one in changes[2].fields] == [("Start date", "2018-03")]
    assert changes[3].fields == []
    page = response.content.decode()
    assert "Which month?" in page
    assert "https://example.org/list" in page


def test_the_history_names_the_rows_that_a_value_pointed_to(
    staff: User, staff_client: Client
) -> None:
    activity = make_record("activity", entered_by=staff, country="NE")
    activity.country = make_country("TG")
    save_record(activity, by=staff, at=AT)
    [changed, _made] = history_of(staff_client, activity).context["changes"]
    assert [(one.before, one.after) for one in changed.fields] == [("Niger", "Togo")]


def test_words_kept_with_a_change_are_shown(staff: User, staff_client: Client) -> None:
    event = make_record("event", entered_by=staff)
    event.history.update(history_change_reason="Imported from events.csv")
    assert "Imported from events.csv" in history_of(staff_client, event).content.decode()


def test_a_changed_record_says_that_it_stopped_counting(staff: User, staff_client: Client) -> None:
    event = make_approved("event", entered_by=staff)
    event.title = "Another title"
    save_record(event, by=staff, at=AT)
    page = page_of(staff_client, event).content.decode()
    assert "It does not count until it is approved again." in page


def test_the_cost_of_a_page_is_fixed(
    staff: User, staff_client: Client, query_baseline: Baseline
) -> None:
    initiative = make_record("initiative", entered_by=staff, countries=["NE", "TG"], evidence=4)
    for number in range(6):
        make_record("activity", initiative=initiative, entered_by=staff, women=number)
    for number in range(8):
        initiative.title = f"Title {number}"
        save_record(initiative, by=staff, at=NOON + timedelta(days=number))
    with query_baseline("record_detail"):
        page_of(staff_client, initiative)
    with query_baseline("record_history"):
        history_of(staff_client, initiative)
