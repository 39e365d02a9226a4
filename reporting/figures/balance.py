"""The records that would restore the balance of the plan's fields of activity.

Pure arithmetic, in exact fractions.
"""

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from reporting.figures.measures import MeasuredValue

MAX_DENOMINATOR = 10_000
"""A weight is a sum of equal parts of 1, and no record has as many fields as this."""


def field_weights(measurement: MeasuredValue) -> dict[str, Fraction]:
    """Return the weight of each field: its records, each split equally among its fields."""
    total = Fraction(measurement.denominator or 0)
    return {
        slice_.code: (Fraction(slice_.value) * total / 100).limit_denominator(MAX_DENOMINATOR)
        for slice_ in measurement.slices
    }


def records_to_balance(weights: Mapping[str, Fraction], minimum: Decimal) -> dict[str, int] | None:
    """Return the fewest further records, each of one field, that lift every share to the minimum.

    `minimum` is in percent. Empty when the shares already reach it; None when no number of records
    can achieve it, such as four fields with at least 30 % each.
    """
    share = Fraction(minimum) / 100
    if not _find_shortfalls(weights, share, 0):
        return {}
    if share * len(weights) >= 1:
        return _level_up(weights) if share * len(weights) == 1 else None
    added = 0
    while True:
        shortfalls = _find_shortfalls(weights, share, added)
        if sum(shortfalls.values()) == added:
            return shortfalls
        added = sum(shortfalls.values())


def _level_up(weights: Mapping[str, Fraction]) -> dict[str, int] | None:
    largest = max(weights.values())
    shortfalls = {code: largest - weight for code, weight in weights.items() if weight < largest}
    if any(shortfall.denominator != 1 for shortfall in shortfalls.values()):
        return None
    return {code: int(shortfall) for code, shortfall in shortfalls.items()}


def _find_shortfalls(
    weights: Mapping[str, Fraction], share: Fraction, added: int
) -> dict[str, int]:
    total = sum(weights.values(), Fraction(added))
    shortfalls = {code: math.ceil(share * total - weight) for code, weight in weights.items()}
    return {code: shortfall for code, shortfall in shortfalls.items() if shortfall > 0}
