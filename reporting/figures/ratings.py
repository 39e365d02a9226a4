"""From a value and the time gone by to a rating (counting rules, section 2).

Pure arithmetic: nothing here reads the clock or the database. The thresholds are the plan's data.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from strategy.choices import Frequency, Rating, YearState
from strategy.dates.periods import Period, add_months
from strategy.models import Target


@dataclass(frozen=True)
class YearActual:
    """One reporting year of a yearly target: its value and how it stands. None: no data."""

    year: Period
    value: Decimal | None
    state: YearState


@dataclass(frozen=True)
class RatingInput:
    """All that a rating depends on."""

    target: Target
    value: Decimal | None
    record_count: int
    """How many records the value is over; selection of shares only."""
    years: Sequence[YearActual]
    as_of: date


def calculate_expected(target: Target, as_of: date) -> Decimal | None:
    """Return the value due by `as_of` at a constant pace; None for other than whole-plan counts."""
    if target.frequency != Frequency.WHOLE_PLAN:
        return None
    plan = target.plan
    return target.minimum * plan.period.elapsed_days(as_of) / plan.period.days


def rate_target(standing: RatingInput) -> Rating:
    """The rating of a target, by how often it must be reached."""
    frequency = standing.target.frequency
    if frequency == Frequency.EVERY_YEAR:
        return _yearly(standing.years)
    if standing.value is None:
        return Rating.NO_DATA
    if frequency == Frequency.LEVEL:
        return _level(standing, standing.value)
    return _cumulative(standing, standing.value)


def _cumulative(standing: RatingInput, value: Decimal) -> Rating:
    target, plan = standing.target, standing.target.plan
    if value >= target.minimum:
        return Rating.ACHIEVED
    if standing.as_of >= plan.ends_on:
        return Rating.NOT_ACHIEVED
    expected = calculate_expected(target, standing.as_of)
    if not expected:
        return Rating.TOO_EARLY
    if plan.elapsed(standing.as_of) < plan.too_early_below and value < expected:
        return Rating.TOO_EARLY
    whole = int(expected)
    if value >= plan.on_track_from * expected or (whole >= 1 and value >= whole):
        return Rating.ON_TRACK
    return Rating.AT_RISK if value >= plan.at_risk_from * expected else Rating.OFF_TRACK


def _level(standing: RatingInput, value: Decimal) -> Rating:
    target, plan = standing.target, standing.target.plan
    is_met = target.is_met_by(value)
    if standing.as_of >= plan.ends_on:
        return Rating.ACHIEVED if is_met else Rating.NOT_ACHIEVED
    if standing.record_count < plan.level_least_records:
        return Rating.TOO_EARLY
    if is_met:
        return Rating.ON_TRACK
    close = value >= plan.level_at_risk_from * target.minimum
    return Rating.AT_RISK if close else Rating.OFF_TRACK


def _yearly(years: Sequence[YearActual]) -> Rating:
    closed = [one for one in years if one.state not in (YearState.DUE, YearState.OPEN)]
    if not closed:
        return Rating.TOO_EARLY
    if all(one.state == YearState.NO_DATA for one in closed):
        return Rating.NO_DATA
    missed = sum(one.state != YearState.MET for one in closed)
    if len(closed) == len(years):
        return Rating.NOT_ACHIEVED if missed else Rating.ACHIEVED
    if missed == 0:
        return Rating.ON_TRACK
    return Rating.AT_RISK if missed == 1 else Rating.OFF_TRACK


def rate_year(target: Target, year: Period, value: Decimal | None, as_of: date) -> YearState:
    """How one year of a yearly target stands on a day.

    A year closes with its last day; where what it asks for may come later (``due_months``), it
    closes when that is there, or else when it is past due.
    """
    if as_of < year.ends_on:
        return YearState.OPEN
    is_met = value is not None and target.is_met_by(value)
    if target.due_months and not is_met and as_of <= add_months(year.ends_on, target.due_months):
        return YearState.DUE
    if value is None:
        return YearState.NO_DATA
    return YearState.MET if is_met else YearState.NOT_MET


def worst_rating(ratings: Iterable[Rating]) -> Rating:
    """The rating of an objective: its worst target, in the order of ``Rating``; no data if none."""
    order = list(Rating)
    return min(ratings, key=order.index, default=Rating.NO_DATA)


@dataclass(frozen=True)
class Projection:
    """Where a count over the whole plan is heading; all values in the target's unit.

    ``needed_a_year`` is None when the plan is over or the minimum is reached.
    """

    a_year: Decimal
    at_end: Decimal
    needed_a_year: Decimal | None


def calculate_projection(target: Target, value: Decimal | None, as_of: date) -> Projection | None:
    """The pace so far; None without a value, before the plan, and for other than counts."""
    plan = target.plan
    gone = plan.period.elapsed_days(as_of)
    if value is None or gone == 0 or target.frequency != Frequency.WHOLE_PLAN:
        return None
    year = Decimal("365.25")
    left = plan.period.days - gone
    missing = target.minimum - value
    needed = missing * year / left if left and missing > 0 else None
    return Projection(value * year / gone, value * plan.period.days / gone, needed)


def round_for_rating(value: Decimal, target: Target) -> Decimal:
    """The value as shown: one decimal, or as many more as keep it on its side of the bounds.

    24.96 stands as 24.96 below a minimum of 25: 25.0 would contradict the verdict (rule 1.10).
    """
    if value == value.to_integral_value() and not target.is_percentage:
        return value.quantize(Decimal(1))
    side = _side(value, target)
    for places in range(1, 12):
        rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        if _side(rounded, target) == side:
            return rounded
    return value


def _side(value: Decimal, target: Target) -> tuple[bool, bool, bool]:
    """On which side of each bound that a verdict turns on: below, above, off track for a share."""
    is_level = target.frequency == Frequency.LEVEL
    return (
        value < target.minimum,
        target.maximum is not None and value > target.maximum,
        is_level and value < target.plan.level_at_risk_from * target.minimum,
    )
