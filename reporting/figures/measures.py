"""The arithmetic of results: how the records behind a target become one number.

A measure is given a target and the windows of time that are selection about (the plan so far, a
year), and reads them all in one query. It never sees a plan's wording. ``calculate_actuals`` joins
the number to the very records that it was computed from, and to those left out.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models import Window as Over

from indicators.counting.rules import (
    conditions_met,
    conditions_met_besides_value,
    counted_records,
    counts_value,
    dimension_path,
    enclosing_window,
    excluded_records,
    plan_window,
    record_source,
    timed,
)
from indicators.models import Record, RecordQuerySet
from strategy.choices import Measure
from strategy.dates.periods import Window
from strategy.models import FieldOfActivity, Target

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Slice:
    """One row of a disaggregation: what one value of the dimension brings to the number.

    ``value`` is the share in percent where the target compares shares, else the count of records.
    """

    code: str
    label: str
    value: Decimal
    records: int


@dataclass(frozen=True)
class MeasuredValue:
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
    measurement: MeasuredValue

    @property
    def value(self) -> Decimal | None:
        return self.measurement.value

    @property
    def evidence(self) -> RecordQuerySet[Record]:
        """The records that the value was computed from."""
        return counted_records(self.target, self.window)

    @property
    def excluded(self) -> RecordQuerySet[Record]:
        """The records of the target's kind that do not count, each with its ``reason``."""
        return excluded_records(self.target, self.window)


def calculate_actuals(target: Target, windows: Sequence[Window]) -> tuple[Actual, ...]:
    """The target's actual in each window: one query, and one more where a count is zero."""
    measurements = MEASURES[Measure(target.measure)](target, windows)
    return tuple(
        Actual(target, window, measurement)
        for window, measurement in zip(windows, measurements, strict=True)
    )


def count(target: Target, windows: Sequence[Window]) -> list[MeasuredValue]:
    """The number of records that count."""
    records = _records(target, windows, conditions_met(target))
    numbers = records.aggregate(**_numbers(target, windows))
    measurements = [MeasuredValue(Decimal(numbers[f"n{i}"])) for i in range(len(windows))]
    return _zero_or_no_data(target, windows, measurements)


def distinct(target: Target, windows: Sequence[Window]) -> list[MeasuredValue]:
    """The number of different values on the target's dimension, by identity and never by text."""
    facet = dimension_path(target)
    records = _records(target, windows, conditions_met_besides_value(target))
    found = records.values_list(facet.column).annotate(**_numbers(target, windows))
    words = facet.words_by_key() if found else {}
    rows = [(*words[key], numbers) for key, *numbers in found if key is not None]
    rows = [row for row in rows if counts_value(target, row[0])]
    measurements = []
    for i in range(len(windows)):
        slices = [
            Slice(code, label, Decimal(numbers[i]), numbers[i])
            for code, label, numbers in rows
            if numbers[i]
        ]
        slices.sort(key=lambda slice_: (-slice_.records, slice_.label))
        measurements.append(MeasuredValue(Decimal(len(slices)), slices=tuple(slices)))
    return _zero_or_no_data(target, windows, measurements)


def smallest_share(target: Target, windows: Sequence[Window]) -> list[MeasuredValue]:
    """The smallest share, in percent, of a field of the plan's own list (counting rules, 1.2).

    Each record weighs 1, split equally among its fields; a field that nobody served has a share
    of 0. Records are counted by field and by how many fields they have, so weights stay exact.
    """
    fields = list(target.plan.fields_of_activity.all())
    column = dimension_path(target).column
    pieces = _records(target, windows, conditions_met_besides_value(target)).filter(
        **{f"{column}__in": [one.pk for one in fields]}
    )
    pieces = pieces.annotate(word=F(column), parts=Over(Count("pk"), partition_by=[F("pk")]))
    splits = range(1, len(fields) + 1)
    numbers = pieces.aggregate(
        **{
            f"f{f}_{parts}_{name}": Count("pk", filter=Q(word=one.pk, parts=parts) & time)
            for f, one in enumerate(fields)
            for parts in splits
            for name, time in enumerate(_times(target, windows))
        }
    )
    return [
        _shares(fields, [[numbers[f"f{f}_{p}_{i}"] for p in splits] for f in range(len(fields))])
        for i in range(len(windows))
    ]


