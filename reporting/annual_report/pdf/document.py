"""An issued report as a PDF/UA-1 and PDF/A-3a file with its data embedded, reproducible by byte.

WeasyPrint needs Pango. An installation without it has no PDFs, and ``is_available`` returns
False. The pages contain text of users, so no URL in them is ever fetched.
"""

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType

from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from reporting.annual_report.content.data_files import DataFile, build_data_files
from reporting.annual_report.content.pages import build_context
from reporting.annual_report.sealing.attachments import build_file_seal
from reporting.annual_report.sealing.keys import get_public_key, group_digits, sign
from reporting.annual_report.sealing.seals import load_sealed_rows
from reporting.annual_report.snapshot.reader import IssuedReportData, read_snapshot
from reporting.models import AnnualReport, ReportFile, ReportRows

LANGUAGES = ("en", "fr", "es", "ar")
"""The languages of the PDFs of an issued report."""

BLANK_AT_END = re.compile(r"\s+(?=</(?:td|th|p|li|h[1-6])>)")
"""WeasyPrint breaks a line after its first word if it fits only without its trailing blank."""


class PangoMissing(Exception):
    """Pango is not installed; the message says what to install."""

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
    try:
        load_typesetting()
    except PangoMissing:
        return False
    return True


def load_typesetting() -> ModuleType:
    """Import WeasyPrint's part, which takes seconds, only when it is used. Raises PangoMissing."""
    try:
        from reporting.annual_report.pdf import typesetting  # noqa: PLC0415 - only where a PDF is made
    except OSError:  # a library that it loads is not on this machine
        raise PangoMissing from None
    return typesetting


def create_files(report: AnnualReport, languages: Sequence[str] = LANGUAGES) -> list[ReportFile]:
    """Render, sign, store and return the missing PDFs of an issued report.

    Raises PangoMissing; of a signed report also SigningKeyMissing, and SealBroken if the database
    no longer holds what was sealed.
    """
    stored = set(report.files.values_list("language", flat=True))
    missing = [language for language in languages if language not in stored]
    rows = load_sealed_rows(report) if missing else None
    return [_create_file(rows, language) for language in missing if rows]


def get_report_pdf(report: AnnualReport, language: str) -> ReportFile:
    """Return the stored PDF in one language; create it if missing. Raises as create_files."""
    stored = report.files.filter(language=language).first()
    if stored is None:
        # Another process may store it at the same moment, from the same rows.
        with suppress(IntegrityError):
            create_files(report, [language])
        stored = report.files.get(language=language)
    return stored


def render(rows: ReportRows, language: str, *, is_draft: bool = False) -> Pdf:
    """Render the report in one language from its rows alone. Raises PangoMissing.

    The same rows and key give the same bytes with one version of WeasyPrint, Pango and the fonts.
    """
    maker = load_typesetting()
    with override(language):
        reported = read_snapshot(rows)
        html = _render(reported, is_draft=is_draft, is_signed=rows.seal is not None)
        files = build_attachments(rows, reported, language, is_draft=is_draft)
    return Pdf(*maker.typeset(html, files, rows.report.issued_at))


def build_attachments(
    rows: ReportRows, reported: IssuedReportData, language: str, *, is_draft: bool = False
) -> tuple[DataFile, ...]:
    """Return the report's data, and of a signed report the signed statement about them."""
    files = build_data_files(rows, reported, is_draft=is_draft)
    if rows.seal is None:
        return files
    contents = {file.name: file.content for file in files}
    seal = DataFile(
        f"ibcr-annual-report-{rows.report.year}-seal.json",
        build_file_seal(rows.report, rows.seal, language, contents),
        _("The signed seal of the annual report %(year)s, as JSON") % {"year": rows.report.year},
    )
    return (*files, seal)


def typeset_live(html: str, created_at: datetime) -> Pdf:
    """Return the PDF/UA-1 of a page that is no issued report. Raises PangoMissing."""
    return Pdf(*load_typesetting().typeset(html, (), created_at))


def render_plain(html: str) -> bytes:
    """Return the PDF as WeasyPrint alone writes it, without the steps for the standards."""
    content: bytes = load_typesetting().parse_html(html).write_pdf()
    return content


def render_html(rows: ReportRows, language: str, *, is_draft: bool = False) -> str:
    """Return the HTML of the report as WeasyPrint reads it."""
    with override(language):
        return _render(read_snapshot(rows), is_draft=is_draft, is_signed=rows.seal is not None)


def _render(reported: IssuedReportData, *, is_draft: bool, is_signed: bool) -> str:
    context = build_context(reported, is_draft=is_draft)
    context["public_key"] = group_digits(get_public_key()) if is_signed else ""
    return BLANK_AT_END.sub(
        "", render_to_string("reporting/annual_report/pdf/report.html", context)
    )


def _create_file(rows: ReportRows, language: str) -> ReportFile:
    made = render(rows, language)
    signed = (sign(made.content), get_public_key()) if rows.seal else ("", "")
    with transaction.atomic():
        return ReportFile.objects.create(
            report=rows.report,
            language=language,
            content=made.content,
            sha256=made.sha256,
            size=len(made.content),
            pages=made.pages,
            signature=signed[0],
            public_key=signed[1],
        )
