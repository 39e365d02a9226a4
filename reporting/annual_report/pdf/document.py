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
from datetime import UTC
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils.translation import override

from reporting.annual_report.content.data_files import DataFile, data_files
from reporting.annual_report.content.pages import pages_of
from reporting.annual_report.pdf.glyphs import map_glyphs, replace_missing_glyphs
from reporting.annual_report.snapshot.reader import IssuedReportData, load_rows, read_snapshot
from reporting.models import AnnualReport, ReportFile, ReportRows

try:
    import weasyprint
    from weasyprint.urls import URLFetcher, URLFetcherResponse
except OSError:  # a library that it loads is not on this machine
    weasyprint = None
    URLFetcher = object

LANGUAGES = ("en", "fr", "es", "ar")
"""In which languages a report is made into a PDF when it is issued."""

BLANK_AT_END = re.compile(r"\s+(?=</(?:td|th|p|li|h[1-6])>)")
"""WeasyPrint breaks a line after its first word when it just fits without the blank at its end."""
ENDS_IN_CR = re.compile(rb"\r\nendstream")
MOST_PADDING = 4
"""How often a file is written with one more blank in it, when a stream that WeasyPrint adds last,
out of the finisher's reach, happens to end in CR: one file of about a hundred."""


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
    return weasyprint is not None


def add_files(report: AnnualReport, languages: Sequence[str] = LANGUAGES) -> list[ReportFile]:
    """Make and store the PDFs that an issued report lacks, and return them. Raises PangoMissing."""
    there = set(report.files.values_list("language", flat=True))
    missing = [language for language in languages if language not in there]
    rows = load_rows(report) if missing else None
    return [_stored(rows, language) for language in missing if rows]


def get_report_pdf(report: AnnualReport, language: str) -> ReportFile:
    """The PDF in one language: as it is stored, else made and stored now. Raises PangoMissing."""
    stored = report.files.filter(language=language).first()
    if stored is None:
        # Somebody else may make it in the same moment, from the same rows.
        with suppress(IntegrityError):
            add_files(report, [language])
        stored = report.files.get(language=language)
    return stored


def render(rows: ReportRows, language: str, *, is_draft: bool = False) -> Pdf:
    """The report in one language, from its rows alone. Raises PangoMissing.

    The same rows give the same bytes with one version of WeasyPrint, Pango and the fonts.
    """
    if weasyprint is None:
        raise PangoMissing
    with override(language):
        reported = read_snapshot(rows)
        html = _html(reported, is_draft=is_draft)
        files = data_files(rows, reported, is_draft=is_draft)
    for padding in range(MOST_PADDING):
        carried = [_attachment(file, rows.report) for file in files]
        finish = _Finish(padding)
        content = _pages(html).write_pdf(
            pdf_variant="pdf/a-3a", finisher=finish, attachments=carried
        )
        if not ENDS_IN_CR.search(content):
            break
    return Pdf(content, finish.pages)


def bare(html: str) -> bytes:
    """What WeasyPrint makes of the pages by itself: the measure of what the rest costs."""
    content: bytes = _pages(html).write_pdf()
    return content


def render_html(rows: ReportRows, language: str, *, is_draft: bool = False) -> str:
    """The report's pages as WeasyPrint reads them."""
    with override(language):
        return _html(read_snapshot(rows), is_draft=is_draft)


def _html(reported: IssuedReportData, *, is_draft: bool) -> str:
    context = pages_of(reported, is_draft=is_draft)
    return BLANK_AT_END.sub(
        "", render_to_string("reporting/annual_report/pdf/report.html", context)
    )


def _attachment(file: DataFile, report: AnnualReport) -> Any:
    """A file within the file, as old as the report; "Data": the pages are drawn from it."""
    issued = report.issued_at.astimezone(UTC)
    return weasyprint.Attachment(
        string=file.content,
        name=file.name,
        description=file.description,
        created=issued,
        modified=issued,
        relationship="Data",
    )


def _pages(html: str) -> Any:
    folder = Path(str(finders.find("print.css"))).parent
    return weasyprint.HTML(
        string=replace_missing_glyphs(html, list_fonts(folder)),
        base_url=f"{folder.as_uri()}/",
        url_fetcher=OwnStyle(folder),
    )


