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
    now: Decimal | None
    added: int
    then: Decimal | None


@dataclass(frozen=True)
class WhatIf:
    """Shares as they would be if each part had so many records more, each of that part alone."""

    parts: tuple[WhatIfSlice, ...]
    smallest: WhatIfSlice
    holds: bool

    @property
    def added(self) -> int:
        return sum(part.added for part in self.parts)


def calculate_what_if(line: TargetRow, added: Mapping[str, int]) -> WhatIf | None:
    """``added`` is by the part's code; None for a share without parts."""
    reading = line.actual.reading
    weights = field_weights(reading)
    whole = sum(weights.values(), Fraction(sum(added.get(code, 0) for code in weights)))
    parts = []
    for piece in reading.slices:
        extra = added.get(piece.code, 0)
        then = _percent(weights[piece.code] + extra, whole)
        now = None if reading.value is None else piece.value
        parts.append(WhatIfSlice(piece.code, piece.label, now, extra, then))
    if not parts:
        return None
    smallest = min(parts, key=lambda part: part.then or Decimal(0))
    holds = smallest.then is not None and line.target.is_met_by(smallest.then)
    return WhatIf(tuple(parts), smallest, holds)


def _percent(weight: Fraction, whole: Fraction) -> Decimal | None:
    if not whole:
        return None
    exact = weight / whole * 100
    return Decimal(exact.numerator) / Decimal(exact.denominator)
