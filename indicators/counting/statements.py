"""The statements of figures, compiled once for a rule and its windows."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from indicators.counting.rules import record_source
from indicators.models import Record
from strategy.dates.fields import PartialDateField
from strategy.dates.periods import PartialDate, Window
from strategy.models import Target
from strategy.plan.cache import PlanCache

GroupKey = int | str | None
"""The stored value of a dimension, or a set of them as bits."""
Query = QuerySet[Record, tuple[Any, ...]]
Rule = tuple[object, ...]

_STATEMENTS: PlanCache[
    tuple[str, Rule, tuple[Window, ...]], tuple[str, tuple[str | int, ...]] | None
] = PlanCache(2_000)
"""SQL with its parameters; None for a condition that no record can meet."""


def read_rows(
    name: str, target: Target, windows: Sequence[Window], build: Callable[[], Query]
) -> list[tuple[Any, ...]]:
    """Return the rows of a query on a target's records, with values as the database has them.

    ``name`` is that of the query; ``build`` makes it, and is called only if it is not kept.
    """
    key = name, _rule_of(target), tuple(windows)
    statement = _STATEMENTS.get(key, lambda: _compile(build()))
    if statement is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def count_groups(
    name: str, target: Target, windows: Sequence[Window], build: Callable[[], Query]
) -> list[tuple[GroupKey, list[int]]]:
    """Return the key of each group of records and its number in each window."""
    rows = read_rows(name, target, windows, build)
    return [(group, numbers) for group, *numbers in rows]


def read_date(target: Target, stored: str) -> PartialDate | str:
    """Return the date of a record by its kind's column: a date, or a reporting year."""
    source = record_source(target)
    column = source.model._meta.get_field(source.date_rule.column)
    return PartialDate(stored) if isinstance(column, PartialDateField) else stored


def _rule_of(target: Target) -> Rule:
    """Return what a query depends on; the target may have changes that are not saved."""
    conditions = (
        (each.dimension, each.test, each.values, tuple(each.scopes_without_value))
        for each in target.conditions.all()
    )
    plan = target.plan
    days = plan.pk, plan.starts_on, plan.ends_on, plan.year_starts_in
    return target.record_kind, target.measure, target.dimension, *days, *conditions


def _compile(queryset: Query) -> tuple[str, tuple[str | int, ...]] | None:
    try:
        sql, params = queryset.query.sql_with_params()
    except EmptyResultSet:
        return None
    return sql, tuple(params)
