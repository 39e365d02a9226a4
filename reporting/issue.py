"""Issuing an annual report: the one place where figures are written down.

``issue_problems`` says what forbids it, ``open_matters`` what had better be settled first, and
``issue_annual_report`` does it, once and whole. ``draft_report`` gives the same rows not written
down, for a preview. Reading an issued report back is ``reporting.reported``.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from reporting.citations import citations_of, labels_of, left_out_by_reason, names_of, words
from reporting.measures import Slice
from reporting.models import (
    AnnualReport,
    ReportedActual,
    ReportedEvidence,
    ReportedObjective,
    ReportedPriority,
    ReportRows,
)
from reporting.places import reach_of
from reporting.reported import INDICATOR_WORDS, TARGET_WORDS, kept, kept_if_known
from reporting.results import exact
from reporting.rollup import Rollup, TargetLine, rollup
from reporting.trends import trend_for
from strategy.models import Condition, Plan, Target, UnknownYear, User
from strategy.vocabulary import Reason, Role, YearState

THRESHOLDS = (
    "on_track_from",
    "at_risk_from",
    "too_early_below",
    "level_at_risk_from",
    "level_least_records",
)
"""The columns of a plan that its ratings depend on."""


class NotIssued(Exception):
    """A report that was not issued; nothing was written. ``problems`` are sentences for people."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class OpenMatters:
    """What is still open behind one target's figure when its year is reported.

    ``left_out`` says how many records do not count for a reason that somebody could remove;
    ``years`` names the years so far without data, or whose report is due.
    """

    target: Target
    left_out: dict[Reason, int]
    years: tuple[str, ...]


REMEDIABLE = (Reason.NOT_APPROVED, Reason.NO_EVIDENCE, Reason.NO_DATE)


def issue_problems(plan: Plan, year: str, by: User, at: datetime) -> list[str]:
    """Why the report of a year cannot be issued by this person at this time; empty: it can."""
    try:
        period = plan.year(year)
    except UnknownYear as error:
        return [str(error)]
    problems = []
    if by.role != Role.OFFICER:
        problems.append(
            _("Only an M&E officer issues annual reports; %(name)s is none.") % {"name": by}
        )
    if timezone.localtime(at).date() <= period.ends_on:
        problems.append(
            _("The year %(year)s is not over: its report can be issued after %(day)s.")
            % {"year": year, "day": date_format(period.ends_on, "DATE_FORMAT")}
        )
    if AnnualReport.objects.filter(plan=plan, year=year).exists():
        problems.append(
            _("The report of %(year)s is already issued, and an issued report never changes.")
            % {"year": year}
        )
    return problems


def open_matters(plan: Plan, year: str) -> list[OpenMatters]:
    """What could still change the figures of a year's report, by target. Raises UnknownYear."""
    matters = []
    for line in rollup(plan, plan.year(year).ends_on).targets:
        left_out = left_out_by_reason(line.actual)
        open_ones = {reason: left_out[reason] for reason in REMEDIABLE if reason in left_out}
        waiting = (YearState.NO_DATA, YearState.DUE)
        years = tuple(one.year.label for one in line.years if one.state in waiting)
        if open_ones or years:
            matters.append(OpenMatters(line.target, open_ones, years))
    return matters


def issue_annual_report(plan: Plan, year: str, by: User, at: datetime) -> AnnualReport:
    """Write down the report of a plan's year, as of the year's last day, and return it.

    ``year`` is the label of a reporting year (`2018`, `2017-2018`), ``by`` an M&E officer, ``at``
    an aware time, kept as the time of issue. All is written in one transaction, from one state of
    the records. Raises NotIssued, with the reasons, when ``issue_problems`` finds any. The PDF is a
    step of its own, ``reporting.pdf.add_files``: without Pango a report can be issued all the same.
    """
    try:
        with _one_state_of_the_records():
            if problems := issue_problems(plan, year, by, at):
                raise NotIssued(problems)
            return _write_down(draft_report(plan, year, by, at))
    except IntegrityError as error:
        # Somebody else issued it in the same moment; the constraint let only one of the two.
        if problems := issue_problems(plan, year, by, at):
            raise NotIssued(problems) from error
        raise


