"""The levels of a plan as a report stores them: unsaved rows with the texts of that time."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from indicators.counting.numbers import Judgement
from indicators.models import Assessment
from reporting.annual_report.snapshot.citations import read_translations
from reporting.annual_report.snapshot.stored import StoredJudgement, StoredVersion
from reporting.exports.results import format_exact
from reporting.figures.rollup import TargetRow
from reporting.models import AnnualReport, ReportedActual, ReportedObjective, ReportedPriority
from strategy.dates.periods import PartialDate
from strategy.models import (
    Axis,
    Indicator,
    Objective,
    Plan,
    Priority,
    RubricStep,
    Target,
    TargetVersion,
)

TARGET_WORDS = ("name", "unit")
VERSION_WORDS = ("statement", "rule")
INDICATOR_WORDS = ("statement", "baseline", "data_source", "method", "collected", "responsible")
"""The translated columns that a report stores of a target, its version and its indicator."""


def read_plan(report: AnnualReport) -> Plan:
    thresholds: dict[str, Any] = {name: Decimal(text) for name, text in report.thresholds.items()}
    return Plan(
        code=report.plan_code,
        starts_on=report.starts_on,
        ends_on=report.ends_on,
        year_starts_in=report.year_starts_in,
        **thresholds,
        **_spread_translations("title", report.words["plan"]),
    )


def read_priority(row: ReportedPriority, plan: Plan) -> Priority:
    return Priority(plan=plan, number=row.number, **_spread_translations("title", row.title))


def read_axes(row: ReportedPriority) -> Iterable[Axis]:
    for number, title in enumerate(row.axes, start=1):
        yield Axis(number=number, **_spread_translations("title", title))


def read_objective(row: ReportedObjective, priority: Priority) -> Objective:
    return Objective(
        priority=priority,
        number=row.number,
        code=row.code,
        **_spread_translations("statement", row.statement),
        **_spread_translations("short_title", row.short_title),
    )


def read_target(row: ReportedActual, objective: Objective, as_of: date) -> Target:
    observed: dict[str, str] = {}
    for field in INDICATOR_WORDS:
        observed |= _spread_translations(field, row.words["indicator"][field])
    indicator = Indicator(objective=objective, code=row.indicator, **observed)
    same = (
        *("number", "code", "record_kind", "measure", "dimension", "frequency", "due_months"),
        *("baseline_value", "baseline_on"),
    )
    values: dict[str, Any] = {name: getattr(row, name) for name in same}
    values |= dict(zip(("column", "base_column"), row.numbers or (), strict=False))
    target = Target(indicator=indicator, **values, **_read_words(row.words, TARGET_WORDS))
    target.all_versions = tuple(read_versions(row, target))
    target.steps = tuple(_read_steps(row.judgement))
    return target.as_of(as_of)


def serialize_versions(target: Target, as_of: date) -> list[StoredVersion]:
    """Return the versions that figures as of a day use: the first, and those in force by then."""
    in_force = [each for each in target.all_versions[1:] if each.in_force_from <= as_of]
    return [serialize_version(version) for version in (target.all_versions[0], *in_force)]


def serialize_version(version: TargetVersion) -> StoredVersion:
    entered = version.created_at
    return {
        "in_force_from": version.in_force_from.isoformat(),
        "statement": read_translations(version, "statement"),
        "rule": read_translations(version, "rule"),
        "minimum": format_exact(version.minimum),
        "maximum": format_exact(version.maximum),
        "milestones": {each.year.label: str(each.value) for each in version.dated_milestones},
        "decided_by": version.decided_by,
        "reason": version.reason,
        "document": version.document,
        "entered_at": entered.astimezone(UTC).isoformat() if entered else None,
    }


def serialize_judgement(row: TargetRow) -> StoredJudgement | None:
    """Return the steps of a judged target and those found; None of other targets."""
    target, found = row.target, row.actual.measurement.judgements
    if not target.is_judged:
        return None
    reasons = [
        (each.assessed_on.last, each.pk, each.justification)
        for each in Assessment.objects.filter(pk__in=row.actual.evidence.values("pk"))
        if each.assessed_on
    ]
    return {
        "steps": [
            {"number": step.number, "code": step.code, "name": read_translations(step, "name")}
            for step in target.steps
        ],
        "found": [{"on": str(each.on), "number": each.number} for each in found],
        "justification": max(reasons)[-1] if reasons else "",
    }


def read_judgements(stored: StoredJudgement | None) -> tuple[Judgement, ...]:
    found = stored["found"] if stored else ()
    return tuple(Judgement(PartialDate(each["on"]), each["number"]) for each in found)


def _read_steps(stored: StoredJudgement | None) -> Iterable[RubricStep]:
    for step in stored["steps"] if stored else ():
        names = _spread_translations("name", step["name"])
        yield RubricStep(number=step["number"], code=step["code"], **names)


def read_versions(row: ReportedActual, target: Target) -> Iterable[TargetVersion]:
    """Yield the versions by the report's day; of an older report the one that it printed."""
    if row.versions is None:
        yield TargetVersion(
            target=target,
            in_force_from=target.plan.starts_on,
            minimum=row.minimum,
            maximum=row.maximum,
            **_read_words(row.words, VERSION_WORDS),
        )
    for stored in row.versions or ():
        yield read_version(stored, target)


def read_version(stored: StoredVersion, target: Target) -> TargetVersion:
    entered = stored["entered_at"]
    return TargetVersion(
        target=target,
        in_force_from=date.fromisoformat(stored["in_force_from"]),
        minimum=None if stored["minimum"] is None else Decimal(stored["minimum"]),
        maximum=None if stored["maximum"] is None else Decimal(stored["maximum"]),
        milestones=stored.get("milestones", {}),
        decided_by=stored["decided_by"],
        reason=stored["reason"],
        document=stored["document"],
        created_at=datetime.fromisoformat(entered) if entered else None,
        **_read_words(stored, VERSION_WORDS),
    )


def _read_words(words: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    texts: dict[str, Any] = {}
    for field in fields:
        texts |= _spread_translations(field, words[field])
    return texts


def _spread_translations(field: str, texts: Mapping[str, str]) -> dict[str, str]:
    return {f"{field}_{language}": text for language, text in texts.items()}
