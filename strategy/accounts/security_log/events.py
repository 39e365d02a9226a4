"""Entries of the security log: a row of the database, and a line on standard error."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from strategy.accounts.security_log.context import current_request, get_request_id
from strategy.models import SecurityAction, SecurityEvent, User

logger = logging.getLogger("security")

_LENGTH = 300


def log_event(action: SecurityAction, subject: str = "", by: User | None = None) -> None:
    """Write an entry; ``by`` is the user of the request where none is given.

    It belongs to the transaction that runs: what is rolled back is not logged.
    """
    request = current_request.get()
    user = request.read_user() if request and by is None else by
    event = SecurityEvent(
        at=timezone.now(),
        action=action,
        by=user if isinstance(user, User) else None,
        address=request.address if request else None,
        request_id=get_request_id(),
        subject=subject.replace("\0", "")[:_LENGTH],
    )
    try:
        with transaction.atomic(savepoint=False):
            event.save(force_insert=True)
    except DatabaseError:
        # Reading goes on where nothing can be written; a change fails by itself.
        if transaction.get_connection().in_atomic_block:
            raise
        logger.exception("The entry of the security log could not be stored")
    transaction.on_commit(partial(_write_line, event))


def delete_old_events(now: datetime) -> int:
    """Delete the entries whose time has passed; return how many."""
    last = now - timedelta(days=settings.SECURITY_LOG_DAYS)
    deleted, _by_model = SecurityEvent.objects.filter(at__lt=last).delete()
    return deleted


def _write_line(event: SecurityEvent) -> None:
    details: Mapping[str, object] = {
        "by": event.by_id,
        "address": event.address,
        "subject": event.subject,
        "request_id": event.request_id,
    }
    logger.info(event.action, extra={"details": details})
