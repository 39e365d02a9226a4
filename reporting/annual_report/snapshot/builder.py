"""The rows of a report as it would be issued now: what a preview shows and issuing writes down."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any

from reporting.annual_report.snapshot.citations import (
    citations_of,
    labels_of,
    names_of,
    words,
)
from reporting.annual_report.snapshot.corrections import restatements_kept
from reporting.annual_report.snapshot.multilingual import Narrative
from reporting.annual_report.snapshot.people_trained import people_kept
from reporting.annual_report.snapshot.prior_year import PriorYear, year_before
from reporting.annual_report.snapshot.reader import (
    INDICATOR_WORDS,
    TARGET_WORDS,
    round_for_report,
    round_if_known,
)
from reporting.exports.results import format_exact
from reporting.figures.geographic_reach import calculate_reach
from reporting.figures.measures import Slice
from reporting.figures.people_trained import load_people_trained
from reporting.figures.rollup import ObjectiveRow, Rollup, TargetRow, build_rollup
from reporting.figures.trends import build_trend
from reporting.models import (
    AnnualReport,
    ReportedActual,
    ReportedEvidence,
    ReportedObjective,
    ReportedPriority,
    ReportRows,
)
from strategy.models import Condition, Plan, User

THRESHOLDS = (
    "on_track_from",
    "at_risk_from",
    "too_early_below",
    "level_at_risk_from",
    "level_least_records",
)
"""The columns of a plan that its ratings depend on."""


NOTHING_WRITTEN = Narrative()


def build_report_rows(
    plan: Plan, year: str, by: User, at: datetime, written: Narrative = NOTHING_WRITTEN
) -> ReportRows:
    """The report as it would be issued now, not written down. Raises UnknownYear."""
    rolled = build_rollup(plan, plan.year(year).ends_on)
    before = year_before(plan, rolled.year)
    report, tied = _report(rolled, by, at, written), _countries_by_target(rolled)
    report.restatements = restatements_kept(plan, rolled.year)
    priorities: list[ReportedPriority] = []
    objectives: list[ReportedObjective] = []
    actuals: list[ReportedActual] = []
    evidence: list[tuple[ReportedEvidence, ...]] = []
    for line in rolled.objectives:
        if not priorities or priorities[-1].number != line.objective.priority.number:
            priorities.append(_priority(report, line))
        objectives.append(_objective(priorities[-1], len(objectives) + 1, line, before))
        for target_line in line.targets:
            actual = _actual(objectives[-1], len(actuals) + 1, target_line, rolled.as_of)
            actual.countries = tied.get(actual.code)
            actual.comment = dict(written.comments.get(actual.code, {}))
            actual.value_before = round_if_known(before.values.get(actual.code), target_line.target)
            actual.rating_before = before.ratings.get(actual.code, "")
            actuals.append(actual)
            evidence.append(_evidence(actual, target_line))
    people = report.people or {}
    codes = _codes(tied.values()) | _codes([people.get("countries", [])])
    groups = _codes([people.get("target_groups", [])])
    report.words |= names_of(chain.from_iterable(evidence), codes, groups)
    return ReportRows(report, tuple(priorities), tuple(objectives), tuple(actuals), tuple(evidence))


def _report(rolled: Rollup, by: User, at: datetime, written: Narrative) -> AnnualReport:
    plan = rolled.plan
    return AnnualReport(
        plan=plan,
        year=rolled.year.label,
        as_of=rolled.as_of,
        elapsed=round_for_report(rolled.elapsed),
        issued_at=at,
        issued_by=by,
        issued_by_name=str(by),
        plan_code=plan.code,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        year_starts_in=plan.year_starts_in,
        thresholds={name: str(getattr(plan, name)) for name in THRESHOLDS},
        words={"plan": words(plan, "title")},
        narrative={section.value: dict(text) for section, text in written.narrative.items()},
        correction=dict(written.correction),
        people=people_kept(load_people_trained(plan, rolled.as_of)),
    )


def _priority(report: AnnualReport, line: ObjectiveRow) -> ReportedPriority:
    live = line.objective.priority
    axes = [words(axis, "title") for axis in live.axes.all()]
    return ReportedPriority(
        report=report, number=live.number, title=words(live, "title"), axes=axes
    )


def _objective(
    priority: ReportedPriority, number: int, line: ObjectiveRow, before: PriorYear
) -> ReportedObjective:
    return ReportedObjective(
        priority=priority,
        number=number,
        code=line.objective.code,
        statement=words(line.objective, "statement"),
        short_title=words(line.objective, "short_title"),
        rating=line.rating,
        rating_before=before.objectives.get(line.objective.code, ""),
    )


def _countries_by_target(rolled: Rollup) -> dict[str, list[dict[str, Any]]]:
    """The countries that each target ties the plan to, by the target's code: code and records."""
    reach = calculate_reach(rolled)
    return {
        tie.actual.target.code: [
            {"code": piece.code, "records": piece.records} for piece in tie.slices
        ]
        for tie in (reach.targets if reach else ())
    }


