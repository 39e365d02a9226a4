"""E-mail notifications: they announce pending work, reveal no record, and never block an action."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as sent
from django.core.mail import EmailMessage
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from indicators.models import Event, NotificationPreference, Status
from indicators.workflow import notifications
from strategy.accounts.mail_queue import send_queued_emails
from strategy.choices import RecordKind, Role
from strategy.models import Plan, QueuedEmail, User
from tests.conftest import client_of
from tests.factories import NOON, make_record, make_user
from tests.support.samples.form_answers import post_new, read_text

pytestmark = pytest.mark.django_db

TITLE = "Conference on child witnesses"


@pytest.fixture(autouse=True)
def _addresses(plan: Plan, staff: User, manager: User) -> None:
    # ``plan`` comes first: without it the users create a country of their own.
    for person in (staff, manager):
        User.objects.filter(pk=person.pk).update(email=f"{person.username}@example.org")
        person.refresh_from_db()


def absolute(path: str) -> str:
    return f"https://results.example.org{path}"


def act(client: Client, record: Any, name: str, **posted: Any) -> Any:
    address = reverse("indicators:record_action", args=[record.KIND, record.reference, name])
    return client.post(address, {"version": record.version, **posted})


def letters() -> list[EmailMessage]:
    found: list[EmailMessage] = sent.outbox
    return found


def test_managers_are_told_that_something_was_submitted_and_of_nothing_in_it(
    plan: Plan, staff: User, staff_client: Client
) -> None:
    assert post_new(staff_client, RecordKind.EVENT, submit="yes").status_code == 302
    [letter] = letters()
    assert letter.to == ["rosalie@example.org"]
    assert "http://testserver/review/" in letter.body
    assert letter.body.count("http") == 1
    event = Event.objects.get()
    for secret in (event.title, event.reference, staff.last_name):
        assert secret not in f"{letter.subject} {letter.body}"


def test_an_author_is_told_that_a_record_came_back_and_not_why(
    staff: User, manager_client: Client
) -> None:
    event = make_record("event", status=Status.SUBMITTED, entered_by=staff, title=TITLE)
    act(manager_client, event, "return", note="Which month did it start?")
    [letter] = letters()
    assert letter.to == ["aissa@example.org"]
    assert "/my-work/" in letter.body
    assert "month" not in letter.body and TITLE not in letter.body


def test_several_returned_at_once_are_one_letter(staff: User, manager_client: Client) -> None:
    keys = []
    for _number in range(3):
        event = make_record("event", status=Status.SUBMITTED, entered_by=staff)
        keys.append(f"event/{event.reference}/{event.version}")
    manager_client.post(
        reverse("indicators:review"), {"record": keys, "act": "return", "note": "When?"}
    )
    assert Event.objects.filter(status=Status.RETURNED).count() == 3
    assert len(letters()) == 1


def test_a_person_is_told_once_a_day(manager: User, staff: User) -> None:
    told = [
        notifications.notify_reviewers(
            by=staff, at=NOON + timedelta(hours=hours), absolute=absolute
        )
        for hours in (0, 1, 23, 24)
    ]
    assert told == [1, 0, 0, 1]


def test_a_letter_is_in_the_language_of_the_account(manager: User, staff: User) -> None:
    User.objects.filter(pk=manager.pk).update(email_language="fr")
    notifications.notify_reviewers(by=staff, at=NOON, absolute=absolute)
    assert letters()[0].body.startswith("Bonjour Rosalie")


def test_who_wants_no_mail_gets_none(
    plan: Plan, staff: User, manager: User, manager_client: Client
) -> None:
    page = manager_client.post(
        reverse("indicators:notification_preference"), {"wanted": "no"}, follow=True
    )
    assert "You get no such mail." in read_text(page)
    assert "Send me mail" in read_text(page)
    assert notifications.notify_reviewers(by=staff, at=NOON, absolute=absolute) == 0
    manager_client.post(reverse("indicators:notification_preference"), {"wanted": "yes"})
    assert notifications.notify_reviewers(by=staff, at=NOON, absolute=absolute) == 1


def test_who_has_no_address_no_access_or_no_say_gets_none(staff: User, manager: User) -> None:
    make_user(Role.MANAGER, username="silent")
    make_user(Role.MANAGER, username="gone", email="gone@example.org", is_active=False)
    make_user(
        Role.MANAGER,
        username="over",
        email="over@example.org",
        access_ends_on=NOON.date().replace(year=2018),
    )
    make_user(Role.BOARD, username="member", email="member@example.org")
    notifications.notify_reviewers(by=staff, at=NOON, absolute=absolute)
    assert [letter.to for letter in letters()] == [["rosalie@example.org"]]


def test_a_manager_who_submits_is_not_told_of_it(plan: Plan, manager: User) -> None:
    post_new(client_of(manager), RecordKind.EVENT, submit="yes")
    assert letters() == []


@pytest.mark.usefixtures("manager")
def test_a_mail_server_that_is_down_stops_nothing(
    plan: Plan, staff_client: Client, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "strategy.accounts.mail_queue.QueueBackend"
    settings.MAIL_SERVER_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert post_new(staff_client, RecordKind.EVENT, submit="yes").status_code == 302
    assert Event.objects.get().status == Status.SUBMITTED
    assert send_queued_emails(timezone.now()) == 0
    assert QueuedEmail.objects.get().last_error


def test_who_got_no_mail_is_not_marked_as_told(
    manager: User, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: object, _emails: object) -> int:
        raise DatabaseError("no room in the queue")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
        with pytest.raises(DatabaseError):
            notifications.notify_reviewers(by=staff, at=NOON, absolute=absolute)
    assert not NotificationPreference.objects.exclude(told_to_review_at=None)
    assert notifications.notify_reviewers(by=staff, at=NOON, absolute=absolute) == 1
    assert NotificationPreference.objects.get(user=manager).told_to_review_at == NOON
    assert notifications.notify_reviewers(by=staff, at=NOON, absolute=absolute) == 0
