"""What happens while nothing can be written: reading goes on, and no half of a file stays."""

import errno
import logging
from typing import IO, Any

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.core.files.storage import FileSystemStorage
from django.db import DatabaseError

logger = logging.getLogger(__name__)

FULL_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
FULL_STATES = frozenset({"53000", "53100", "25006"})
"""PostgreSQL's codes of a full disk and of a database that is open for reading only."""
FULL_SENTENCES = ("database or disk is full", "readonly database", "disk i/o error")
"""SQLite's."""


def is_storage_full(error: BaseException) -> bool:
    """Whether nothing can be written to the disk or the database for now."""
    if isinstance(error, OSError):
        return error.errno in FULL_ERRORS
    if not isinstance(error, DatabaseError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state in FULL_STATES or any(words in str(error).lower() for words in FULL_SENTENCES)


class SessionStore(DatabaseSessionStore):
    """Sessions in the database; a page is shown although its session cannot be saved."""

    def save(self, must_create: bool = False) -> None:
        try:
            super().save(must_create)
        except (DatabaseError, UpdateError) as error:
            # Django raises UpdateError while it handles that of the database.
            reason = error.__context__ if isinstance(error, UpdateError) else error
            if must_create or reason is None or not is_storage_full(reason):
                raise
            logger.error("A session was not saved: %s", reason)


class WholeFileStorage(FileSystemStorage):
    """Files in a folder; one that could not be written to its end is removed."""

    def save(self, name: str | None, content: IO[Any], max_length: int | None = None) -> str:
        try:
            return super().save(name, content, max_length)
        except BaseException:
            # The name is random: no other file has it.
            self.delete(name or "")
            raise
