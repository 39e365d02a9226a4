"""Workflow actions: what each writes, who may not, and concurrent actions."""

import uuid

import pytest

from indicators.models import AnnualBudget, Event, Initiative, Status
from indicators.workflow import actions
from indicators.workflow.actions import (
    ActionDenied,
    ConcurrentEdit,
    InvalidTransition,
    UniqueValueTaken,
    save_record,
)
from indicators.workflow.evidence import EvidenceEdit
from strategy.choices import Role
from strategy.models import User
from tests.factories import make_approved, make_country, make_record, make_user
from tests.indicators.workflow.event_samples import AT, LATER, new_event

pytestmark = pytest.mark.django_db


def test_a_new_record_is_a_draft_of_the_office_of_who_entered_it(staff: User) -> None:
    event = save_record(new_event(), by=staff, at=AT)

    event.refresh_from_db()
    assert (event.status, event.version) == (Status.DRAFT, 1)
    assert (event.office, event.entered_by, event.changed_by) == (staff.office, staff, staff)
    assert event.entered_at == event.changed_at == AT
    assert event.reference.startswith("EVT-")


def test_one_change_is_one_row_of_history_with_its_countries(staff: User) -> None:
    niger, togo = make_country("NE"), make_country("TG")
    initiative = Initiative(title="Police training", starts_on="2018")
    save_record(initiative, by=staff, at=AT, many={"countries": [niger]})
    initiative.title = "Police training, second edition"
    save_record(initiative, by=staff, at=LATER, many={"countries": [niger, togo]})

    changed, made = initiative.history.all()
    assert (made.history_type, changed.history_type) == ("+", "~")
    assert (made.history_date, changed.history_date) == (AT, LATER)
    assert made.history_user == changed.history_user == staff
    assert {link.country for link in made.countries.all()} == {niger}
    assert {link.country for link in changed.countries.all()} == {niger, togo}
    assert (made.title, made.version, changed.version) == ("Police training", 1, 2)


def test_saving_what_is_there_already_changes_nothing(staff: User) -> None:
    niger = make_country("NE")
    make_approved("initiative", countries=["NE"], entered_by=staff)

    again = Initiative.objects.get()
    save_record(again, by=staff, at=LATER, many={"countries": [niger]})

    assert (again.status, again.version, again.history.count()) == (Status.APPROVED, 1, 1)


def test_a_creation_posted_twice_makes_one_record(staff: User) -> None:
    token = uuid.uuid4()
    first = save_record(new_event(creation_token=token), by=staff, at=AT)
    second = save_record(new_event(creation_token=token), by=staff, at=LATER)

    assert second == first
    assert (Event.objects.count(), first.history.count()) == (1, 1)


def test_the_token_of_another_persons_form_gives_way_to_a_new_one(staff: User) -> None:
    theirs = save_record(new_event(), by=make_user(), at=AT)
    mine = save_record(new_event(creation_token=theirs.creation_token), by=staff, at=LATER)

    assert Event.objects.count() == 2
    assert (mine.entered_by, theirs.history.count()) == (staff, 1)


