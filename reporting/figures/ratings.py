"""Ratings of targets (counting rules, section 2).

Pure arithmetic: nothing here reads the clock or the database. The plan has the thresholds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from strategy.choices import Frequency, Rating, YearState
from strategy.dates.periods import Period, add_months
from strategy.models import Target

DAYS_A_YEAR = Decimal("365.25")


@dataclass(frozen=True)
class YearActual:
    """One reporting year of a yearly target: its value, None without data, and its state."""

    year: Period
    value: Decimal | None
    state: YearState

    @property
    def is_closed(self) -> bool:
        return self.state not in (YearState.DUE, YearState.OPEN, YearState.NO_TARGET)


@dataclass(frozen=True)
class RatingInput:
    """The values that a rating depends on."""

    target: Target
    value: Decimal | None
    whole: Decimal | int | None
    """The denominator of a share or a ratio; None for other figures."""
    years: Sequence[YearActual]
    as_of: date


def calculate_expected(target: Target, as_of: date) -> Decimal | None:
    """Return the value due by `as_of`, by the version in force then.

    A count grows from 0 on the day before the plan along straight lines between its milestones, or
    to the minimum on the plan's last day. None for other targets and without a minimum.
    """
    return _interpolate(target.as_of(as_of), as_of)


def _interpolate(target: Target, day: date) -> Decimal | None:
    """Return the value due by a day by the version to which the target is bound."""
    minimum = target.version.minimum
    if target.frequency != Frequency.WHOLE_PLAN or minimum is None:
        return None
    period = target.plan.period
    elapsed, before, start = period.elapsed_days(day), 0, Decimal(0)
    stages = [(stage.year.ends_on, stage.value) for stage in target.version.dated_milestones]
    for ends_on, value in stages or [(period.ends_on, minimum)]:
        after = period.elapsed_days(ends_on)
        if elapsed <= after:
            return start + (value - start) * (elapsed - before) / (after - before)
        before, start = after, value
    return start


def list_expected_points(target: Target) -> tuple[tuple[date, Decimal], ...]:
    """Return the corners of the line of expected values, by the version of the target's day.

    Of a level they are the days from which a minimum holds.
    """
    plan, version = target.plan, target.version
    before = plan.starts_on - timedelta(days=1)
    ends = (each.year.ends_on for each in version.dated_milestones)
    days = sorted({before, *ends, plan.ends_on})
    points = (
        (day, version.minimum_at(day) if target.is_level else _interpolate(target, day))
        for day in days
    )
    return tuple((day, value) for day, value in points if value is not None)


def rate_target(inputs: RatingInput) -> Rating:
    if not inputs.target.version.has_target:
        return Rating.NO_TARGET
    frequency = inputs.target.frequency
    if frequency == Frequency.EVERY_YEAR:
        return _yearly(inputs.years)
    if inputs.value is None:
        return Rating.NO_DATA
    if frequency == Frequency.LEVEL:
        return _level(inputs, inputs.value)
    return _cumulative(inputs, inputs.value)


def _cumulative(inputs: RatingInput, value: Decimal) -> Rating:
    target, plan = inputs.target, inputs.target.plan
    if inputs.as_of >= plan.ends_on:
        return Rating.ACHIEVED if target.is_met_by(value) else Rating.NOT_ACHIEVED
    if target.is_exceeded_by(value):
        return Rating.OFF_TRACK
    if target.is_met_by(value):
        return Rating.ACHIEVED if target.maximum is None else Rating.ON_TRACK
    return _compare_with_expected(inputs, value)


def _compare_with_expected(inputs: RatingInput, value: Decimal) -> Rating:
    """Return the rating of a count below its minimum while the plan runs."""
    target, plan = inputs.target, inputs.target.plan
    expected = calculate_expected(target, inputs.as_of)
    if not expected:
        return Rating.ON_TRACK if value else Rating.TOO_EARLY
    if plan.elapsed(inputs.as_of) < plan.too_early_below and value < expected:
        return Rating.TOO_EARLY
    whole = int(expected)
    if value >= plan.on_track_from * expected or (whole >= 1 and value >= whole):
        return Rating.ON_TRACK
    return Rating.AT_RISK if value >= plan.at_risk_from * expected else Rating.OFF_TRACK


def _level(inputs: RatingInput, value: Decimal) -> Rating:
    target, plan = inputs.target, inputs.target.plan
    is_met = target.is_met_by(value)
    if inputs.as_of >= plan.ends_on:
        return Rating.ACHIEVED if is_met else Rating.NOT_ACHIEVED
    is_small = inputs.whole is not None and inputs.whole < plan.level_least_records
    if is_small or not target.has_bounds:
        return Rating.TOO_EARLY
    if is_met:
        return Rating.ON_TRACK
    return Rating.AT_RISK if _is_close_below(value, target) else Rating.OFF_TRACK


def _is_close_below(value: Decimal, target: Target) -> bool:
    """Whether a level misses its minimum by little; above a maximum nothing is close.

    Steps are in an order and have no distances: close is the step next below the minimum.
    """
    if target.minimum is None or value >= target.minimum:
        return False
    if target.is_judged:
        return not any(value < step.number < target.minimum for step in target.steps)
    return value >= target.plan.level_at_risk_from * target.minimum


def _yearly(years: Sequence[YearActual]) -> Rating:
    closed = [year for year in years if year.is_closed]
    if not closed:
        return Rating.TOO_EARLY
    if all(year.state == YearState.NO_DATA for year in closed):
        return Rating.NO_DATA
    missed = sum(year.state != YearState.MET for year in closed)
    if len(closed) == sum(year.state != YearState.NO_TARGET for year in years):
        return Rating.NOT_ACHIEVED if missed else Rating.ACHIEVED
    if missed == 0:
        return Rating.ON_TRACK
    return Rating.AT_RISK if missed == 1 else Rating.OFF_TRACK


def rate_year(target: Target, year: Period, value: Decimal | None, as_of: date) -> YearState:
    """Return the state of one year of a yearly target.

    The version in force on the year's last day rates it. A year closes on that day. A target with
    ``due_months`` closes when it is met or exceeded, or when those months have passed.
    """
    bound = target.as_of(year.ends_on)
    if not bound.version.has_target:
        return YearState.NO_TARGET
    if as_of < year.ends_on:
        return YearState.OPEN
    is_met = value is not None and bound.is_met_by(value)
    is_decided = is_met or (value is not None and bound.is_exceeded_by(value))
    due_until = add_months(year.ends_on, target.due_months)
    if target.due_months and not is_decided and as_of <= due_until:
        return YearState.DUE
    if value is None:
        return YearState.NO_DATA
    return YearState.MET if is_met else YearState.NOT_MET


def worst_rating(ratings: Iterable[Rating]) -> Rating:
    """Return the first rating in the order of ``Rating``; no target without any."""
    order = list(Rating)
    return min(ratings, key=order.index, default=Rating.NO_TARGET)


@dataclass(frozen=True)
class Projection:
    """The value of a count at its current pace, in the target's unit.

    ``needed_a_year`` is the pace that reaches the next milestone, by ``needed_by``, or else the
    minimum; None without a minimum, when it is reached and when the plan has ended.
    """

    a_year: Decimal
    at_end: Decimal
    needed_a_year: Decimal | None
    needed_by: Period | None = None


def calculate_projection(target: Target, value: Decimal | None, as_of: date) -> Projection | None:
    """Return the projection; None without a value, before the plan and for other targets."""
    plan = target.plan
    elapsed = plan.period.elapsed_days(as_of)
    if value is None or elapsed == 0 or target.frequency != Frequency.WHOLE_PLAN:
        return None
    needed, needed_by = _calculate_needed(target, value, as_of)
    at_end = value * plan.period.days / elapsed
    return Projection(value * DAYS_A_YEAR / elapsed, at_end, needed, needed_by)


def _calculate_needed(
    target: Target, value: Decimal, as_of: date
) -> tuple[Decimal | None, Period | None]:
    """Return the pace a year to the next milestone, and its year, or else to the minimum."""
    period = target.plan.period
    elapsed = period.elapsed_days(as_of)
    for stage in target.version.dated_milestones:
        if stage.year.ends_on > as_of and stage.value > value:
            left = period.elapsed_days(stage.year.ends_on) - elapsed
            return (stage.value - value) * DAYS_A_YEAR / left, stage.year
    left, missing = period.days - elapsed, (target.minimum or Decimal(0)) - value
    return (missing * DAYS_A_YEAR / left if left and missing > 0 else None), None


def round_for_rating(value: Decimal, target: Target) -> Decimal:
    """Return the value with one decimal, or with as many as keep it on its side of the bounds.

    24.96 stays 24.96 below a minimum of 25: 25.0 would contradict the rating (rule 1.10).
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
    return (
        target.minimum is not None and value < target.minimum,
        target.is_exceeded_by(value),
        target.is_level and _is_close_below(value, target),
    )
