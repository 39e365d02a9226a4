"""The snapshot of an issued report: its stored rows as a rollup, with the texts of that time.

``read_snapshot`` builds unsaved plan, objective and target objects from the rows, so that the
code for a live rollup reads a reported one. Records are citations. Texts are in the active
language.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import NoReturn

from django.conf import settings
from django.db.models import Prefetch
from django.utils.translation import get_language

from indicators.models.reading.confidentiality import (
    OTHER_COUNTRIES,
    get_confidential_name,
    is_pseudonym,
)
from reporting.annual_report.snapshot.chapters.people_trained import read_people
from reporting.annual_report.snapshot.citations import Citation
from reporting.annual_report.snapshot.framework import (
    read_axes,
    read_judgements,
    read_objective,
    read_plan,
    read_priority,
    read_target,
)
from reporting.annual_report.snapshot.multilingual import (
    FigureCorrection,
    FigureRestatement,
    LocalizedText,
    load_corrections,
    load_restatements,
    localize_text,
)
from reporting.annual_report.snapshot.stored import StoredCountryList, StoredYear
from reporting.figures.geographic_reach import CoverageTarget, GeographicReach, load_coverage
from reporting.figures.measures import Actual, MeasuredValue, Slice
from reporting.figures.people_trained import PeopleTrained
from reporting.figures.rating_overrides import Override
from reporting.figures.ratings import YearActual
from reporting.figures.rollup import ObjectiveRow, Rollup, TargetRow
from reporting.figures.trends import Trend
from reporting.models import (
    DECIMALS,
    AnnualReport,
    NarrativeSection,
    ReportedActual,
    ReportedEvidence,
    ReportedObjective,
    ReportRows,
)
from strategy.choices import Dimension, Rating, Reason, RecordKind, YearState
from strategy.dates.periods import Period, Window
from strategy.models import Axis, CountryList, Objective, Plan, Priority, Target


class ReportedActualValue(Actual):
    """An actual as reported. It has no live records: ``evidence`` and ``excluded`` raise."""

    @property
    def evidence(self) -> NoReturn:
        raise TypeError("What was reported has citations; the records may have changed since.")

    @property
    def excluded(self) -> NoReturn:
        raise TypeError("What was reported has numbers of records left out, by reason.")


@dataclass(frozen=True)
class EvidenceBasis:
    """The basis of one reported number: records cited, excluded counts, country lists, comment.

    ``value_before`` and ``rating_before`` are of a reporting year earlier. A rating of None is
    the plan's first year; a value of None with a rating is no data.
    """

    citations: tuple[Citation, ...]
    left_out: Mapping[Reason, int]
    trend: Trend | None
    lists: tuple[CountryList, ...]
    comment: LocalizedText | None
    value_before: Decimal | None
    rating_before: Rating | None
    justification: str = ""
    """That of the last assessment of a judged target."""


@dataclass(frozen=True)
class IssuedReportData:
    """A whole report.

    Mappings are by the number of a priority or the code of a target, ratings before by objective.
    """

    report: AnnualReport
    rollup: Rollup
    priorities: Mapping[int, Priority]
    axes: Mapping[int, tuple[Axis, ...]]
    stories: Mapping[int, LocalizedText]
    reach: GeographicReach | None
    basis_by_target: Mapping[str, EvidenceBasis]
    previous_ratings: Mapping[str, Rating]
    narrative: Mapping[NarrativeSection, LocalizedText]
    people: PeopleTrained | None
    changes: tuple[FigureCorrection, ...]
    restatements: tuple[FigureRestatement, ...]

    def rows_of_priority(self, number: int) -> tuple[ObjectiveRow, ...]:
        rows = self.rollup.objectives
        return tuple(row for row in rows if row.objective.priority.number == number)


def round_for_report(value: Decimal, target: Target | None = None) -> Decimal:
    """Round to the decimals that a report stores, on the same side of the target's bounds."""
    last = Decimal(1).scaleb(-DECIMALS)
    for rounding in (ROUND_HALF_UP, ROUND_FLOOR, ROUND_CEILING):
        rounded = value.quantize(last, rounding)
        if target is None or target.is_met_by(rounded) == target.is_met_by(value):
            break
    return rounded


def round_if_known(value: Decimal | None, target: Target | None = None) -> Decimal | None:
    return None if value is None else round_for_report(value, target)


