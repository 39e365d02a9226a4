"""The PDF holds PDF/UA-1 and PDF/A-3a, and what would break them is found."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from reporting.annual_report.pdf.glyphs import NOTHING, glyph_text
from tests.support.pdf_checks import PAGE, find_faults, make_pdf, needs_pango

ENGLISH = PAGE.format(language="en", direction="ltr", title="Report", text="Twelve records")
ARABIC = PAGE.format(
    language="ar", direction="rtl", title="تقرير", text="لم يتحقَّق، ٧ سجلّات بلا أثرٍ"
)


def of_kind(file: Any, key: str, value: str) -> list[Any]:
    return [one for one in file.objects if isinstance(one, dict) and one.get(key) == value]


def lose_the_picture_s_text(file: Any) -> None:
    del of_kind(file, "S", "/Figure")[0]["Alt"]


def lose_the_scopes(file: Any) -> None:
    for head in of_kind(file, "S", "/TH"):
        del head["A"]["Scope"]
    for cell in of_kind(file, "S", "/TD"):
        del cell["A"]


def lose_a_font(file: Any) -> None:
    del of_kind(file, "Type", "/FontDescriptor")[0]["FontFile2"]


def lose_the_language(file: Any) -> None:
    del file.catalog["Lang"]


def lose_the_tags(file: Any) -> None:
    del file.catalog["StructTreeRoot"]
    del file.catalog["MarkInfo"]


def lose_a_letter(file: Any) -> None:
    for stream in file.objects:
        lines = getattr(stream, "stream", [])
        for number, line in enumerate(lines):
            if isinstance(line, bytes) and re.fullmatch(rb"<[0-9a-f]{4}> <00[0-9a-f]+>", line):
                lines[number] = line[:8] + b">"
                return


@needs_pango
class TestStandards:
    @pytest.mark.parametrize("html", [ENGLISH, ARABIC], ids=["English", "Arabic"])
    def test_a_finished_page_has_no_fault(self, html: str) -> None:
        assert find_faults(make_pdf(html)) == []

    @pytest.mark.parametrize(
        "spoil",
        [
            lose_the_picture_s_text,
            lose_the_scopes,
            lose_a_font,
            lose_the_language,
            lose_the_tags,
            lose_a_letter,
        ],
    )
    def test_a_fault_is_found(self, spoil: Callable[[Any], None]) -> None:
        assert find_faults(make_pdf(ENGLISH, spoil))

    def test_a_page_without_a_title_is_found(self) -> None:
        assert find_faults(make_pdf(ENGLISH.replace("<title>Report</title>", "", 1)))

    def test_letters_under_marks_keep_their_text(self) -> None:
        """Left to itself WeasyPrint gives the letter's text to the mark."""
        streams: list[bytes] = []

        def look(file: Any) -> None:
            for one in file.objects:
                if isinstance(one, dict) and "ToUnicode" in one:
                    stream = file.objects[int(one["ToUnicode"].split()[0])].stream
                    streams.append(b"\n".join(stream))

        make_pdf(ARABIC, look)
        told = {
            bytes.fromhex(text).decode("utf-16-be")
            for text in re.findall(r"<[0-9a-f]{4}> <([0-9a-f]*)>", b"\n".join(streams).decode())
        }
        assert {"ق", "ت", "ج", "\u0651", "\u064d"} <= told
        assert "" not in told
        assert all(len(text) == 1 for text in told - {NOTHING})


def test_a_shaped_letter_is_told_as_the_letter() -> None:
    font = settings.BASE_DIR / "ibcr_rbm/static/fonts/print-arabic-400.woff2"
    told = set(glyph_text(font.read_bytes()).values())
    assert {"ب", "ﻻ"} <= told
    assert not told & {"\ufe8f", "\ufe90", "\ufe91", "\ufe92"}, "the four shapes of ب"
