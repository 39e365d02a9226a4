"""The records that a chapter names: everyone who reads the report may read them."""

from typing import TypeVar

from indicators.models import Record
from indicators.models.querysets import RecordQuerySet

MAX_LISTED = 100
"""Records of a kind that a chapter names; it gives the number of the others."""

R = TypeVar("R", bound=Record)


def list_named(records: RecordQuerySet[R], limit: int) -> tuple[list[R], int]:
    """Return the first of the records, and the number of those that are not named.

    No confidential record is named, and none that a named record belongs to.
    """
    named = list(records.disclosed_to(None)[:limit])
    return named, records.count() - len(named)
