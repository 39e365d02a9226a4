"""The arithmetic of results: from the records of a target to one number.

A measure reads all windows of a target (the plan so far, each year) by one statement.
``read_actuals`` joins each number to the records that it was computed from.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import (
    Case,
    Count,
    Func,
    IntegerField,
    Q,
    Subquery,
    Sum,
    TextChoices,
    Value,
    When,
)

from indicators.counting.rules import (
    build_date_condition,
    build_value_test,
    conditions_met,
    conditions_met_except_value,
    counted_records,
    dimension_path,
    enclosing_window,
    excluded_records,
    plan_window,
    record_source,
)
from indicators.counting.statements import Reading, count_groups, read_nothing
from indicators.models import Record, RecordQuerySet
from strategy.choices import Measure
from strategy.dates.periods import Window
from strategy.models import FieldOfActivity, Target

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Slice:
    """The records with one value of a dimension.

    ``value`` is their share in percent if the target compares shares, else their count.
    """

    code: str
    label: str
    value: Decimal
    records: int


@dataclass(frozen=True)
class MeasuredValue:
    """The number of a measure in one window. ``value`` is None, never zero, without data."""

    value: Decimal | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    slices: tuple[Slice, ...] = ()


@dataclass(frozen=True)
class Actual:
    """The achievement against one target in one window, with the records behind the number."""

    target: Target
    window: Window
    measurement: MeasuredValue

    @property
    def value(self) -> Decimal | None:
        return self.measurement.value

    @property
    def evidence(self) -> RecordQuerySet[Record]:
        return counted_records(self.target, self.window)

    @property
    def excluded(self) -> RecordQuerySet[Record]:
        """The records of the target's kind that do not count, with their ``reason``."""
        return excluded_records(self.target, self.window)


def read_actuals(target: Target, windows: Sequence[Window]) -> Reading[tuple[Actual, ...]]:
    """Read the actual of each window, in one query, or two if a count is zero."""
    measurements = yield from MEASURES[Measure(target.measure)](target, windows)
    return tuple(
        Actual(target, window, measurement)
        for window, measurement in zip(windows, measurements, strict=True)
    )


def count(target: Target, windows: Sequence[Window]) -> Reading[list[MeasuredValue]]:
    numbers = yield from _count_records(target, windows, conditions_met)
    values = [MeasuredValue(Decimal(n)) for n in numbers]
    return (yield from _zero_or_no_data(target, windows, values))


def distinct(target: Target, windows: Sequence[Window]) -> Reading[list[MeasuredValue]]:
    """Count the different values of the target's dimension, by identity and never by text."""
    path = dimension_path(target)
    groups = yield from count_groups(
        "distinct",
        target,
        windows,
        lambda: (
            _records(target, windows, conditions_met_except_value(target))
            .values_list(path.column)
            .annotate(**_numbers(target, windows))
        ),
        has_words=issubclass(path.words, TextChoices),
    )
    words, counts_value = path.words_by_key(target.plan) if groups else {}, build_value_test(target)
    rows = [(*words[key], numbers) for key, numbers in groups if key in words]
    rows = [row for row in rows if counts_value(row[0])]
    measurements = []
    for i in range(len(windows)):
        slices = [
            Slice(code, label, Decimal(numbers[i]), numbers[i])
            for code, label, numbers in rows
            if numbers[i]
        ]
        slices.sort(key=lambda slice_: (-slice_.records, slice_.label))
        measurements.append(MeasuredValue(Decimal(len(slices)), slices=tuple(slices)))
    return (yield from _zero_or_no_data(target, windows, measurements))


def smallest_share(target: Target, windows: Sequence[Window]) -> Reading[list[MeasuredValue]]:
    """Return the smallest share, in percent, of a field of the plan (counting rules, 1.2).

    Each record weighs 1, split equally among its fields; a field without records has a share of 0.
    """
    # Counting by set of fields reads each record once and keeps the weights exact.
    fields = list(target.plan.fields_of_activity.all())
    if not fields:
        return [MeasuredValue(None) for _window in windows]
    groups = yield from count_groups(
        "smallest_share",
        target,
        windows,
        lambda: (
            _records(target, windows, conditions_met_except_value(target))
            .values_list(_field_mask(target, fields))
            .annotate(**_numbers(target, windows))
        ),
    )
    numbers = {mask: row for mask, row in groups if isinstance(mask, int)}
    return [
        _shares(fields, {mask: row[i] for mask, row in numbers.items()})
        for i in range(len(windows))
    ]


