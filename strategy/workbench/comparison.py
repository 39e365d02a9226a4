"""What differs between two plans, or between two days of one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from strategy.models import Keyed, Plan
from strategy.plan.validation import PlanContents
from strategy.workbench.history import ChangedColumn, compare_states, list_columns
from strategy.workbench.rows import KIND_OF_MODEL, KINDS, RowKind, TreeNode

CREATED = "+"
"""The type of a state that is a row's first, made with the row."""

States = Mapping[tuple[str, object], Keyed]
"""The word of a kind and the key of a row -> the row, or a state of it."""


@dataclass(frozen=True)
class ComparedRow:
    """A row that only one side has, or whose columns differ."""

    node: TreeNode
    is_added: bool
    is_removed: bool
    changes: tuple[ChangedColumn, ...] = ()


def compare_plans(before: Plan, after: Plan) -> list[ComparedRow]:
    """Return the rows that differ; rows of two plans are the same by their codes and numbers."""
    return list(_compare(_read_plan(before), _read_plan(after), by_key=True))


def compare_days(plan: Plan, before: date, after: date) -> list[ComparedRow]:
    """Return the rows that differ between the ends of two days."""
    return list(_compare(_read_day(plan, before), _read_day(plan, after), by_key=False))


def _read_plan(plan: Plan) -> States:
    return {
        (KIND_OF_MODEL[type(row)].word, row.natural_key()[1:]): row for row in PlanContents(plan)
    }


def _read_day(plan: Plan, day: date) -> States:
    """Return the rows as they were.

    A row without a state of that day that was not made later is as in its first state, or as it is.
    """
    end = timezone.make_aware(datetime.combine(day, time.max))
    found: dict[str, dict[object, Keyed]] = {"plan": {plan.pk: plan}}
    for kind in _list_top_down():
        owner = next((each for each in KINDS.values() if kind.word in each.parts), None)
        model: Any = kind.model
        stored = {row.pk: row for row in model.history.as_of(end)}
        first: dict[int, Any] = {}
        for state in model.history.order_by("history_date", "history_id"):
            first.setdefault(state.id, state)
        for pk, state in first.items():
            if pk not in stored and state.history_type != CREATED:
                stored[pk] = state.instance
        for row in kind.filter_rows(plan):
            if row.pk not in first:
                stored[row.pk] = row
        if owner is None:
            found[kind.word] = {plan.pk: stored.get(plan.pk, plan)}
        else:
            owners = found[owner.word]
            found[kind.word] = {
                pk: row for pk, row in stored.items() if getattr(row, f"{kind.owner}_id") in owners
            }
    return {(word, pk): row for word, rows in found.items() for pk, row in rows.items()}


def _list_top_down() -> Sequence[RowKind]:
    """Return the kinds, each after the kind of its owner."""
    kinds = [KINDS["plan"]]
    for kind in kinds:
        kinds += [KINDS[word] for word in kind.parts]
    return kinds


def _compare(before: States, after: States, *, by_key: bool) -> Iterator[ComparedRow]:
    order = [kind.word for kind in _list_top_down()]
    for key in sorted({*before, *after}, key=lambda key: (order.index(key[0]), str(key[1]))):
        kind, old, new = KINDS[key[0]], before.get(key), after.get(key)
        row = new or old
        if row is None:
            continue
        if old and new:
            changes = tuple(compare_states(list_columns(kind, by_key=by_key), {}, old, new))
            if changes:
                yield ComparedRow(TreeNode(kind, row), False, False, changes)
        else:
            yield ComparedRow(TreeNode(kind, row), old is None, new is None)
