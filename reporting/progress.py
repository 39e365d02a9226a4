"""A line of the summary table with the way there: its trend, its pace, what changed of late."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from indicators.counting import whole_plan
from reporting.measures import actuals_for
from reporting.ratings import Pace, pace_of
from reporting.rollup import TargetLine
from reporting.trends import Trend, latest_for, trend_for
from strategy.periods import PartialDate, Window
from strategy.vocabulary import Measure

DAYS_OF_CHANGE = 90


@dataclass(frozen=True)
class Progress:
    """One target's line and how it got there.

    ``trend`` and ``pace`` are None unless the target is a count over the whole plan; ``change`` is
    by how much the value moved in the last 90 days, None where that cannot be said; ``latest`` is
    the date, or the reporting year, of the latest record that counts.
    """

    line: TargetLine
    trend: Trend | None
    pace: Pace | None
    change: Decimal | None
    latest: PartialDate | str | None


def progress_of(line: TargetLine, as_of: date) -> Progress:
    trend = trend_for(line.target, as_of)
    return Progress(
        line,
        trend,
        pace_of(line.target, line.value, as_of),
        _change(line, trend, as_of),
        latest_for(line.actual),
    )


def _change(line: TargetLine, trend: Trend | None, as_of: date) -> Decimal | None:
    """A growth is a comparison of two years already: what it changed by would mean nothing."""
    if line.value is None or line.target.measure == Measure.GROWTH:
        return None
    if trend is not None:
        return trend.change(as_of, DAYS_OF_CHANGE)
    before = as_of - timedelta(days=DAYS_OF_CHANGE)
    if line.years:
        [earlier] = actuals_for(line.target, [Window(line.this_year.window.period, before)])
        return line.value - (earlier.value or 0)
    [earlier] = actuals_for(line.target, [whole_plan(line.target, before)])
    return None if earlier.value is None else line.value - earlier.value
