"""The statements that count records, compiled once for a rule and its windows."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from indicators.models import Record
from strategy.dates.periods import Window
from strategy.models import Target
from strategy.plan.cache import PlanCache

GroupKey = int | str | None
"""The stored value of a dimension, or a set of them as bits."""
Rule = tuple[object, ...]

_STATEMENTS: PlanCache[
    tuple[str, Rule, tuple[Window, ...]], tuple[str, tuple[str | int, ...]] | None
] = PlanCache(2_000)
"""SQL with its parameters; None for a condition that no record can meet."""


def count_groups(
    name: str,
    target: Target,
    windows: Sequence[Window],
    build: Callable[[], QuerySet[Record, tuple[Any, ...]]],
) -> list[tuple[GroupKey, list[int]]]:
    """Return the key of each group of records and its number in each window.

    ``name`` is that of the query; ``build`` makes it, and is called only if it is not kept.
    """
    key = name, _rule_of(target), tuple(windows)
    statement = _STATEMENTS.get(key, lambda: _compile(build()))
    if statement is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        return [(group, numbers) for group, *numbers in cursor.fetchall()]


def _rule_of(target: Target) -> Rule:
    """Return what a query depends on; the target may have changes that are not saved."""
    conditions = (
        (each.dimension, each.test, each.values, tuple(each.scopes_without_value))
        for each in target.conditions.all()
    )
    plan = target.plan
    days = plan.pk, plan.starts_on, plan.ends_on, plan.year_starts_in
    return target.record_kind, target.measure, target.dimension, *days, *conditions


def _compile(
    queryset: QuerySet[Record, tuple[Any, ...]],
) -> tuple[str, tuple[str | int, ...]] | None:
    try:
        sql, params = queryset.query.sql_with_params()
    except EmptyResultSet:
        return None
    return sql, tuple(params)
