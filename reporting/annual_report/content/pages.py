"""The context of a report's templates, from its snapshot alone, in the active language."""

from collections.abc import Iterator
from datetime import UTC
from decimal import Decimal

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from reporting.annual_report.content.annex import (
    CitedRecord,
    build_annex,
    build_record_counts,
    explain_ratings,
    find_latest_records,
    format_thresholds,
)
from reporting.annual_report.content.chapters import (
    build_budgets,
    build_learning_chapter,
    build_people_chapter,
    list_people,
)
from reporting.annual_report.content.revisions import (
    build_corrected_figures,
    build_restated_figures,
    find_fallback_reasons,
)
from reporting.annual_report.content.sections import (
    ObjectivePage,
    PriorityPage,
    QuarterTable,
    ReachPage,
    SliceBar,
    TargetPage,
)
from reporting.annual_report.snapshot.multilingual import localize_text
from reporting.annual_report.snapshot.reader import EvidenceBasis, IssuedReportData
from reporting.charts import bars, progress_lines, world_map
from reporting.charts.svg import Sheet, TimeAxis
from reporting.figures.measures import Slice
from reporting.figures.progress import TargetProgress, build_quarters
from reporting.figures.ratings import calculate_projection, list_expected_points
from reporting.figures.rollup import TargetRow, rank_worst_first
from reporting.figures.trends import past_quarter_ends
from reporting.models import NarrativeSection
from reporting.wording import formatting, sentences
from reporting.wording.change_notes import list_version_notes
from reporting.wording.judgements import draw_step_strip, list_found_steps
from reporting.wording.sentences import BEHIND
from strategy.choices import Dimension, Measure, Rating
from strategy.text import colon, comma

COUNTED = (Measure.COUNT, Measure.DISTINCT)
MAX_TARGETS_BEHIND = 3
"""Targets that are furthest behind, listed where no risks are written."""
MAX_LATEST_RECORDS = 3
MAX_FRONT_RISKS = 3
"""Risks on page one of the PDF; the others follow on page two, where the list starts at 4."""


def build_context(
    reported: IssuedReportData, *, is_draft: bool = False, for_pdf: bool = True
) -> dict[str, object]:
    """Return the context of the report's templates, for the PDF or the pages in the browser."""
    builder = _PageBuilder(reported, for_pdf=for_pdf)
    rollup = reported.rollup
    priorities = tuple(builder.build_priorities())
    objectives = [objective for priority in priorities for objective in priority.objectives]
    return {
        **_build_imprint(reported),
        **_build_texts(reported),
        "reported": reported,
        "is_draft": is_draft,
        "has_links": not for_pdf,
        "direction": builder.sheet.direction,
        "verdict": sentences.format_overall_status(row.rating for row in rollup.objectives),
        "time_head": builder.draw_time_head(),
        "objectives": sorted(objectives, key=lambda page: rank_worst_first(page.row)),
        "priorities": priorities,
        "stories": [priority for priority in priorities if priority.story],
        "behind": builder.find_targets_behind(),
        "unknown": [row for row in rollup.targets if row.rating == Rating.NO_DATA],
        "quarters": builder.build_quarter_table(),
        "reach": builder.build_reach(),
        "people": reported.people,
        **_build_chapters(reported),
        "annex": build_annex(reported),
    }


def _build_chapters(reported: IssuedReportData) -> dict[str, object]:
    report = reported.report
    return {
        "year_figures": list(_list_year_figures(reported)),
        "year_people": list(list_people(report.people_reached, report.year)),
        "budgets": build_budgets(report.money),
        "people_reached": build_people_chapter(report.people_reached),
        "learning": build_learning_chapter(report.learning),
    }


def _list_year_figures(reported: IssuedReportData) -> Iterator[str]:
    """Yield what was counted in the year alone, target by target: `Initiatives: 13`."""
    for row in reported.rollup.targets:
        value = row.this_year.value
        if row.target.measure in COUNTED and value:
            number = formatting.format_value(value, row.target)
            yield f"{row.target.name}{colon()} {number}"


