"""The arithmetic of results: from the records of a target to one number.

A measure reads all windows of a target (the plan so far, each year) by one statement.
``read_actuals`` joins each number to the records that it was computed from.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from django.db.models import (
    BigIntegerField,
    Case,
    F,
    Func,
    IntegerField,
    ManyToManyField,
    Q,
    Subquery,
    Sum,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Cast

from indicators.counting.numbers import (
    Judgement,
    read_judgements,
    read_last_numbers,
    read_number,
    read_sums,
)
from indicators.counting.rules import (
    build_numerator_condition,
    build_subject_condition,
    build_value_test,
    conditions_met,
    conditions_met_except_value,
    counted_records,
    dimension_path,
    excluded_records,
    list_parts,
    plan_window,
    record_source,
    select_numerator,
)
from indicators.counting.statements import (
    Reading,
    count_groups,
    count_in_windows,
    read_nothing,
    select_in_windows,
)
from indicators.models import Record, RecordQuerySet
from indicators.models.reading.confidentiality import Audience
from strategy.choices import Measure
from strategy.dates.periods import Window
from strategy.models import Target

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
    hidden_codes: frozenset[str] = field(default=frozenset(), repr=False)
    """The countries among "other countries": to count them, not to be told."""


@dataclass(frozen=True)
class MeasuredValue:
    """The number of a measure in one window. ``value`` is None, never zero, without data."""

    value: Decimal | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    slices: tuple[Slice, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    """The steps of a judged target in the order of their dates; the value is the last one's."""


@dataclass(frozen=True)
class Actual:
    """The achievement against one target in one window, with the records behind the number."""

    target: Target
    window: Window
    measurement: MeasuredValue
    audience: Audience | None = None
    """From whom a record of the kind is hidden; None where none is."""

    @property
    def value(self) -> Decimal | None:
        return self.measurement.value

    @property
    def evidence(self) -> RecordQuerySet[Record]:
        return counted_records(self.target, self.window)

    @property
    def numerator_evidence(self) -> RecordQuerySet[Record]:
        """The records of a share that also meet the conditions of its numerator."""
        return select_numerator(self.target, self.window)

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
            select_in_windows(target, windows, conditions_met_except_value(target))
            .values_list(path.column)
            .annotate(**count_in_windows(target, windows))
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
    """Return the smallest share, in percent, of a part of the dimension (counting rules, 1.2).

    Each record weighs 1, split equally among its parts; a part without records has a share of 0.
    """
    # Counting by set of parts reads each record once and keeps the weights exact.
    parts = list_parts(target)
    if not parts:
        return [MeasuredValue(None) for _window in windows]
    groups = yield from count_groups(
        "smallest_share",
        target,
        windows,
        lambda: (
            select_in_windows(target, windows, conditions_met_except_value(target))
            .values_list(_part_mask(target, [key for key, _code, _label in parts]))
            .annotate(**count_in_windows(target, windows))
        ),
    )
    numbers = {mask: row for mask, row in groups if isinstance(mask, int) and mask}
    return [
        _shares(parts, {mask: row[i] for mask, row in numbers.items()}) for i in range(len(windows))
    ]


def _part_mask(target: Target, keys: Sequence[int | str]) -> Subquery | Case:
    """Return a number with one bit for each part of a record; None or 0 without a part."""
    source = record_source(target)
    field = source.model._meta.get_field(dimension_path(target).column)
    if not isinstance(field, ManyToManyField):
        return _place_bits(field.name, keys)
    links, column = source.links(field)
    # Without rows to group by, the sum is over all links of the record.
    mask = Func(_place_bits(column, keys), function="SUM")
    # PostgreSQL's sum of bigint is a numeric, which Python reads as a Decimal.
    return Subquery(links.order_by().values(mask=Cast(mask, BigIntegerField())))


def _place_bits(column: str, keys: Sequence[int | str]) -> Case:
    return Case(
        *(
            When(**{column: key}, then=Value(1 << place, BigIntegerField()))
            for place, key in enumerate(keys)
        ),
        output_field=BigIntegerField(),
    )


def calculate_shares(target: Target, windows: Sequence[Window]) -> Reading[list[MeasuredValue]]:
    """Return the share, in percent, of the records in scope that are in the numerator."""
    if not target.numerator_conditions:
        return [MeasuredValue(None) for _window in windows]
    groups = yield from count_groups(
        "share",
        target,
        windows,
        lambda: (
            select_in_windows(target, windows, conditions_met(target))
            .values_list(
                Case(
                    When(build_numerator_condition(target), then=1),
                    default=0,
                    output_field=IntegerField(),
                )
            )
            .annotate(**count_in_windows(target, windows))
        ),
    )
    numbers = dict(groups)
    nothing = [0] * len(windows)
    return [
        _divide(met, met + unmet)
        for met, unmet in zip(numbers.get(1, nothing), numbers.get(0, nothing), strict=True)
    ]


