"""How a count grew over the plan: the roll-up's own records, by the day they began to count."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Max, Min
from django.db.models.functions import Length

from indicators.counting import counted, facet_of, source_of, wants, whole_plan
from reporting.measures import Actual
from strategy.models import Plan, Target
from strategy.periods import PartialDate, Period, quarter_ends
from strategy.vocabulary import Frequency, Measure


@dataclass(frozen=True)
class Trend:
    """A count over the plan's time: the days on which it rose, and its value from each on."""

    days: tuple[date, ...]
    values: tuple[Decimal, ...]

    def value_at(self, day: date) -> Decimal:
        """The value at the end of a day; 0 before the first rise."""
        position = bisect_right(self.days, day)
        return self.values[position - 1] if position else Decimal(0)

    def change(self, as_of: date, days: int = 90) -> Decimal:
        """By how much it rose in the last so many days."""
        return self.value_at(as_of) - self.value_at(as_of - timedelta(days=days))


def trend_for(target: Target, as_of: date) -> Trend | None:
    """The growth of a value over the whole plan, in one query; None for other targets."""
    rises_of = RISES.get(Measure(target.measure))
    if target.frequency != Frequency.WHOLE_PLAN or rises_of is None:
        return None
    rises = rises_of(target, as_of)
    total, days, values = 0, [], []
    for day in sorted(rises):
        total += rises[day]
        days.append(day)
        values.append(Decimal(total))
    return Trend(tuple(days), tuple(values))


def days_so_far(period: Period, as_of: date) -> tuple[date, ...]:
    """The ends of the quarters gone by, and the as-of day itself while the period runs."""
    days = tuple(day for day in quarter_ends(period) if day < as_of)
    return (*days, as_of) if as_of in period else days


def latest_for(actual: Actual) -> PartialDate | str | None:
    """The date, or the reporting year, of the latest record that counts; None when none does.

    Texts of one length sort as their days do, so the last of each length is enough.
    """
    column = source_of(actual.target).timing.column
    rows = actual.evidence.order_by().values_list(Length(column)).annotate(last=Max(column))
    found: list[PartialDate | str] = [last for _length, last in rows]
    return max(found, key=_last_day, default=None)


def _last_day(known: PartialDate | str) -> str:
    return known.last.isoformat() if isinstance(known, PartialDate) else known


def _first_counting_day(known: PartialDate | str, plan: Plan) -> date:
    """What began before the plan counts from its first day; what is of a year, from the year's."""
    if isinstance(known, str):
        return plan.year(known).starts_on
    return max(known.last, plan.starts_on)


def _records_by_day(target: Target, as_of: date) -> Counter[date]:
    column = source_of(target).timing.column
    rows = (
        counted(target, whole_plan(target, as_of))
        .order_by()
        .values_list(column)
        .annotate(number=Count("pk"))
    )
    rises: Counter[date] = Counter()
    for known, number in rows:
        rises[_first_counting_day(known, target.plan)] += number
    return rises


def _values_by_day(target: Target, as_of: date) -> Counter[date]:
    """Each value counts from its first record on.

    Texts of one length sort as their days do, so the earliest of each length is enough.
    """
    column = source_of(target).timing.column
    rows = (
        counted(target, whole_plan(target, as_of))
        .order_by()
        .values_list(facet_of(target).path, Length(column))
        .annotate(first=Min(column))
    )
    firsts: dict[str, date] = {}
    for code, _length, known in rows:
        if not wants(target, code):
            continue
        day = _first_counting_day(known, target.plan)
        firsts[code] = min(day, firsts.get(code, day))
    return Counter(firsts.values())


RISES: Mapping[Measure, Callable[[Target, date], Counter[date]]] = {
    Measure.COUNT: _records_by_day,
    Measure.DISTINCT: _values_by_day,
}
"""By how much a value rose on which day; a measure without a line has no curve on the pages."""
