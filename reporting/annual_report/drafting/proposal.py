"""A report as a draft would have it issued now: its figures, its texts, and what it corrects."""

from dataclasses import dataclass, replace
from datetime import datetime

from reporting.annual_report.drafting.texts import build_narrative, get_corrected_report
from reporting.annual_report.snapshot.builder import build_report_rows
from reporting.annual_report.snapshot.corrections import find_corrections, has_new_narrative
from reporting.annual_report.snapshot.multilingual import MultilingualText, Narrative
from reporting.models import AnnualReport, ReportDraft, ReportedActual, ReportRows
from strategy.models import User


@dataclass(frozen=True)
class ReportProposal:
    """The rows that would be written down, and what officers wrote into them.

    ``is_rewritten`` says whether a text is another than in the version that it corrects.
    """

    rows: ReportRows
    written: Narrative
    is_rewritten: bool


def build_proposal(
    draft: ReportDraft, by: User, at: datetime, correction: MultilingualText | None = None
) -> ReportProposal:
    """What issuing the draft would write down. Raises UnknownYear.

    ``correction`` says why it corrects the version before, instead of what the draft says.
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
    return ReportProposal(rows, written, _mark_corrections(rows, before, written))


def _mark_corrections(rows: ReportRows, before: AnnualReport, written: Narrative) -> bool:
    """Say in the rows what they change; whether a text is among it."""
    reported = ReportedActual.objects.filter(objective__priority__report=before).order_by(
        "objective__priority__number", "objective__number", "number"
    )
    old = list(reported)
    rows.report.corrects = before
    rows.report.changes = find_corrections(old, rows.actuals, written)
    return has_new_narrative(before, old, written)
