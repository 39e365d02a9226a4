"""How far a file is looked at: told, while that lasts, to the page of whoever sent it."""

import uuid

from django.core.cache import cache

from strategy.models import User

LIFETIME = 600
"""Seconds for which the last number is kept."""

STEP = 1_000
"""Rows from one number to the next."""


class Progress:
    """Counts the rows that are looked at, and keeps every so many where other processes see it."""

    def __init__(self, owner: User, identifier: uuid.UUID) -> None:
        self._key = _key(owner, identifier)
        self._rows = 0

    def note(self, *_row: object) -> None:
        """One more row was looked at."""
        self._rows += 1
        if self._rows % STEP == 0:
            self.tell()

    def tell(self) -> None:
        """Keep the number as it is now, such as after the last row."""
        cache.set(self._key, self._rows, LIFETIME)


def rows_looked_at(owner: User, identifier: uuid.UUID) -> int:
    """How many rows were looked at when it was last told; 0 when nothing was."""
    return int(cache.get(_key(owner, identifier), 0))


def _key(owner: User, identifier: uuid.UUID) -> str:
    return f"import-progress:{owner.pk}:{identifier}"