def load_rows(report: AnnualReport, citing: Collection[str] | None = None) -> ReportRows:
    """Load the rows of an issued report in four queries.

    ``citing`` limits the citations, most of a report, to these codes of targets; None loads all.
    """
    citations = ReportedEvidence.objects.all()
    if citing is not None:
        citations = citations.filter(actual__code__in=citing)
    actuals = tuple(
        ReportedActual.objects.filter(objective__priority__report=report)
        .select_related("objective__priority")
        .prefetch_related(Prefetch("evidence", citations))
        .order_by("objective__priority__number", "objective__number", "number")
    )
    return ReportRows(
        report,
        tuple(report.priorities.order_by("number")),
        tuple(
            ReportedObjective.objects.filter(priority__report=report)
            .select_related("priority")
            .order_by("priority__number", "number")
        ),
        actuals,
        tuple(tuple(actual.evidence.all()) for actual in actuals),
    )


def read_snapshot(rows: ReportRows) -> IssuedReportData:
    """Return the report that the rows hold, without a query."""
    report = rows.report
    plan = read_plan(report)
    priorities = {row.number: read_priority(row, plan) for row in rows.priorities}
    lines, basis_by_target, ties = [], {}, []
    for row in rows.objectives:
        objective = read_objective(row, priorities[row.priority.number])
        members = []
        for actual, evidence in zip(rows.actuals, rows.evidence, strict=True):
            if actual.objective == row:
                members.append(_read_row(actual, objective, report))
                if actual.countries is not None:
                    ties.append(_read_coverage(actual, members[-1], report))
                basis_by_target[actual.code] = _read_basis(actual, evidence, report)
        lines.append(ObjectiveRow(objective, Rating(row.rating), tuple(members)))
    rollup = Rollup(plan, report.as_of, plan.year(report.year), report.elapsed, tuple(lines))
    axes = {row.number: tuple(read_axes(row)) for row in rows.priorities}
    ties.sort(key=lambda tie: not tie.is_slice)
    return IssuedReportData(
        report,
        rollup,
        priorities,
        axes,
        {row.number: text for row in rows.priorities if (text := localize_text(row.story or {}))},
        GeographicReach(tuple(ties), load_coverage(ties), _count_others(rows)) if ties else None,
        basis_by_target,
        {row.code: Rating(row.rating_before) for row in rows.objectives if row.rating_before},
        _read_narrative(report),
        _read_people(report, plan),
        tuple(load_corrections(report.changes, report.correction)),
        tuple(load_restatements(report.restatements)),
    )


def find_changed_rows(reported: IssuedReportData, today: Rollup) -> dict[str, TargetRow]:
    """Return today's rows that differ, by code, of the targets that the plan still has."""
    then = {line.target.code: line for line in reported.rollup.targets}
    return {
        line.target.code: line
        for line in today.targets
        if line.target.code in then and has_changed(then[line.target.code], line)
    }


def has_changed(then: TargetRow, now: TargetRow) -> bool:
    return (
        has_other_value(then.value, now.value, now.target)
        or bool(list_changed_years(then, now))
        or then.rating != now.rating
        or bool(list_changed_parts(then, now))
    )


def list_comparable(then: Collection[str], now: Collection[str]) -> set[str]:
    """Return the codes of parts to compare: not those that are among "other countries" once."""
    if OTHER_COUNTRIES in (*then, *now):
        return (set(then) & set(now)) - {OTHER_COUNTRIES}
    return {*then, *now}


def list_changed_parts(then: TargetRow, now: TargetRow) -> list[Slice]:
    """Return the parts whose values differ, as of today, with 0 for those that are gone."""
    before = {part.code: part for part in then.actual.measurement.slices}
    today = {part.code: part for part in now.actual.measurement.slices}
    comparable = list_comparable(before, today)
    gone = [
        Slice(part.code, part.label, Decimal(0), 0)
        for code, part in before.items()
        if code not in today and part.value and code in comparable
    ]
    other = [
        part
        for code, part in today.items()
        if code in comparable and (code not in before or before[code].value != part.value)
    ]
    return other + gone


def has_other_value(then: Decimal | None, now: Decimal | None, target: Target) -> bool:
    """Whether a value of today, rounded as reports store it, differs from the reported one."""
    return round_if_known(now, target) != round_if_known(then, target)


def list_changed_years(then: TargetRow, now: TargetRow) -> list[tuple[str, Decimal | None]]:
    """Return the years whose values differ, with those of today; of most targets the last one."""
    if then.years and now.years:
        before = {year.year.label: year.value for year in then.years}
        today = {year.year.label: year.value for year in now.years}
    else:
        before = {then.this_year.window.period.label: then.this_year.value}
        today = {now.this_year.window.period.label: now.this_year.value}
    return [
        (label, value)
        for label, value in today.items()
        if label in before and has_other_value(before[label], value, now.target)
    ]


