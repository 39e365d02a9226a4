"""Issuing an annual report: the only place where figures are stored.

``find_issue_problems`` lists what forbids it, ``find_outstanding_items`` what should be settled
first, and ``issue_annual_report`` stores the rows in one transaction. They are built by
``reporting.annual_report.drafting.proposal`` and read by
``reporting.annual_report.snapshot.reader``.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from reporting.annual_report.drafting.proposal import ReportProposal, build_proposal
from reporting.annual_report.drafting.stale_numbers import StaleNumber
from reporting.annual_report.drafting.texts import get_draft
from reporting.annual_report.sealing.keys import has_signing_key
from reporting.annual_report.sealing.seals import seal_report
from reporting.annual_report.snapshot.multilingual import MultilingualText
from reporting.figures.rollup import build_rollup
from reporting.models import (
    AnnualReport,
    NarrativeText,
    ReportedActual,
    ReportedEvidence,
    ReportedObjective,
    ReportedPriority,
    ReportRows,
    ReportSeal,
)
from reporting.wording.formatting import join_list
from strategy.accounts.policy import can_issue_reports
from strategy.accounts.security_log.events import log_event
from strategy.choices import Reason, YearState
from strategy.models import Plan, SecurityAction, Target, UnknownYear, User


class IssueRejected(Exception):
    """A report that was not issued; nothing was written.

    ``problems`` are sentences for people; ``has_numbers``: some are of numbers to confirm.
    """

    def __init__(self, problems: list[str], *, has_numbers: bool = False) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems
        self.has_numbers = has_numbers


@dataclass(frozen=True)
class OutstandingItems:
    """What may still change a figure: records whose exclusion can be mended, and open years."""

    target: Target
    left_out: dict[Reason, int]
    years: tuple[str, ...]


OUTDATED = gettext_lazy(
    "The report has changed since you opened this page. Check it again, then issue it."
)
REMEDIABLE = (Reason.NOT_APPROVED, Reason.NO_EVIDENCE, Reason.NO_DATE)


def find_issue_problems(
    plan: Plan, year: str, by: User, at: datetime, version: int = 1
) -> list[str]:
    """Why this version of a year's report cannot be issued by this person now; empty: it can."""
    try:
        period = plan.year(year)
    except UnknownYear as error:
        return [str(error)]
    problems = []
    if not can_issue_reports(by):
        problems.append(
            _("Only an M&E officer issues annual reports; %(name)s is none.") % {"name": by}
        )
    if timezone.localtime(at).date() <= period.ends_on:
        problems.append(
            _("The year %(year)s is not over: its report can be issued after %(day)s.")
            % {"year": year, "day": date_format(period.ends_on, "DATE_FORMAT")}
        )
    if not has_signing_key():
        problems.append(
            _(
                "Reports are signed, and this installation has no signing key. Ask your "
                "administrator to set REPORT_SIGNING_KEY, as the README says."
            )
        )
    return problems + _find_version_problems(plan, year, version)


def _find_version_problems(plan: Plan, year: str, version: int) -> list[str]:
    issued = AnnualReport.objects.filter(plan=plan, year=year).order_by("-version")
    latest = issued.values_list("version", flat=True).first() or 0
    params = {"year": year, "version": version, "before": version - 1}
    if version <= latest and version == 1:
        return [
            _("The report of %(year)s is already issued, and an issued report never changes.")
            % params
        ]
    if version <= latest:
        return [_("Version %(version)s of the report of %(year)s is already issued.") % params]
    if version > latest + 1:
        return [_("There is no version %(before)s of the report of %(year)s to correct.") % params]
    return []


def find_correction_problems(proposal: ReportProposal) -> list[str]:
    """Why a correction cannot be issued as it is proposed; a first version has no such problem."""
    report = proposal.rows.report
    if report.corrects is None:
        return []
    problems = []
    if not any(reason.strip() for reason in report.correction.values()):
        problems.append(_("Say why the report is corrected, at least in one language."))
    if not report.changes and not proposal.is_rewritten:
        problems.append(
            _("No figure and no text differs from version %(version)s: nothing is corrected.")
            % {"version": report.corrects.version}
        )
    return problems


def find_number_problems(proposal: ReportProposal, accepted: Collection[str] | None) -> list[str]:
    """Name each number in a text that equals an old figure and is not accepted by its key."""
    if accepted is None:
        return []
    return [describe_number(stale) for stale in proposal.stale if stale.key not in accepted]


