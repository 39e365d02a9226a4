"""Builds the rows of a report from today's records, for a preview or for issuing."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import chain

from django.db.models import Model, QuerySet

from indicators.models.reading.confidentiality import OTHER_COUNTRIES
from reporting.annual_report.snapshot.causes import build_code_digest
from reporting.annual_report.snapshot.chapters.learning import build_learning
from reporting.annual_report.snapshot.chapters.money import build_money
from reporting.annual_report.snapshot.chapters.people_reached import build_people_reached
from reporting.annual_report.snapshot.chapters.people_trained import serialize_people
from reporting.annual_report.snapshot.citations import (
    build_citations,
    load_labels,
    load_names,
    read_translations,
)
from reporting.annual_report.snapshot.corrections import list_restatements
from reporting.annual_report.snapshot.framework import (
    INDICATOR_WORDS,
    TARGET_WORDS,
    VERSION_WORDS,
    serialize_judgement,
    serialize_versions,
)
from reporting.annual_report.snapshot.multilingual import MultilingualText, Narrative
from reporting.annual_report.snapshot.prior_year import PriorYear, load_prior_year
from reporting.annual_report.snapshot.reader import round_for_report, round_if_known
from reporting.annual_report.snapshot.stored import StoredCount, StoredCountry
from reporting.exports.results import format_exact
from reporting.figures.geographic_reach import calculate_reach
from reporting.figures.measures import Actual, Slice
from reporting.figures.people_trained import load_people_trained
from reporting.figures.rollup import ObjectiveRow, Rollup, TargetRow, build_rollup
from reporting.figures.trends import blur_trend, build_trend
from reporting.models import (
    AnnualReport,
    ReportedActual,
    ReportedEvidence,
    ReportedObjective,
    ReportedPriority,
    ReportRows,
)
from strategy.models import Condition, Plan, Priority, User

THRESHOLDS = (
    "on_track_from",
    "at_risk_from",
    "too_early_below",
    "level_at_risk_from",
    "level_least_records",
)
"""The columns of a plan that its ratings depend on."""
EMPTY_NARRATIVE = Narrative()


def build_report_rows(
    plan: Plan, year: str, by: User, at: datetime, written: Narrative = EMPTY_NARRATIVE
) -> ReportRows:
    """Return the unsaved rows of the report as of the year's last day. Raises UnknownYear."""
    rollup = build_rollup(plan, plan.year(year).ends_on)
    before = load_prior_year(plan, rollup.year)
    report, tied = _build_report(rollup, by, at, written), _map_countries(rollup)
    report.restatements = list_restatements(plan, rollup.year)
    priorities = {row.pk: _build_priority(report, row, written) for row in _load_priorities(plan)}
    objectives: list[ReportedObjective] = []
    actuals: list[ReportedActual] = []
    evidence: list[tuple[ReportedEvidence, ...]] = []
    for row in rollup.objectives:
        priority = priorities[row.objective.priority_id]
        objectives.append(_build_objective(priority, len(objectives) + 1, row, before))
        for target_row in row.targets:
            actual = _build_actual(objectives[-1], len(actuals) + 1, target_row, rollup.as_of)
            actual.baseline_value = target_row.target.baseline_value
            actual.baseline_on = target_row.target.baseline_on
            actual.countries = tied.get(actual.code)
            actual.comment = dict(written.comments.get(actual.code, {}))
            actual.value_before = round_if_known(before.values.get(actual.code), target_row.target)
            actual.rating_before = before.ratings.get(actual.code, "")
            actuals.append(actual)
            evidence.append(_build_evidence(actual, target_row))
    people = report.people or {}
    codes = _collect_codes(tied.values()) | _collect_codes([people.get("countries", [])])
    groups = _collect_codes([people.get("target_groups", [])])
    report.words |= load_names(chain.from_iterable(evidence), codes, groups)
    return ReportRows(
        report, tuple(priorities.values()), tuple(objectives), tuple(actuals), tuple(evidence)
    )


def _build_report(rollup: Rollup, by: User, at: datetime, written: Narrative) -> AnnualReport:
    plan = rollup.plan
    return AnnualReport(
        plan=plan,
        year=rollup.year.label,
        as_of=rollup.as_of,
        elapsed=round_for_report(rollup.elapsed),
        issued_at=at,
        issued_by=by,
        issued_by_name=str(by),
        plan_code=plan.code,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        year_starts_in=plan.year_starts_in,
        thresholds={name: str(getattr(plan, name)) for name in THRESHOLDS},
        words={"plan": read_translations(plan, "title")},
        narrative={section.value: dict(text) for section, text in written.narrative.items()},
        correction=dict(written.correction),
        code_digest=build_code_digest(),
        people=serialize_people(load_people_trained(plan, rollup.as_of)),
        money=build_money(plan, rollup.year),
        people_reached=build_people_reached(plan, rollup.year, rollup.as_of),
        learning=build_learning(rollup.year, rollup.as_of),
    )


def _load_priorities(plan: Plan) -> QuerySet[Priority]:
    return plan.priorities.order_by("number").prefetch_related("axes")