def _codes(lines: Iterable[list[dict[str, Any]]]) -> set[str]:
    return {one["code"] for group in lines for one in group if one["code"]}


def _actual(
    objective: ReportedObjective, number: int, line: TargetRow, as_of: date
) -> ReportedActual:
    target, reading = line.target, line.actual.measurement
    indicator = target.indicator
    texts = {name: words(target, name) for name in TARGET_WORDS}
    trend = build_trend(target, as_of)
    return ReportedActual(
        objective=objective,
        number=number,
        code=target.code,
        indicator=indicator.code,
        words={**texts, "indicator": {name: words(indicator, name) for name in INDICATOR_WORDS}},
        record_kind=target.record_kind,
        measure=target.measure,
        dimension=target.dimension,
        frequency=target.frequency,
        minimum=target.minimum,
        maximum=target.maximum,
        due_months=target.due_months,
        value=round_if_known(reading.value, target),
        numerator=round_if_known(reading.numerator),
        denominator=round_if_known(reading.denominator),
        this_year=round_if_known(line.this_year.value, target),
        expected=round_if_known(line.expected),
        rating=line.rating,
        slices=_slices(line),
        years=[
            {"year": one.year.label, "value": format_exact(one.value), "state": one.state.value}
            for one in line.years
        ],
        trend=trend
        and [
            [day.isoformat(), format_exact(value)]
            for day, value in zip(trend.days, trend.values, strict=True)
        ],
        conditions=[_condition(condition) for condition in target.conditions.all()],
        left_out=line.actual.excluded.count_by_reason(),
        override=_override(line),
    )


def _override(line: TargetRow) -> dict[str, str] | None:
    """What an officer set the rating with; None where the rule's stands."""
    if line.override is None:
        return None
    return {
        "calculated": line.calculated.value,
        "reason": line.override.reason,
        "by": line.override.by,
        "at": line.override.at.astimezone(UTC).isoformat(),
    }


def _evidence(actual: ReportedActual, line: TargetRow) -> tuple[ReportedEvidence, ...]:
    citations = tuple(citations_of(line.actual))
    for citation in citations:
        citation.actual = actual
    return citations


def _slices(line: TargetRow) -> list[dict[str, object]]:
    labels = labels_of(line.actual)
    return [_slice(piece, labels) for piece in line.actual.measurement.slices]


def _slice(piece: Slice, labels: dict[str, dict[str, str]]) -> dict[str, object]:
    return {
        "code": piece.code,
        "label": labels[piece.code],
        "value": format_exact(piece.value),
        "records": piece.records,
    }


def _condition(condition: Condition) -> dict[str, object]:
    return {
        "dimension": condition.dimension,
        "test": condition.test,
        "values": list(condition.values),
        "scopes_without_value": condition.scopes_without_value,
        "lists": [
            {
                "name": words(one, "name"),
                "source": words(one, "source"),
                "valid_from": one.valid_from and one.valid_from.isoformat(),
                "is_confirmed": one.is_confirmed,
            }
            for one in condition.country_lists.all()
        ],
    }