def _field_mask(target: Target, fields: Sequence[FieldOfActivity]) -> Subquery:
    """Return a number with one bit for each field of a record; None without a field of the plan."""
    source = record_source(target)
    links, key = source.links(getattr(source.model, dimension_path(target).column).field)
    bits = Case(
        *(When(**{key: field.pk}, then=1 << place) for place, field in enumerate(fields)),
        output_field=IntegerField(),
    )
    # Without rows to group by, the sum is over all links of the record.
    return Subquery(links.order_by().values(mask=Func(bits, function="SUM")))


def growth(target: Target, windows: Sequence[Window]) -> Reading[list[MeasuredValue]]:
    return read_nothing(_calculate_growths(target, windows))


def _calculate_growths(target: Target, windows: Sequence[Window]) -> list[MeasuredValue]:
    """Return the growth on the year before, in percent, of amounts in one currency (3.3).

    None without either year, without a positive earlier amount, and unless the two years share
    exactly one currency.
    """
    plan, source = target.plan, record_source(target)
    as_of = max(window.as_of for window in windows)
    year = source.date_rule.column
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
    """Return the condition of each window on dates, beyond that of their span."""
    span = enclosing_window(windows)
    return [
        Q() if window.covers(span) else build_date_condition(target, window) for window in windows
    ]


def _numbers(target: Target, windows: Sequence[Window]) -> dict[str, Count]:
    times = _times(target, windows)
    return {f"n{i}": Count("pk", filter=time or None) for i, time in enumerate(times)}


def _count_records(
    target: Target, windows: Sequence[Window], conditions: Callable[[Target], Q]
) -> Reading[Sequence[int]]:
    """Return the number of records in each window that meet the conditions."""
    groups = yield from count_groups(
        conditions.__name__,
        target,
        windows,
        # The constant keeps all records in one group.
        lambda: (
            _records(target, windows, conditions(target))
            .values_list(Value(1))
            .annotate(**_numbers(target, windows))
        ),
    )
    return groups[0][1] if groups else [0] * len(windows)


def _no_conditions(_target: Target) -> Q:
    return Q()


def _records(target: Target, windows: Sequence[Window], conditions: Q) -> RecordQuerySet[Record]:
    conditions &= build_date_condition(target, enclosing_window(windows))
    return record_source(target).model.objects.filter(conditions).order_by()


def _zero_or_no_data(
    target: Target, windows: Sequence[Window], measurements: list[MeasuredValue]
) -> Reading[list[MeasuredValue]]:
    empty = [i for i, measurement in enumerate(measurements) if not measurement.value]
    if not empty:
        return measurements
    # Known on the as-of date: a record dated later changes no earlier figure (rule 1.9).
    known = yield from _count_records(target, windows, _no_conditions)
    return [
        MeasuredValue(None) if i in empty and not known[i] else measurement
        for i, measurement in enumerate(measurements)
    ]


def _shares(fields: Sequence[FieldOfActivity], numbers: Mapping[int, int]) -> MeasuredValue:
    """Return the shares of the fields from the number of records by their set of fields."""
    weights, records = [Fraction(0)] * len(fields), [0] * len(fields)
    for mask, number in numbers.items():
        for place in range(len(fields)):
            if mask >> place & 1:
                weights[place] += Fraction(number, mask.bit_count())
                records[place] += number
    total = sum(weights)
    slices = tuple(
        Slice(field.code, str(field), _decimal(weight * 100 / total if total else 0), number)
        for field, weight, number in zip(fields, weights, records, strict=True)
    )
    if not total:
        return MeasuredValue(None, slices=slices)
    smallest = min(weights)
    return MeasuredValue(
        _decimal(smallest * 100 / total), _decimal(smallest), _decimal(total), slices
    )


def _decimal(exact: Fraction | int) -> Decimal:
    return Decimal(exact.numerator) / exact.denominator


MEASURES: Mapping[Measure, Callable[[Target, Sequence[Window]], Reading[list[MeasuredValue]]]] = {
    Measure.COUNT: count,
    Measure.DISTINCT: distinct,
    Measure.SMALLEST_SHARE: smallest_share,
    Measure.GROWTH: growth,
}
