"""Pending records of all kinds, each queue in one query."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, CharField, Count, F, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from indicators.counting.registry import RECORD_SOURCES
from indicators.models import Record, RecordQuerySet, Status
from indicators.models.querysets import UNFINISHED, has_evidence
from indicators.models.reading.related import list_choices
from indicators.workflow.deletion import UNDO_PERIOD
from indicators.workflow.transitions import Action, statuses_before
from strategy.choices import RecordKind, Role
from strategy.models import User

R = TypeVar("R", bound=Record)

Queue = Callable[[RecordQuerySet[Record], User], RecordQuerySet[Record]]
"""Return those of the records that are pending for the user."""


@dataclass(frozen=True)
class PendingRecord:
    """The summary of a record of any kind: name, author, status, and what it lacks."""

    kind: RecordKind
    pk: int
    reference: str
    name: str
    status: Status
    note: str
    author: str
    changed_at: datetime
    submitted_at: datetime | None
    deleted_at: datetime | None
    was_approved: bool
    has_evidence: bool
    has_date: bool

    @property
    def undo_until(self) -> datetime | None:
        return self.deleted_at and self.deleted_at + UNDO_PERIOD


ANY_USER, ANY_OFFICE = -1, -2
"""Stand for the keys of a user and an office in a statement that is built once for all."""

SAME_COLUMNS = ("pk", "reference", "changed_at", "submitted_at", "deleted_at")
COLUMNS = (
    *SAME_COLUMNS,
    "kind_word",
    "title_or_year",
    "status",
    "note_on_return",
    "entered_by__username",
    "entered_by__first_name",
    "entered_by__last_name",
    "is_again",
    "is_proved",
    "is_dated",
)


def union_all(parts: Iterable[QuerySet[Any, Any]]) -> QuerySet[Any, Any]:
    """Join queries by one flat UNION ALL: SQLite limits how deep unions nest."""
    first, *others = parts
    return first.union(*others, all=True)


def pending_records(user: User, queue: Queue) -> QuerySet[Any]:
    """Return the user's visible records of a queue, as rows for ``build_pending_records``."""
    return union_all(
        _rows(queue(RECORD_SOURCES[kind].model.objects.visible_to(user), user), kind)
        for kind in RecordKind
    )


def recently_deleted(user: User, now: datetime) -> QuerySet[Any]:
    """Return the deleted records that concern the user, as rows for ``build_pending_records``."""
    since = now - UNDO_PERIOD
    records = {kind: source.model.all_objects for kind, source in RECORD_SOURCES.items()}
    return union_all(
        _rows(records[kind].visible_to(user).deleted_by_or_from(user, since), kind)
        for kind in RecordKind
    )


def build_pending_records(rows: Iterable[Mapping[str, Any]]) -> list[PendingRecord]:
    return [_build_pending_record(row) for row in rows]


def _build_pending_record(row: Mapping[str, Any]) -> PendingRecord:
    full_name = f"{row['entered_by__first_name']} {row['entered_by__last_name']}".strip()
    return PendingRecord(
        **{column: row[column] for column in SAME_COLUMNS},
        kind=RecordKind(row["kind_word"]),
        name=row["title_or_year"],
        status=Status(row["status"]),
        note=row["note_on_return"],
        author=full_name or row["entered_by__username"],
        was_approved=bool(row["is_again"]),
        has_evidence=bool(row["is_proved"]),
        has_date=bool(row["is_dated"]),
    )


def awaiting_review(records: RecordQuerySet[R], user: User) -> RecordQuerySet[R]:
    """Return the records that the user may approve once they have evidence."""
    return _awaiting_approval(records).not_involving(user)


def awaiting_another_reviewer(records: RecordQuerySet[R], user: User) -> RecordQuerySet[R]:
    return _awaiting_approval(records).involving(user)


def _awaiting_approval(records: RecordQuerySet[R]) -> RecordQuerySet[R]:
    return records.filter(status__in=statuses_before(Action.APPROVE))


def own_unfinished(records: RecordQuerySet[Record], user: User) -> RecordQuerySet[Record]:
    """Return the user's records that are not approved, or approved without a date."""
    has_date = RECORD_SOURCES[records.model.KIND].date_rule.has_date()
    is_undated = Q(status=Status.APPROVED) & ~has_date
    return records.involving(user).filter(Q(status__in=UNFINISHED) | is_undated)


def count_awaiting_review(user: User) -> int:
    """Return the number after "Review" in the navigation of every page."""
    sql, parameters = _compile_awaiting_review(user.role)
    own_values: dict[int | str, int | None] = {ANY_USER: user.pk, ANY_OFFICE: user.office_id}
    with connection.cursor() as cursor:
        cursor.execute(sql, [own_values.get(value, value) for value in parameters])
        (number,) = cursor.fetchone()
    return int(number)


@cache
def _compile_awaiting_review(role: Role | None) -> tuple[str, Sequence[int | str]]:
    """Return the statement that counts for a user of the role: to build it takes long."""
    user = User(pk=ANY_USER, office_id=ANY_OFFICE)
    user.role = role
    queues = union_all(
        awaiting_review(source.model.objects.visible_to(user), user).order_by().values("pk")
        for source in RECORD_SOURCES.values()
    )
    try:
        sql, parameters = queues.query.sql_with_params()
    except EmptyResultSet:
        return "SELECT 0", ()
    return f"SELECT COUNT(*) FROM ({sql}) AS waiting", parameters


def count_by_kind(user: User) -> Mapping[RecordKind, Mapping[Status, int]]:
    rows = union_all(
        RECORD_SOURCES[kind]
        .model.objects.visible_to(user)
        .order_by()
        .annotate(kind_word=Value(kind.value, output_field=CharField()))
        .values_list("kind_word", "status")
        .annotate(number=Count("pk"))
        for kind in RecordKind
    )
    numbers: dict[RecordKind, dict[Status, int]] = {kind: {} for kind in RecordKind}
    for kind, status, number in rows:
        numbers[RecordKind(kind)][Status(status)] = number
    return numbers


def load_records(items: Iterable[PendingRecord], user: User) -> Mapping[RecordKind, list[Record]]:
    """Return the records with the rows that they name, but for columns with several."""
    keys: dict[RecordKind, list[int]] = {}
    for item in items:
        keys.setdefault(item.kind, []).append(item.pk)
    records_by_kind = {}
    for kind, pks in keys.items():
        records = RECORD_SOURCES[kind].model.objects.visible_to(user).filter(pk__in=pks)
        names = {*records.model.COLUMNS}.difference(c.name for c in list_choices(records.model))
        records_by_kind[kind] = list(records.with_related(names))
    return records_by_kind


def _rows(records: RecordQuerySet[Record], kind: RecordKind) -> QuerySet[Any]:
    source = RECORD_SOURCES[kind]
    rows: QuerySet[Any] = (
        records.order_by()
        .annotate(
            kind_word=Value(kind.value, output_field=CharField()),
            title_or_year=Cast(F(source.model.NAME_COLUMN), TextField()),
            is_again=_flag(Q(approved_at__isnull=False)),
            is_proved=_flag(Q(has_evidence(source.model))),
            is_dated=_flag(source.date_rule.has_date()),
        )
        .values(*COLUMNS)
    )
    return rows


def _flag(condition: Q) -> Case:
    """Return 1 or 0: in a union, only numbers are the same type in both databases."""
    return Case(When(condition, then=Value(1)), default=Value(0))