def localize_words(texts: Mapping[str, str] | str) -> str:
    """Localize a text; older reports store some texts in one language, as a string."""
    if isinstance(texts, str):
        return texts
    for language in (get_language() or "", settings.LANGUAGE_CODE):
        if text := texts.get(language):
            return text
    return next(iter(texts.values()), "")


def _read_narrative(report: AnnualReport) -> dict[NarrativeSection, LocalizedText]:
    texts = (
        (section, localize_text(report.narrative.get(section.value, {})))
        for section in NarrativeSection
    )
    return {section: text for section, text in texts if text}


def _read_people(report: AnnualReport, plan: Plan) -> PeopleTrained | None:
    gone = Period(plan.starts_on, min(plan.ends_on, report.as_of))
    return read_people(
        report.people, plan, gone, lambda among, code: localize_words(report.words[among][code])
    )


def _read_row(row: ReportedActual, objective: Objective, report: AnnualReport) -> TargetRow:
    target = read_target(row, objective, report.as_of)
    plan = target.plan
    found = read_judgements(row.judgement)
    reading = MeasuredValue(row.value, row.numerator, row.denominator, _read_slices(row), found)
    year = plan.year(report.year)
    return TargetRow(
        target,
        ReportedActualValue(target, Window(plan.period, report.as_of), reading),
        ReportedActualValue(target, Window(year, report.as_of), MeasuredValue(row.this_year)),
        row.expected,
        Rating(row.override["calculated"] if row.override else row.rating),
        tuple(_read_year(one, plan) for one in row.years),
        _read_override(row),
    )


def _read_override(row: ReportedActual) -> Override | None:
    if not row.override:
        return None
    at = datetime.fromisoformat(row.override["at"])
    return Override(Rating(row.rating), row.override["reason"], row.override["by"], at)


def _count_others(rows: ReportRows) -> int:
    stored = (country for actual in rows.actuals for country in actual.countries or ())
    return max((country.get("countries", 0) for country in stored), default=0)


def _read_coverage(row: ReportedActual, line: TargetRow, report: AnnualReport) -> CoverageTarget:
    is_slice = row.dimension == Dimension.COUNTRY
    names = report.words["countries"]
    countries = tuple(
        Slice(
            one["code"], localize_words(names[one["code"]]), Decimal(one["records"]), one["records"]
        )
        for one in row.countries or ()
    )
    dimension = Dimension.COUNTRY if is_slice else Dimension.AUTHORITY_COUNTRY
    return CoverageTarget(line.actual, countries, dimension, is_slice)


def _read_slices(row: ReportedActual) -> tuple[Slice, ...]:
    return tuple(
        Slice(one["code"], localize_words(one["label"]), Decimal(one["value"]), one["records"])
        for one in row.slices
    )


def _read_year(kept_year: StoredYear, plan: Plan) -> YearActual:
    value = kept_year["value"]
    return YearActual(
        plan.year(kept_year["year"]),
        None if value is None else Decimal(value),
        YearState(kept_year["state"]),
    )


def _read_basis(
    row: ReportedActual, evidence: Iterable[ReportedEvidence], report: AnnualReport
) -> EvidenceBasis:
    return EvidenceBasis(
        tuple(_read_citation(one, report) for one in evidence),
        {Reason(reason): number for reason, number in row.left_out.items()},
        _read_trend(row.trend),
        tuple(
            _read_country_list(one) for condition in row.conditions for one in condition["lists"]
        ),
        localize_text(row.comment),
        row.value_before,
        Rating(row.rating_before) if row.rating_before else None,
        row.judgement["justification"] if row.judgement else "",
    )


def _read_citation(row: ReportedEvidence, report: AnnualReport) -> Citation:
    countries, offices = report.words["countries"], report.words["offices"]
    is_hidden = is_pseudonym(row.reference)
    return Citation(
        RecordKind(row.record_kind),
        row.reference,
        get_confidential_name() if is_hidden else row.title,
        row.begins,
        row.ends,
        row.year,
        tuple(localize_words(countries[code]) for code in row.countries),
        "" if is_hidden else localize_words(offices[row.office]),
        row.link,
        tuple(row.countries),
        tuple(row.codes),
        row.numerator,
        row.denominator,
    )


def _read_trend(steps: list[list[str]] | None) -> Trend | None:
    if steps is None:
        return None
    days = tuple(date.fromisoformat(day) for day, _value in steps)
    return Trend(days, tuple(Decimal(value) for _day, value in steps))


def _read_country_list(stored: StoredCountryList) -> CountryList:
    valid_from = stored["valid_from"]
    return CountryList(
        name=localize_words(stored["name"]),
        source=localize_words(stored["source"]),
        valid_from=date.fromisoformat(valid_from) if valid_from else None,
        is_confirmed=stored["is_confirmed"],
    )
