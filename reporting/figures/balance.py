"""What would bring the plan's fields of activity back into balance. Pure arithmetic."""

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from reporting.figures.measures import MeasuredValue

MAX_DENOMINATOR = 10_000
"""A weight is a sum of equal parts of 1; no record has fields enough for a finer one."""


def field_weights(measurement: MeasuredValue) -> dict[str, Fraction]:
    """The exact weight of each field: the records, each split among its fields."""
    total = Fraction(measurement.denominator or 0)
    return {
        slice_.code: (Fraction(slice_.value) * total / 100).limit_denominator(MAX_DENOMINATOR)
        for slice_ in measurement.slices
    }


def records_to_balance(weights: Mapping[str, Fraction], minimum: Decimal) -> dict[str, int] | None:
    """The fewest further records, each of one field, with which every share reaches the minimum.

    `minimum` is in percent. Empty when the fields are in balance already; None when no number of
    records can do it, as for four fields that are to have 30 % each.
    """
    least = Fraction(minimum) / 100
    if _short(weights, least, 0) == {}:
        return {}
    if least * len(weights) >= 1:
        return _to_the_largest(weights) if least * len(weights) == 1 else None
    added = 0
    while True:
        short = _short(weights, least, added)
        if sum(short.values()) == added:
            return short
        added = sum(short.values())


def _to_the_largest(weights: Mapping[str, Fraction]) -> dict[str, int] | None:
    """What makes all alike, where nothing else will do; None if that takes parts of records."""
    largest = max(weights.values())
    lacking = {code: largest - weight for code, weight in weights.items() if weight < largest}
    if any(number.denominator != 1 for number in lacking.values()):
        return None
    return {code: int(number) for code, number in lacking.items()}


def _short(weights: Mapping[str, Fraction], least: Fraction, added: int) -> dict[str, int]:
    """What each field lacks for its share when so many records come in altogether."""
    whole = sum(weights.values(), Fraction(added))
    lacking = {code: math.ceil(least * whole - weight) for code, weight in weights.items()}
    return {code: number for code, number in lacking.items() if number > 0}
