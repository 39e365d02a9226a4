"""Who changed what on a record, and when: one row a change, many-to-many values included.

django-simple-history would write a row at each ``save`` and each change of a many-to-many value.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from indicators.models import Evidence, HistoryAction, Record
from strategy.accounts.security_log.events import log_event
from strategy.models import SecurityAction, User


@dataclass(frozen=True)
class EvidenceChange:
    """The items of evidence that one change added and removed, by their URL or file name."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


NO_EVIDENCE_CHANGE = EvidenceChange()

EvidenceChanges = Mapping[int, EvidenceChange]
"""Version of a record -> what the change that made it did to the evidence; absent means nothing."""


@contextmanager
def no_automatic_history(records: Iterable[Record]) -> Iterator[None]:
    """Save these records without history; the caller then calls ``write_history``."""
    unrecorded = list(records)
    for record in unrecorded:
        record.skip_history_when_saving = True
    try:
        yield
    finally:
        for record in unrecorded:
            del record.skip_history_when_saving


def write_history(
    records: Sequence[Record],
    *,
    by: User,
    at: datetime,
    act: HistoryAction,
    comment: str = "",
) -> None:
    """Write one row of history for each saved record of a kind, in a constant number of queries."""
    if not records:
        return
    history = type(records[0]).history
    rows = history.bulk_history_create(
        records,
        update=act != HistoryAction.CREATED,
        default_user=by,
        default_date=at,
        default_change_reason=comment,
        custom_historical_attrs={"act": act},
    )
    if act == HistoryAction.APPROVED:
        keys = " ".join(str(row.id) for row in rows)
        log_event(SecurityAction.APPROVED, f"{type(records[0]).KIND} {keys}", by)
    row_by_key = {row.id: row for row in rows}
    for field in history.model._history_m2m_fields:
        through = field.remote_field.through
        names = [column.attname for column in through._meta.fields]
        links = through.objects.filter(**{f"{field.m2m_field_name()}__in": list(row_by_key)})
        link_history: Any = getattr(history.model, field.name).model
        owner = through._meta.get_field(field.m2m_field_name()).attname
        link_history.objects.bulk_create(
            [link_history(history=row_by_key[link[owner]], **link) for link in links.values(*names)]
        )


def write_evidence_history(
    added: Iterable[Evidence],
    removed: Iterable[Evidence],
    versions: Mapping[int, int],
    *,
    by: User,
    at: datetime,
) -> None:
    """Write a row of history for each item; ``versions`` are the records' new versions by key."""
    history = Evidence.history.model
    columns = [field.attname for field in history.tracked_fields]
    history.objects.bulk_create(
        history(
            **{column: getattr(item, column) for column in columns},
            history_type=sort,
            history_date=at,
            history_user=by,
            record_version=versions[item.object_id],
        )
        for sort, items in (("-", removed), ("+", added))
        for item in items
    )


def load_evidence_changes(
    model: type[Record], keys: Collection[int]
) -> Mapping[int, EvidenceChanges]:
    rows = _evidence_history(model, keys).order_by("history_id")
    changes: dict[int, dict[int, EvidenceChange]] = defaultdict(dict)
    for row in rows:
        of_record = changes[row.object_id]
        change = of_record.get(row.record_version, NO_EVIDENCE_CHANGE)
        label = row.url or row.name
        of_record[row.record_version] = (
            EvidenceChange((*change.added, label), change.removed)
            if row.history_type == "+"
            else EvidenceChange(change.added, (*change.removed, label))
        )
    return changes


def delete_evidence_history(model: type[Record], keys: Collection[int]) -> None:
    _evidence_history(model, keys).delete()


def _evidence_history(model: type[Record], keys: Collection[int]) -> QuerySet[Any]:
    rows: QuerySet[Any] = Evidence.history.filter(
        content_type__app_label=model._meta.app_label,
        content_type__model=model._meta.model_name,
        object_id__in=keys,
    )
    return rows
