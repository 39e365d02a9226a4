"""How a count grew over the plan: the roll-up's own records, by the day they began to count."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from django.db.models import Count, Max, Min
from django.db.models.functions import Length

from indicators.counting.rules import (
    counted_records,
    counts_value,
    dimension_path,
    plan_window,
    record_source,
)
from reporting.figures.measures import Actual
from strategy.choices import Frequency, Measure
from strategy.dates.periods import PartialDate, Period, quarter_ends
from strategy.models import Plan, Target

RecordDate = PartialDate | str
"""When a record counts: a date as far as it is known, or a reporting year."""
ValueRises = tuple[Counter[date], RecordDate | None]
"""By how much a value rose on which day, and the date of the latest record behind it."""


@dataclass(frozen=True)
class Trend:
    """A count over the plan's time: the days on which it rose, and its value from each on.

    ``latest`` is the date of the latest record that counts, where the records themselves were read.
    """

    days: tuple[date, ...]
    values: tuple[Decimal, ...]
    latest: RecordDate | None = field(default=None, compare=False)

    def value_at(self, day: date) -> Decimal:
        """The value at the end of a day; 0 before the first rise."""
        position = bisect_right(self.days, day)
        return self.values[position - 1] if position else Decimal(0)

    def change(self, as_of: date, days: int = 90) -> Decimal:
        """By how much it rose in the last so many days."""
        return self.value_at(as_of) - self.value_at(as_of - timedelta(days=days))


def build_trend(target: Target, as_of: date) -> Trend | None:
    """The growth of a value over the whole plan, in one query; None for other targets."""
    rises_of = RISE_QUERIES.get(Measure(target.measure))
    if target.frequency != Frequency.WHOLE_PLAN or rises_of is None:
        return None
    rises, latest = rises_of(target, as_of)
    days = tuple(sorted(rises))
    values = accumulate(rises[day] for day in days)
    return Trend(days, tuple(Decimal(value) for value in values), latest)


def past_quarter_ends(period: Period, as_of: date) -> tuple[date, ...]:
    """The ends of the quarters gone by, and the as-of day itself while the period runs."""
    days = tuple(day for day in quarter_ends(period) if day < as_of)
    return (*days, as_of) if as_of in period else days


def find_latest_date(actual: Actual) -> RecordDate | None:
    """The date, or the reporting year, of the latest record that counts; None when none does.

    Texts of one length sort as their days do, so the last of each length is enough.
    """
    column = record_source(actual.target).timing.column
    rows = actual.evidence.order_by().values_list(Length(column)).annotate(last=Max(column))
    return _latest(last for _length, last in rows)


def _latest(found: Iterable[RecordDate]) -> RecordDate | None:
    return max(found, key=_last_day, default=None)


def _last_day(known: RecordDate) -> str:
    return known.last.isoformat() if isinstance(known, PartialDate) else known


def _first_counting_day(known: RecordDate, plan: Plan) -> date:
    """What began before the plan counts from its first day; what is of a year, from the year's."""
    if isinstance(known, str):
        return plan.year(known).starts_on
    return max(known.last, plan.starts_on)


def _records_by_day(target: Target, as_of: date) -> ValueRises:
    column, plan = record_source(target).timing.column, target.plan
    rows = (
        counted_records(target, plan_window(target, as_of))
        .order_by()
        .values_list(column)
        .annotate(number=Count("pk"))
    )
    numbers = dict(rows)
    rises: Counter[date] = Counter()
    for known, number in numbers.items():
        rises[_first_counting_day(known, plan)] += number
    return rises, _latest(numbers)


def _values_by_day(target: Target, as_of: date) -> ValueRises:
    """Each value counts from its first record on.

    Texts of one length sort as their days do, so the first and the last of each length are enough.
    """
    column, plan = record_source(target).timing.column, target.plan
    rows = list(
        counted_records(target, plan_window(target, as_of))
        .order_by()
        .values_list(dimension_path(target).path, Length(column))
        .annotate(first=Min(column), last=Max(column))
    )
    firsts: dict[str, date] = {}
    for code, _length, known, _last in rows:
        if not counts_value(target, code):
            continue
        day = _first_counting_day(known, plan)
        firsts[code] = min(day, firsts.get(code, day))
    return Counter(firsts.values()), _latest(last for *_others, last in rows)


RISE_QUERIES: Mapping[Measure, Callable[[Target, date], ValueRises]] = {
    Measure.COUNT: _records_by_day,
    Measure.DISTINCT: _values_by_day,
}
"""What each measure's rises are; a measure without a row here has no curve on the pages."""
