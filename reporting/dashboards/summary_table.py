"""The plan's own closing table: priorities with their axes, objectives, targets and figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from reporting.figures.rollup import ObjectiveRow, Rollup, TargetRow, build_rollup
from reporting.models import AnnualReport
from strategy.models import Axis, CountryList, Plan, Priority


@dataclass(frozen=True)
class PriorityBlock:
    """One priority's part of the table; its axes stand beside all its objectives."""

    priority: Priority
    axes: tuple[Axis, ...]
    objectives: tuple[ObjectiveRow, ...]

    @property
    def number_of_targets(self) -> int:
        return sum(len(line.targets) for line in self.objectives)


@dataclass(frozen=True)
class SummaryTable:
    """The whole table at the end of a day.

    ``lists`` are the lists of countries that its rules name, each with its source. ``report`` is
    the issued report that it comes from; None: from the records of today.
    """

    rolled: Rollup
    priorities: tuple[PriorityBlock, ...]
    lists: tuple[CountryList, ...]
    report: AnnualReport | None = None

    @property
    def rows(self) -> Iterator[tuple[PriorityBlock, ObjectiveRow, TargetRow]]:
        for block in self.priorities:
            for line in block.objectives:
                for one in line.targets:
                    yield block, line, one


def build_summary(plan: Plan, as_of: date) -> SummaryTable:
    rolled = build_rollup(plan, as_of)
    blocks = []
    for priority in plan.priorities.prefetch_related("axes"):
        lines = tuple(
            line for line in rolled.objectives if line.objective.priority_id == priority.pk
        )
        if lines:
            blocks.append(PriorityBlock(priority, tuple(priority.axes.all()), lines))
    return SummaryTable(rolled, tuple(blocks), _lists_in(rolled))


def _lists_in(rolled: Rollup) -> tuple[CountryList, ...]:
    named = {
        one.pk: one
        for line in rolled.targets
        for condition in line.target.conditions.all()
        for one in condition.country_lists.all()
    }
    return tuple(sorted(named.values(), key=lambda one: one.code))
