"""Every letter that we write is in our fonts, and a letter that is not never brings in another."""

import re
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from fontTools.ttLib import TTFont

from reporting.annual_report.pdf import document
from reporting.annual_report.pdf.glyphs import (
    MISSING,
    SILENT,
    known_letters,
    list_fonts,
    replace_missing_glyphs,
)
from tests.support.pdf_checks import PAGE, find_faults, fonts_of, make_pdf, needs_pango

STATIC = settings.BASE_DIR / "ibcr_rbm" / "static"
FONTS = list_fonts(STATIC)
FACE = re.compile(
    r"@font-face \{[^}]*?url\(\"fonts/([\w-]+)\.woff2\"\)[^}]*?unicode-range: ([^;]+);"
)
LANGUAGES = {
    "French": "ÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸàâæçéèêëîïôœùûüÿ«»’…–—°€",
    "Spanish": "ÁÉÍÑÓÚÜáéíñóúü¿¡ºª«»",
    "Arabic": "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي،؛؟ًٌٍَُِّْ٠١٢٣٤٥٦٧٨٩٪",
    "names of places": "ãõåäöøßłńśżčšžđğşțăěřůŵ",
}
WRITTEN = [
    *(settings.BASE_DIR / "ibcr_rbm" / "locale").rglob("*.po"),
    *(settings.BASE_DIR / "fixtures").rglob("*.json"),
    *(settings.BASE_DIR / "fixtures").rglob("*.csv"),
    *(
        file
        for file in (settings.BASE_DIR / "templates").rglob("*.html")
        if "admin" not in str(file)
    ),
]


def on_pages() -> dict[str, set[str]]:
    """The letters that pages take from each file of the site's fonts, by its name."""
    style = (STATIC / "app.css").read_text(encoding="utf-8")
    return {
        name: {letter for part in ranges.split(", ") for letter in letters_in(part)}
        for name, ranges in FACE.findall(style)
    }


def letters_in(part: str) -> list[str]:
    first, _to, last = part.strip().removeprefix("U+").partition("-")
    return [chr(code) for code in range(int(first, 16), int(last or first, 16) + 1)]


def letters_of(file: str) -> set[str]:
    return {chr(code) for code in TTFont(STATIC / "fonts" / f"{file}.woff2").getBestCmap()}


def written() -> set[str]:
    letters = set().union(*(file.read_text(encoding="utf-8") for file in WRITTEN))
    return {letter for letter in letters if not SILENT.match(letter)}


@pytest.mark.parametrize("weight", ["400", "600"])
def test_pages_have_every_letter_that_is_written(weight: str) -> None:
    """A letter counts where the style sheet asks the file for it and the file has it."""
    there = set().union(
        *(asked & letters_of(name) for name, asked in on_pages().items() if weight in name)
    )
    assert len(there) > 300, "the style sheet was read"
    assert written() - there == set()
    for language, letters in LANGUAGES.items():
        assert set(letters) - there == set(), language


def test_the_pdf_has_every_letter_that_is_written() -> None:
    there = known_letters(tuple(FONTS))
    assert written() - there == set()
    for language, letters in LANGUAGES.items():
        assert set(letters) - there == set(), language


def test_the_control_a_letter_that_no_font_has_is_found() -> None:
    assert "中" not in known_letters(tuple(FONTS))


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        ("e\u0301le\u0300ve, Nin\u0303o", "élève, Niño"),
        ("a\u202fb", "a\u00a0b"),
        ("a\u2011b", "a-b"),
        ("ﬁn ①", "fin 1"),
        ("中 😀\ufe0f", f"{MISSING} {MISSING}"),
        ("\uff1cb\uff1e", f"{MISSING}b{MISSING}"),
        ("<td>\u0338", "<td>"),
        ("قَرار \u2067x\u2069", "قَرار \u2067x\u2069"),
        ("Київ, Αθήνα", "Київ, Αθήνα"),
        ('<a href="https://例え.jp/中">中</a>', f'<a href="https://例え.jp/中">{MISSING}</a>'),
    ],
)
def test_a_letter_that_the_fonts_lack_is_said_otherwise(typed: str, drawn: str) -> None:
    """And what a person typed never becomes markup, nor leads a link elsewhere."""
    assert replace_missing_glyphs(typed, FONTS) == drawn


FOREIGN = "中文 → 😀 ‰ Ω Йод a\u0302\u0323 ۱ ﷺ"


@needs_pango
@pytest.mark.skipif(not shutil.which("pdffonts"), reason="poppler-utils are not installed")
def test_whatever_people_type_the_pdf_has_our_fonts_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    html = PAGE.format(language="en", direction="ltr", title="Report", text=FOREIGN)
    content = make_pdf(html)
    assert find_faults(content) == []
    assert fonts_of(content, tmp_path) <= {"IBM-Plex-Sans", "IBM-Plex-Sans-Arabic"}
    monkeypatch.setattr(
        document.load_typesetting(), "replace_missing_glyphs", lambda html, fonts: html
    )
    plain = make_pdf(html)
    foreign = fonts_of(plain, tmp_path) - {"IBM-Plex-Sans", "IBM-Plex-Sans-Arabic"}
    assert foreign or find_faults(plain), (
        "the control: without it the file has other fonts or faults"
    )
