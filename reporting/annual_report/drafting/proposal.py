"""The report that issuing a draft would store: figures, texts and corrections."""

from dataclasses import dataclass, replace
from datetime import datetime

from reporting.annual_report.drafting.stale_numbers import StaleNumber, find_stale_numbers
from reporting.annual_report.drafting.texts import build_narrative, get_corrected_report
from reporting.annual_report.sealing.digests import (
    build_canonical,
    build_digest,
    build_row_digests,
    format_digests,
)
from reporting.annual_report.snapshot.builder import build_report_rows
from reporting.annual_report.snapshot.corrections import (
    find_citation_corrections,
    find_corrections,
    has_new_narrative,
    has_other_chapters,
)
from reporting.annual_report.snapshot.multilingual import MultilingualText, Narrative
from reporting.models import AnnualReport, ReportDraft, ReportedActual, ReportRows
from strategy.models import User


@dataclass(frozen=True)
class ReportProposal:
    """The rows to store with their texts.

    Of a correction, ``is_rewritten`` says that a text or a chapter changes, and ``stale`` are the
    numbers in the texts that equal a figure of the version before.
    """

    rows: ReportRows
    written: Narrative
    is_rewritten: bool
    stale: tuple[StaleNumber, ...] = ()

    @property
    def digest(self) -> str:
        """A digest of all that would be stored but its time: the officer who issues has seen it."""
        digests = dict(build_row_digests(self.rows))
        del digests["report", "issued_at"]
        return build_digest(build_canonical(format_digests(digests)))


def build_proposal(
    draft: ReportDraft, by: User, at: datetime, correction: MultilingualText | None = None
) -> ReportProposal:
    """Return what issuing the draft would store. Raises UnknownYear.

    ``correction`` replaces the draft's reason for correcting the version before.
    """
    written = build_narrative(draft)
    if correction is not None:
        written = replace(written, correction=correction)
    rows = build_report_rows(draft.plan, draft.year, by, at, written)
    rows.report.version = draft.version
    before = get_corrected_report(draft)
    if before is None:
        rows.report.correction = {}
        return ReportProposal(rows, written, is_rewritten=False)
    return _propose_correction(rows, before, written)


def _propose_correction(
    rows: ReportRows, before: AnnualReport, written: Narrative
) -> ReportProposal:
    reported = ReportedActual.objects.filter(objective__priority__report=before)
    order = ("objective__priority__number", "objective__number", "number")
    old = list(reported.prefetch_related("evidence").order_by(*order))
    rows.report.corrects = before
    rows.report.changes = [
        *find_corrections(old, rows.actuals, written),
        *find_citation_corrections(old, rows, written),
    ]
    return ReportProposal(
        rows,
        written,
        has_new_narrative(before, old, written) or has_other_chapters(before, rows.report),
        find_stale_numbers(before, old, rows, written),
    )
