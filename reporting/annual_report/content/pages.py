"""The pages of an annual report, as texts and pictures that are ready to be printed.

Everything comes from what was reported (``reported``); nothing here asks the database. What stands
behind the numbers, the annex, is ``annex``; what a report says of others is ``history``; where its
pages break, ``spreads``.
"""

from collections.abc import Iterator
from datetime import UTC
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from reporting import charts
from reporting.annual_report.content.annex import (
    CitedRecord,
    annex_of,
    counts_of,
    latest_of,
    ratings_of,
    thresholds_of,
)
from reporting.annual_report.content.page_breaks import FrontPage, front_page
from reporting.annual_report.content.revisions import (
    changed_figures,
    reasons_elsewhere,
    restated_figures,
)
from reporting.annual_report.content.sections import (
    ObjectivePage,
    PriorityPage,
    Quarters,
    ReachPage,
    SliceBar,
    TargetPage,
)
from reporting.annual_report.snapshot.multilingual import localize_text
from reporting.annual_report.snapshot.reader import EvidenceBasis, IssuedReportData
from reporting.charts import CountryMark, Direction, Point, ProgressLine, TimeAxis, YearCell
from reporting.figures.measures import Slice
from reporting.figures.progress import TargetProgress, build_quarters
from reporting.figures.ratings import calculate_projection
from reporting.figures.rollup import TargetRow
from reporting.figures.trends import past_quarter_ends
from reporting.models import NarrativeSection
from reporting.wording import formatting, sentences
from reporting.wording.sentences import BEHIND
from strategy.choices import Dimension, Frequency, Measure, Rating
from strategy.text import colon, comma

BEHIND_SHOWN = 3
"""How many of the targets that are behind page one tells about, where nobody wrote of risks."""
LATEST_SHOWN = 3
"""How many of the newest records stand beside the number that they count towards."""


def pages_of(
    reported: IssuedReportData, *, is_draft: bool = False, for_pdf: bool = True
) -> dict[str, Any]:
    """What the report's templates need, in the language that is active.

    The PDF and the page in the browser are made from this alone, so its names stay:

    - ``report``, ``is_draft``, ``direction``, ``plan_title``, ``first_year``, ``year_before`` (the
      label; empty in the first year), ``as_of``, ``issued_on``, ``issued_at``, ``elapsed``: texts
    - ``is_over``: whether the plan is; ``verdict``; ``objectives`` (ObjectivePages, the worst
      first), ``priorities`` (PriorityPages), ``time_head`` (the head of their pictures)
    - ``narrative``: what was written (Told) under the name of its section; ``front`` (FrontPage):
      what page one tells of it; ``behind`` (lines with sentences) where nobody wrote of risks;
      ``unknown``: the lines without data
    - ``quarters`` (Quarters), ``reach`` (ReachPage or None), ``people`` (PeopleTrained or None)
    - ``ratings``, ``thresholds``, ``changed``, ``reasons_elsewhere`` and ``correction``,
      ``restated``, ``annex``
    """
    page = _Pages(reported, for_pdf=for_pdf)
    rolled = reported.rolled
    priorities = tuple(page.priorities())
    objectives = [one for priority in priorities for one in priority.objectives]
    return {
        **_imprint(reported),
        "is_draft": is_draft,
        "direction": page.direction,
        "verdict": sentences.format_overall_status(one.rating for one in rolled.objectives),
        "time_head": page.time_head(),
        "objectives": sorted(objectives, key=lambda one: list(Rating).index(one.rating)),
        "priorities": priorities,
        "narrative": {section.value: text for section, text in reported.narrative.items()},
        "front": _front(reported, objectives),
        "behind": page.behind(),
        "unknown": [line for line in rolled.targets if line.rating == Rating.NO_DATA],
        "quarters": page.quarters(),
        "reach": page.reach(),
        "people": reported.people,
        "ratings": ratings_of(rolled.objectives),
        "thresholds": thresholds_of(reported.report),
        **_history(reported),
        "annex": annex_of(reported),
    }


