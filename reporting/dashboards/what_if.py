"""What the balance of the fields would be with more records: a question, never a figure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from reporting.figures.balance import field_weights
from reporting.figures.rollup import TargetRow


@dataclass(frozen=True)
class WhatIfSlice:
    """One part of a share: what it holds, how many records are added, what it would then hold.

    A share is in percent, None while nothing is there to share.
    """

    code: str
    label: str
    current_share: Decimal | None
    added: int
    new_share: Decimal | None


@dataclass(frozen=True)
class WhatIf:
    """Shares as they would be if each part had so many records more, each of that part alone."""

    slices: tuple[WhatIfSlice, ...]
    smallest: WhatIfSlice
    is_balanced: bool

    @property
    def added(self) -> int:
        return sum(part.added for part in self.slices)


def calculate_what_if(row: TargetRow, added: Mapping[str, int]) -> WhatIf | None:
    """``added`` is by the part's code; None for a share without parts."""
    measurement = row.actual.measurement
    weights = field_weights(measurement)
    whole = sum(weights.values(), Fraction(sum(added.get(code, 0) for code in weights)))
    parts = []
    for slice_ in measurement.slices:
        extra = added.get(slice_.code, 0)
        then = _percent(weights[slice_.code] + extra, whole)
        now = None if measurement.value is None else slice_.value
        parts.append(WhatIfSlice(slice_.code, slice_.label, now, extra, then))
    if not parts:
        return None
    smallest = min(parts, key=lambda part: part.new_share or Decimal(0))
    holds = smallest.new_share is not None and row.target.is_met_by(smallest.new_share)
    return WhatIf(tuple(parts), smallest, holds)


def _percent(weight: Fraction, whole: Fraction) -> Decimal | None:
    if not whole:
        return None
    exact = weight / whole * 100
    return Decimal(exact.numerator) / Decimal(exact.denominator)