def _divide(part: Decimal | int, whole: Decimal | int) -> MeasuredValue:
    value = Decimal(part) * HUNDRED / whole if whole else None
    return MeasuredValue(value, Decimal(part), Decimal(whole))


def calculate_sums(target: Target, windows: Sequence[Window]) -> Reading[list[MeasuredValue]]:
    """Return the sum of the number of the records that count; None without a record."""
    sums = yield from read_sums(target, windows)
    return [MeasuredValue(number) for number, _base in sums]


def calculate_ratios(target: Target, windows: Sequence[Window]) -> Reading[list[MeasuredValue]]:
    """Return the sum of one number over the sum of another, in percent."""
    sums = yield from read_sums(target, windows)
    return [
        MeasuredValue(None) if part is None or whole is None else _divide(part, whole)
        for part, whole in sums
    ]


def find_latest(target: Target, windows: Sequence[Window]) -> Reading[list[MeasuredValue]]:
    """Return the number of the last record by date."""
    numbers = yield from read_last_numbers(target, windows)
    return [MeasuredValue(number) for number in numbers]


def find_judgements(target: Target, windows: Sequence[Window]) -> Reading[list[MeasuredValue]]:
    """Return the number of the rubric's step in the last assessment, and those before it."""
    found = yield from read_judgements(target, windows)
    return [
        MeasuredValue(Decimal(each[-1].number) if each else None, judgements=each) for each in found
    ]


def growth(target: Target, windows: Sequence[Window]) -> Reading[list[MeasuredValue]]:
    return read_nothing(_calculate_growths(target, windows))


def _calculate_growths(target: Target, windows: Sequence[Window]) -> list[MeasuredValue]:
    """Return the growth on the year before, in percent, of a number, in one currency (3.3).

    None without either year, without a positive earlier number, and unless the two years share
    exactly one currency, if the number is an amount.
    """
    plan, source = target.plan, record_source(target)
    as_of = max(window.as_of for window in windows)
    year = source.date_rule.column
    rows = (
        counted_records(target, plan_window(target, as_of))
        .order_by()
        .values_list(year, F("currency") if source.amount else Value(""))
        .annotate(total=Sum(read_number(target, target.column)))
    )
    amounts: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for label, currency, total in rows:
        amounts[label][currency] = total
    labels = [year.label for year in (plan.year_before, *plan.years)]
    before = dict(zip(labels[1:], labels, strict=False))
    return [
        calculate_growth(amounts[before.get(window.period.label, "")], amounts[window.period.label])
        for window in windows
    ]


def calculate_growth(
    before: Mapping[str, Decimal], current: Mapping[str, Decimal]
) -> MeasuredValue:
    shared = before.keys() & current.keys()
    if len(shared) != 1:
        return MeasuredValue(None)
    [currency] = shared
    base, amount = before[currency], current[currency]
    if base <= 0:
        return MeasuredValue(None, amount - base, base)
    return MeasuredValue((amount - base) * HUNDRED / base, amount - base, base)


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
            select_in_windows(target, windows, conditions(target))
            .values_list(Value(1))
            .annotate(**count_in_windows(target, windows))
        ),
    )
    return groups[0][1] if groups else [0] * len(windows)


def _zero_or_no_data(
    target: Target, windows: Sequence[Window], measurements: list[MeasuredValue]
) -> Reading[list[MeasuredValue]]:
    empty = [i for i, measurement in enumerate(measurements) if not measurement.value]
    if not empty:
        return measurements
    # Known on the as-of date: a record dated later changes no earlier figure (rule 1.9).
    known = yield from _count_records(target, windows, build_subject_condition)
    return [
        MeasuredValue(None) if i in empty and not known[i] else measurement
        for i, measurement in enumerate(measurements)
    ]


def _shares(
    parts: Sequence[tuple[int | str, str, str]], numbers: Mapping[int, int]
) -> MeasuredValue:
    """Return the shares of the parts from the number of records by their set of parts."""
    weights, records = [Fraction(0)] * len(parts), [0] * len(parts)
    for mask, number in numbers.items():
        for place in range(len(parts)):
            if mask >> place & 1:
                weights[place] += Fraction(number, mask.bit_count())
                records[place] += number
    total = sum(weights)
    slices = tuple(
        Slice(code, label, _decimal(weight * 100 / total if total else 0), number)
        for (_key, code, label), weight, number in zip(parts, weights, records, strict=True)
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
    Measure.SHARE: calculate_shares,
    Measure.SUM: calculate_sums,
    Measure.RATIO: calculate_ratios,
    Measure.LATEST: find_latest,
    Measure.JUDGED: find_judgements,
    Measure.GROWTH: growth,
}
