"""Which letters the glyphs of a PDF stand for: what is searched, copied and read aloud.

WeasyPrint learns it from the first text in which it meets a glyph. Where a letter bears a mark, it
gives both to the mark and nothing to the letter: the letter is then missing from every text, and
the file is no PDF/UA. The font itself knows better.
"""

import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fontTools.ttLib import TTFont

_PAIR = re.compile(rb"<([0-9a-f]{4})> <([0-9a-f]*)>")
NOTHING = "\u2060"
"""For a glyph that belongs to the text of another: it is there, breaks no word, and is silent."""
FIRST_SHAPE = 0xFB50
"""Where the letters begin that are shapes of other letters."""


def name_letters(fonts: Iterable[Any], objects: Sequence[Any]) -> None:
    """Say what each glyph of the fonts stands for, as the fonts have it."""
    by_name = {str(font.name): font for font in fonts}
    for element in objects:
        if isinstance(element, dict) and "ToUnicode" in element:
            letters = letters_of(by_name[str(element["BaseFont"])].file_content)
            stream = objects[int(element["ToUnicode"].split()[0])].stream
            stream[:] = _named(stream, letters)


def letters_of(font: bytes) -> Mapping[int, str]:
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
