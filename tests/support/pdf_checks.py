"""Small pages as finished PDFs, and the results of a checker."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import page
import pytest

from reporting.annual_report.pdf import document

PROFILES = (page.ValidationProfile.PDF_UA_1, page.ValidationProfile.PDF_A_3A)


needs_pango = pytest.mark.skipif(not document.is_available(), reason="Pango is not installed")


PAGE = """<!doctype html><html lang="{language}" dir="{direction}"><head><meta charset="utf-8">
<title>{title}</title><link rel="stylesheet" href="print.css"></head><body><main>
<h1>{title}</h1><table><thead><tr><th scope="col">A</th><th scope="col">B</th></tr></thead>
<tbody><tr><th scope="row">1</th><td>2</td></tr></tbody></table>
<figure><svg class="chart" viewBox="0 0 9 9" role="img"><title>A square</title>
<rect width="9" height="9"/></svg></figure>
<p>{text}</p></main></body></html>"""


def make_pdf(html: str, spoil: Callable[[Any], None] = lambda pdf: None) -> bytes:
    """Return the page as a finished PDF whose objects ``spoil`` has changed."""
    finish = document.load_typesetting()._Finish()

    def finisher(document: Any, file: Any) -> None:
        finish(document, file)
        spoil(file)

    content: bytes = (
        document.load_typesetting()
        .parse_html(html)
        .write_pdf(pdf_variant="pdf/a-3a", finisher=finisher)
    )
    return content


def find_faults(content: bytes) -> list[str]:
    found = [page.validate_pdf_bytes(content, profile=profile) for profile in PROFILES]
    return [failure.message for one in found for failure in one.failures]


def fonts_of(content: bytes, folder: Path) -> set[str]:
    path = folder / "made.pdf"
    path.write_bytes(content)
    listed = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True)
    names = [line.split()[0].partition("+")[2] for line in listed.stdout.splitlines()[2:]]
    return {name.removesuffix("-Semi-Bold") for name in names}
