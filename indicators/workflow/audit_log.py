"""The history events of a record, read from the rows that ``history`` writes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import ForeignKey, ManyToManyField
from django.utils.translation import gettext as _

from indicators.models import HistoryAction, Record, Status
from indicators.models.reading.confidentiality import Audience, get_confidential_name
from indicators.models.references import (
    find_check,
    find_hidden_keys,
    find_hidden_references,
    redact_references,
    split_references,
)
from indicators.values.display import (
    display_field_value,
    display_row,
    get_column,
    get_label,
)
from indicators.workflow.history import (
    NO_EVIDENCE_CHANGE,
    EvidenceChange,
    load_evidence_changes,
)
from strategy.models import Indicator, User
from strategy.text import join_plain

ACTION_BY_STATUS: Mapping[str, HistoryAction] = {
    Status.DRAFT: HistoryAction.RESTORED,
    Status.SUBMITTED: HistoryAction.SUBMITTED,
    Status.APPROVED: HistoryAction.APPROVED,
    Status.RETURNED: HistoryAction.RETURNED,
    Status.WITHDRAWN: HistoryAction.WITHDRAWN,
}
"""What it was that brought a record into a status."""

NOTED_ACTIONS = (HistoryAction.RETURNED, HistoryAction.WITHDRAWN, HistoryAction.MERGED)


@dataclass(frozen=True)
class FieldChange:
    """One value before and after, in words; empty where there was none."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class HistoryEvent:
    """One act on a record: when, by whom, what, and what it changed."""

    at: datetime
    by: User | None
    act: HistoryAction
    note: str
    fields: Sequence[FieldChange]
    evidence: EvidenceChange
    comment: str
    """Words that were kept with the change, such as the file that an import read."""


Texts = Mapping[str, str]


def load_history(record: Record) -> list[HistoryEvent]:
    """Return the events of a record, the last first, in a constant number of queries."""
    history = type(record).history.model
    rows = list(
        history.objects.filter(id=record.pk)
        .select_related("history_user")
        .order_by("history_date", "history_id")
    )
    texts = format_rows(record, rows)
    evidence = load_evidence_changes(type(record), [record.pk]).get(record.pk, {})
    events = [
        HistoryEvent(
            at=row.history_date,
            by=row.history_user,
            act=(act := _find_action(row, rows[i - 1] if i else None)),
            note=row.note_on_return if act in NOTED_ACTIONS else "",
            fields=_compare_texts(type(record), texts[i - 1] if i else {}, texts[i]),
            evidence=evidence.get(row.version, NO_EVIDENCE_CHANGE),
            comment=row.history_change_reason or "",
        )
        for i, row in enumerate(rows)
    ]
    return events[::-1]


def changes_since_approval(records: Sequence[Record]) -> Mapping[int, Sequence[FieldChange]]:
    """Return by primary key the changes since the last approval; all records are of one kind."""
    if not records:
        return {}
    model = type(records[0])
    history = model.history.model
    rows: dict[int, list[Any]] = {}
    for row in history.objects.filter(id__in=[record.pk for record in records]).order_by(
        "history_date", "history_id"
    ):
        if row.status == Status.APPROVED:
            rows[row.id] = []
        if row.id in rows:
            rows[row.id].append(row)
    texts = format_rows(records[0], [row for some in rows.values() for row in (some[0], some[-1])])
    evidence = load_evidence_changes(model, rows.keys())
    return {
        key: [
            *_compare_texts(model, before, after),
            *_sum_evidence_changes(
                change
                for version, change in evidence.get(key, {}).items()
                if version > some[0].version
            ),
        ]
        for (key, some), before, after in zip(rows.items(), texts[::2], texts[1::2], strict=True)
    }


def _sum_evidence_changes(changes: Iterable[EvidenceChange]) -> Iterator[FieldChange]:
    changes = list(changes)
    added = dict.fromkeys(name for change in changes for name in change.added)
    removed = dict.fromkeys(name for change in changes for name in change.removed)
    gone, come = removed.keys() - added.keys(), added.keys() - removed.keys()
    if gone or come:
        yield FieldChange(
            _("Evidence"),
            ", ".join(name for name in removed if name in gone),
            ", ".join(name for name in added if name in come),
        )


def _find_action(row: Any, last: Any) -> HistoryAction:
    if row.act:
        return HistoryAction(row.act)
    # Rows from before acts were stored.
    if last is None:
        return HistoryAction.CREATED
    if (row.deleted_at is None) != (last.deleted_at is None):
        return HistoryAction.DELETED if row.deleted_at else HistoryAction.UNDELETED
    if row.status == last.status:
        return HistoryAction.CHANGED
    if (last.status, row.status) == (Status.APPROVED, Status.SUBMITTED):
        return HistoryAction.CHANGED_AGAIN
    return ACTION_BY_STATUS[row.status]


def _compare_texts(model: type[Record], before: Texts, after: Texts) -> list[FieldChange]:
    return [
        FieldChange(get_label(model, name), before.get(name, ""), text)
        for name, text in after.items()
        if text != before.get(name, "")
    ]


def format_rows(record: Record, rows: Sequence[Any]) -> list[Texts]:
    """Return the values of history rows as the record's audience may read them.

    The rows are of records of its kind. There are two queries for each relation.
    """
    model, texts = type(record), [dict[str, str]() for _row in rows]
    for name in (*model.COLUMNS, "notes", "confidential", "reference"):
        column = get_column(model, name)
        if isinstance(column, ManyToManyField):
            words: Iterable[str] = _format_many_to_many(model, column, rows)
        elif isinstance(column, ForeignKey):
            words = _format_foreign_keys(column, rows, record.audience)
        elif find_check(column):
            words = _format_references([getattr(row, name) for row in rows], record.audience)
        else:
            words = [display_field_value(column, getattr(row, name)) for row in rows]
        for text, word in zip(texts, words, strict=True):
            text[name] = word
    return list(texts)


def _format_foreign_keys(column: Any, rows: Sequence[Any], audience: Audience | None) -> list[str]:
    keys = [getattr(row, column.attname) for row in rows]
    related = column.related_model.objects.in_bulk({key for key in keys if key})
    hidden = find_hidden_keys(column.related_model, related, audience)
    return [get_confidential_name() if key in hidden else str(related.get(key, "")) for key in keys]


def _format_references(texts: Sequence[str], audience: Audience | None) -> list[str]:
    references = {reference for text in texts for reference in split_references(text)}
    hidden = find_hidden_references(references, audience)
    return [redact_references(text, hidden) for text in texts]


def _format_many_to_many(model: type[Record], column: Any, rows: Sequence[Any]) -> list[str]:
    history = model.history.model
    links = getattr(history, column.name).model.objects
    related = column.m2m_reverse_field_name()
    labels: dict[int, list[str]] = {}
    is_of_plan = column.related_model is Indicator
    path = f"{related}__objective__priority__plan" if is_of_plan else related
    for link in links.filter(history__in=rows).select_related(path):
        labels.setdefault(link.history_id, []).append(display_row(getattr(link, related)))
    return [join_plain(sorted(labels.get(row.pk, ()))) for row in rows]
