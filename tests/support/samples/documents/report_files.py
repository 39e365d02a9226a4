"""Report files that contain data and no pages, unchanged and altered."""

import json
import sys
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.utils.translation import override

from reporting.annual_report import pdf
from reporting.annual_report.pdf import document
from reporting.annual_report.pdf.document import Pdf, build_attachments
from reporting.annual_report.snapshot.reader import read_snapshot
from reporting.annual_report.verification.extraction import extract_figures, extract_files


def wrap(data: bytes, *others: bytes, compress: bool = False) -> bytes:
    """Return a PDF of which only the attached files matter."""
    parts = [b"%PDF-1.7\n"]
    for number, held in enumerate((data, *others), start=1):
        kept = zlib.compress(held) if compress else held
        how = b"/Filter /FlateDecode" if compress else b""
        head = b"<</Type /EmbeddedFile/Params <</Size 1>>%s/Length %d>>" % (how, len(kept))
        parts.append(b"%d 0 obj\n%s\nstream\n%s\nendstream\nendobj\n" % (number, head, kept))
    return b"".join([*parts, b"%%EOF\n"])


def alter(content: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Return the same file with other figures in it."""
    files = list(extract_files(content))
    figures = extract_figures(content)
    change(figures)
    files[0] = json.dumps(figures, ensure_ascii=False).encode()
    return wrap(*files)


def alter_byte(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def target(figures: dict[str, Any], code: str) -> dict[str, Any]:
    return next(
        one for part in figures["objectives"] for one in part["targets"] if one["code"] == code
    )


@pytest.fixture
def fake_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    leave_pages_out(monkeypatch)


def leave_pages_out(patch: pytest.MonkeyPatch) -> None:
    """Replace report PDFs by files that contain their data and no pages."""

    def render(rows: Any, language: str, *, is_draft: bool = False) -> Pdf:
        with override(language):
            files = build_attachments(rows, read_snapshot(rows), language, is_draft=is_draft)
        return Pdf(wrap(*(file.content for file in files)), 7)

    patch.setattr(document, "render", render)


class _NoPango:
    """Fails the import as WeasyPrint does when a library is missing."""

    def find_spec(self, name: str, _path: Sequence[str] | None, _target: object = None) -> None:
        if name == "reporting.annual_report.pdf.typesetting":
            raise OSError("cannot load library 'libpango-1.0-0'")


@pytest.fixture
def without_pango(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "reporting.annual_report.pdf.typesetting", raising=False)
    monkeypatch.delattr(pdf, "typesetting", raising=False)
    monkeypatch.setattr(sys, "meta_path", [_NoPango(), *sys.meta_path])