def growth(target: Target, windows: Sequence[Window]) -> list[MeasuredValue]:
    """The growth on the year before, in percent, of amounts in one currency (3.3).

    None where either year is missing, where the earlier amount is not positive, and where the
    two years share no currency or more than one.
    """
    plan, source = target.plan, record_source(target)
    as_of = max(window.as_of for window in windows)
    year = source.timing.column
    rows = (
        counted_records(target, plan_window(target, as_of))
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


def _growth(before: Mapping[str, Decimal], current: Mapping[str, Decimal]) -> MeasuredValue:
    shared = before.keys() & current.keys()
    if len(shared) != 1:
        return MeasuredValue(None)
    [currency] = shared
    base, amount = before[currency], current[currency]
    if base <= 0:
        return MeasuredValue(None, amount - base, base)
    return MeasuredValue((amount - base) * HUNDRED / base, amount - base, base)


def _times(target: Target, windows: Sequence[Window]) -> list[Q]:
    """What each window asks of a record's dates beyond what their span asks."""
    span = enclosing_window(windows)
    return [Q() if window.covers(span) else timed(target, window) for window in windows]


def _numbers(target: Target, windows: Sequence[Window]) -> dict[str, Count]:
    """One count of records a window, named n0, n1 ..."""
    times = _times(target, windows)
    return {f"n{i}": Count("pk", filter=time or None) for i, time in enumerate(times)}


def _records(target: Target, windows: Sequence[Window], conditions: Q) -> QuerySet[Any]:
    """The records that meet the conditions in the span of the windows."""
    passes = conditions & timed(target, enclosing_window(windows))
    return record_source(target).model.objects.filter(passes).order_by()


def _zero_or_no_data(
    target: Target, windows: Sequence[Window], measurements: list[MeasuredValue]
) -> list[MeasuredValue]:
    """Zero stands only where records of the kind fall in the period at all (counting rule 1.9)."""
    empty = [i for i, measurement in enumerate(measurements) if not measurement.value]
    if not empty:
        return measurements
    source = record_source(target)
    found = source.model.objects.aggregate(
        **{
            f"n{i}": Count("pk", filter=source.timing.within(windows[i].period, target.plan))
            for i in empty
        }
    )
    return [
        MeasuredValue(None) if i in empty and not found[f"n{i}"] else measurement
        for i, measurement in enumerate(measurements)
    ]


def _shares(fields: Sequence[FieldOfActivity], numbers: Sequence[Sequence[int]]) -> MeasuredValue:
    """The share of each field, from how many records with 1, 2, 3 ... fields have it."""
    weights = [
        sum((Fraction(number, parts) for parts, number in enumerate(row, 1)), Fraction(0))
        for row in numbers
    ]
    total = sum(weights)
    slices = tuple(
        Slice(one.code, str(one), _decimal(weight * 100 / total) if total else Decimal(0), sum(row))
        for one, weight, row in zip(fields, weights, numbers, strict=True)
    )
    if not total:
        return MeasuredValue(None, slices=slices)
    smallest = min(weights)
    return MeasuredValue(
        _decimal(smallest * 100 / total), _decimal(smallest), _decimal(total), slices
    )


def _decimal(exact: Fraction) -> Decimal:
    return Decimal(exact.numerator) / exact.denominator


MEASURES: Mapping[Measure, Callable[[Target, Sequence[Window]], list[MeasuredValue]]] = {
    Measure.COUNT: count,
    Measure.DISTINCT: distinct,
    Measure.SMALLEST_SHARE: smallest_share,
    Measure.GROWTH: growth,
}