def describe_number(stale: StaleNumber) -> str:
    """Return where the number is, and the figures that it was and that they are now."""
    figures = [
        _("%(figure)s: %(old)s, now %(new)s")
        % {
            "figure": f"{figure.target}, {figure.name}",
            "old": figure.old_text,
            "new": figure.new_text,
        }
        for figure in stale.figures
    ]
    return _("“%(snippet)s” (%(text)s, %(language)s): %(number)s was a figure. %(figures)s.") % {
        "snippet": stale.snippet,
        "text": stale.label,
        "language": get_language_info(stale.language)["name_translated"],
        "number": stale.text,
        "figures": join_list(figures),
    }


def find_outstanding_items(plan: Plan, year: str) -> list[OutstandingItems]:
    matters = []
    for row in build_rollup(plan, plan.year(year).ends_on).targets:
        left_out = row.actual.excluded.count_by_reason()
        open_ones = {reason: left_out[reason] for reason in REMEDIABLE if reason in left_out}
        waiting = (YearState.NO_DATA, YearState.DUE)
        years = tuple(one.year.label for one in row.years if one.state in waiting)
        if open_ones or years:
            matters.append(OutstandingItems(row.target, open_ones, years))
    return matters


def issue_annual_report(
    plan: Plan,
    year: str,
    by: User,
    at: datetime,
    *,
    version: int = 1,
    correction: MultilingualText | None = None,
    accepted_numbers: Collection[str] | None = (),
    seen: str = "",
) -> AnnualReport:
    """Write down the report of a plan's year, as of the year's last day, and return it.

    ``year`` is the label of a reporting year (`2018`, `2017-2018`), ``by`` an M&E officer, ``at``
    an aware time, kept as the time of issue. A ``version`` after the first corrects the one before;
    ``correction`` says why, where the draft does not. What officers wrote in the draft of that
    version goes in; ``accepted_numbers`` are the keys of the old numbers in it, None accepts all.
    ``seen`` is the digest of the proposal that the officer looked at, if there was one. All is
    written in one transaction, from one state of the records. Raises IssueRejected, with the
    reasons. ``reporting.annual_report.pdf.tasks`` makes the PDF, which Pango may lack.
    """
    try:
        with _one_state_of_the_records():
            if problems := find_issue_problems(plan, year, by, at, version):
                raise IssueRejected(problems)
            proposal = build_proposal(get_draft(plan, year, version), by, at, correction)
            if problems := find_correction_problems(proposal):
                raise IssueRejected(problems)
            if problems := find_number_problems(proposal, accepted_numbers):
                raise IssueRejected(problems, has_numbers=True)
            if seen and seen != proposal.digest:
                raise IssueRejected([str(OUTDATED)])
            return _write_down(proposal.rows)
    except IntegrityError as error:
        # Somebody else issued it in the same moment; the constraint let only one of the two.
        if problems := find_issue_problems(plan, year, by, at, version):
            raise IssueRejected(problems) from error
        raise


@contextmanager
def _one_state_of_the_records() -> Iterator[None]:
    """Open a transaction that reads one state of the database from its first query to its last.

    SQLite locks writers out. PostgreSQL needs the isolation level before the first query: otherwise
    a record approved during the transaction could be cited and not counted, or the reverse. Texts
    that are being saved finish first; later ones are rejected. Reports are issued one after the
    other, because each seal continues the one before.
    """
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                cursor.execute(f"LOCK TABLE {ReportSeal._meta.db_table} IN EXCLUSIVE MODE")
                cursor.execute(f"LOCK TABLE {NarrativeText._meta.db_table} IN SHARE MODE")
        yield


def _write_down(rows: ReportRows) -> AnnualReport:
    rows.report.save(force_insert=True)
    ReportedPriority.objects.bulk_create(rows.priorities)
    ReportedObjective.objects.bulk_create(rows.objectives)
    ReportedActual.objects.bulk_create(rows.actuals)
    ReportedEvidence.objects.bulk_create(list(chain.from_iterable(rows.evidence)), batch_size=500)
    seal_report(rows.report)
    log_event(SecurityAction.REPORT_ISSUED, f"report {rows.report.pk}", rows.report.issued_by)
    return rows.report
