"""E-mails wait in a queue, so that a mail server that is down breaks no page."""

import socket
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as project_settings
from django.core import mail
from django.core.mail import send_mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from strategy.accounts.mail_queue import LIFETIME, send_queued_emails
from strategy.choices import Role
from strategy.models import QueuedEmail, User
from tests.factories import make_user
from tests.support.concurrency import Run

pytestmark = pytest.mark.django_db

GOOD = "a-long-and-varied-word-7"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture(autouse=True)
def _queue(settings: Any) -> None:
    settings.EMAIL_BACKEND = "strategy.accounts.mail_queue.QueueBackend"


@pytest.fixture
def mia() -> User:
    return make_user(Role.STAFF, username="mia", password=GOOD, email="mia@example.org")


@pytest.fixture
def dead_server(settings: Any) -> None:
    """Name a port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = probe.getsockname()
    settings.MAIL_SERVER_BACKEND = SMTP


class MailServer(threading.Thread):
    """A mail server on this machine that takes one e-mail."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.text = ""

    def run(self) -> None:
        with self.socket, self.socket.accept()[0] as peer, peer.makefile("rwb") as stream:
            self._reply(stream, "220 ready")
            for line in stream:
                word = line[:4].upper()
                if word == b"DATA":
                    self._reply(stream, "354 go on")
                    for part in iter(stream.readline, b".\r\n"):
                        self.text += part.decode()
                self._reply(stream, "221 bye" if word == b"QUIT" else "250 ok")

    def _reply(self, stream: Any, text: str) -> None:
        stream.write(text.encode() + b"\r\n")
        stream.flush()


def test_a_server_that_is_down_breaks_no_page_and_gets_the_mail_later(
    mia: User, dead_server: None, settings: Any
) -> None:
    browser = Client()
    browser.post(reverse("account_login"), {"login": "mia", "password": GOOD})
    new = "another-long-and-varied-word-8"
    answers = {"oldpassword": GOOD, "password1": new, "password2": new}
    assert browser.post(reverse("account_change_password"), answers).status_code == 302
    reset = Client().post(reverse("account_reset_password"), {"email": "mia@example.org"})
    assert reset["Location"] == reverse("account_reset_password_done")
    now = timezone.now()
    assert send_queued_emails(now) == 0
    waiting = QueuedEmail.objects.all()
    assert [email.attempts for email in waiting] == [1, 1]
    assert all("refused" in email.last_error.lower() for email in waiting)
    # Not before the time of the next attempt.
    assert send_queued_emails(now + timedelta(seconds=50)) == 0
    assert {email.attempts for email in QueuedEmail.objects.all()} == {1}

    server = MailServer()
    server.start()
    settings.EMAIL_PORT = server.port
    QueuedEmail.objects.first().delete()
    assert send_queued_emails(now + timedelta(minutes=2)) == 1
    server.join(timeout=10)
    assert "To: mia@example.org" in server.text
    assert not QueuedEmail.objects.exists()


def test_the_waits_grow_and_old_mail_is_given_up(dead_server: None) -> None:
    send_mail("subject", "text", None, ["mia@example.org"])
    now, waits = timezone.now(), []
    for _attempt in range(8):
        send_queued_emails(now)
        email = QueuedEmail.objects.get()
        waits.append((email.next_at - now) // timedelta(minutes=1))
        now = email.next_at
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    send_queued_emails(email.queued_at + LIFETIME)
    assert not QueuedEmail.objects.exists()


def test_the_queue_is_encrypted(mia: User) -> None:
    send_mail("subject", "a link to choose a password", None, ["mia@example.org"])
    content = QueuedEmail.objects.get().content
    assert "link" not in content
    assert "mia" not in content
    assert send_queued_emails(timezone.now()) == 1
    assert mail.outbox[0].body == "a link to choose a password"


def test_known_and_unknown_addresses_cost_the_page_the_same(mia: User) -> None:
    make_user(Role.STAFF, username="closed", email="closed@example.org", is_active=False)
    statements, pages = [], []
    Client().post(reverse("account_reset_password"), {"email": "first@example.org"})
    QueuedEmail.objects.all().delete()
    for email in ("mia@example.org", "nobody@example.org", "closed@example.org"):
        with CaptureQueriesContext(connection) as queries:
            answer = Client().post(reverse("account_reset_password"), {"email": email})
        statements.append([query["sql"].split()[0] for query in queries])
        pages.append((answer.status_code, answer["Location"]))
    assert statements[0] == statements[1] == statements[2]
    assert pages[0] == pages[1] == pages[2]
    assert QueuedEmail.objects.count() == 3
    send_queued_emails(timezone.now())
    assert [letter.to for letter in mail.outbox] == [["mia@example.org"]]
    assert "http://testserver/accounts/password/reset/key/" in mail.outbox[0].body


def test_the_link_comes_in_the_language_of_the_page(mia: User) -> None:
    browser = Client()
    browser.cookies[project_settings.LANGUAGE_COOKIE_NAME] = "fr"
    browser.post(reverse("account_reset_password"), {"email": "mia@example.org"})
    send_queued_emails(timezone.now())
    assert "mot de passe" in mail.outbox[0].body


@pytest.mark.django_db(transaction=True)
def test_several_workers_send_an_e_mail_once(at_once: Run) -> None:
    send_mail("subject", "text", None, ["mia@example.org"])
    now = timezone.now()
    assert sum(map(int, map(str, at_once(6, lambda _place: send_queued_emails(now))))) == 1
    assert len(mail.outbox) == 1


def test_waiting_letters_follow_a_change_of_the_key(mia: User, settings: Any) -> None:
    send_mail("Hello", "text", None, [mia.email])
    settings.SECRET_KEY, former = "another-key-of-the-installation-" * 2, settings.SECRET_KEY
    settings.SECRET_KEY_FALLBACKS = [former]
    call_command("encrypt_again")
    settings.SECRET_KEY_FALLBACKS = []
    assert send_queued_emails(timezone.now()) == 1
    assert mail.outbox[0].subject == "Hello"
