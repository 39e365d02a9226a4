"""The plan's closing table: priorities with their axes, objectives, targets and figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from reporting.figures.rollup import ObjectiveRow, Rollup, TargetRow, build_rollup
from reporting.models import AnnualReport
from strategy.models import Axis, CountryList, Plan, Priority
from strategy.plan.cache import read_version_once


@dataclass(frozen=True)
class PriorityBlock:
    """One priority with its axes and its objectives."""

    priority: Priority
    axes: tuple[Axis, ...]
    objectives: tuple[ObjectiveRow, ...]

    @property
    def table_height(self) -> int:
        return sum(row.table_height for row in self.objectives)


@dataclass(frozen=True)
class SummaryTable:
    """The whole table at the end of a day.

    ``country_lists`` are the lists that its rules name. ``report`` is the issued report of the
    figures; None: they are calculated from the records now.
    """

    rollup: Rollup
    priorities: tuple[PriorityBlock, ...]
    country_lists: tuple[CountryList, ...]
    report: AnnualReport | None = None

    @property
    def rows(self) -> Iterator[tuple[PriorityBlock, ObjectiveRow, TargetRow]]:
        for block in self.priorities:
            for row in block.objectives:
                for target_row in row.targets:
                    yield block, row, target_row


@read_version_once()
def build_summary(plan: Plan, as_of: date) -> SummaryTable:
    rollup = build_rollup(plan, as_of)
    blocks = []
    for priority in plan.priorities.prefetch_related("axes"):
        rows = tuple(row for row in rollup.objectives if row.objective.priority_id == priority.pk)
        blocks.append(PriorityBlock(priority, tuple(priority.axes.all()), rows))
    return SummaryTable(rollup, tuple(blocks), _find_country_lists(rollup))


def _find_country_lists(rollup: Rollup) -> tuple[CountryList, ...]:
    country_lists = {
        country_list.pk: country_list
        for row in rollup.targets
        for condition in row.target.conditions.all()
        for country_list in condition.country_lists.all()
    }
    return tuple(sorted(country_lists.values(), key=lambda country_list: country_list.code))