def _front(reported: IssuedReportData, objectives: list[ObjectivePage]) -> FrontPage:
    """What page one tells of risks and decisions below its objectives."""
    risks, decisions = map(
        reported.narrative.get, (NarrativeSection.RISKS, NarrativeSection.DECISIONS)
    )
    return front_page(
        [one.height_on_page_one for one in objectives],
        risks.lines if risks else [],
        decisions.lines if decisions else [],
        has_note=any(text.is_fallback for text in (risks, decisions) if text),
    )


def _history(reported: IssuedReportData) -> dict[str, Any]:
    """What the report says of others: which figures it corrects and why, which are restated."""
    changed = list(changed_figures(reported))
    return {
        "changed": changed,
        "reasons_elsewhere": reasons_elsewhere(changed),
        "correction": localize_text(reported.report.correction),
        "restated": list(restated_figures(reported)),
    }


def _imprint(reported: IssuedReportData) -> dict[str, Any]:
    """Which report this is: of what plan and time, issued when."""
    report, rolled = reported.report, reported.rolled
    earlier = [year.label for year in rolled.plan.years if year.ends_on < rolled.year.starts_on]
    return {
        "report": report,
        "plan_title": rolled.plan.title,
        "first_year": rolled.plan.years[0].label,
        "year_before": earlier[-1] if earlier and reported.before else "",
        "as_of": formatting.format_day(rolled.as_of),
        "elapsed": formatting.format_share(rolled.elapsed),
        "is_over": rolled.as_of >= rolled.plan.ends_on,
        "issued_on": formatting.format_day(timezone.localtime(report.issued_at).date()),
        "issued_at": report.issued_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


class _Pages:
    """Turns the lines of one report into pages; the plan's time and the direction are the same."""

    def __init__(self, reported: IssuedReportData, *, for_pdf: bool) -> None:
        self.reported = reported
        self.rolled = reported.rolled
        plan = self.rolled.plan
        self.axis = TimeAxis(plan.period, plan.years, self.rolled.as_of)
        self.is_over = self.rolled.as_of >= plan.ends_on
        self.direction: Direction = "rtl" if get_language_bidi() else "ltr"
        self.drawn: dict[str, Any] = {"direction": self.direction, "for_pdf": for_pdf}
        self.shown: set[tuple[str, str]] = set()

    def priorities(self) -> Iterator[PriorityPage]:
        for number, axes in self.reported.axes.items():
            lines = [
                line for line in self.rolled.objectives if line.objective.priority.number == number
            ]
            yield PriorityPage(
                lines[0].objective.priority,
                tuple(axis.title for axis in axes),
                tuple(
                    ObjectivePage(
                        line,
                        tuple(self.target(one) for one in line.targets),
                        self.reported.before.get(line.objective.code),
                    )
                    for line in lines
                ),
            )

    def target(self, line: TargetRow) -> TargetPage:
        target, progress = line.target, self.progress(line)
        grounds = self.reported.grounds[target.code]
        return TargetPage(
            line=line,
            rating=line.rating,
            value=formatting.format_value(line.value, target),
            asked_for=sentences.format_requirement(target),
            this_year=formatting.format_value(line.this_year.value, target),
            since_start=sentences.format_years_met(line)
            if target.is_yearly
            else formatting.format_value(line.value, target),
            facts=tuple(self.facts(progress)),
            bar=self.strip(line) if line.years else self.bar(line),
            chart=self.chart(progress),
            parts=tuple(self.parts(line)),
            count=counts_of(grounds),
            latest=self.latest(grounds),
            before=grounds.rating_before,
            comment=grounds.comment,
        )

    def latest(self, grounds: EvidenceBasis) -> tuple[CitedRecord, ...]:
        """The newest records that count; none where another target has shown the newest."""
        latest = latest_of(grounds, LATEST_SHOWN)
        keys = [(one.citation.kind.value, one.citation.reference) for one in latest]
        if self.shown.intersection(keys[:1]):
            return ()
        self.shown.update(keys)
        return latest

    def progress(self, line: TargetRow) -> TargetProgress:
        trend = self.reported.grounds[line.target.code].trend
        pace = calculate_projection(line.target, line.value, self.rolled.as_of)
        return TargetProgress(line, trend, pace, None, None)

    def facts(self, one: TargetProgress) -> Iterator[tuple[str, str]]:
        """What stands beside the value, as words and numbers."""
        line, plan = one.row, self.rolled.plan
        if line.target.is_yearly:
            yield _("Target"), sentences.format_requirement(line.target)
            yield _("Years met"), sentences.format_years_met(line)
            return
        grounds = self.reported.grounds[line.target.code]
        # Below the value itself: both are of the whole plan, what follows is of the year alone.
        if grounds.rating_before is not None:
            yield _("A year before"), formatting.format_value(grounds.value_before, line.target)
        year = _("In %(year)s") % {"year": self.rolled.year.label}
        yield year, formatting.format_value(line.this_year.value, line.target)
        if line.expected is not None and not self.is_over:
            expected = _("Expected by %(day)s") % {
                "day": formatting.format_short_day(self.rolled.as_of)
            }
            yield expected, formatting.format_number(line.expected, 1)
        if one.projection and not self.is_over:
            a_year = _("%(number)s a year")
            yield (
                _("Pace so far"),
                a_year % {"number": formatting.format_number(one.projection.a_year, 1)},
            )
            ahead = _("At this pace by %(day)s") % {
                "day": formatting.format_short_day(plan.ends_on)
            }
            yield ahead, sentences.format_projection(one)
            if one.projection.needed_a_year is not None:
                needed = formatting.format_number(one.projection.needed_a_year, 1)
                yield _("Pace now needed"), a_year % {"number": needed}
        reading = line.actual.measurement
        if line.target.measure == Measure.SMALLEST_SHARE and reading.denominator:
            yield _("Records shared out"), formatting.format_number(reading.denominator)

    def time_head(self) -> SafeString:
        day, elapsed = (
            formatting.format_short_day(self.rolled.as_of),
            formatting.format_share(self.rolled.elapsed),
        )
        as_of = f"{day}{colon()} {elapsed}"
        title = _("The plan's time: %(elapsed)s of it had passed on %(day)s.") % {
            "elapsed": formatting.format_share(self.rolled.elapsed),
            "day": formatting.format_day(self.rolled.as_of),
        }
        return charts.render_time_head(self.axis, as_of, title, **self.drawn)

    def bar(self, line: TargetRow) -> SafeString:
        return charts.render_target_bar(
            sentences.share_reached(line),
            line.rating,
            self.axis,
            sentences.describe_bar(line, self.rolled.elapsed),
            is_level=line.target.frequency == Frequency.LEVEL,
            **self.drawn,
        )

    def strip(self, line: TargetRow) -> SafeString:
        cells, told = [], []
        for one in line.years:
            has_begun = one.year.starts_on <= self.rolled.as_of
            text = (
                sentences.format_year_value(one, line.target) if has_begun else formatting.EN_DASH
            )
            cells.append(YearCell(one.year, one.state, text))
            if has_begun:
                note = sentences.format_year_note(one, line.target)
                words = [word for word in (text, str(one.state.label), note) if word]
                said = comma().join(dict.fromkeys(words))
                told.append(f"{one.year.label}{colon()} {said}")
        return charts.render_year_strip(
            cells, self.axis, formatting.semicolon().join(told) + ".", **self.drawn
        )

    def chart(self, one: TargetProgress) -> SafeString | None:
        """The way of a count through the plan; None for what is no count over the whole plan."""
        line = one.row
        target = line.target
        if one.trend is None:
            return None
        steps = zip(one.trend.days, one.trend.values, strict=True)
        points = [Point(on, value) for on, value in steps]
        if line.value is not None:
            points.append(Point(self.rolled.as_of, line.value))
        pace = None if self.is_over else one.projection
        track = ProgressLine(
            tuple(points),
            target.minimum,
            line.rating,
            formatting.format_bound(target.minimum),
            pace.at_end if pace else None,
            sentences.format_projection(one) if pace else "",
        )
        title = f"{target.indicator.objective.code} {target.name}{colon()} "
        title += sentences.describe_pace(one, is_over=self.is_over)
        return charts.render_pace_chart(track, self.axis, title, **self.drawn)

    def quarters(self) -> Quarters:
        """What the pictures of counts show, and what a straight line asks for by each day."""
        as_of = self.rolled.as_of
        rows = []
        for line in self.rolled.targets:
            target, one = line.target, self.progress(line)
            if one.trend is not None:
                cells = tuple(
                    (
                        formatting.format_value(quarter.actual.value, target),
                        formatting.format_number(quarter.expected or 0, 1),
                    )
                    for quarter in build_quarters(one, as_of)
                )
                rows.append((f"{target.indicator.objective.code} {target.name}", cells))
        days = past_quarter_ends(self.rolled.plan.period, as_of)
        return Quarters(tuple(formatting.format_short_day(day) for day in days), tuple(rows))

    def parts(self, line: TargetRow) -> Iterator[SliceBar]:
        """The disaggregation, but for countries, which have a page of their own."""
        target = line.target
        is_share = target.measure == Measure.SMALLEST_SHARE
        if target.dimension == Dimension.COUNTRY or line.value is None:
            return
        slices = line.actual.measurement.slices
        scale = max([target.minimum * 2, *(piece.value for piece in slices)])
        for piece in slices:
            if is_share:
                text = formatting.format_value(piece.value, target)
                yield SliceBar(piece.label, text, self.share_bar(piece, line, scale))
            else:
                yield SliceBar(piece.label, formatting.format_number(piece.records))

    def share_bar(self, piece: Slice, line: TargetRow, scale: Decimal) -> SafeString:
        is_enough = line.target.is_met_by(piece.value)
        return charts.render_share_bar(
            piece.value,
            Rating.ON_TRACK if is_enough else line.rating,
            scale=scale,
            line=line.target.minimum,
            **self.drawn,
        )

    def behind(self) -> list[tuple[TargetRow, str]]:
        """The targets that lag most, the worst first, each with a sentence."""
        lines = [line for line in self.rolled.targets if line.rating in BEHIND]
        lines.sort(key=lambda line: (BEHIND.index(line.rating), sentences.share_of_expected(line)))
        return [(line, self.lag(line)) for line in lines[:BEHIND_SHOWN]]

    def lag(self, line: TargetRow) -> str:
        if line.target.is_yearly:
            return _("%(met)s met.") % {"met": sentences.format_years_met(line)}
        said = {
            "value": formatting.format_value(line.value, line.target),
            "of_target": sentences.format_requirement(line.target),
        }
        if line.expected is None or self.is_over:
            return _("%(value)s %(of_target)s.") % said
        said["expected"] = formatting.format_number(line.expected, 1)
        return _("%(value)s %(of_target)s; %(expected)s were to be expected by now.") % said

    def reach(self) -> ReachPage | None:
        """The countries; None where the plan counts none, or none was reached."""
        reach = self.reported.reach
        if reach is None or not reach.countries:
            return None
        heads = tuple(
            f"{tie.actual.target.indicator.objective.code} {tie.actual.target.name}"
            for tie in reach.targets
        )
        marks = [CountryMark(place.code, place.label, place.is_main) for place in reach.countries]
        title = _("World map of the countries reached; the table beside it names them.")
        return ReachPage(charts.render_world_map(marks, title, **self.drawn), heads, reach)
