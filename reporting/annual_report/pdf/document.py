"""An issued report as a PDF: one file that is PDF/UA-1 and PDF/A-3a, the same bytes every time,
which carries its own data (``reporting.annual_report.content.data_files``).

WeasyPrint needs Pango, which an installation may lack: then everything but the PDF works, and
``is_available`` says so. The pages hold people's text, so nothing they name is ever fetched.
"""

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import ModuleType

from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils.translation import override

from reporting.annual_report.content.data_files import build_data_files
from reporting.annual_report.content.pages import build_context
from reporting.annual_report.snapshot.reader import IssuedReportData, load_rows, read_snapshot
from reporting.models import AnnualReport, ReportFile, ReportRows

LANGUAGES = ("en", "fr", "es", "ar")
"""In which languages a report is made into a PDF when it is issued."""

BLANK_AT_END = re.compile(r"\s+(?=</(?:td|th|p|li|h[1-6])>)")
"""WeasyPrint breaks a line after its first word when it just fits without the blank at its end."""


class PangoMissing(Exception):
    """No PDF can be made here; its text says what to install."""

    def __init__(self) -> None:
        super().__init__(
            "The PDF needs Pango: install libpango-1.0-0, libpangoft2-1.0-0 and "
            "libharfbuzz-subset0 (Debian), or pango (Homebrew), and run this again."
        )


@dataclass(frozen=True)
class Pdf:
    """A PDF as it is stored and sent."""

    content: bytes
    pages: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def is_available() -> bool:
    """Whether PDFs can be made on this machine."""
    try:
        load_typesetting()
    except PangoMissing:
        return False
    return True


def load_typesetting() -> ModuleType:
    """What makes the pages; its import takes more than all the rest. Raises PangoMissing."""
    try:
        from reporting.annual_report.pdf import typesetting  # noqa: PLC0415 - only where a PDF is made
    except OSError:  # a library that it loads is not on this machine
        raise PangoMissing from None
    return typesetting


def create_files(report: AnnualReport, languages: Sequence[str] = LANGUAGES) -> list[ReportFile]:
    """Make and store the PDFs that an issued report lacks, and return them. Raises PangoMissing."""
    there = set(report.files.values_list("language", flat=True))
    missing = [language for language in languages if language not in there]
    rows = load_rows(report) if missing else None
    return [_create_file(rows, language) for language in missing if rows]


def get_report_pdf(report: AnnualReport, language: str) -> ReportFile:
    """The PDF in one language: as it is stored, else made and stored now. Raises PangoMissing."""
    stored = report.files.filter(language=language).first()
    if stored is None:
        # Somebody else may make it in the same moment, from the same rows.
        with suppress(IntegrityError):
            create_files(report, [language])
        stored = report.files.get(language=language)
    return stored


def render(rows: ReportRows, language: str, *, is_draft: bool = False) -> Pdf:
    """The report in one language, from its rows alone. Raises PangoMissing.

    The same rows give the same bytes with one version of WeasyPrint, Pango and the fonts.
    """
    maker = load_typesetting()
    with override(language):
        reported = read_snapshot(rows)
        html = _render(reported, is_draft=is_draft)
        files = build_data_files(rows, reported, is_draft=is_draft)
    return Pdf(*maker.typeset(html, files, rows.report.issued_at))


def render_plain(html: str) -> bytes:
    """What WeasyPrint makes of the pages by itself: the measure of what the rest costs."""
    content: bytes = load_typesetting().parse_html(html).write_pdf()
    return content


def render_html(rows: ReportRows, language: str, *, is_draft: bool = False) -> str:
    """The report's pages as WeasyPrint reads them."""
    with override(language):
        return _render(read_snapshot(rows), is_draft=is_draft)


def _render(reported: IssuedReportData, *, is_draft: bool) -> str:
    context = build_context(reported, is_draft=is_draft)
    return BLANK_AT_END.sub(
        "", render_to_string("reporting/annual_report/pdf/report.html", context)
    )


def _create_file(rows: ReportRows, language: str) -> ReportFile:
    made = render(rows, language)
    with transaction.atomic():
        return ReportFile.objects.create(
            report=rows.report,
            language=language,
            content=made.content,
            sha256=made.sha256,
            size=len(made.content),
            pages=made.pages,
        )