def list_fonts(folder: Path) -> list[Path]:
    """The fonts of the PDF, in every weight."""
    return sorted((folder / "fonts").glob("print-*.woff2"))


def _stored(rows: ReportRows, language: str) -> ReportFile:
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


class OwnStyle(URLFetcher):  # type: ignore[misc]
    """Gives WeasyPrint our style sheet and its fonts; refuses whatever else a text may name."""

    def __init__(self, folder: Path) -> None:
        super().__init__(allowed_protocols=("file",), allow_redirects=False)
        self.files = {font.as_uri(): (font, "font/woff2") for font in list_fonts(folder)}
        style_sheet = folder / "print.css"
        self.files[style_sheet.as_uri()] = (style_sheet, "text/css")

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        if url not in self.files:
            raise ValueError(f"A report fetches nothing but its own style and fonts: {url}")
        path, content_type = self.files[url]
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": content_type})


class _Finish:
    """What WeasyPrint leaves to be done before it writes the file; also counts the pages."""

    pages = 0

    def __init__(self, padding: int = 0) -> None:
        self.padding = padding

    def __call__(self, document: Any, pdf: Any) -> None:
        self.pages = len(document.pages)
        map_glyphs(document.fonts.values(), pdf.objects)
        _scope_table_headers(pdf.objects)
        _say_nothing_of_decoration(pdf.objects)
        _declare_pdf_ua(pdf)
        _leave_data_readable(pdf)
        if self.padding:
            pdf.catalog["IBCRPadding"] = self.padding
        _end_streams_plainly(pdf.objects)


def _scope_table_headers(objects: Sequence[Any]) -> None:
    """A header names its column where it stands in the table's head, else its row."""
    for element in objects:
        if isinstance(element, dict) and element.get("S") == "/TH":
            parent = objects[_number(element["P"])]
            while parent.get("S") == "/TR":
                parent = objects[_number(parent["P"])]
            is_head = parent.get("S") == "/THead"
            element["A"]["Scope"] = "/Column" if is_head else "/Row"


def _say_nothing_of_decoration(objects: Sequence[Any]) -> None:
    """A picture without a title stands beside the words that say the same: no figure to be read."""
    for element in objects:
        if isinstance(element, dict) and element.get("S") == "/Figure" and "Alt" not in element:
            element["S"] = "/NonStruct"
            del element["A"]


def _declare_pdf_ua(pdf: Any) -> None:
    """Say in the file's metadata that it is PDF/UA-1, with the schema that PDF/A asks for."""
    metadata = pdf.objects[_number(pdf.catalog["Metadata"])]
    [xml] = metadata.stream
    end = xml.rindex(b"</rdf:RDF>")
    metadata.stream[:] = [xml[:end] + PDF_UA + xml[end:]]
    metadata.compress = False


def _leave_data_readable(pdf: Any) -> None:
    """The files within stand as they are, for programs that read no PDF, and are named once."""
    for stream in pdf.objects:
        if getattr(stream, "extra", {}).get("Type") == "/EmbeddedFile":
            stream.compress = False
    if carried := pdf.catalog.get("AF"):
        carried[:] = dict.fromkeys(carried)


def _end_streams_plainly(objects: Sequence[Any]) -> None:
    """A compressed stream that happens to end in CR would read as longer than it says it is."""
    for stream in objects:
        if isinstance(getattr(stream, "stream", None), list) and stream.compress:
            while stream.data.endswith(b"\r\nendstream"):
                stream.stream.append(b" ")


def _number(reference: bytes | str) -> int:
    """The number of the object that a reference such as `12 0 R` is to."""
    return int(reference.split()[0])


PDF_UA = re.sub(
    rb">\s+<",
    b"><",
    b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
  <pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
  xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
  <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
      <pdfaProperty:name>part</pdfaProperty:name>
      <pdfaProperty:valueType>Integer</pdfaProperty:valueType>
      <pdfaProperty:category>internal</pdfaProperty:category>
      <pdfaProperty:description>Part of ISO 14289</pdfaProperty:description>
    </rdf:li></rdf:Seq></pdfaSchema:property>
  </rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>""",
)
