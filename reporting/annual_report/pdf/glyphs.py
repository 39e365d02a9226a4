"""The glyphs of a PDF: which ones its fonts have, and the text that readers search and copy.

A character that our fonts lack would be drawn with a font of the machine, or with none, which
breaks PDF/UA: a sign replaces it.

WeasyPrint learns it from the first text in which it meets a glyph. Where a letter bears a mark, it
gives both to the mark and nothing to the letter: the letter is then missing from every text, and
the file is no PDF/UA. The font itself knows better.
"""

import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

_PAIR = re.compile(rb"<([0-9a-f]{4})> <([0-9a-f]*)>")
NOTHING = "\u2060"
"""For a glyph that belongs to the text of another: it is there, breaks no word, and is silent."""
MISSING = "\ufffd"
"""Replaces a character that the fonts lack."""
SILENT = re.compile("[\n\t\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Characters without a glyph: line breaks, joiners and marks of direction."""
COMPOSED = re.compile("\\w[\u0300-\u036f]+")
LINK = re.compile('(href="[^"]*")')
FIRST_SHAPE = 0xFB50
"""Where the letters begin that are shapes of other letters."""


def list_fonts(folder: Path) -> list[Path]:
    return sorted((folder / "fonts").glob("print-*.woff2"))


def replace_missing_glyphs(html: str, fonts: Iterable[Path]) -> str:
    """The pages with letters alone that the fonts have; addresses of links stay as they are."""
    known = known_letters(tuple(fonts))
    parts = LINK.split(html)
    parts[::2] = [_drawable(text, known) for text in parts[::2]]
    return "".join(parts)


@cache
def known_letters(fonts: tuple[Path, ...]) -> frozenset[str]:
    """What every weight of a family has: the files of one family differ in their last word."""
    families: dict[str, set[str]] = {}
    for font in fonts:
        letters = {chr(code) for code in TTFont(font).getBestCmap()}
        family = font.stem.rpartition("-")[0]
        families[family] = families.get(family, letters) & letters
    return frozenset().union(*families.values())


def _drawable(html: str, known: frozenset[str]) -> str:
    html = COMPOSED.sub(lambda found: unicodedata.normalize("NFC", found[0]), html)
    lacking = {letter for letter in set(html) - known if not SILENT.match(letter)}
    return html.translate({ord(letter): _instead(letter, known) for letter in lacking})


def _instead(letter: str, known: frozenset[str]) -> str:
    """What says the same as a letter that the fonts lack; never a letter that means markup."""
    plain = unicodedata.normalize("NFKC", letter)
    if plain.isalnum() and known.issuperset(plain):
        return plain
    return _INSTEAD.get(unicodedata.category(letter), MISSING)


_INSTEAD = {"Zs": "\u00a0", "Zl": " ", "Zp": " ", "Cc": "", "Mn": "", "Me": "", "Pd": "-"}
"""By the category of the letter: blanks, what is not to be seen, marks upon letters, dashes."""


def map_glyphs(fonts: Iterable[Any], objects: Sequence[Any]) -> None:
    """Say what each glyph of the fonts stands for, as the fonts have it."""
    by_name = {str(font.name): font for font in fonts}
    for element in objects:
        if isinstance(element, dict) and "ToUnicode" in element:
            letters = glyph_text(by_name[str(element["BaseFont"])].file_content)
            stream = objects[int(element["ToUnicode"].split()[0])].stream
            stream[:] = _named(stream, letters)


def glyph_text(font: bytes) -> Mapping[int, str]:
    """The text of each glyph that has a character of its own, by the glyph's number.

    A shaped letter is told as the letter that it is a shape of; a shape of two letters as itself,
    since the order of two within a word from right to left is read in either way.
    """
    opened = TTFont(io.BytesIO(font))
    letters: dict[int, str] = {}
    for code, name in sorted(opened.getBestCmap().items()):
        plain = unicodedata.normalize("NFKC", chr(code))
        is_shape = code >= FIRST_SHAPE and len(plain) == 1
        letters.setdefault(opened.getGlyphID(name), plain if is_shape else chr(code))
    return letters


def _named(lines: Iterable[bytes], letters: Mapping[int, str]) -> Iterator[bytes]:
    for line in list(lines):
        pair = _PAIR.fullmatch(line)
        if pair is None:
            yield line
            continue
        glyph, text = pair.groups()
        known = letters.get(int(glyph, 16))
        if known is not None or not text:
            text = (known or NOTHING).encode("utf-16-be").hex().encode()
        yield b"<%s> <%s>" % (glyph, text)
