"""A row of the summary table with its trend, its projection and its latest change."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from indicators.counting.rules import plan_window
from indicators.counting.statements import Reading, join_two, run
from reporting.figures.measures import Actual, MeasuredValue, read_actuals
from reporting.figures.ratings import Projection, calculate_expected, calculate_projection
from reporting.figures.rollup import TargetRow
from reporting.figures.trends import (
    RecordDate,
    Trend,
    blur_date,
    blur_trend,
    past_quarter_ends,
    read_latest_date,
    read_trend,
)
from strategy.choices import Measure
from strategy.dates.periods import PartialDate, Window
from strategy.models import Target

DAYS_OF_CHANGE = 90


@dataclass(frozen=True)
class TargetProgress:
    """The row of one target and its progress so far.

    ``trend`` and ``projection`` are None unless the target is a count over the whole plan.
    ``change`` is that of the last 90 days, None where it is not known. ``latest`` is the date, or
    the reporting year, of the latest counted record.
    """

    row: TargetRow
    trend: Trend | None
    projection: Projection | None
    change: Decimal | None
    latest: PartialDate | str | None


@dataclass(frozen=True)
class Quarter:
    """A value at the end of a quarter, and the value expected by then, None without any."""

    actual: Actual
    expected: Decimal | None

    @property
    def day(self) -> date:
        return self.actual.window.as_of


def build_quarter(target: Target, day: date, value: Decimal | None) -> Quarter:
    actual = Actual(target.as_of(day), plan_window(target, day), MeasuredValue(value))
    return Quarter(actual, calculate_expected(target, day))


def build_quarters(progress: TargetProgress, as_of: date) -> tuple[Quarter, ...]:
    """Return the quarters of a count over the plan until a day; none without data."""
    row, trend = progress.row, progress.trend
    if trend is None or row.value is None:
        return ()
    days = past_quarter_ends(row.target.plan.period, as_of)
    return tuple(build_quarter(row.target, day, trend.value_at(day)) for day in days)


def change_start(as_of: date) -> date:
    """Return the day at whose end the latest change starts."""
    return as_of - timedelta(days=DAYS_OF_CHANGE)


def build_progress(row: TargetRow, as_of: date) -> TargetProgress:
    return run(read_progress(row, as_of))


def read_progress(row: TargetRow, as_of: date) -> Reading[TargetProgress]:
    trend = yield from read_trend(row.target, as_of)
    latest, change = yield from join_two(_read_latest(row, trend), _read_change(row, trend, as_of))
    projection = calculate_projection(row.target, row.value, as_of)
    if row.actual.audience:
        trend, latest = trend and blur_trend(trend, as_of), blur_date(latest)
    return TargetProgress(row, trend, projection, change, latest)


def _read_latest(row: TargetRow, trend: Trend | None) -> Reading[RecordDate | None]:
    return trend.latest if trend else (yield from read_latest_date(row.actual))


def _read_change(row: TargetRow, trend: Trend | None, as_of: date) -> Reading[Decimal | None]:
    # A growth already compares two years, and steps have no distance: a change would mean nothing.
    if row.value is None or row.target.measure in (Measure.GROWTH, Measure.JUDGED):
        return None
    start = change_start(as_of)
    if trend is not None:
        return row.value - (trend.value_at(start) or 0)
    if row.years:
        window = Window(row.this_year.window.period, start)
        [earlier] = yield from read_actuals(row.target, [window])
        return row.value - (earlier.value or 0)
    [earlier] = yield from read_actuals(row.target, [plan_window(row.target, start)])
    return None if earlier.value is None else row.value - earlier.value
