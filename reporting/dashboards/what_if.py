"""The balance of the fields with more records: a scenario, never a figure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from reporting.figures.balance import field_weights
from reporting.figures.rollup import TargetRow


@dataclass(frozen=True)
class WhatIfSlice:
    """A slice with its shares in percent now and with more records; None without records."""

    code: str
    label: str
    current_share: Decimal | None
    added: int
    new_share: Decimal | None


@dataclass(frozen=True)
class WhatIf:
    """The shares with more records, each of one slice only."""

    slices: tuple[WhatIfSlice, ...]
    smallest: WhatIfSlice
    is_balanced: bool

    @property
    def added(self) -> int:
        return sum(slice_.added for slice_ in self.slices)


def calculate_what_if(row: TargetRow, added: Mapping[str, int]) -> WhatIf | None:
    """Calculate the shares with `added` records by the code of their slice; None without slices."""
    measurement = row.actual.measurement
    weights = field_weights(measurement)
    total = sum(weights.values(), Fraction(sum(added.get(code, 0) for code in weights)))
    slices = []
    for slice_ in measurement.slices:
        extra = added.get(slice_.code, 0)
        new_share = _percent(weights[slice_.code] + extra, total)
        current = None if measurement.value is None else slice_.value
        slices.append(WhatIfSlice(slice_.code, slice_.label, current, extra, new_share))
    if not slices:
        return None
    smallest = min(slices, key=lambda slice_: slice_.new_share or Decimal(0))
    is_balanced = smallest.new_share is not None and row.target.is_met_by(smallest.new_share)
    return WhatIf(tuple(slices), smallest, is_balanced)


def _percent(weight: Fraction, total: Fraction) -> Decimal | None:
    if not total:
        return None
    exact = weight / total * 100
    return Decimal(exact.numerator) / Decimal(exact.denominator)
