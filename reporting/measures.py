"""The arithmetic of results: how the records behind a target become one number.

A measure is given a target and the windows of time that are asked about (the plan so far, a
year), and reads them all in one query. It never sees a plan's wording. ``actuals_for`` joins the
number to the very records that it was computed from, and to those left out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Exists, ManyToManyField, OuterRef, Q, QuerySet, Sum

from indicators.counting import (
    conditions_met,
    counted,
    facet_of,
    left_out,
    source_of,
    timed,
    wants,
    whole_plan,
)
from indicators.models import Record
from strategy.models import FieldOfActivity, Target
from strategy.periods import Window
from strategy.vocabulary import Measure

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Slice:
    """One line of a disaggregation: what one value of the dimension brings to the number.

    ``value`` is the share in percent where the target compares shares, else the count of records.
    """

    code: str
    label: str
    value: Decimal
    records: int


@dataclass(frozen=True)
class Reading:
    """What a measure read in one window. ``value`` None: nothing to judge by, never zero."""

    value: Decimal | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    slices: tuple[Slice, ...] = ()


@dataclass(frozen=True)
class Actual:
    """What was achieved against one target in one window, with the records behind the number."""

    target: Target
    window: Window
    reading: Reading

    @property
    def value(self) -> Decimal | None:
        return self.reading.value

    @property
    def evidence(self) -> QuerySet[Record]:
        """The records that the value was computed from."""
        return counted(self.target, self.window)

    @property
    def left_out(self) -> QuerySet[Record]:
        """The records of the target's kind that do not count, each with its ``reason``."""
        return left_out(self.target, self.window)


def actuals_for(target: Target, windows: Sequence[Window]) -> tuple[Actual, ...]:
    """The target's actual in each window: one query, and one more where a count is zero."""
    readings = MEASURES[Measure(target.measure)](target, windows)
    return tuple(
        Actual(target, window, reading) for window, reading in zip(windows, readings, strict=True)
    )


def count(target: Target, windows: Sequence[Window]) -> list[Reading]:
    """The number of records that count."""
    times = [timed(target, window) for window in windows]
    numbers = _in_any(target, times).aggregate(
        **{f"n{i}": Count("pk", filter=time) for i, time in enumerate(times)}
    )
    readings = [Reading(Decimal(numbers[f"n{i}"])) for i in range(len(windows))]
    return _zero_or_no_data(target, windows, readings)


def distinct(target: Target, windows: Sequence[Window]) -> list[Reading]:
    """The number of different values on the target's dimension, by identity and never by text."""
    times = [timed(target, window) for window in windows]
    facet = facet_of(target)
    found = (
        _in_any(target, times)
        .values_list(facet.path)
        .annotate(**{f"n{i}": Count("pk", filter=time) for i, time in enumerate(times)})
    )
    rows = [row for row in found if wants(target, row[0])]
    labels = facet.labels() if rows else {}
    readings = []
    for i in range(1, len(windows) + 1):
        slices = [Slice(row[0], labels[row[0]], Decimal(row[i]), row[i]) for row in rows if row[i]]
        slices.sort(key=lambda piece: (-piece.records, piece.label))
        readings.append(Reading(Decimal(len(slices)), slices=tuple(slices)))
    return _zero_or_no_data(target, windows, readings)


def smallest_share(target: Target, windows: Sequence[Window]) -> list[Reading]:
    """The smallest share, in percent, of a field of the plan's own list (counting rules, 1.2).

    Each record weighs 1, split equally among its fields; a field that nobody served has a share
    of 0. Records are grouped by the set of fields that they have, so that the weights stay exact.
    """
    times = [timed(target, window) for window in windows]
    fields = list(target.plan.fields_of_activity.all())
    flags = _flags(target, fields)
    rows = list(
        _in_any(target, times)
        .annotate(**flags)
        .values_list(*flags)
        .annotate(**{f"n{i}": Count("pk", filter=time) for i, time in enumerate(times)})
    )
    size = len(fields)
    return [
        _shares(fields, [(row[:size], row[size + i]) for row in rows]) for i in range(len(windows))
    ]


