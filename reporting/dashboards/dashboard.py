"""The values of the dashboard: the rollup with progress, balance, reach and pending records."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from django.db.models import Q

from indicators.counting.rules import dimension_path
from indicators.counting.statements import join_readings, run
from indicators.models.reading.confidentiality import EVERYONE, Audience
from reporting.dashboards.pending import PendingSummary, count_pending
from reporting.figures.balance import field_weights, records_to_balance
from reporting.figures.geographic_reach import GeographicReach, calculate_reach
from reporting.figures.people_trained import PeopleTrained, load_people_trained
from reporting.figures.progress import Quarter, TargetProgress, build_quarters, read_progress
from reporting.figures.rollup import (
    ObjectiveRow,
    Rollup,
    TargetRow,
    build_rollup,
    rank_worst_first,
)
from strategy.choices import Dimension, Measure
from strategy.models import Plan
from strategy.plan.cache import read_version_once


class ObjectiveOrder(StrEnum):
    """The order of the objectives."""

    WORST = "worst"
    PLAN = "plan"


@dataclass(frozen=True)
class ObjectiveProgress:
    """One objective with the progress of its targets."""

    row: ObjectiveRow
    targets: tuple[TargetProgress, ...]


@dataclass(frozen=True)
class QuarterlyProgress:
    """The progress of a count over the whole plan, with its past quarters; none without data."""

    progress: TargetProgress
    quarters: tuple[Quarter, ...]


@dataclass(frozen=True)
class Balance:
    """The planned and actual shares of a target, and the records that would restore the balance.

    ``missing`` is the fewest further records by the code of their slice: empty in balance, None
    without data or if no records can restore it. ``unassigned_count`` records have no slice.
    """

    row: TargetRow
    missing: dict[str, int] | None
    unassigned_count: int


@dataclass(frozen=True)
class Dashboard:
    """The dashboard of a plan at the end of a day."""

    rollup: Rollup
    objectives: tuple[ObjectiveProgress, ...]
    balances: tuple[Balance, ...]
    reach: GeographicReach | None
    pending: PendingSummary
    people: PeopleTrained | None

    @cached_property
    def projected_targets(self) -> list[QuarterlyProgress]:
        """The counts over the whole plan, in the order of the objectives; none without data."""
        targets = [
            target for objective in self.objectives for target in objective.targets if target.trend
        ]
        if all(target.row.value is None for target in targets):
            return []
        as_of = self.rollup.as_of
        return [QuarterlyProgress(target, build_quarters(target, as_of)) for target in targets]


@read_version_once()
def build_dashboard(
    plan: Plan,
    as_of: date,
    order: ObjectiveOrder = ObjectiveOrder.WORST,
    audience: Audience = EVERYONE,
) -> Dashboard:
    rollup = build_rollup(plan, as_of, audience=audience)
    rows = sort_objectives(rollup.objectives, order)
    readings = (read_progress(row, as_of) for row in rollup.targets)
    progress = {each.row.target.pk: each for each in run(join_readings(readings))}
    return Dashboard(
        rollup,
        tuple(_build_objective(row, progress, order) for row in rows),
        tuple(
            _build_balance(row)
            for row in rollup.targets
            if row.target.measure == Measure.SMALLEST_SHARE
            and row.target.dimension == Dimension.FIELD_OF_ACTIVITY
            and row.target.has_bounds
        ),
        calculate_reach(rollup),
        count_pending(rollup, audience),
        load_people_trained(plan, as_of, audience),
    )


def sort_objectives(
    objectives: Iterable[ObjectiveRow], order: ObjectiveOrder
) -> list[ObjectiveRow]:
    if order == ObjectiveOrder.PLAN:
        return list(objectives)
    return sorted(objectives, key=rank_worst_first)


def _build_objective(
    row: ObjectiveRow, progress: Mapping[int, TargetProgress], order: ObjectiveOrder
) -> ObjectiveProgress:
    targets = list(row.targets)
    if order == ObjectiveOrder.WORST:
        targets.sort(key=rank_worst_first)
    return ObjectiveProgress(row, tuple(progress[each.target.pk] for each in targets))


def _build_balance(row: TargetRow) -> Balance:
    measurement = row.actual.measurement
    missing = None
    if measurement.value is not None and row.target.minimum is not None:
        missing = records_to_balance(field_weights(measurement), row.target.minimum)
    reason = dimension_path(row.target).reason
    return Balance(row, missing, row.actual.excluded.filter(Q(reason=reason)).count())