def draft_report(plan: Plan, year: str, by: User, at: datetime) -> ReportRows:
    """The report as it would be issued now, not written down. Raises UnknownYear."""
    rolled = rollup(plan, plan.year(year).ends_on)
    report, tied = _report(rolled, by, at), _countries_by_target(rolled)
    priorities: list[ReportedPriority] = []
    objectives: list[ReportedObjective] = []
    actuals: list[ReportedActual] = []
    evidence: list[tuple[ReportedEvidence, ...]] = []
    for line in rolled.objectives:
        live = line.objective.priority
        if not priorities or priorities[-1].number != live.number:
            axes = [words(axis, "title") for axis in live.axes.all()]
            priorities.append(
                ReportedPriority(
                    report=report, number=live.number, title=words(live, "title"), axes=axes
                )
            )
        objective = ReportedObjective(
            priority=priorities[-1],
            number=len(objectives) + 1,
            code=line.objective.code,
            statement=words(line.objective, "statement"),
            short_title=words(line.objective, "short_title"),
            rating=line.rating,
        )
        objectives.append(objective)
        for target_line in line.targets:
            actual = _actual(objective, len(actuals) + 1, target_line, rolled.as_of)
            actual.countries = tied.get(actual.code)
            actuals.append(actual)
            evidence.append(_evidence(actual, target_line))
    report.words |= names_of(chain.from_iterable(evidence), _codes(tied.values()))
    return ReportRows(report, tuple(priorities), tuple(objectives), tuple(actuals), tuple(evidence))


@contextmanager
def _one_state_of_the_records() -> Iterator[None]:
    """A transaction that reads one state of the database from beginning to end.

    SQLite's holds the writers off. PostgreSQL's must be told so, before its first query: else a
    record approved meanwhile would be cited and not counted, or counted and not cited.
    """
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _write_down(rows: ReportRows) -> AnnualReport:
    rows.report.save(force_insert=True)
    ReportedPriority.objects.bulk_create(rows.priorities)
    ReportedObjective.objects.bulk_create(rows.objectives)
    ReportedActual.objects.bulk_create(rows.actuals)
    ReportedEvidence.objects.bulk_create(list(chain.from_iterable(rows.evidence)), batch_size=500)
    return rows.report


def _report(rolled: Rollup, by: User, at: datetime) -> AnnualReport:
    plan = rolled.plan
    return AnnualReport(
        plan=plan,
        year=rolled.year.label,
        as_of=rolled.as_of,
        elapsed=kept(rolled.elapsed),
        issued_at=at,
        issued_by=by,
        issued_by_name=str(by),
        plan_code=plan.code,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        year_starts_in=plan.year_starts_in,
        thresholds={name: str(getattr(plan, name)) for name in THRESHOLDS},
        words={"plan": words(plan, "title")},
    )


def _countries_by_target(rolled: Rollup) -> dict[str, list[dict[str, Any]]]:
    """The countries that each target ties the plan to, by the target's code: code and records."""
    reach = reach_of(rolled)
    return {
        tie.actual.target.code: [
            {"code": piece.code, "records": piece.records} for piece in tie.countries
        ]
        for tie in (reach.ties if reach else ())
    }


def _codes(countries: Iterable[list[dict[str, Any]]]) -> set[str]:
    return {one["code"] for group in countries for one in group}


def _actual(
    objective: ReportedObjective, number: int, line: TargetLine, as_of: date
) -> ReportedActual:
    target, reading = line.target, line.actual.reading
    indicator = target.indicator
    texts = {name: words(target, name) for name in TARGET_WORDS}
    trend = trend_for(target, as_of)
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
        value=kept_if_known(reading.value, target),
        numerator=kept_if_known(reading.numerator),
        denominator=kept_if_known(reading.denominator),
        this_year=kept_if_known(line.this_year.value, target),
        expected=kept_if_known(line.expected),
        rating=line.rating,
        slices=_slices(line),
        years=[
            {"year": one.year.label, "value": exact(one.value), "state": one.state.value}
            for one in line.years
        ],
        trend=trend
        and [
            [day.isoformat(), exact(value)]
            for day, value in zip(trend.days, trend.values, strict=True)
        ],
        conditions=[_condition(condition) for condition in target.conditions.all()],
        left_out=left_out_by_reason(line.actual),
    )


def _evidence(actual: ReportedActual, line: TargetLine) -> tuple[ReportedEvidence, ...]:
    citations = tuple(citations_of(line.actual))
    for citation in citations:
        citation.actual = actual
    return citations


def _slices(line: TargetLine) -> list[dict[str, object]]:
    labels = labels_of(line.actual)
    return [_slice(piece, labels) for piece in line.actual.reading.slices]


def _slice(piece: Slice, labels: dict[str, dict[str, str]]) -> dict[str, object]:
    return {
        "code": piece.code,
        "label": labels[piece.code],
        "value": exact(piece.value),
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
                "source": one.source,
                "valid_from": one.valid_from and one.valid_from.isoformat(),
                "is_confirmed": one.is_confirmed,
            }
            for one in condition.country_lists.all()
        ],
    }
