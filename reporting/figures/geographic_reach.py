"""The countries that a plan reached, with the number of records of each target."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from indicators.models.reading.confidentiality import OTHER_COUNTRIES
from reporting.figures.disaggregation import disaggregate
from reporting.figures.measures import Actual, Slice
from reporting.figures.rollup import Rollup, TargetRow
from strategy.choices import Dimension, Frequency, Measure
from strategy.models import Condition


@dataclass(frozen=True)
class CoverageTarget:
    """A target whose records are about countries, with its records by country.

    ``is_slice``: the target counts countries, so the records of one country have their own URL.
    """

    actual: Actual
    slices: tuple[Slice, ...]
    dimension: Dimension
    is_slice: bool


@dataclass(frozen=True)
class CountryCoverage:
    """A country with its number of records of each target, in the order of the targets."""

    code: str
    label: str
    record_counts: tuple[int, ...]

    @property
    def is_main(self) -> bool:
        """Whether the first target counts the country: work is done there, not only advice."""
        return self.record_counts[0] > 0


@dataclass(frozen=True)
class GeographicReach:
    """The countries reached; the first target is the one that counts countries."""

    targets: tuple[CoverageTarget, ...]
    countries: tuple[CountryCoverage, ...]
    others: int = 0
    """How many countries are among "other countries" and nowhere named."""

    @property
    def number(self) -> int:
        """How many countries are reached."""
        named = sum(country.code != OTHER_COUNTRIES for country in self.countries)
        return named + self.others


def calculate_reach(rollup: Rollup) -> GeographicReach | None:
    """Return the countries behind a plan's targets; None if no target counts countries."""
    targets = [target for row in rollup.targets if (target := _build_target(row))]
    targets.sort(key=lambda target: not target.is_slice)
    if not targets or not targets[0].is_slice:
        return None
    countries = load_coverage(targets)
    hidden = {code for target in targets for part in target.slices for code in part.hidden_codes}
    others = len(hidden - {country.code for country in countries})
    return GeographicReach(tuple(targets), countries, others)


def _build_target(row: TargetRow) -> CoverageTarget | None:
    target = row.target
    if target.frequency != Frequency.WHOLE_PLAN:
        return None
    if target.measure == Measure.DISTINCT and target.dimension == Dimension.COUNTRY:
        return CoverageTarget(row.actual, row.actual.measurement.slices, Dimension.COUNTRY, True)
    if any(_allows_several_countries(condition) for condition in target.conditions.all()):
        dimension = Dimension.AUTHORITY_COUNTRY
        return CoverageTarget(row.actual, disaggregate(row.actual, dimension), dimension, False)
    return None


def _allows_several_countries(condition: Condition) -> bool:
    # A target on one country's own authorities shows no geographic reach.
    has_several = condition.test == Condition.Test.OUTSIDE or len(condition.values) > 1
    return condition.dimension == Dimension.AUTHORITY_COUNTRY and has_several


def load_coverage(targets: Sequence[CoverageTarget]) -> tuple[CountryCoverage, ...]:
    labels: dict[str, str] = {}
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(targets))
    for position, target in enumerate(targets):
        for slice_ in target.slices:
            labels[slice_.code] = slice_.label
            counts[slice_.code][position] = slice_.records
    countries = [CountryCoverage(code, labels[code], tuple(row)) for code, row in counts.items()]
    return tuple(sorted(countries, key=_largest_first))


def _largest_first(country: CountryCoverage) -> tuple[tuple[int, ...], str]:
    is_last = country.code == OTHER_COUNTRIES
    return (is_last, *(-count for count in country.record_counts)), country.label
