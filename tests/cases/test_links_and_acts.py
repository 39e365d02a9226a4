"""Links between records are checked as they are saved, and history stores each act."""

from datetime import timedelta

import pytest

from indicators.import_export.exports.records import stream_csv
from indicators.import_export.importer import validate_file
from indicators.import_export.undo import find_undo_blockers, undo
from indicators.lists.work_queue import apply_bulk_action
from indicators.models import Activity, HistoryAction, ImportRun, Initiative, Status
from indicators.workflow import actions
from indicators.workflow.audit_log import load_history
from indicators.workflow.deletion import delete
from indicators.workflow.evidence import EvidenceEdit
from indicators.workflow.transitions import Action
from strategy.choices import RecordKind
from strategy.models import User
from tests.factories import NOON, make_approved, make_record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]

LATER = NOON + timedelta(hours=1)


def import_rows(kind: RecordKind, text: str, by: User) -> ImportRun:
    run = ImportRun(file_name="rows.csv")
    validate_file(kind, text.encode(), by=by, at=NOON).write(run=run)
    return run


def test_an_import_is_not_undone_towards_an_initiative_that_was_deleted(officer):
    first = make_record("initiative", reference="I1")
    make_record("initiative", reference="I2", title="Another")
    session = make_record("activity", reference="A1", initiative=first)
    run = import_rows(RecordKind.ACTIVITY, "reference,initiative\nA1,I2\n", officer)
    delete(first, by=officer, at=LATER)
    assert undo(run, by=officer, at=LATER) == 1
    assert [blocker.why for blocker in find_undo_blockers(run)] == [
        "The record that it belonged to was deleted."
    ]
    session.refresh_from_db()
    assert session.initiative.reference == "I2"


def test_a_session_is_not_saved_under_an_initiative_deleted_meanwhile(officer):
    parent = make_record("initiative")
    session = Activity(title="First session", initiative=parent)
    delete(Initiative.objects.get(pk=parent.pk), by=officer, at=NOON)
    with pytest.raises(actions.ValueRefused) as caught:
        actions.save_record(session, by=officer, at=NOON)
    assert caught.value.field == "initiative"
    assert not Activity.all_objects.exists()


def test_an_import_is_not_written_under_an_initiative_deleted_meanwhile(officer):
    parent = make_record("initiative", reference="I1")
    rows = b"reference,title,initiative\nA1,Session,I1\n"
    checked = validate_file(RecordKind.ACTIVITY, rows, by=officer, at=NOON)
    delete(parent, by=officer, at=NOON)
    with pytest.raises(actions.ConcurrentEdit):
        checked.write()


def test_an_export_does_not_depend_on_a_link_being_alive(officer):
    session = make_record("activity", reference="A1")
    Initiative.objects.update(deleted_at=NOON)
    text = "".join(stream_csv(RecordKind.ACTIVITY, Activity.objects.all())).encode()
    assert session.initiative.reference in text.decode()
    checked = validate_file(RecordKind.ACTIVITY, text, by=officer, at=NOON)
    assert (checked.outcome.is_good, len(checked.drafts)) == (True, 0)


def test_undoing_an_import_is_no_approval(officer):
    record = make_approved("event", reference="E1", title="Before")
    run = import_rows(RecordKind.EVENT, "reference,title\nE1,After\n", officer)
    undo(run, by=officer, at=LATER)
    record.refresh_from_db()
    assert (record.title, record.status) == ("Before", Status.APPROVED)
    assert [(event.act, event.by) for event in load_history(record)[:2]] == [
        (HistoryAction.IMPORT_UNDONE, officer),
        (HistoryAction.CHANGED_AGAIN, officer),
    ]


def test_approving_several_leaves_out_what_changed_since_the_page(staff, manager):
    record = make_record("event", status="submitted", evidence=1, entered_by=staff)
    key = f"event/{record.reference}"
    result = apply_bulk_action(
        [f"{key}/{record.version + 1}"], Action.APPROVE, {}, by=manager, at=NOON
    )
    assert (list(result.failed), result.done) == ([key], [])
    record.refresh_from_db()
    assert record.status == Status.SUBMITTED
    result = apply_bulk_action([f"{key}/{record.version}"], Action.APPROVE, {}, by=manager, at=NOON)
    assert [one.pk for one in result.done] == [record.pk]


def test_a_withdrawal_keeps_its_note_and_a_restored_record_does_not(manager):
    record = actions.withdraw(make_approved("event"), by=manager, at=NOON, note=" Never held. ")
    assert record.note_on_return == "Never held."
    assert load_history(record)[0].note == "Never held."
    with pytest.raises(actions.InvalidTransition, match="Write why"):
        actions.withdraw(make_approved("event"), by=manager, at=NOON, note=" ")
    assert actions.restore(record, by=manager, at=NOON).note_on_return == ""


def test_a_link_given_twice_is_stored_once(staff):
    record = make_record("event", entered_by=staff)
    twice = ["https://example.org/a", "https://example.org/a"]
    actions.save_record(record, by=staff, at=NOON, evidence=EvidenceEdit(links=twice))
    assert [item.url for item in record.evidence.all()] == twice[:1]


def test_another_person_s_token_gives_a_record_of_its_own(staff, officer):
    first = make_record("event", entered_by=staff)
    second = make_record("event").__class__(
        title="Fair", role="organised", kind="conference", creation_token=first.creation_token
    )
    saved = actions.save_record(second, by=officer, at=NOON)
    assert saved.pk != first.pk
    assert saved.creation_token != first.creation_token
    assert (saved.entered_by, saved.title) == (officer, "Fair")