def _build_priority(report: AnnualReport, live: Priority, written: Narrative) -> ReportedPriority:
    story = written.stories.get(live.number)
    return ReportedPriority(
        report=report,
        number=live.number,
        title=read_translations(live, "title"),
        axes=[read_translations(axis, "title") for axis in live.axes.all()],
        story=dict(story) if story else None,
    )


def _build_objective(
    priority: ReportedPriority, number: int, row: ObjectiveRow, before: PriorYear
) -> ReportedObjective:
    return ReportedObjective(
        priority=priority,
        number=number,
        code=row.objective.code,
        statement=read_translations(row.objective, "statement"),
        short_title=read_translations(row.objective, "short_title"),
        rating=row.rating,
        rating_before=before.objectives.get(row.objective.code, ""),
    )


def _map_countries(rollup: Rollup) -> dict[str, list[StoredCountry]]:
    reach = calculate_reach(rollup)
    if reach is None:
        return {}
    return {
        tie.actual.target.code: [_serialize_country(part, reach.others) for part in tie.slices]
        for tie in reach.targets
    }


def _serialize_country(part: Slice, others: int) -> StoredCountry:
    if part.code == OTHER_COUNTRIES:
        return {"code": part.code, "records": part.records, "countries": others}
    return {"code": part.code, "records": part.records}


def _collect_codes(lines: Iterable[Iterable[StoredCountry | StoredCount]]) -> set[str]:
    return {one["code"] for group in lines for one in group if one["code"]}


def _build_actual(
    objective: ReportedObjective, number: int, row: TargetRow, as_of: date
) -> ReportedActual:
    target, reading, indicator = row.target, row.actual.measurement, row.target.indicator
    texts = _read_texts(target, TARGET_WORDS) | _read_texts(target.version, VERSION_WORDS)
    return ReportedActual(
        objective=objective,
        number=number,
        code=target.code,
        indicator=indicator.code,
        words={
            **texts,
            "indicator": _read_texts(indicator, INDICATOR_WORDS),
        },
        record_kind=target.record_kind,
        measure=target.measure,
        dimension=target.dimension,
        frequency=target.frequency,
        minimum=target.version.minimum,
        maximum=target.maximum,
        due_months=target.due_months,
        value=round_if_known(reading.value, target),
        numerator=round_if_known(reading.numerator),
        denominator=round_if_known(reading.denominator),
        this_year=round_if_known(row.this_year.value, target),
        expected=round_if_known(row.expected),
        rating=row.rating,
        slices=_serialize_slices(row),
        years=[
            {"year": one.year.label, "value": format_exact(one.value), "state": one.state.value}
            for one in row.years
        ],
        trend=_serialize_trend(row.actual, as_of),
        conditions=[_serialize_condition(condition) for condition in target.conditions.all()],
        left_out=row.actual.excluded.count_by_reason(),
        override=_serialize_override(row),
        versions=serialize_versions(target, as_of),
        numbers=list(target.number_columns),
        judgement=serialize_judgement(row),
    )


def _read_texts(row: Model, names: Iterable[str]) -> dict[str, MultilingualText]:
    return {name: read_translations(row, name) for name in names}


def _serialize_trend(actual: Actual, as_of: date) -> list[list[str | None]] | None:
    """Return the days on which a count rose; the months' last where a day would tell a record's."""
    trend = build_trend(actual.target, as_of)
    if trend is None:
        return None
    if actual.audience:
        trend = blur_trend(trend, as_of)
    points = zip(trend.days, trend.values, strict=True)
    return [[day.isoformat(), format_exact(value)] for day, value in points]


def _serialize_override(row: TargetRow) -> dict[str, str] | None:
    if row.override is None:
        return None
    return {
        "calculated": row.calculated.value,
        "reason": row.override.reason,
        "by": row.override.by,
        "at": row.override.at.astimezone(UTC).isoformat(),
    }


def _build_evidence(actual: ReportedActual, row: TargetRow) -> tuple[ReportedEvidence, ...]:
    citations = tuple(build_citations(row.actual))
    for citation in citations:
        citation.actual = actual
    return citations


def _serialize_slices(row: TargetRow) -> list[dict[str, object]]:
    labels = load_labels(row.actual)
    return [_serialize_slice(slice_, labels) for slice_ in row.actual.measurement.slices]


def _serialize_slice(slice_: Slice, labels: dict[str, dict[str, str]]) -> dict[str, object]:
    return {
        "code": slice_.code,
        "label": labels[slice_.code],
        "value": format_exact(slice_.value),
        "records": slice_.records,
    }


def _serialize_condition(condition: Condition) -> dict[str, object]:
    mark = {"is_numerator": True} if condition.is_numerator else {}
    return mark | {
        "dimension": condition.dimension,
        "test": condition.test,
        "values": list(condition.values),
        "scopes_without_value": condition.scopes_without_value,
        "lists": [
            {
                "name": read_translations(one, "name"),
                "source": read_translations(one, "source"),
                "valid_from": one.valid_from and one.valid_from.isoformat(),
                "is_confirmed": one.is_confirmed,
            }
            for one in condition.country_lists.all()
        ],
    }
