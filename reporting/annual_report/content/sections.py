"""The content of a report's pages: texts and charts, ready for the templates."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from reporting.annual_report.content.annex import CitedRecord, RecordCounts
from reporting.annual_report.snapshot.multilingual import LocalizedText
from reporting.figures.geographic_reach import GeographicReach
from reporting.figures.rollup import ObjectiveRow, TargetRow
from reporting.wording.change_notes import ChangeNote
from reporting.wording.judgements import FoundStep
from reporting.wording.sentences import OverallStatus, format_overall_status, format_years_met
from strategy.choices import Rating
from strategy.models import Priority

UNRATED = {Rating.NO_DATA, Rating.TOO_EARLY, Rating.NO_TARGET}


@dataclass(frozen=True)
class SliceBar:
    """One row of a disaggregation: a label, a number as text, and a bar for a share."""

    label: str
    value: str
    bar: SafeString | None = None


@dataclass(frozen=True)
class TargetPage:
    """One target in the report. Numbers are texts with their units.

    ``key_figures`` are pairs of a label and a number. ``chart`` is None except for a count over
    the whole plan. ``latest_records`` is empty where another target of the report has them.
    ``previous_rating`` is the rating a reporting year earlier, None in the first year. ``changes``
    are those of the target by the report's day. Of a judged target ``found_steps`` are those of its
    assessments, and ``justification`` is that of the last one.
    """

    row: TargetRow
    value: str
    of_target: str
    key_figures: tuple[tuple[str, str], ...]
    bar: SafeString
    chart: SafeString | None
    slices: tuple[SliceBar, ...]
    counts: RecordCounts
    latest_records: tuple[CitedRecord, ...]
    previous_rating: Rating | None
    comment: LocalizedText | None
    changes: tuple[ChangeNote, ...]
    found_steps: tuple[FoundStep, ...] = ()
    justification: str = ""

    @property
    def rating(self) -> Rating:
        return self.row.rating

    @property
    def reached(self) -> str:
        """The value in the table of objectives; for a yearly target, the years met."""
        if self.is_yearly:
            return format_years_met(self.row)
        return self.value if self.row.value is None else f"{self.value} {self.of_target}"

    @property
    def is_yearly(self) -> bool:
        return self.row.target.is_yearly


@dataclass(frozen=True)
class ObjectivePage:
    """One objective with its targets, and its rating a reporting year earlier."""

    row: ObjectiveRow
    targets: tuple[TargetPage, ...]
    previous_rating: Rating | None

    @property
    def code(self) -> str:
        return self.row.objective.code

    @property
    def rating(self) -> Rating:
        return self.row.rating

    @property
    def change(self) -> str:
        """The rating's change over a year: "better", "worse", or empty if unchanged or unrated."""
        order = list(Rating)
        if self.previous_rating is None or {self.previous_rating, self.rating} & UNRATED:
            return ""
        steps = order.index(self.rating) - order.index(self.previous_rating)
        return "" if not steps else "better" if steps > 0 else "worse"


@dataclass(frozen=True)
class PriorityPage:
    """One priority with the titles of its axes, its story and its objectives."""

    priority: Priority
    axes: tuple[str, ...]
    story: LocalizedText | None
    objectives: tuple[ObjectivePage, ...]

    @property
    def has_projections(self) -> bool:
        return any(target.chart for objective in self.objectives for target in objective.targets)

    @property
    def verdict(self) -> OverallStatus:
        return format_overall_status(objective.rating for objective in self.objectives)


@dataclass(frozen=True)
class ReachPage:
    """The map of the countries reached, with the heads of the table that repeats it."""

    world: SafeString
    heads: tuple[str, ...]
    reach: GeographicReach

    @property
    def has_others(self) -> bool:
        """Whether a country is ringed on the map: reached, but not by the main target."""
        return not all(place.is_main for place in self.reach.countries)


@dataclass(frozen=True)
class QuarterTable:
    """The charts of counts as a table: per target, the value reached and expected by each day."""

    days: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
