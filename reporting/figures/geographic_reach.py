"""The countries that a plan reached: by how many records of each kind, and with what tie."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from reporting.figures.disaggregation import disaggregate
from reporting.figures.measures import Actual, Slice
from reporting.figures.rollup import Rollup, TargetRow
from strategy.choices import Dimension, Frequency, Measure
from strategy.models import Condition


@dataclass(frozen=True)
class CoverageTarget:
    """What binds the plan to countries: one target, and its records in each country.

    ``is_slice`` is true where the country is what the target counts, so that a part of its records
    has an address of its own.
    """

    actual: Actual
    slices: tuple[Slice, ...]
    dimension: Dimension
    is_slice: bool


@dataclass(frozen=True)
class CountryCoverage:
    """A country with its number of records of each tie, in the order of the ties."""

    code: str
    label: str
    record_counts: tuple[int, ...]

    @property
    def is_main(self) -> bool:
        """Whether the first tie is there: the country itself is worked in, not only advised."""
        return self.record_counts[0] > 0


@dataclass(frozen=True)
class GeographicReach:
    """The countries reached; the first tie is the main one."""

    targets: tuple[CoverageTarget, ...]
    countries: tuple[CountryCoverage, ...]


def calculate_reach(rollup: Rollup) -> GeographicReach | None:
    """The countries behind a plan's targets, in the order of the plan; None if it counts none."""
    ties = [tie for row in rollup.targets if (tie := _tie(row))]
    ties.sort(key=lambda tie: not tie.is_slice)
    if not ties or not ties[0].is_slice:
        return None
    return GeographicReach(tuple(ties), load_coverage(ties))


def _tie(row: TargetRow) -> CoverageTarget | None:
    target = row.target
    if target.frequency != Frequency.WHOLE_PLAN:
        return None
    if target.measure == Measure.DISTINCT and target.dimension == Dimension.COUNTRY:
        return CoverageTarget(row.actual, row.actual.measurement.slices, Dimension.COUNTRY, True)
    if any(_leaves_open_who_decides(condition) for condition in target.conditions.all()):
        decided = Dimension.AUTHORITY_COUNTRY
        return CoverageTarget(row.actual, disaggregate(row.actual, decided), decided, False)
    return None


def _leaves_open_who_decides(condition: Condition) -> bool:
    """A target on one country's own authorities says nothing of where the plan reached."""
    is_open = condition.test == Condition.Test.OUTSIDE or len(condition.values) > 1
    return condition.dimension == Dimension.AUTHORITY_COUNTRY and is_open


def load_coverage(ties: Sequence[CoverageTarget]) -> tuple[CountryCoverage, ...]:
    labels: dict[str, str] = {}
    numbers: dict[str, list[int]] = defaultdict(lambda: [0] * len(ties))
    for position, tie in enumerate(ties):
        for slice_ in tie.slices:
            labels[slice_.code] = slice_.label
            numbers[slice_.code][position] = slice_.records
    places = [CountryCoverage(code, labels[code], tuple(found)) for code, found in numbers.items()]
    return tuple(sorted(places, key=_most_first))


def _most_first(place: CountryCoverage) -> tuple[tuple[int, ...], str]:
    return tuple(-number for number in place.record_counts), place.label
