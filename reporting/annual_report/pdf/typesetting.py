"""Typesetting with WeasyPrint, and the steps that make its file PDF/UA-1 and PDF/A-3a.

Only this module imports WeasyPrint, which takes 1.5 seconds and 27 MB and raises OSError without
Pango. ``reporting.annual_report.pdf.document`` imports this module when it renders a file.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import weasyprint
from django.contrib.staticfiles import finders
from weasyprint.urls import URLFetcher, URLFetcherResponse

from reporting.annual_report.content.data_files import DataFile
from reporting.annual_report.pdf.glyphs import list_fonts, map_glyphs, replace_missing_glyphs

ENDS_IN_CR = re.compile(rb"\r\nendstream")
MAX_PADDING = 4
"""The number of attempts with one more blank, when a stream that WeasyPrint adds after the
finisher ends in CR: one file of about a hundred."""


def typeset(html: str, files: Sequence[DataFile], issued_at: datetime) -> tuple[bytes, int]:
    """Return the PDF with the embedded files, and its number of pages."""
    for padding in range(MAX_PADDING):
        carried = [_build_attachment(file, issued_at) for file in files]
        finish = _Finish(padding)
        content: bytes = parse_html(html).write_pdf(
            pdf_variant="pdf/a-3a", finisher=finish, attachments=carried
        )
        if not ENDS_IN_CR.search(content):
            break
    return content, finish.pages


def _build_attachment(file: DataFile, issued_at: datetime) -> Any:
    """Return an embedded file dated like the report; "Data" is its relationship to the pages."""
    issued = issued_at.astimezone(UTC)
    return weasyprint.Attachment(
        string=file.content,
        name=file.name,
        description=file.description,
        created=issued,
        modified=issued,
        relationship="Data",
    )


def parse_html(html: str) -> Any:
    folder = Path(str(finders.find("print.css"))).parent
    return weasyprint.HTML(
        string=replace_missing_glyphs(html, list_fonts(folder)),
        base_url=f"{folder.as_uri()}/",
        url_fetcher=OwnStyle(folder),
    )


class OwnStyle(URLFetcher):
    """Serves our style sheet and its fonts to WeasyPrint and refuses every other URL."""

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
    """Changes the PDF's objects before WeasyPrint writes the file; also counts the pages."""

    pages = 0

    def __init__(self, padding: int = 0) -> None:
        self.padding = padding

    def __call__(self, document: Any, pdf: Any) -> None:
        self.pages = len(document.pages)
        map_glyphs(document.fonts.values(), pdf.objects)
        _scope_table_headers(pdf.objects)
        _hide_decoration(pdf.objects)
        _declare_pdf_ua(pdf)
        _expose_data(pdf)
        if self.padding:
            pdf.catalog["IBCRPadding"] = self.padding
        _pad_streams(pdf.objects)


def _scope_table_headers(objects: Sequence[Any]) -> None:
    """Set the scope of headers: the column in the table's head, else the row."""
    for element in objects:
        if isinstance(element, dict) and element.get("S") == "/TH":
            parent = objects[_parse_reference(element["P"])]
            while parent.get("S") == "/TR":
                parent = objects[_parse_reference(parent["P"])]
            is_head = parent.get("S") == "/THead"
            element["A"]["Scope"] = "/Column" if is_head else "/Row"


def _hide_decoration(objects: Sequence[Any]) -> None:
    """Remove figures without a title from the structure: text next to them says the same."""
    for element in objects:
        if isinstance(element, dict) and element.get("S") == "/Figure" and "Alt" not in element:
            element["S"] = "/NonStruct"
            del element["A"]


def _declare_pdf_ua(pdf: Any) -> None:
    """Declare PDF/UA-1 in the metadata, with the schema that PDF/A requires."""
    metadata = pdf.objects[_parse_reference(pdf.catalog["Metadata"])]
    [xml] = metadata.stream
    end = xml.rindex(b"</rdf:RDF>")
    metadata.stream[:] = [xml[:end] + PDF_UA + xml[end:]]
    metadata.compress = False


def _expose_data(pdf: Any) -> None:
    """Leave embedded files uncompressed, for programs that read no PDF, and list each once."""
    for stream in pdf.objects:
        if getattr(stream, "extra", {}).get("Type") == "/EmbeddedFile":
            stream.compress = False
    if carried := pdf.catalog.get("AF"):
        carried[:] = dict.fromkeys(carried)


def _pad_streams(objects: Sequence[Any]) -> None:
    """Pad compressed streams that end in CR: their length would be read as one byte less."""
    for stream in objects:
        if isinstance(getattr(stream, "stream", None), list) and stream.compress:
            while stream.data.endswith(b"\r\nendstream"):
                stream.stream.append(b" ")


def _parse_reference(reference: bytes | str) -> int:
    """Return the object number of a reference such as `12 0 R`."""
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
