"""What the pages of an annual report are made of: targets, objectives, priorities, countries.

``reporting.annual_report.content.pages`` makes them; they hold texts and pictures that are ready
to be printed.
"""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from reporting.annual_report.content.annex import CitedRecord, Count
from reporting.annual_report.content.page_breaks import (
    height_of_heading,
    height_of_objective,
    height_of_target,
    height_of_title,
    second_page,
)
from reporting.annual_report.snapshot.multilingual import LocalizedText
from reporting.figures.geographic_reach import GeographicReach
from reporting.figures.rollup import ObjectiveRow, TargetRow
from reporting.wording.sentences import OverallStatus, format_overall_status
from strategy.choices import Rating
from strategy.models import Priority

UNRATED = {Rating.NO_DATA, Rating.TOO_EARLY}
LINES_SET = 2
"""How many lines page one has for a rating that was set: by whom, and what the rule gave."""


@dataclass(frozen=True)
class SliceBar:
    """One line of a disaggregation: a word, a number as text, and for shares a bar."""

    label: str
    value: str
    bar: SafeString | None = None


@dataclass(frozen=True)
class TargetPage:
    """One target as the report tells it. Numbers are texts with their units.

    ``facts`` are pairs of words and numbers; ``chart`` is None for a share, whose ``parts`` have
    bars of their own. ``latest`` are the newest records that count, unless another target of the
    report has shown them. ``before`` is the rating a reporting year earlier, None in the first.
    """

    line: TargetRow
    rating: Rating
    value: str
    asked_for: str
    this_year: str
    since_start: str
    facts: tuple[tuple[str, str], ...]
    bar: SafeString
    chart: SafeString | None
    parts: tuple[SliceBar, ...]
    count: Count
    latest: tuple[CitedRecord, ...]
    before: Rating | None
    comment: LocalizedText | None

    @property
    def height(self) -> float:
        """How high it stands on its page, in millimetres."""
        texts = [part.label for part in self.parts if part.bar is None]
        texts += [f"{one.when} {one.citation.title}" for one in self.latest]
        if self.line.override:
            texts.append(f"{self.line.override.reason}\n\n")
        if self.comment:
            texts.append(self.comment.text)
        ratings = f"{self.rating.label}{self.before.label if self.before else ''}"
        return height_of_target(texts, ratings, is_yearly=self.is_yearly)

    @property
    def reached(self) -> str:
        """What page one tells of it below its objective."""
        if self.is_yearly:
            return self.since_start
        return self.value if self.line.value is None else f"{self.value} {self.asked_for}"

    @property
    def is_yearly(self) -> bool:
        """Whether its picture has one cell a year, and needs the years above it."""
        return self.line.target.is_yearly


@dataclass(frozen=True)
class ObjectivePage:
    """One objective with its targets, and its rating a reporting year earlier."""

    line: ObjectiveRow
    targets: tuple[TargetPage, ...]
    before: Rating | None

    @property
    def code(self) -> str:
        return self.line.objective.code

    @property
    def rating(self) -> Rating:
        return self.line.rating

    @property
    def height(self) -> float:
        """How high it stands on its priority's page, in millimetres."""
        statement = height_of_heading(self.line.objective.statement)
        return statement + sum(one.height for one in self.targets)

    @property
    def height_on_page_one(self) -> float:
        """How high its row stands there, in millimetres."""
        reached = [f"{one.line.target.name}: {one.reached}" for one in self.targets]
        lines_set = sum(LINES_SET for one in self.targets if one.line.override)
        name = f"{self.code} {self.line.objective.short_title}"
        return height_of_objective(name, reached, lines_set)

    @property
    def change(self) -> str:
        """Whether the rating is better or worse than a year earlier; empty: unchanged or new.

        From and to what says too little, nothing is better or worse.
        """
        order = list(Rating)
        if self.before is None or {self.before, self.rating} & UNRATED:
            return ""
        moved = order.index(self.rating) - order.index(self.before)
        return "" if not moved else "better" if moved > 0 else "worse"


@dataclass(frozen=True)
class PriorityPage:
    """One priority with its axes and objectives."""

    priority: Priority
    axes: tuple[str, ...]
    objectives: tuple[ObjectivePage, ...]

    @property
    def has_paces(self) -> bool:
        """Whether a target of it is a count with a picture of its way through the plan."""
        return any(one.chart for objective in self.objectives for one in objective.targets)

    @property
    def second_page(self) -> int | None:
        """Which objective, counted from 0, begins its second page; None where none need do so."""
        said = f"{self.verdict.lead}{self.verdict.rest}. {'; '.join(self.axes)}."
        title = height_of_title(self.priority.title, said, has_key=self.has_paces)
        return second_page(title, [objective.height for objective in self.objectives])

    @property
    def verdict(self) -> OverallStatus:
        """How its objectives stand, in a sentence."""
        return format_overall_status(one.rating for one in self.objectives)


@dataclass(frozen=True)
class ReachPage:
    """The map of the countries reached with its words, and the table that says the same."""

    world: SafeString
    heads: tuple[str, ...]
    reach: GeographicReach

    @property
    def has_others(self) -> bool:
        """Whether a country is ringed: tied to the plan, but not by the main tie."""
        return not all(place.is_main for place in self.reach.countries)


@dataclass(frozen=True)
class Quarters:
    """The pictures of counts as a table: a row a target, with reached and expected by each day."""

    days: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
