"""The logic model and the performance measurement framework of a plan, as of a day."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from reporting.figures.rollup import ObjectiveRow, Rollup, TargetRow, build_rollup
from strategy.models import Indicator, Plan, ResultLevel
from strategy.plan.cache import read_version_once


class VarianceBasis(StrEnum):
    """The value from which a variance is measured."""

    EXPECTED = "expected"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"


@dataclass(frozen=True)
class Variance:
    """The actual minus a value of the target, in the unit of the target."""

    value: Decimal
    basis: VarianceBasis


@dataclass(frozen=True)
class FrameworkRow:
    """An indicator with one of its targets; None where no figure is calculated for it."""

    indicator: Indicator
    target_row: TargetRow | None

    @property
    def variance(self) -> Variance | None:
        return calculate_variance(self.target_row) if self.target_row else None


@dataclass(frozen=True)
class FrameworkGroup:
    """One objective, as a result of its level, with its indicators; ``level`` may be empty."""

    objective: ObjectiveRow
    level: str
    rows: tuple[FrameworkRow, ...]


@dataclass(frozen=True)
class ResultsGroup:
    """The results of one level, or of one priority in a plan without levels."""

    heading: str
    results: tuple["ChainedResult", ...]


@dataclass(frozen=True)
class ChainedResult:
    """One result with the code of the result that it contributes to; empty without any."""

    objective: ObjectiveRow
    contributes_to: str


@dataclass(frozen=True)
class ResultsFramework:
    """The figures of a plan by result: highest level first, then in the plan's order."""

    rollup: Rollup
    groups: tuple[FrameworkGroup, ...]
    logic_model: tuple[ResultsGroup, ...]


def calculate_variance(row: TargetRow) -> Variance | None:
    """Return the actual minus the value expected by the day, else minus the bound that applies.

    None without data, without a target, and between steps of a rubric.
    """
    target, value = row.target, row.value
    if value is None or not target.has_bounds or target.is_judged:
        return None
    if target.maximum is not None and (target.minimum is None or value > target.maximum):
        return Variance(value - target.maximum, VarianceBasis.MAXIMUM)
    if row.expected is not None:
        return Variance(value - row.expected, VarianceBasis.EXPECTED)
    if target.minimum is None:
        return None
    return Variance(value - target.minimum, VarianceBasis.MINIMUM)


@read_version_once()
def build_results_framework(plan: Plan, as_of: date) -> ResultsFramework:
    rollup = build_rollup(plan, as_of)
    levels = {level.pk: level for level in plan.levels.order_by("number")}
    order = {pk: place for place, pk in enumerate(levels)}
    by_level = sorted(
        rollup.objectives, key=lambda row: order.get(row.objective.level_id or 0, len(order))
    )
    groups = (FrameworkGroup(row, _name(levels, row), tuple(_list_rows(row))) for row in by_level)
    return ResultsFramework(rollup, tuple(groups), tuple(_group_results(rollup, levels, by_level)))


def _name(levels: Mapping[int, ResultLevel], row: ObjectiveRow) -> str:
    level = levels.get(row.objective.level_id or 0)
    return level.name if level else ""


def _list_rows(objective: ObjectiveRow) -> list[FrameworkRow]:
    """Return the indicators of an objective in the plan's order, one row for each target."""
    rows = [FrameworkRow(row.target.indicator, row) for row in objective.targets]
    rows += [FrameworkRow(indicator, None) for indicator in objective.unmeasured]
    return sorted(rows, key=lambda row: row.indicator.number)


def _group_results(
    rollup: Rollup, levels: Mapping[int, ResultLevel], by_level: Iterable[ObjectiveRow]
) -> Iterator[ResultsGroup]:
    codes = {row.objective.pk: row.objective.code for row in rollup.objectives}

    def heading(row: ObjectiveRow) -> str:
        return _name(levels, row) if levels else str(row.objective.priority)

    for name, rows in groupby(by_level, key=heading):
        results = (
            ChainedResult(row, codes.get(row.objective.contributes_to_id or 0, "")) for row in rows
        )
        yield ResultsGroup(name, tuple(results))
