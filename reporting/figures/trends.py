"""The growth of a count over the plan: the counted records by the day they began to count."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple

from django.db.models import Count, Max, Min
from django.db.models.functions import Length

from indicators.counting.numbers import read_number, read_stored
from indicators.counting.rules import (
    build_value_test,
    conditions_met,
    counted_records,
    dimension_path,
    known_records,
    plan_window,
    record_source,
)
from indicators.counting.statements import (
    Reading,
    find_last_day,
    read_date,
    read_rows,
    run,
)
from reporting.figures.measures import Actual
from strategy.choices import Frequency, Measure
from strategy.dates.periods import PartialDate, Period, Window, add_months, quarter_ends
from strategy.models import Plan, Target

RecordDate = PartialDate | str
"""The date of a record, perhaps partial, or its reporting year."""
ValueRises = tuple[Mapping[date, Decimal | int], RecordDate | None]
"""The rise of a value on each day, and the date of its latest record.

The first day is that from which a record of the kind is known: its rise may be 0.
"""


@dataclass(frozen=True)
class Trend:
    """A count over the plan: the days on which it rose and its value from each day.

    It starts on the day from which a record of the kind is known, perhaps with 0. ``latest`` is
    the date of the latest counted record, None if only values were read.
    """

    days: tuple[date, ...]
    values: tuple[Decimal, ...]
    latest: RecordDate | None = field(default=None, compare=False)

    def value_at(self, day: date) -> Decimal | None:
        """Return the value at the end of a day; None before any record is known."""
        position = bisect_right(self.days, day)
        return self.values[position - 1] if position else None


def build_trend(target: Target, as_of: date) -> Trend | None:
    """Return the growth of a count over the whole plan, in one query; None for other targets."""
    return run(read_trend(target, as_of))


def read_trend(target: Target, as_of: date) -> Reading[Trend | None]:
    find_rises = RISE_QUERIES.get(Measure(target.measure))
    if target.frequency != Frequency.WHOLE_PLAN or find_rises is None:
        return None
    rises, latest = yield from find_rises(target, as_of)
    days = tuple(sorted(rises))
    values = accumulate(rises[day] for day in days)
    return Trend(days, tuple(Decimal(value) for value in values), latest)


def blur_trend(trend: Trend, as_of: date) -> Trend:
    """Return the trend by months: no day of it is that of one record."""
    points = zip(trend.days, trend.values, strict=True)
    values = {min(_end_month(day), as_of): value for day, value in points}
    return Trend(tuple(values), tuple(values.values()), trend.latest)


def blur_date(latest: RecordDate | None) -> RecordDate | None:
    """Return the month of a day; a year and a month as they are."""
    if isinstance(latest, PartialDate) and latest.first == latest.last:
        return PartialDate(latest.text[: len("2018-05")])
    return latest


def _end_month(day: date) -> date:
    return add_months(day.replace(day=1), 1) - timedelta(days=1)


def past_quarter_ends(period: Period, as_of: date) -> tuple[date, ...]:
    """Return the ends of the past quarters, and the as-of day during the period."""
    days = tuple(day for day in quarter_ends(period) if day < as_of)
    return (*days, as_of) if as_of in period else days


def read_latest_date(actual: Actual) -> Reading[RecordDate | None]:
    """Return the date, or the reporting year, of the latest counted record; None without any."""
    # Partial dates of one length sort as text, so the last of each length is enough.
    target, column = actual.target, record_source(actual.target).date_rule.column
    rows = yield from read_rows(
        "latest",
        target,
        [actual.window],
        lambda: actual.evidence.order_by().values_list(Length(column)).annotate(last=Max(column)),
    )
    return _latest(read_date(target, last) for _length, last in rows)


def _latest(dates: Iterable[RecordDate]) -> RecordDate | None:
    return max(dates, key=find_last_day, default=None)


def _first_counting_day(on: RecordDate, plan: Plan) -> date:
    # A record from before the plan counts from the first day of the plan.
    if isinstance(on, str):
        return plan.year(on).starts_on
    return max(on.last, plan.starts_on)


def _records_by_day(target: Target, as_of: date) -> Reading[ValueRises]:
    column, window = record_source(target).date_rule.column, plan_window(target, as_of)
    rows = yield from read_rows(
        "records_by_day",
        target,
        [window],
        lambda: (
            known_records(target, window)
            .order_by()
            .values_list(column)
            .annotate(number=Count("pk", filter=conditions_met(target)))
        ),
    )
    dated = [(read_date(target, on), number) for on, number in rows]
    rises: Counter[date] = Counter()
    for on, number in dated:
        rises[_first_counting_day(on, target.plan)] += number
    return _without_flat_days(rises), _latest(on for on, number in dated if number)


def _sums_by_day(target: Target, as_of: date) -> Reading[ValueRises]:
    """Return the rises of a sum, which is known from the first record that counts."""
    column, window = record_source(target).date_rule.column, plan_window(target, as_of)
    rows = yield from read_rows(
        "sums_by_day",
        target,
        [window],
        lambda: (
            counted_records(target, window)
            .order_by()
            .values_list(column, read_number(target, target.column))
            .annotate(number=Count("pk"))
        ),
    )
    rises: defaultdict[date, Decimal] = defaultdict(Decimal)
    dated = [(read_date(target, on), read_stored(size) * count) for on, size, count in rows]
    for on, rise in dated:
        rises[_first_counting_day(on, target.plan)] += rise
    return _without_flat_days(rises), _latest(on for on, _rise in dated)


def _values_by_day(target: Target, as_of: date) -> Reading[ValueRises]:
    # A value counts from its first record.
    plan = target.plan
    rows = yield from _read_first_and_last(target, plan_window(target, as_of))
    days = (_first_counting_day(read_date(target, row.known), plan) for row in rows)
    rises, firsts = Counter(dict.fromkeys(days, 0)), dict[str, date]()
    counts_value = build_value_test(target)
    for row in rows:
        if row.first is None or not counts_value(row.code):
            continue
        day = _first_counting_day(read_date(target, row.first), plan)
        firsts[row.code] = min(day, firsts.get(row.code, day))
    rises.update(firsts.values())
    lasts = (read_date(target, row.last) for row in rows if row.last)
    return _without_flat_days(rises), _latest(lasts)


class _ValueDates(NamedTuple):
    """The dates of the records with one value whose text has one length, as they are stored."""

    code: str
    length: int
    known: str
    first: str | None
    last: str | None


def _read_first_and_last(target: Target, window: Window) -> Reading[list[_ValueDates]]:
    column, path = record_source(target).date_rule.column, dimension_path(target)
    rows = yield from read_rows(
        "values_by_day",
        target,
        [window],
        lambda: (
            known_records(target, window)
            .order_by()
            .values_list(path.lookup, Length(column))
            .annotate(
                known=Min(column),
                first=Min(column, filter=conditions_met(target)),
                last=Max(column, filter=conditions_met(target)),
            )
        ),
    )
    return [_ValueDates(*row) for row in rows]


def _without_flat_days(rises: Mapping[date, Decimal | int]) -> Mapping[date, Decimal | int]:
    """Return the days of a rise, and the first day: from then on the value is known."""
    first = min(rises, default=None)
    return {day: rise for day, rise in rises.items() if rise or day == first}


RISE_QUERIES: Mapping[Measure, Callable[[Target, date], Reading[ValueRises]]] = {
    Measure.COUNT: _records_by_day,
    Measure.DISTINCT: _values_by_day,
    Measure.SUM: _sums_by_day,
}
"""The query of each measure; a measure without one has no trend."""
