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

    line: ObjectiveRow
    targets: tuple[TargetProgress, ...]


@dataclass(frozen=True)
class Balance:
    """Shares that are to be alike: what each part holds, and what would restore the balance.

    ``missing`` is the fewest further records, each of one part, by the part's code; empty when the
    balance holds, None when nothing is known or nothing can restore it.
    """

    line: TargetRow
    missing: dict[str, int] | None
    without_part: int


@dataclass(frozen=True)
class Dashboard:
    """Where a plan stands at the end of a day."""

    rolled: Rollup
    objectives: tuple[ObjectiveProgress, ...]
    balances: tuple[Balance, ...]
    reach: GeographicReach | None
    waiting: PendingSummary
    people: PeopleTrained | None

    @property
    def paces(self) -> list[TargetProgress]:
        """The counts over the whole plan, in the order of the objectives; none before any data."""
        counts = [one for objective in self.objectives for one in objective.targets if one.trend]
        return counts if any(one.line.value is not None for one in counts) else []


def build_dashboard(
    plan: Plan, as_of: date, order: ObjectiveOrder = ObjectiveOrder.WORST
) -> Dashboard:
    rolled = build_rollup(plan, as_of)
    lines = sort_objectives(rolled.objectives, order)
    return Dashboard(
        rolled,
        tuple(_objective(line, as_of, order) for line in lines),
        tuple(_balance(line) for line in rolled.targets if _is_share(line)),
        calculate_reach(rolled),
        count_pending(rolled),
        load_people_trained(plan, as_of),
    )


def sort_objectives(
    objectives: Iterable[ObjectiveRow], order: ObjectiveOrder
) -> list[ObjectiveRow]:
    """The objectives as the plan has them, or the worst first and then as the plan has them."""
    if order == ObjectiveOrder.PLAN:
        return list(objectives)
    return sorted(objectives, key=lambda line: list(Rating).index(line.rating))


def _objective(line: ObjectiveRow, as_of: date, order: ObjectiveOrder) -> ObjectiveProgress:
    targets = list(line.targets)
    if order == ObjectiveOrder.WORST:
        targets.sort(key=lambda one: list(Rating).index(one.rating))
    return ObjectiveProgress(line, tuple(build_progress(one, as_of) for one in targets))


def _is_share(line: TargetRow) -> bool:
    return line.target.measure == Measure.SMALLEST_SHARE


def _balance(line: TargetRow) -> Balance:
    """The parts of a share, and how many records belong to none of them."""
    reading = line.actual.reading
    missing = None
    if reading.value is not None:
        missing = records_to_balance(field_weights(reading), line.target.minimum)
    reason = dimension_path(line.target).reason
    return Balance(line, missing, line.actual.left_out.filter(Q(reason=reason)).count())