def _build_texts(reported: IssuedReportData) -> dict[str, object]:
    risks = reported.narrative.get(NarrativeSection.RISKS)
    corrected = list(build_corrected_figures(reported))
    return {
        "ratings": explain_ratings(reported.rollup.objectives),
        "thresholds": format_thresholds(reported.report),
        "narrative": {section.value: text for section, text in reported.narrative.items()},
        "first_risks": risks.lines[:MAX_FRONT_RISKS] if risks else [],
        "further_risks": risks.lines[MAX_FRONT_RISKS:] if risks else [],
        "corrected": corrected,
        "fallback_reasons": find_fallback_reasons(corrected),
        "correction": localize_text(reported.report.correction),
        "restated": list(build_restated_figures(reported)),
    }


def _build_imprint(reported: IssuedReportData) -> dict[str, object]:
    report, rollup = reported.report, reported.rollup
    earlier = [year.label for year in rollup.plan.years if year.ends_on < rollup.year.starts_on]
    return {
        "report": report,
        "plan_title": rollup.plan.title,
        "first_year": rollup.plan.years[0].label,
        "year_before": earlier[-1] if earlier and reported.previous_ratings else "",
        "as_of": formatting.format_day(rollup.as_of),
        "elapsed": formatting.format_share(rollup.elapsed),
        "is_over": rollup.as_of >= rollup.plan.ends_on,
        "issued_on": formatting.format_day(timezone.localtime(report.issued_at).date()),
        "issued_at": report.issued_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


class _PageBuilder:
    """Builds the pages of one report; all charts share its time axis and text direction."""

    def __init__(self, reported: IssuedReportData, *, for_pdf: bool) -> None:
        self.reported = reported
        self.rollup = reported.rollup
        plan = self.rollup.plan
        self.axis = TimeAxis(plan.period, plan.years, self.rollup.as_of)
        self.is_over = self.rollup.as_of >= plan.ends_on
        self.sheet = Sheet("rtl" if get_language_bidi() else "ltr", for_pdf)
        self.listed_records: set[tuple[str, str]] = set()

    def build_priorities(self) -> Iterator[PriorityPage]:
        for number, axes in self.reported.axes.items():
            rows = self.reported.rows_of_priority(number)
            objectives = tuple(
                ObjectivePage(
                    row,
                    tuple(self.build_target(target_row) for target_row in row.targets),
                    self.reported.previous_ratings.get(row.objective.code),
                )
                for row in rows
            )
            titles = tuple(axis.title for axis in axes)
            story = self.reported.stories.get(number)
            yield PriorityPage(self.reported.priorities[number], titles, story, objectives)

    def build_target(self, row: TargetRow) -> TargetPage:
        target, progress = row.target, self.build_progress(row)
        basis = self.reported.basis_by_target[target.code]
        return TargetPage(
            row=row,
            value=formatting.format_value(row.value, target),
            of_target=sentences.format_requirement(target),
            key_figures=tuple(self.list_key_figures(progress)),
            bar=self.draw_years(row) if row.years else self.draw_bar(row),
            chart=self.draw_progress(progress),
            slices=tuple(self.list_slices(row)),
            counts=build_record_counts(basis),
            latest_records=self.list_latest_records(basis),
            previous_rating=basis.rating_before,
            comment=basis.comment,
            changes=tuple(list_version_notes(target, self.rollup.as_of)),
            found_steps=tuple(list_found_steps(row)),
            justification=basis.justification,
        )

    def list_latest_records(self, basis: EvidenceBasis) -> tuple[CitedRecord, ...]:
        """Return the newest records that count; none where another target lists the newest."""
        latest = find_latest_records(basis, MAX_LATEST_RECORDS)
        keys = [(record.citation.kind.value, record.citation.reference) for record in latest]
        if self.listed_records.intersection(keys[:1]):
            return ()
        self.listed_records.update(keys)
        return latest

    def build_progress(self, row: TargetRow) -> TargetProgress:
        trend = self.reported.basis_by_target[row.target.code].trend
        projection = calculate_projection(row.target, row.value, self.rollup.as_of)
        return TargetProgress(row, trend, projection, None, None)

    def list_key_figures(self, progress: TargetProgress) -> Iterator[tuple[str, str]]:
        row = progress.row
        if row.target.is_yearly:
            yield _("Target"), sentences.format_requirement(row.target)
            yield _("Years met"), sentences.format_years_met(row)
            return
        basis = self.reported.basis_by_target[row.target.code]
        # Directly below the value: both are of the whole plan, the next is of the year alone.
        if basis.rating_before is not None:
            yield _("A year before"), formatting.format_value(basis.value_before, row.target)
        year = _("In %(year)s") % {"year": self.rollup.year.label}
        yield year, formatting.format_value(row.this_year.value, row.target)
        if number := sum(citation.is_reversed for citation in basis.citations):
            yield _("Reversed later"), formatting.format_number(number)
        if not self.is_over:
            yield from self.list_forecasts(progress)
        measured = row.actual.measurement
        if row.target.has_fraction and row.value is not None:
            fraction = formatting.format_fraction(measured.numerator, measured.denominator)
            yield _("Numerator of denominator"), fraction
        if row.target.measure == Measure.SMALLEST_SHARE and measured.denominator:
            yield _("Records shared out"), formatting.format_number(measured.denominator)

    def list_forecasts(self, progress: TargetProgress) -> Iterator[tuple[str, str]]:
        expected, pace = progress.row.expected, progress.projection
        if expected is not None:
            due = _("Expected by %(day)s") % {"day": formatting.format_short_day(self.rollup.as_of)}
            yield due, formatting.format_number(expected, 1)
        if pace:
            per_year = _("%(number)s a year")
            yield _("Pace so far"), per_year % {"number": formatting.format_number(pace.a_year, 1)}
            end = formatting.format_short_day(self.rollup.plan.ends_on)
            yield _("At this pace by %(day)s") % {"day": end}, sentences.format_projection(progress)
            if needed := sentences.format_needed(pace):
                yield _("Pace now needed"), needed

    def draw_time_head(self) -> SafeString:
        elapsed = formatting.format_share(self.rollup.elapsed)
        as_of = f"{formatting.format_short_day(self.rollup.as_of)}{colon()} {elapsed}"
        title = _("The plan's time: %(elapsed)s of it had passed on %(day)s.") % {
            "elapsed": elapsed,
            "day": formatting.format_day(self.rollup.as_of),
        }
        return bars.render_time_head(self.axis, as_of, title, sheet=self.sheet)

    def draw_bar(self, row: TargetRow) -> SafeString:
        if row.target.is_judged:
            return draw_step_strip(row, self.axis, self.sheet)
        return bars.render_target_bar(
            sentences.share_reached(row),
            row.rating,
            self.axis,
            sentences.describe_bar(row, self.rollup.elapsed),
            due=sentences.calculate_share_due(row),
            sheet=self.sheet,
        )

    def draw_years(self, row: TargetRow) -> SafeString:
        cells, descriptions = [], []
        for actual in row.years:
            has_begun = actual.year.starts_on <= self.rollup.as_of
            text = (
                sentences.format_year_value(actual, row.target) if has_begun else formatting.EN_DASH
            )
            cells.append(bars.YearCell(actual.year, actual.state, text))
            if has_begun:
                note = sentences.format_year_note(actual, row.target)
                words = filter(None, (text, str(actual.state.label), note))
                description = comma().join(dict.fromkeys(words))
                descriptions.append(f"{actual.year.label}{colon()} {description}")
        title = formatting.semicolon().join(descriptions) + "."
        return bars.render_year_strip(cells, self.axis, title, sheet=self.sheet)

    def draw_progress(self, progress: TargetProgress) -> SafeString | None:
        """Return the chart of a count over the whole plan; None for any other target."""
        row = progress.row
        target = row.target
        if progress.trend is None:
            return None
        steps = zip(progress.trend.days, progress.trend.values, strict=True)
        points = [progress_lines.Point(day, value) for day, value in steps]
        if row.value is not None:
            points.append(progress_lines.Point(self.rollup.as_of, row.value))
        pace = None if self.is_over else progress.projection
        line = progress_lines.ProgressLine(
            tuple(points),
            tuple(progress_lines.Point(*each) for each in list_expected_points(target)),
            row.rating,
            formatting.format_bounds(target),
            pace.at_end if pace else None,
            sentences.format_projection(progress) if pace else "",
            maximum=target.maximum,
        )
        title = f"{target.indicator.objective.code} {target.name}{colon()} "
        title += sentences.describe_pace(progress, is_over=self.is_over)
        return progress_lines.render_pace_chart(line, self.axis, title, sheet=self.sheet)

    def build_quarter_table(self) -> QuarterTable:
        as_of = self.rollup.as_of
        rows = []
        for row in self.rollup.targets:
            target, progress = row.target, self.build_progress(row)
            if progress.trend is not None:
                cells = tuple(
                    (
                        formatting.format_value(quarter.actual.value, target),
                        formatting.EN_DASH
                        if quarter.expected is None
                        else formatting.format_number(quarter.expected, 1),
                    )
                    for quarter in build_quarters(progress, as_of)
                )
                rows.append((f"{target.indicator.objective.code} {target.name}", cells))
        days = past_quarter_ends(self.rollup.plan.period, as_of)
        return QuarterTable(tuple(formatting.format_short_day(day) for day in days), tuple(rows))

    def list_slices(self, row: TargetRow) -> Iterator[SliceBar]:
        """Yield the disaggregation, except by country, which has a section of its own."""
        target = row.target
        if target.dimension == Dimension.COUNTRY or row.value is None:
            return
        slices = row.actual.measurement.slices
        scale = max(
            [(target.minimum or Decimal(0)) * 2, Decimal(1), *(part.value for part in slices)]
        )
        for part in slices:
            if target.measure == Measure.SMALLEST_SHARE:
                text = formatting.format_value(part.value, target)
                yield SliceBar(part.label, text, self.draw_share(part, row, scale))
            else:
                yield SliceBar(part.label, formatting.format_number(part.records))

    def draw_share(self, part: Slice, row: TargetRow, scale: Decimal) -> SafeString:
        rating = Rating.ON_TRACK if row.target.is_met_by(part.value) else row.rating
        minimum = row.target.minimum
        return bars.render_share_bar(
            part.value, rating, scale=scale, line=minimum, sheet=self.sheet
        )

    def find_targets_behind(self) -> list[tuple[TargetRow, str]]:
        behind = (row for row in self.rollup.targets if row.rating in BEHIND)
        rows = sorted(behind, key=rank_worst_first)
        return [(row, self.describe_lag(row)) for row in rows[:MAX_TARGETS_BEHIND]]

    def describe_lag(self, row: TargetRow) -> str:
        if row.target.is_yearly:
            return _("%(met)s met.") % {"met": sentences.format_years_met(row)}
        values = {
            "value": formatting.format_value(row.value, row.target),
            "of_target": sentences.format_requirement(row.target),
        }
        if row.expected is None or self.is_over:
            return _("%(value)s %(of_target)s.") % values
        values["expected"] = formatting.format_number(row.expected, 1)
        return _("%(value)s %(of_target)s; %(expected)s were to be expected by now.") % values

    def build_reach(self) -> ReachPage | None:
        reach = self.reported.reach
        if reach is None or not reach.countries:
            return None
        targets = (tie.actual.target for tie in reach.targets)
        heads = tuple(f"{target.indicator.objective.code} {target.name}" for target in targets)
        marks = [
            world_map.CountryMark(place.code, place.label, place.is_main)
            for place in reach.countries
        ]
        title = _("World map of the countries reached; the table beside it names them.")
        return ReachPage(world_map.render_world_map(marks, title, sheet=self.sheet), heads, reach)
