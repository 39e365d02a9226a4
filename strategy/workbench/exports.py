"""A plan as the rows of a fixture, which ``bootstrap`` loads into another database."""

import json
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter

from django.core import serializers

from strategy.models import Keyed, Objective, Plan, TargetVersion
from strategy.plan.loading import FixtureRow
from strategy.plan.validation import PARTS, PlanContents
from strategy.workbench.rows import KIND_OF_MODEL

NOT_OF_THE_PLAN: Mapping[type[Keyed], tuple[str, ...]] = {
    TargetVersion: ("created_at", "created_by"),
}
"""Columns that name an account or an hour of this database."""


def export_plan(plan: Plan) -> list[FixtureRow]:
    """Return the rows of a plan, each after those that it names."""
    contents = PlanContents(plan)
    rows: list[Keyed] = [plan]
    for model in PARTS:
        rows += contents.rows(model)
    return [_export_row(row) for row in _put_named_objectives_first(rows)]


def format_fixture(rows: list[FixtureRow]) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def _put_named_objectives_first(rows: list[Keyed]) -> Iterator[Keyed]:
    objectives = {row.pk: row for row in rows if isinstance(row, Objective)}
    graph = {
        row.pk: {row.contributes_to_id or 0} & objectives.keys() for row in objectives.values()
    }
    ordered = iter([objectives[pk] for pk in TopologicalSorter(graph).static_order()])
    for row in rows:
        yield next(ordered) if isinstance(row, Objective) else row


def _export_row(row: Keyed) -> FixtureRow:
    """Return a row with its texts by language, without the column of the current language."""
    [exported] = json.loads(
        serializers.serialize(
            "json", [row], use_natural_foreign_keys=True, use_natural_primary_keys=True
        )
    )
    left_out = {*KIND_OF_MODEL[type(row)].texts, *NOT_OF_THE_PLAN.get(type(row), ())}
    fields = {name: value for name, value in exported["fields"].items() if name not in left_out}
    return FixtureRow(model=exported["model"], fields=fields)
