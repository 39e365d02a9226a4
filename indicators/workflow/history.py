"""Who changed what on a record, and when: one row a change, many-to-many values included.

django-simple-history writes a row at every ``save`` and at every change of a many-to-many value; a
change of a record is one act, so the two switches here hold it back and write one row at the end.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from indicators.models import Record
from strategy.models import User


@dataclass(frozen=True)
class EvidenceChange:
    """The items of evidence that one change added and removed, by their name or address."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    def as_text(self) -> str:
        """How the history keeps it; empty when no evidence changed."""
        return json.dumps({"added": self.added, "removed": self.removed}) if self else ""

    @classmethod
    def from_text(cls, text: str | None) -> "EvidenceChange":
        """What ``as_text`` wrote; nothing for any other text."""
        try:
            kept = json.loads(text or "{}")
            return cls(tuple(kept.get("added", ())), tuple(kept.get("removed", ())))
        except (ValueError, AttributeError, TypeError):
            return cls()


@contextmanager
def no_automatic_history(records: Iterable[Record]) -> Iterator[None]:
    """Saving these records writes no history; whoever uses it writes it with ``write_history``."""
    held = list(records)
    for record in held:
        record.skip_history_when_saving = True  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for record in held:
            del record.skip_history_when_saving  # type: ignore[attr-defined]


def write_history(
    records: Sequence[Record],
    *,
    by: User,
    at: datetime,
    is_new: bool = False,
    reason: str = "",
) -> None:
    """Write one row of history for each of the saved records, all of one kind.

    ``reason`` is kept beside the change: the text of an EvidenceChange, or words for people. The
    cost is one query, and two a many-to-many field, however many the records are.
    """
    if not records:
        return
    history: Any = type(records[0]).history  # type: ignore[attr-defined]
    rows = history.bulk_history_create(
        records, update=not is_new, default_user=by, default_date=at, default_change_reason=reason
    )
    row_of = {row.id: row for row in rows}
    for field in history.model._history_m2m_fields:
        through = field.remote_field.through
        names = [column.attname for column in through._meta.fields]
        links = through.objects.filter(**{f"{field.m2m_field_name()}__in": list(row_of)})
        kept: Any = getattr(history.model, field.name).model
        owner = through._meta.get_field(field.m2m_field_name()).attname
        kept.objects.bulk_create(
            [kept(history=row_of[link[owner]], **link) for link in links.values(*names)]
        )
