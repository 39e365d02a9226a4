"""The levels of a plan as a report stores them: unsaved rows with the texts of that time."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from reporting.models import AnnualReport, ReportedActual, ReportedObjective, ReportedPriority
from strategy.models import Axis, Indicator, Objective, Plan, Priority, Target, TargetVersion

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


def read_target(row: ReportedActual, objective: Objective) -> Target:
    observed: dict[str, str] = {}
    for field in INDICATOR_WORDS:
        observed |= _spread_translations(field, row.words["indicator"][field])
    indicator = Indicator(objective=objective, code=row.indicator, **observed)
    same = ("number", "code", "record_kind", "measure", "dimension", "frequency", "due_months")
    values: dict[str, Any] = {name: getattr(row, name) for name in same}
    target = Target(indicator=indicator, **values, **_read_words(row, TARGET_WORDS))
    version = TargetVersion(
        in_force_from=target.plan.starts_on,
        minimum=row.minimum,
        maximum=row.maximum,
        **_read_words(row, VERSION_WORDS),
    )
    target.all_versions = (version,)
    return target.as_of(target.plan.ends_on)


def _read_words(row: ReportedActual, fields: Iterable[str]) -> dict[str, Any]:
    texts: dict[str, Any] = {}
    for field in fields:
        texts |= _spread_translations(field, row.words[field])
    return texts


def _spread_translations(field: str, texts: Mapping[str, str]) -> dict[str, str]:
    return {f"{field}_{language}": text for language, text in texts.items()}
