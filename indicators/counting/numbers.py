"""The numbers of the records that count, exact as they were entered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import add

from django.db.models import F
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from indicators.counting.rules import conditions_met, record_source
from indicators.counting.statements import (
    Reading,
    Rows,
    count_in_windows,
    find_last_day,
    read_date,
    read_rows,
    select_in_windows,
)
from strategy.choices import NumberColumn
from strategy.dates.periods import PartialDate, Window
from strategy.models import Target


def read_number(target: Target, column: str) -> Combinable:
    """Return the number of a record that has one: the sum of its fields."""
    first, *others = record_source(target).numbers[NumberColumn(column)]
    if not others:
        return F(first)
    return reduce(add, (Coalesce(name, 0) for name in (first, *others)))


def read_stored(number: float | Decimal) -> Decimal:
    """Return a number of a statement exactly; SQLite has decimals as floats."""
    return Decimal(str(number))


def read_sums(
    target: Target, windows: Sequence[Window]
) -> Reading[list[tuple[Decimal | None, Decimal | None]]]:
    """Return the sums of the target's number and of its base in each window; None without any.

    A target without a base has its number twice.
    """
    base = target.base_column or target.column
    rows = yield from read_rows(
        "sums",
        target,
        windows,
        lambda: (
            # Adding up here keeps decimals exact, which SQLite does not.
            select_in_windows(target, windows, conditions_met(target))
            .values_list(read_number(target, target.column), read_number(target, base))
            .annotate(**count_in_windows(target, windows))
        ),
    )
    return [
        (
            _add_up((number, counts[i]) for number, _base, *counts in rows),
            _add_up((base, counts[i]) for _number, base, *counts in rows),
        )
        for i in range(len(windows))
    ]


def _add_up(numbers: Iterable[tuple[float | Decimal, int]]) -> Decimal | None:
    known = [read_stored(number) * count for number, count in numbers if count]
    return sum(known, Decimal(0)) if known else None


def read_last_numbers(target: Target, windows: Sequence[Window]) -> Reading[list[Decimal | None]]:
    """Return the number of the last record by date in each window.

    Of two records on one day it is the one that was entered last.
    """
    column = record_source(target).date_rule.column
    rows = yield from read_rows(
        "last_numbers",
        target,
        windows,
        lambda: (
            select_in_windows(target, windows, conditions_met(target))
            .values_list(column, "pk", read_number(target, target.column))
            .annotate(**count_in_windows(target, windows))
        ),
    )
    lasts: list[Decimal | None] = [None] * len(windows)
    for _on, _pk, number, *counts in _sort_by_date(target, rows):
        for i in range(len(windows)):
            if counts[i]:
                lasts[i] = read_stored(number)
    return lasts


@dataclass(frozen=True)
class Judgement:
    """A step of a rubric that an assessment found on a date: its number."""

    on: PartialDate
    number: int


def read_judgements(
    target: Target, windows: Sequence[Window]
) -> Reading[list[tuple[Judgement, ...]]]:
    """Return the steps found in each window, in the order of their dates."""
    number_by_key = {step.pk: step.number for step in target.steps}
    rows = yield from read_rows(
        "judgements",
        target,
        windows,
        lambda: (
            select_in_windows(target, windows, conditions_met(target))
            .values_list(record_source(target).date_rule.column, "pk", F("step"))
            .annotate(**count_in_windows(target, windows))
        ),
    )
    found: list[list[Judgement]] = [[] for _window in windows]
    for on, _pk, step, *counts in _sort_by_date(target, rows):
        for i in range(len(windows)):
            if counts[i]:
                found[i].append(Judgement(PartialDate(on), number_by_key[step]))
    return [tuple(judgements) for judgements in found]


def _sort_by_date(target: Target, rows: Rows) -> Rows:
    """Sort rows of a date and a key by the last day of the date, then by the key."""
    return sorted(rows, key=lambda row: (find_last_day(read_date(target, row[0])), row[1]))
