"""Deletion: hidden immediately, restorable for 30 days, then removed by a command only."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from indicators.import_export.importer import validate_file
from indicators.models import AnnualBudget, Event, Evidence, Initiative, Record, Status
from indicators.workflow import actions, deletion
from indicators.workflow.actions import (
    ActionDenied,
    ConcurrentEdit,
    InvalidTransition,
    save_record,
)
from indicators.workflow.audit_log import HistoryAction, load_history
from indicators.workflow.evidence import EvidenceEdit
from strategy.choices import RecordKind, Role
from strategy.models import Plan, User
from tests.conftest import client_of
from tests.factories import NOON, make_approved, make_record, make_user
from tests.support.samples.form_answers import read_text

AT = datetime(2019, 9, 2, 14, 30, tzinfo=UTC)
MONTH = timedelta(days=30)

pytestmark = pytest.mark.django_db


def act(client: Client, record: Record, name: str, **posted: Any) -> Any:
    address = reverse("indicators:record_action", args=[record.KIND, record.reference, name])
    return client.post(address, {"version": record.version, **posted}, follow=True)


def test_a_deleted_record_is_gone_and_comes_back_as_it_was(staff: User, manager: User) -> None:
    event = make_record("event", status=Status.RETURNED, entered_by=staff)
    deletion.delete(event, by=staff, at=AT)
    assert not Event.objects.exists()
    assert Event._base_manager.get().status == Status.RETURNED

    deletion.restore_deleted(event, by=staff, at=AT + MONTH)
    back = Event.objects.get()
    assert (back.status, back.note_on_return) == (Status.RETURNED, "Which month did it start?")
    assert (back.deleted_at, back.deleted_by, back.version) == (None, None, 3)
    acts = [change.act for change in load_history(back)]
    assert acts == [HistoryAction.UNDELETED, HistoryAction.DELETED, HistoryAction.CREATED]


def test_after_thirty_days_nobody_brings_it_back(staff: User) -> None:
    event = make_record("event", entered_by=staff)
    deletion.delete(event, by=staff, at=AT)
    with pytest.raises(InvalidTransition, match="30 days"):
        deletion.restore_deleted(event, by=staff, at=AT + MONTH + timedelta(seconds=1))


@pytest.mark.parametrize("status", [Status.APPROVED, Status.SUBMITTED])
def test_what_was_approved_once_is_not_deleted(status: Status, manager: User) -> None:
    event = make_approved("event")
    Event.objects.update(status=status)
    event.refresh_from_db()
    with pytest.raises(InvalidTransition, match="withdrawn"):
        deletion.delete(event, by=manager, at=AT)


def test_what_was_withdrawn_and_restored_is_not_deleted(manager: User) -> None:
    event = make_approved("event")
    actions.withdraw(event, by=manager, at=AT, note="Entered twice")
    actions.restore(event, by=manager, at=AT)
    assert event.status == Status.DRAFT
    with pytest.raises(InvalidTransition, match="withdrawn"):
        deletion.delete(event, by=manager, at=AT)


def test_strangers_delete_nothing_and_bring_nothing_back(staff: User) -> None:
    event = make_record("event", entered_by=make_user(Role.STAFF, "dakar"))
    with pytest.raises(ActionDenied):
        deletion.delete(event, by=staff, at=AT)
    deletion.delete(event, by=event.entered_by, at=AT)
    with pytest.raises(ActionDenied):
        deletion.restore_deleted(event, by=staff, at=AT)


def test_a_record_that_others_belong_to_is_deleted_after_them(staff: User) -> None:
    initiative = make_record("initiative", entered_by=staff)
    session = make_record("activity", initiative=initiative, entered_by=staff, title="Day one")
    with pytest.raises(InvalidTransition, match="Day one"):
        deletion.delete(initiative, by=staff, at=AT)
    deletion.delete(session, by=staff, at=AT)
    deletion.delete(initiative, by=staff, at=AT)

    with pytest.raises(InvalidTransition, match="deleted too"):
        deletion.restore_deleted(type(session).all_objects.get(), by=staff, at=AT)
    deletion.restore_deleted(initiative, by=staff, at=AT)
    deletion.restore_deleted(type(session).all_objects.get(), by=staff, at=AT)
    assert Initiative.objects.count() == 1


def test_what_belongs_to_it_in_other_offices_is_numbered_and_not_named(
    staff: User, manager: User
) -> None:
    initiative = make_record("initiative", entered_by=staff)
    make_record("activity", initiative=initiative, entered_by=staff, title="Day one")
    make_record("activity", initiative=initiative, entered_by=manager, title="Day two")
    for person, names in ((staff, "“Day one” and 1 record of another"), (manager, "“Day two”")):
        with pytest.raises(InvalidTransition, match=names) as refused:
            deletion.delete(initiative, by=person, at=AT)
        assert ("Day two" in str(refused.value)) == (person == manager)


def test_a_change_and_a_deletion_of_one_version_exclude_each_other(staff: User) -> None:
    event = make_record("event", entered_by=staff)
    other = Event.objects.get()
    deletion.delete(event, by=staff, at=AT)
    other.title = "Another title"
    with pytest.raises(ActionDenied):
        save_record(other, by=staff, at=AT)
    with pytest.raises(ConcurrentEdit):
        deletion.delete(other, by=staff, at=AT)


def test_a_deleted_budget_makes_room_for_another(staff: User) -> None:
    old = make_record("annual_budget", entered_by=staff)
    deletion.delete(old, by=staff, at=AT)
    make_record("annual_budget", entered_by=staff)
    with pytest.raises(actions.UniqueValueTaken):
        deletion.restore_deleted(old, by=staff, at=AT)
    assert AnnualBudget.objects.count() == 1


def test_a_file_does_not_change_what_is_deleted(officer: User) -> None:
    event = make_record("event", reference="EVT-1")
    deletion.delete(event, by=officer, at=AT)
    checked = validate_file(RecordKind.EVENT, b"reference,title\nEVT-1,Other\n", by=officer, at=AT)
    assert "The record is deleted" in str(next(checked.outcome.problems))


def test_a_deleted_record_is_in_no_list_and_its_address_is_not_there(
    plan: Plan, staff: User, staff_client: Client
) -> None:
    event = make_record("event", entered_by=staff, title="A conference too many", evidence=1)
    page = act(staff_client, event, "delete")
    assert page.redirect_chain[-1][0] == reverse("indicators:record_list", args=["event"])
    assert "Deleted. My work lists it for 30 days." in read_text(page)
    assert b"/undelete/" in page.content
    assert "A conference too many" not in read_text(page)
    detail = reverse("indicators:record_detail", args=["event", event.reference])
    assert staff_client.get(detail).status_code == 404


def test_my_work_lists_what_was_deleted_and_brings_it_back(
    plan: Plan, staff: User, staff_client: Client
) -> None:
    event = make_record("event", entered_by=staff, title="A conference too many")
    act(staff_client, event, "delete")
    page = read_text(staff_client.get(reverse("indicators:my_work")))
    assert "Deleted in the last 30 days" in page
    assert "A conference too many" in page
    back = act(staff_client, event, "undelete")
    assert "The deletion is undone." in read_text(back)
    assert Event.objects.get().status == Status.DRAFT
    assert "Deleted in the last 30 days" not in read_text(
        staff_client.get(reverse("indicators:my_work"))
    )


def test_who_entered_a_record_sees_that_another_deleted_it(
    plan: Plan, staff: User, staff_client: Client, manager: User, manager_client: Client
) -> None:
    event = make_record("event", entered_by=staff, title="A conference too many")
    act(manager_client, event, "delete")
    for client in (staff_client, manager_client):
        assert "A conference too many" in read_text(client.get(reverse("indicators:my_work")))
    stranger = client_of(make_user(Role.STAFF, "dakar"))
    assert "A conference too many" not in read_text(stranger.get(reverse("indicators:my_work")))
    assert act(stranger, event, "undelete").status_code == 404


def test_a_deletion_of_another_version_deletes_nothing(staff: User, staff_client: Client) -> None:
    event = make_record("event", entered_by=staff)
    response = act(staff_client, event, "delete", version=99)
    assert response.status_code == 400
    assert "Someone else changed this record" in read_text(response)
    assert Event.objects.exists()


def test_files_of_a_deleted_record_are_not_sent(staff: User, staff_client: Client) -> None:
    event = make_record("event", entered_by=staff)
    _attach(event, staff)
    address = reverse("indicators:evidence_file", args=[Evidence.objects.get().uuid])
    assert staff_client.get(address).status_code == 200
    deletion.delete(event, by=staff, at=AT)
    assert staff_client.get(address).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_only_the_command_removes_for_good_and_only_after_thirty_days(staff: User) -> None:
    initiative = make_record("initiative", entered_by=staff)
    session = make_record("activity", initiative=initiative, entered_by=staff)
    event = make_record("event", entered_by=staff)
    _attach(event, staff)
    kept = make_record("event", entered_by=staff)
    file = Evidence.objects.get().file
    for record in (session, initiative, event):
        deletion.delete(record, by=staff, at=AT)
    deletion.delete(kept, by=staff, at=AT + timedelta(days=1))
    assert Evidence.history.exists()

    assert deletion.purge(AT + MONTH) == 0
    assert file.storage.exists(file.name or "")
    assert deletion.purge(AT + MONTH + timedelta(seconds=1)) == 3
    assert not file.storage.exists(file.name or "")
    assert not Evidence.objects.exists() and not Evidence.history.exists()
    assert [event.pk for event in Event.all_objects.all()] == [kept.pk]
    assert not Initiative.all_objects.exists() and not Initiative.history.exists()
    assert {row.id for row in Event.history.all()} == {kept.pk}

    said_by_command = StringIO()
    call_command("purge_deleted", stdout=said_by_command)
    assert said_by_command.getvalue() == "removed 1\n"


def _attach(event: Event, by: User) -> None:
    file = ContentFile(b"%PDF-1.7 programme", name="programme.pdf")
    save_record(event, by=by, at=NOON, evidence=EvidenceEdit(files=[file]))
