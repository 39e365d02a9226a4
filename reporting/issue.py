"""Issuing an annual report: the one place where figures are written down.

``issue_problems`` says what forbids it, ``open_matters`` what had better be settled first, and
``issue_annual_report`` does it, once and whole. What is written down is made by
``reporting.report_rows``; reading an issued report back is ``reporting.reported``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from reporting.citations import left_out_by_reason
from reporting.models import (
    AnnualReport,
    ReportedActual,
    ReportedEvidence,
    ReportedObjective,
    ReportedPriority,
    ReportRows,
)
from reporting.report_rows import draft_report
from reporting.rollup import rollup
from strategy.models import Plan, Target, UnknownYear, User
from strategy.vocabulary import Reason, Role, YearState


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
