"""The statements of figures: compiled once for a rule and its windows, and read together."""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Q, QuerySet

from indicators.counting.rules import build_date_condition, enclosing_window, record_source
from indicators.models import Record, RecordQuerySet
from strategy.choices import Measure
from strategy.dates.fields import PartialDateField
from strategy.dates.periods import PartialDate, Window
from strategy.models import Target
from strategy.plan.cache import BoundedCache, PlanCache

T = TypeVar("T")
U = TypeVar("U")
GroupKey = int | str | None
"""The stored value of a dimension, or a set of them as bits."""
Query = QuerySet[Record, tuple[Any, ...]]
Rule = tuple[object, ...]
Rows = list[tuple[Any, ...]]
Compiled = tuple[str, tuple[str | int, ...]]

Key = tuple[str, Rule, tuple[Window, ...]]

_STATEMENTS: BoundedCache[Key, Compiled | None] = BoundedCache(2_000)
"""SQL with its parameters; None for a condition that no record can meet."""
_STATEMENTS_OF_PARTS: PlanCache[Key, Compiled | None] = PlanCache(200)
"""Those that also depend on rows of the database: the parts whose shares are compared."""


@dataclass(frozen=True)
class Statement:
    """A query on a target's records, with values as the database has them.

    ``build`` makes the query of that ``name``, and is called only if it is not kept. Statements
    of one ``shape`` have columns of the same types, but for further numbers at the end.
    """

    name: str
    shape: str
    target: Target
    windows: Sequence[Window]
    build: Callable[[], Query]


Reading = Generator[list[Statement], list[Rows], T]
"""A calculation that yields the statements it needs next, and is sent their rows.

So readings of many targets share their queries: see ``join_readings``.
"""


def run(reading: Reading[T]) -> T:
    """Return what a reading finds: one query for each shape of the statements of a step."""
    try:
        statements = next(reading)
        while True:
            statements = reading.send(_read_all(statements))
    except StopIteration as stop:
        found: T = stop.value
        return found


def join_readings(readings: Iterable[Reading[T]]) -> Reading[list[T]]:
    """Join readings into one: they take their steps together."""
    found: dict[int, T] = {}
    pending = list(enumerate(readings))
    rows: dict[int, list[Rows]] = {}
    while True:
        asked: list[tuple[int, Reading[T], list[Statement]]] = []
        for place, reading in pending:
            try:
                statements = reading.send(rows[place]) if place in rows else next(reading)
                asked.append((place, reading, statements))
            except StopIteration as stop:
                found[place] = stop.value
        if not asked:
            return [found[place] for place in sorted(found)]
        answers = iter((yield [each for _place, _reading, own in asked for each in own]))
        rows = {place: [next(answers) for _each in own] for place, _reading, own in asked}
        pending = [(place, reading) for place, reading, _own in asked]


def join_two(first: Reading[T], second: Reading[U]) -> Reading[tuple[T, U]]:
    pair: list[Reading[T | U]] = [first, second]
    one, other = yield from join_readings(pair)
    return cast(T, one), cast(U, other)


def read_nothing(value: T) -> Reading[T]:
    """Return a reading that needs no statement."""
    yield from ()
    return value


def read_rows(
    name: str, target: Target, windows: Sequence[Window], build: Callable[[], Query]
) -> Reading[Rows]:
    """Return the rows of a query whose name gives the types of its columns."""
    [rows] = yield [Statement(name, name, target, windows, build)]
    return rows


def count_groups(
    name: str,
    target: Target,
    windows: Sequence[Window],
    build: Callable[[], Query],
    *,
    has_words: bool = False,
) -> Reading[list[tuple[GroupKey, list[int]]]]:
    """Return the key of each group of records and its number in each window."""
    shape = "words" if has_words else "numbers"
    [rows] = yield [Statement(name, shape, target, windows, build)]
    return [(group, numbers[: len(windows)]) for group, *numbers in rows]


def select_in_windows(
    target: Target, windows: Sequence[Window], conditions: Q
) -> RecordQuerySet[Record]:
    """Return the records of any of the windows that meet the conditions."""
    conditions &= build_date_condition(target, enclosing_window(windows))
    return record_source(target).model.objects.filter(conditions).order_by()


def count_in_windows(target: Target, windows: Sequence[Window]) -> dict[str, Count]:
    """Return the columns with the number of selected records in each window."""
    span = enclosing_window(windows)
    times = (
        None if window.covers(span) else build_date_condition(target, window) for window in windows
    )
    return {f"n{i}": Count("pk", filter=time or None) for i, time in enumerate(times)}


def _read_all(statements: Sequence[Statement]) -> list[Rows]:
    by_shape: dict[str, list[int]] = defaultdict(list)
    for place, statement in enumerate(statements):
        by_shape[statement.shape].append(place)
    found: list[Rows] = [[] for _statement in statements]
    with connection.cursor() as cursor:
        for places in by_shape.values():
            joined = _join({place: statements[place] for place in places})
            if joined is None:
                continue
            cursor.execute(*joined)
            for place, *row in cursor.fetchall():
                found[place].append(tuple(row))
    return found


def _join(statements: dict[int, Statement]) -> Compiled | None:
    """Join statements by UNION ALL: each row begins with the place of its statement."""
    parts: list[str] = []
    params: list[str | int] = []
    width = max(len(statement.windows) for statement in statements.values())
    for place, statement in statements.items():
        key = statement.name, _rule_of(statement.target), tuple(statement.windows)
        has_parts = statement.target.measure == Measure.SMALLEST_SHARE
        cache = _STATEMENTS_OF_PARTS if has_parts else _STATEMENTS
        compiled = cache.get(key, partial(_compile, statement.build))
        if compiled is not None:
            padding = ", 0" * (width - len(statement.windows))
            parts.append(f"SELECT {place} AS place, part.*{padding} FROM ({compiled[0]}) part")
            params += compiled[1]
    return (" UNION ALL ".join(parts), tuple(params)) if parts else None


def read_date(target: Target, stored: str) -> PartialDate | str:
    """Return the date of a record by its kind's column: a date, or a reporting year."""
    source = record_source(target)
    column = source.model._meta.get_field(source.date_rule.column)
    return PartialDate(stored) if isinstance(column, PartialDateField) else stored


def find_last_day(on: PartialDate | str) -> str:
    """Return the key that sorts dates, or reporting years, by their last day."""
    return on.last.isoformat() if isinstance(on, PartialDate) else on


def _rule_of(target: Target) -> Rule:
    """Return what a query depends on; the target may have changes that are not saved."""
    conditions = (
        (
            *(each.dimension, each.test, each.values),
            *(tuple(each.scopes_without_value), each.is_numerator),
        )
        for each in target.conditions.all()
    )
    plan = target.plan
    days = plan.pk, plan.starts_on, plan.ends_on, plan.year_starts_in
    columns = target.dimension, target.column, target.base_column
    # Assessments count for the target of their own indicator.
    whose = target.indicator_id, target.subjects
    return target.record_kind, target.measure, *whose, *columns, *days, *conditions


def _compile(build: Callable[[], Query]) -> Compiled | None:
    try:
        sql, params = build().query.sql_with_params()
    except EmptyResultSet:
        return None
    return sql, tuple(params)