def growth(target: Target, windows: Sequence[Window]) -> list[Reading]:
    """The growth on the year before, in percent, of amounts in one currency (3.3).

    None where either year is missing, where the earlier amount is not positive, and where the
    two years share no currency or more than one.
    """
    plan, source = target.plan, source_of(target)
    as_of = max(window.as_of for window in windows)
    year = source.timing.column
    rows = (
        counted(target, whole_plan(target, as_of))
        .order_by()
        .values_list(year, "currency")
        .annotate(total=Sum(source.amount))
    )
    amounts: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for label, currency, total in rows:
        amounts[label][currency] = total
    labels = [year.label for year in (plan.year_before, *plan.years)]
    before = dict(zip(labels[1:], labels, strict=False))
    return [
        _growth(amounts[before.get(window.period.label, "")], amounts[window.period.label])
        for window in windows
    ]


def _growth(before: Mapping[str, Decimal], current: Mapping[str, Decimal]) -> Reading:
    shared = before.keys() & current.keys()
    if len(shared) != 1:
        return Reading(None)
    [currency] = shared
    base, amount = before[currency], current[currency]
    if base <= 0:
        return Reading(None, amount - base, base)
    return Reading((amount - base) * HUNDRED / base, amount - base, base)


def _in_any(target: Target, times: Iterable[Q]) -> QuerySet[Any]:
    """The records that count in at least one of the windows."""
    anywhen = Q()
    for time in times:
        anywhen |= time
    records = source_of(target).model._default_manager
    return records.filter(conditions_met(target) & anywhen).order_by()


def _zero_or_no_data(
    target: Target, windows: Sequence[Window], readings: list[Reading]
) -> list[Reading]:
    """Zero stands only where records of the kind fall in the period at all (counting rule 1.9)."""
    empty = [i for i, reading in enumerate(readings) if not reading.value]
    if not empty:
        return readings
    source = source_of(target)
    found = source.model._default_manager.aggregate(
        **{
            f"n{i}": Count("pk", filter=source.timing.within(windows[i].period, target.plan))
            for i in empty
        }
    )
    return [
        Reading(None) if i in empty and not found[f"n{i}"] else reading
        for i, reading in enumerate(readings)
    ]


def _flags(target: Target, fields: Sequence[FieldOfActivity]) -> dict[str, Exists]:
    column = source_of(target).model._meta.get_field(facet_of(target).column)
    if not isinstance(column, ManyToManyField):
        raise TypeError(f"{column} holds one value; shares are split among several")
    links = column.remote_field.through._default_manager
    record, word = column.m2m_field_name(), column.m2m_reverse_field_name()
    return {
        f"f{i}": Exists(links.filter(**{record: OuterRef("pk"), word: one.pk}))
        for i, one in enumerate(fields)
    }


def _shares(
    fields: Sequence[FieldOfActivity], groups: Sequence[tuple[Sequence[bool], int]]
) -> Reading:
    """From how many records have each set of fields to the share of each field."""
    total = sum(number for _served, number in groups)
    weights = [Fraction(0) for _one in fields]
    holders = [0 for _one in fields]
    for served, number in groups:
        for i, is_served in enumerate(served):
            if is_served:
                weights[i] += Fraction(number, sum(map(bool, served)))
                holders[i] += number
    slices = tuple(
        Slice(one.code, str(one), _decimal(weight * 100 / total) if total else Decimal(0), held)
        for one, weight, held in zip(fields, weights, holders, strict=True)
    )
    if not total or not fields:
        return Reading(None, slices=slices)
    smallest = min(weights)
    return Reading(_decimal(smallest * 100 / total), _decimal(smallest), Decimal(total), slices)


def _decimal(exact: Fraction) -> Decimal:
    return Decimal(exact.numerator) / exact.denominator


MEASURES: Mapping[Measure, Callable[[Target, Sequence[Window]], list[Reading]]] = {
    Measure.COUNT: count,
    Measure.DISTINCT: distinct,
    Measure.SMALLEST_SHARE: smallest_share,
    Measure.GROWTH: growth,
}
