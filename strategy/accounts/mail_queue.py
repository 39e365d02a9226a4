"""The queue of e-mails: pages store them at once, the worker sends them and tries again.

So a mail server that is down breaks no page. The request of a link for a forgotten password is
queued too, and answered by the worker: a known and an unknown address cost the page the same.
"""

import json
import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from smtplib import SMTPException
from types import SimpleNamespace
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm
from allauth.account.utils import filter_users_by_email, user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import close_old_connections
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation

from strategy.accounts.encryption import decrypt_text, encrypt_again, encrypt_text
from strategy.accounts.sign_in.link_tokens import AccountLinkTokens
from strategy.models import QueuedEmail, User

logger = logging.getLogger(__name__)

MAIL_ERRORS = (SMTPException, OSError)
"""Errors of sending an e-mail when the mail server is unreachable or refuses it."""
POLL_SECONDS = 3
FIRST_WAIT = timedelta(minutes=1)
MAX_WAIT = timedelta(hours=1)
LIFETIME = timedelta(days=3)
"""An e-mail that could not be sent for so long is deleted: its links have expired."""


class QueueBackend(BaseEmailBackend):
    """Stores e-mails instead of sending them; all of this application are plain text."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            _store(
                {
                    "subject": str(message.subject),
                    "body": str(message.body),
                    "from_email": message.from_email,
                    "to": "\n".join(message.to),
                }
            )
        return len(email_messages)


class QueuedResetForm(ResetPasswordForm):
    """The form of a forgotten password; it does not look up the address."""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def save(self, request: HttpRequest, **_options: object) -> str:
        email: str = self.cleaned_data["email"]
        site = request.build_absolute_uri("/")
        _store({"reset_for": email, "site": site, "language": translation.get_language() or "en"})
        return email


def send_queued_emails(now: datetime) -> int:
    """Send what is due; return how many e-mails went out. Several workers send each once."""
    QueuedEmail.objects.filter(queued_at__lte=now - LIFETIME).delete()
    sent = 0
    for email in QueuedEmail.objects.filter(next_at__lte=now):
        wait = min(FIRST_WAIT * 2**email.attempts, MAX_WAIT)
        # The worker that moves the time of the next attempt makes this one.
        mine = QueuedEmail.objects.filter(pk=email.pk, next_at=email.next_at)
        if not mine.update(next_at=now + wait, attempts=email.attempts + 1):
            continue
        try:
            sent += _send(json.loads(decrypt_text(email.content)))
        except MAIL_ERRORS as error:
            logger.error("An e-mail waits for the mail server: %s", error)
            QueuedEmail.objects.filter(pk=email.pk).update(last_error=str(error))
        else:
            QueuedEmail.objects.filter(pk=email.pk).delete()
    return sent


def encrypt_queue_again() -> int:
    """Encrypt the waiting e-mails with the present key; return how many."""
    # Locked: the worker sends none twice, and none that it deleted comes back.
    waiting = list(QueuedEmail.objects.select_for_update())
    for email in waiting:
        email.content = encrypt_again(email.content)
    QueuedEmail.objects.bulk_update(waiting, ["content"])
    return len(waiting)


def start_delivery() -> threading.Event:
    """Deliver e-mails in a thread until the event that is returned is set."""
    stop = threading.Event()
    threading.Thread(target=_deliver_until, args=(stop,), daemon=True).start()
    return stop


def _deliver_until(stop: threading.Event) -> None:
    while not stop.wait(POLL_SECONDS):
        close_old_connections()
        try:
            send_queued_emails(timezone.now())
        except Exception:
            logger.exception("E-mails could not be delivered")


def _store(content: dict[str, str]) -> None:
    now = timezone.now()
    text = encrypt_text(json.dumps(content))
    QueuedEmail.objects.create(content=text, queued_at=now, next_at=now)


def _send(content: dict[str, str]) -> int:
    connection = get_connection(settings.MAIL_SERVER_BACKEND, timeout=settings.EMAIL_TIMEOUT)
    if "reset_for" in content:
        messages = _build_reset(content["reset_for"], content["site"], content["language"])
    else:
        addresses = content["to"].split("\n")
        text = EmailMessage(content["subject"], content["body"], content["from_email"], addresses)
        messages = [text]
    return connection.send_messages(messages) or 0 if messages else 0


def _build_reset(email: str, site: str, language: str) -> list[EmailMessage]:
    users: list[User] = filter_users_by_email(email, is_active=True, prefer_verified=True)
    host = urlsplit(site).netloc
    messages = []
    with translation.override(language):
        for user in users:
            values = {
                "uidb36": user_pk_to_url_str(user),
                "key": AccountLinkTokens().make_token(user),
            }
            path = reverse("account_reset_password_from_key", kwargs=values)
            context = {
                "user": user,
                "username": user.get_username(),
                "current_site": SimpleNamespace(name=host, domain=host),
                "password_reset_url": site.rstrip("/") + path,
            }
            prefix = "account/email/password_reset_key"
            messages.append(get_adapter().render_mail(prefix, email, context))
    return messages
