"""A record that others withdraw, delete, approve or return while a user edits it."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from indicators.models import Event, FormDraft, Status
from indicators.workflow import actions, deletion
from indicators.workflow.transitions import Action, can_act
from strategy.choices import RecordKind, Role
from strategy.models import User
from tests.conftest import client_of
from tests.factories import make_country, make_office, make_record, make_user
from tests.support.samples.documents.evidence_files import PDF
from tests.support.samples.form_answers import answers, post_edit, post_new, read_text


@pytest.fixture
def _niger(db: None) -> None:
    make_country("NE")


pytestmark = pytest.mark.usefixtures("_niger")

MY_WORK = reverse("indicators:my_work")
MINE = {"title": "As I typed it", "kind": "workshop", "country": "Nigeer", "notes": "One\nTwo"}
"""Invalid answers of a user: the country does not exist."""


@pytest.fixture
def amadou(db: None) -> User:
    return make_user(Role.MANAGER, "montreal", first_name="Amadou", last_name="Ba")


def withdraw(event: Event, by: User, at: datetime) -> None:
    actions.withdraw(event, by=by, at=at, note="Recorded twice.")


def delete(event: Event, by: User, at: datetime) -> None:
    deletion.delete(event, by=by, at=at)


CLOSINGS = [
    pytest.param(withdraw, Status.APPROVED, "restore", id="withdrawn"),
    pytest.param(delete, Status.DRAFT, "undelete", id="deleted"),
]
Close = Callable[[Event, User, datetime], None]


def event_of(person: User, status: Status = Status.DRAFT) -> Event:
    event: Event = make_record("event", status=status, entered_by=person, title="As it was")
    return event


def form_of(event: Event, **values: Any) -> dict[str, Any]:
    token = str(event.creation_token)
    return answers(event.KIND, version=event.version, creation_token=token, **{**MINE, **values})


def edit(event: Event) -> str:
    return reverse("indicators:record_edit", args=[event.KIND, event.reference])


def keep(event: Event) -> str:
    return reverse("indicators:form_draft_save", args=[event.KIND, event.reference])


def act(client: Client, event: Event, name: str) -> Any:
    version = Event._base_manager.get(pk=event.pk).version
    address = reverse("indicators:record_action", args=[event.KIND, event.reference, name])
    return client.post(address, {"version": version})


@pytest.mark.parametrize(("close", "status", "back"), CLOSINGS)
def test_who_saves_it_reads_who_closed_it_and_all_that_they_typed(
    close: Close,
    status: Status,
    back: str,
    staff: User,
    amadou: User,
    staff_client: Client,
) -> None:
    event = event_of(staff, status)
    form = form_of(event)
    close(event, amadou, timezone.now())
    page = staff_client.post(edit(event), form)
    text = read_text(page)
    assert page.status_code == 409
    assert "Amadou Ba" in text
    assert ("Recorded twice." in text) == (back == "restore")
    for typed in ("As I typed it", "Workshop", "Organised", "Nigeer", "One Two"):
        assert typed in text
    html = page.content.decode()
    assert reverse("indicators:record_action", args=["event", event.reference, back]) in html
    assert "record-form" not in html, "there is nothing to save it with"
    assert Event._base_manager.get().title == "As it was"


@pytest.mark.parametrize(("close", "status", "back"), CLOSINGS)
def test_once_it_is_back_its_form_offers_what_was_typed(
    close: Close, status: Status, back: str, staff: User, amadou: User, staff_client: Client
) -> None:
    event = event_of(staff, status)
    form = form_of(event, country="Niger")
    close(event, amadou, timezone.now())
    staff_client.post(edit(event), form)
    go_on = f"{edit(event)}?draft={event.creation_token}"
    assert go_on in staff_client.get(MY_WORK).content.decode()
    closed = staff_client.get(go_on)
    assert closed.status_code == 409
    assert "As I typed it" in read_text(closed)
    assert act(staff_client, event, back).status_code == 302
    assert "You had begun to change this record" in read_text(staff_client.get(edit(event)))
    opened = staff_client.get(go_on).context["form"]
    assert opened["title"].value() == "As I typed it"
    again = staff_client.post(go_on, form)
    assert again.status_code == 409, "others changed it, so both versions are shown"
    version = again.context["conflict"].stored.version
    assert staff_client.post(edit(event), {**form, "version": version}).status_code == 302
    assert Event.objects.get().title == "As I typed it"
    assert not FormDraft.objects.exists()


@pytest.mark.parametrize(("close", "status", "back"), CLOSINGS)
def test_nothing_typed_is_refused_as_ever(
    close: Close, status: Status, back: str, staff: User, amadou: User, staff_client: Client
) -> None:
    event = event_of(staff, status)
    close(event, amadou, timezone.now())
    assert staff_client.get(edit(event)).status_code == (403 if back == "restore" else 404)
    unknown = f"{edit(event)}?draft={uuid.uuid4()}"
    assert staff_client.get(unknown).status_code == (403 if back == "restore" else 404)


@pytest.mark.parametrize(("close", "status", "back"), CLOSINGS)
def test_while_one_types_it_is_kept_and_said_in_time(
    close: Close, status: Status, back: str, staff: User, amadou: User, staff_client: Client
) -> None:
    event = event_of(staff, status)
    close(event, amadou, timezone.now())
    answer = staff_client.post(keep(event), form_of(event))
    assert answer.status_code == 422
    assert "withdrawn or deleted meanwhile" in answer.json()["message"]
    assert FormDraft.objects.get().title == "As I typed it"


@pytest.mark.parametrize(("close", "status", "back"), CLOSINGS)
def test_going_back_to_the_form_that_made_it_loses_nothing_either(
    close: Close, status: Status, back: str, staff: User, amadou: User, staff_client: Client
) -> None:
    form = answers(RecordKind.EVENT, title="Conference")
    post_new(staff_client, RecordKind.EVENT, **form)
    Event.objects.update(status=status, approved_at=timezone.now() if status != "draft" else None)
    event = Event.objects.get()
    close(event, amadou, timezone.now())
    page = post_new(staff_client, RecordKind.EVENT, **form | MINE)
    assert page.status_code == 409
    assert "As I typed it" in read_text(page)
    assert Event._base_manager.count() == 1


def test_closed_in_the_very_instant_of_saving_it_is_the_same_page(
    staff: User, amadou: User, staff_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = event_of(staff, Status.APPROVED)
    form = form_of(event, country="Niger")
    save = actions.save_record

    def meanwhile(record: Event, **options: Any) -> Event:
        withdraw(Event.objects.get(), amadou, timezone.now())
        return save(record, **options)

    monkeypatch.setattr(actions, "save_record", meanwhile)
    page = staff_client.post(edit(event), form)
    assert page.status_code == 409
    assert "This record was withdrawn meanwhile." in read_text(page)
    assert "As I typed it" in read_text(page)


def test_files_that_were_sent_are_named_as_not_kept(
    staff: User, amadou: User, staff_client: Client
) -> None:
    event = event_of(staff, Status.APPROVED)
    withdraw(event, amadou, timezone.now())
    file = SimpleUploadedFile("minutes.pdf", PDF)
    text = read_text(staff_client.post(edit(event), form_of(event, new_files=file)))
    assert "minutes.pdf" in text
    assert "Files are not kept" in text


def test_text_that_may_tell_who_a_child_is_is_shown_to_its_author_and_stored_nowhere(
    staff: User, amadou: User, staff_client: Client
) -> None:
    event = event_of(staff, Status.APPROVED)
    withdraw(event, amadou, timezone.now())
    text = read_text(staff_client.post(edit(event), form_of(event, notes="Awa, 9 years old")))
    assert "Awa, 9 years old" in text
    assert "Nothing of it was saved." in text
    assert not FormDraft.objects.exists()


def test_after_thirty_days_the_page_offers_no_undoing(
    staff: User, amadou: User, staff_client: Client
) -> None:
    event = event_of(staff)
    delete(event, amadou, timezone.now() - timedelta(days=31))
    page = staff_client.post(edit(event), form_of(event))
    assert page.status_code == 409
    assert "cannot be brought back" in read_text(page)
    assert "undelete" not in page.content.decode()
    assert "As I typed it" in read_text(page)


def test_what_is_removed_for_good_leaves_the_text_on_the_page(
    staff: User, amadou: User, staff_client: Client
) -> None:
    event = event_of(staff)
    form = form_of(event)
    delete(event, amadou, timezone.now() - timedelta(days=31))
    assert deletion.purge(timezone.now()) == 1
    page = staff_client.post(edit(event), form)
    assert page.status_code == 404
    assert "As I typed it" in read_text(page)
    assert "Nothing of it was saved." in read_text(page)


def leave_the_office(person: User) -> None:
    person.office = make_office("dakar")
    person.save()


def lose_the_role(person: User) -> None:
    person.groups.clear()


@pytest.mark.parametrize(
    ("change", "status"), [(leave_the_office, 404), (lose_the_role, 403)], ids=["office", "role"]
)
def test_who_may_not_see_it_any_more_gets_their_own_words_back_and_nothing_else(
    change: Callable[[User], None], status: int, staff: User
) -> None:
    event = event_of(staff)
    post_edit(client_of(make_user(Role.OFFICER, "montreal")), event, title="A secret")
    change(staff)
    page = client_of(User.objects.get(pk=staff.pk)).post(edit(event), form_of(event))
    assert page.status_code == status
    assert "As I typed it" in read_text(page)
    assert "A secret" not in read_text(page)


def test_to_another_office_a_deleted_record_is_none(staff: User, amadou: User) -> None:
    event = event_of(staff)
    delete(event, amadou, timezone.now())
    stranger = client_of(make_user(Role.STAFF, "dakar"))
    page = stranger.post(edit(event), form_of(event))
    assert page.status_code == 404
    assert "As it was" not in page.content.decode()
    assert "Amadou" not in page.content.decode()


def approve(event: Event, by: User) -> None:
    actions.approve(event, by=by, at=timezone.now())


def give_back(event: Event, by: User) -> None:
    actions.return_record(event, by=by, at=timezone.now(), note="Which month?")


@pytest.mark.parametrize(("do", "word"), [(approve, "Approved"), (give_back, "Returned")])
def test_of_one_that_was_judged_meanwhile_both_versions_and_who_judged_it_are_shown(
    do: Callable[[Event, User], None], word: str, staff: User, amadou: User, staff_client: Client
) -> None:
    event = make_record("event", status=Status.SUBMITTED, entered_by=staff, evidence=1)
    form = form_of(event, country="Niger")
    do(event, amadou)
    page = staff_client.post(edit(event), form)
    assert page.status_code == 409
    text = read_text(page)
    assert "Someone else changed this record meanwhile." in text
    assert f"{word}: Amadou Ba" in text
    assert "As I typed it" in text


@pytest.mark.parametrize("do", [approve, give_back])
def test_what_is_typed_in_one_that_was_judged_meanwhile_stays_kept(
    do: Callable[[Event, User], None], staff: User, amadou: User, staff_client: Client
) -> None:
    event = make_record("event", status=Status.SUBMITTED, entered_by=staff, evidence=1)
    form = form_of(event)
    assert staff_client.post(keep(event), form).status_code == 200
    do(event, amadou)
    assert staff_client.post(keep(event), form).status_code == 200
    assert FormDraft.objects.get().title == "As I typed it"


def test_whoever_may_see_a_closed_record_may_bring_it_back(staff: User, amadou: User) -> None:
    withdrawn, deleted = event_of(staff, Status.APPROVED), event_of(staff)
    withdraw(withdrawn, amadou, timezone.now())
    delete(deleted, amadou, timezone.now())
    for person in (staff, amadou):
        assert can_act(person, Action.RESTORE, withdrawn)
        assert can_act(person, Action.UNDELETE, deleted)
