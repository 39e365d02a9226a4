"""What the dashboard shows, as values: the roll-up with each target's way there, and what waits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Q

from indicators.counting.rules import dimension_path
from reporting.dashboards.pending import PendingSummary, count_pending
from reporting.figures.balance import field_weights, records_to_balance
from reporting.figures.geographic_reach import GeographicReach, calculate_reach
from reporting.figures.people_trained import PeopleTrained, load_people_trained
from reporting.figures.progress import TargetProgress, build_progress
from reporting.figures.rollup import ObjectiveRow, Rollup, TargetRow, build_rollup
from strategy.choices import Measure, Rating
from strategy.models import Plan


class ObjectiveOrder(StrEnum):
    """In which order the objectives stand."""

    WORST = "worst"
    PLAN = "plan"


@dataclass(frozen=True)
class ObjectiveProgress:
    """One objective with its targets and how each got where it is."""

    row: ObjectiveRow
    targets: tuple[TargetProgress, ...]


@dataclass(frozen=True)
class Balance:
    """Shares that are to be alike: what each part holds, and what would restore the balance.

    ``missing`` is the fewest further records, each of one part, by the part's code; empty when the
    balance holds, None when nothing is known or nothing can restore it.
    """

    row: TargetRow
    missing: dict[str, int] | None
    unassigned_count: int


@dataclass(frozen=True)
class Dashboard:
    """Where a plan stands at the end of a day."""

    rollup: Rollup
    objectives: tuple[ObjectiveProgress, ...]
    balances: tuple[Balance, ...]
    reach: GeographicReach | None
    pending: PendingSummary
    people: PeopleTrained | None

    @property
    def projected_targets(self) -> list[TargetProgress]:
        """The counts over the whole plan, in the order of the objectives; none before any data."""
        counts = [one for objective in self.objectives for one in objective.targets if one.trend]
        return counts if any(one.row.value is not None for one in counts) else []


def build_dashboard(
    plan: Plan, as_of: date, order: ObjectiveOrder = ObjectiveOrder.WORST
) -> Dashboard:
    rollup = build_rollup(plan, as_of)
    rows = sort_objectives(rollup.objectives, order)
    return Dashboard(
        rollup,
        tuple(_objective(row, as_of, order) for row in rows),
        tuple(_balance(row) for row in rollup.targets if _is_share(row)),
        calculate_reach(rollup),
        count_pending(rollup),
        load_people_trained(plan, as_of),
    )


def sort_objectives(
    objectives: Iterable[ObjectiveRow], order: ObjectiveOrder
) -> list[ObjectiveRow]:
    """The objectives as the plan has them, or the worst first and then as the plan has them."""
    if order == ObjectiveOrder.PLAN:
        return list(objectives)
    return sorted(objectives, key=lambda row: list(Rating).index(row.rating))


def _objective(row: ObjectiveRow, as_of: date, order: ObjectiveOrder) -> ObjectiveProgress:
    targets = list(row.targets)
    if order == ObjectiveOrder.WORST:
        targets.sort(key=lambda one: list(Rating).index(one.rating))
    return ObjectiveProgress(row, tuple(build_progress(one, as_of) for one in targets))


def _is_share(row: TargetRow) -> bool:
    return row.target.measure == Measure.SMALLEST_SHARE


def _balance(row: TargetRow) -> Balance:
    """The parts of a share, and how many records belong to none of them."""
    measurement = row.actual.measurement
    missing = None
    if measurement.value is not None:
        missing = records_to_balance(field_weights(measurement), row.target.minimum)
    reason = dimension_path(row.target).reason
    return Balance(row, missing, row.actual.excluded.filter(Q(reason=reason)).count())
