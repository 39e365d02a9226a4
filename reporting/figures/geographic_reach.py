"""The countries that a plan reached: by how many records of each kind, and with what tie."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from reporting.figures.disaggregation import told_apart
from reporting.figures.measures import Actual, Slice
from reporting.figures.rollup import Rollup, TargetLine
from strategy.choices import Dimension, Frequency, Measure
from strategy.models import Condition


@dataclass(frozen=True)
class Tie:
    """What binds the plan to countries: one target, and its records in each country.

    ``is_slice`` is true where the country is what the target counts, so that a part of its records
    has an address of its own.
    """

    actual: Actual
    countries: tuple[Slice, ...]
    dimension: Dimension
    is_slice: bool


@dataclass(frozen=True)
class Place:
    """A country with its number of records of each tie, in the order of the ties."""

    code: str
    label: str
    records: tuple[int, ...]

    @property
    def is_main(self) -> bool:
        """Whether the first tie is there: the country itself is worked in, not only advised."""
        return self.records[0] > 0


@dataclass(frozen=True)
class Reach:
    """The countries reached; the first tie is the main one."""

    ties: tuple[Tie, ...]
    places: tuple[Place, ...]


def reach_of(rolled: Rollup) -> Reach | None:
    """The countries behind a plan's targets, in the order of the plan; None if it counts none."""
    ties = [tie for line in rolled.targets if (tie := _tie(line))]
    ties.sort(key=lambda tie: not tie.is_slice)
    if not ties or not ties[0].is_slice:
        return None
    return Reach(tuple(ties), places_of(ties))


def _tie(line: TargetLine) -> Tie | None:
    target = line.target
    if target.frequency != Frequency.WHOLE_PLAN:
        return None
    if target.measure == Measure.DISTINCT and target.dimension == Dimension.COUNTRY:
        return Tie(line.actual, line.actual.reading.slices, Dimension.COUNTRY, True)
    if any(_leaves_open_who_decides(condition) for condition in target.conditions.all()):
        decided = Dimension.AUTHORITY_COUNTRY
        return Tie(line.actual, told_apart(line.actual, decided), decided, False)
    return None


def _leaves_open_who_decides(condition: Condition) -> bool:
    """A target on one country's own authorities says nothing of where the plan reached."""
    is_open = condition.test == Condition.Test.OUTSIDE or len(condition.values) > 1
    return condition.dimension == Dimension.AUTHORITY_COUNTRY and is_open


def places_of(ties: Sequence[Tie]) -> tuple[Place, ...]:
    labels: dict[str, str] = {}
    numbers: dict[str, list[int]] = defaultdict(lambda: [0] * len(ties))
    for position, tie in enumerate(ties):
        for piece in tie.countries:
            labels[piece.code] = piece.label
            numbers[piece.code][position] = piece.records
    places = [Place(code, labels[code], tuple(found)) for code, found in numbers.items()]
    return tuple(sorted(places, key=_most_first))


def _most_first(place: Place) -> tuple[tuple[int, ...], str]:
    return tuple(-number for number in place.records), place.label