def test_a_reference_that_is_taken_is_made_again(
    staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_record("event", reference="EVT-AAAA-AAAA")
    made = iter(["EVT-AAAA-AAAA", "EVT-AAAA-AAAA", "EVT-BBBB-BBBB"])
    monkeypatch.setattr(Event, "new_reference", classmethod(lambda cls: next(made)))

    assert save_record(new_event(), by=staff, at=AT).reference == "EVT-BBBB-BBBB"


def test_two_records_with_one_reference_are_refused_with_a_sentence(staff: User) -> None:
    make_record("event", reference="EVT-1")

    with pytest.raises(UniqueValueTaken, match="“EVT-1”") as refused:
        save_record(new_event(reference="EVT-1"), by=staff, at=AT)
    assert refused.value.field == "reference"
    assert Event.objects.count() == 1


def test_an_approved_record_that_is_edited_waits_again_and_remembers(staff: User) -> None:
    event = make_approved("event", entered_by=staff)

    event.title = "Congress on child witnesses"
    save_record(event, by=staff, at=AT)

    event.refresh_from_db()
    assert (event.status, event.submitted_at) == (Status.SUBMITTED, AT)
    assert event.was_approved
    assert event.approved_at is not None


def test_the_second_to_save_is_told_and_overwrites_nothing(staff: User) -> None:
    make_record("event", entered_by=staff)
    mine, theirs = Event.objects.get(), Event.objects.get()
    theirs.title = "Their title"
    save_record(theirs, by=staff, at=AT)

    mine.title = "My title"
    with pytest.raises(ConcurrentEdit):
        save_record(mine, by=staff, at=LATER)
    kept = Event.objects.get()
    assert (kept.title, kept.version, kept.history.count()) == ("Their title", 2, 2)


def test_the_version_that_was_seen_counts_not_the_one_loaded_since(staff: User) -> None:
    make_record("event", entered_by=staff)
    theirs = Event.objects.get()
    theirs.title = "Their title"
    save_record(theirs, by=staff, at=AT)

    mine = Event.objects.get()
    mine.title = "My title"
    with pytest.raises(ConcurrentEdit):
        save_record(mine, by=staff, at=LATER, seen_version=1)


def test_staff_of_another_office_change_nothing(staff: User) -> None:
    event = make_record("event", entered_by=make_user(Role.STAFF, "dakar"))

    event.title = "Mine now"
    with pytest.raises(ActionDenied):
        save_record(event, by=staff, at=AT)


@pytest.mark.parametrize("role", [Role.BOARD, Role.ADMIN, None])
def test_other_roles_enter_nothing(role: Role) -> None:
    with pytest.raises(ActionDenied):
        save_record(new_event(), by=make_user(role), at=AT)


def test_who_belongs_to_no_office_enters_nothing() -> None:
    person = make_user(Role.OFFICER)
    person.office = None
    with pytest.raises(ActionDenied, match="no office"):
        save_record(new_event(), by=person, at=AT)


def test_a_withdrawn_record_is_not_changed(staff: User) -> None:
    event = make_record("event", status=Status.WITHDRAWN, entered_by=staff)

    event.title = "Again"
    with pytest.raises(ActionDenied):
        save_record(event, by=staff, at=AT)


def test_a_draft_is_submitted_and_then_approved_by_a_second_person(
    staff: User, manager: User
) -> None:
    event = make_record("event", entered_by=staff, evidence=1)

    actions.submit(event, by=staff, at=AT)
    assert (event.status, event.submitted_at, event.changed_by) == (Status.SUBMITTED, AT, staff)
    actions.approve(event, by=manager, at=LATER)
    event.refresh_from_db()
    assert (event.status, event.approved_by, event.approved_at) == (
        Status.APPROVED,
        manager,
        LATER,
    )
    assert [row.status for row in event.history.all()] == ["approved", "submitted", "draft"]
    assert [row.version for row in event.history.all()] == [3, 2, 1]


def test_nothing_is_approved_without_evidence(manager: User) -> None:
    event = make_record("event", status=Status.SUBMITTED, evidence=0)

    with pytest.raises(InvalidTransition, match="no evidence"):
        actions.approve(event, by=manager, at=AT)
    event.refresh_from_db()
    assert event.status == Status.SUBMITTED


def test_nobody_approves_what_they_entered(manager: User) -> None:
    event = make_record("event", status=Status.SUBMITTED, evidence=1, entered_by=manager)

    with pytest.raises(ActionDenied, match="someone else"):
        actions.approve(event, by=manager, at=AT)


def test_nobody_approves_what_they_last_changed(staff: User, manager: User) -> None:
    event = make_record("event", status=Status.SUBMITTED, evidence=1, entered_by=staff)
    event.title = "Corrected by the manager"
    save_record(event, by=manager, at=AT)

    with pytest.raises(ActionDenied, match="someone else"):
        actions.approve(event, by=manager, at=LATER)


def test_changing_only_the_evidence_makes_one_the_last_to_change(
    staff: User, manager: User
) -> None:
    event = make_record("event", status=Status.SUBMITTED, entered_by=staff)
    save_record(event, by=manager, at=AT, evidence=EvidenceEdit(links=["https://a.org"]))

    with pytest.raises(ActionDenied, match="someone else"):
        actions.approve(event, by=manager, at=LATER)


@pytest.mark.parametrize("role", [Role.STAFF, Role.BOARD, Role.ADMIN, None])
def test_only_managers_and_officers_approve_or_return(role: Role) -> None:
    event = make_record("event", status=Status.SUBMITTED, evidence=1)
    person = make_user(role)

    with pytest.raises(ActionDenied):
        actions.approve(event, by=person, at=AT)
    with pytest.raises(ActionDenied):
        actions.return_record(event, by=person, at=AT, note="Which month?")


@pytest.mark.parametrize("status", [Status.DRAFT, Status.RETURNED, Status.APPROVED])
def test_only_what_is_submitted_is_approved(manager: User, status: Status) -> None:
    event = make_record("event", status=status, evidence=1)

    with pytest.raises(InvalidTransition):
        actions.approve(event, by=manager, at=AT)
    with pytest.raises(InvalidTransition):
        actions.return_record(event, by=manager, at=AT, note="Which month?")


def test_of_two_approvals_at_once_one_is_told(manager: User, officer: User) -> None:
    make_record("event", status=Status.SUBMITTED, evidence=1)
    one, other = Event.objects.get(), Event.objects.get()

    actions.approve(one, by=manager, at=AT)
    with pytest.raises(ConcurrentEdit):
        actions.approve(other, by=officer, at=LATER)
    event = Event.objects.get()
    assert (event.approved_by, event.history.count()) == (manager, 2)


def test_what_is_approved_is_what_was_seen(staff: User, manager: User) -> None:
    event = make_record("event", status=Status.SUBMITTED, evidence=1, entered_by=staff)
    event.title = "Another title"
    save_record(event, by=staff, at=AT)

    with pytest.raises(ConcurrentEdit):
        actions.approve(event, by=manager, at=LATER, seen_version=1)


def test_a_return_needs_a_note_and_leads_back_to_submitted(staff: User, manager: User) -> None:
    event = make_record("event", status=Status.SUBMITTED, entered_by=staff)

    with pytest.raises(InvalidTransition, match="note"):
        actions.return_record(event, by=manager, at=AT, note="  ")
    actions.return_record(event, by=manager, at=AT, note="Which month did it start? ")
    assert (event.status, event.note_on_return) == (Status.RETURNED, "Which month did it start?")
    actions.submit(event, by=staff, at=LATER)
    assert event.status == Status.SUBMITTED


def test_one_does_not_return_what_one_entered(manager: User) -> None:
    event = make_record("event", status=Status.SUBMITTED, entered_by=manager)

    with pytest.raises(ActionDenied, match="edit it"):
        actions.return_record(event, by=manager, at=AT, note="To myself")


def test_approval_clears_the_note(staff: User, manager: User) -> None:
    event = make_record("event", status=Status.RETURNED, entered_by=staff, evidence=1)
    actions.submit(event, by=staff, at=AT)
    actions.approve(event, by=manager, at=LATER)
    assert event.note_on_return == ""


def test_what_counts_is_withdrawn_by_a_manager_who_says_why(staff: User, manager: User) -> None:
    counting = make_approved("event", entered_by=staff)
    approved_at = counting.approved_at

    with pytest.raises(ActionDenied):
        actions.withdraw(counting, by=staff, at=AT, note="Never happened")
    with pytest.raises(InvalidTransition, match="why"):
        actions.withdraw(counting, by=manager, at=AT, note=" ")
    actions.withdraw(counting, by=manager, at=AT, note="Never happened")
    assert (counting.status, counting.approved_at) == (Status.WITHDRAWN, approved_at)


def test_what_was_never_approved_is_not_withdrawn(staff: User) -> None:
    draft = make_record("event", entered_by=staff)
    with pytest.raises(ActionDenied):
        actions.withdraw(draft, by=staff, at=AT, note="Entered twice")


def test_a_restored_record_is_a_draft(staff: User) -> None:
    event = make_record("event", status=Status.WITHDRAWN, entered_by=staff)

    actions.restore(event, by=staff, at=AT)
    assert (event.status, event.note_on_return) == (Status.DRAFT, "")
    with pytest.raises(ActionDenied):
        actions.restore(event, by=staff, at=AT)


def test_a_budget_is_not_restored_beside_the_one_that_took_its_place(staff: User) -> None:
    old = make_record("annual_budget", status=Status.WITHDRAWN, entered_by=staff)
    make_record("annual_budget", entered_by=staff)

    with pytest.raises(UniqueValueTaken, match="already"):
        actions.restore(old, by=staff, at=AT)
    assert AnnualBudget.objects.filter(status=Status.WITHDRAWN).count() == 1


def test_submitting_twice_is_refused(staff: User) -> None:
    event = make_record("event", status=Status.SUBMITTED, entered_by=staff)
    with pytest.raises(InvalidTransition):
        actions.submit(event, by=staff, at=AT)


def test_strangers_submit_nothing(staff: User) -> None:
    event = make_record("event", entered_by=make_user(Role.STAFF, "dakar"))
    with pytest.raises(ActionDenied):
        actions.submit(event, by=staff, at=AT)
