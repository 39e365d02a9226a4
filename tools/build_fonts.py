"""Subsets of IBM Plex Sans for the letters of our four languages; run once, the files are committed.

    npm pack @fontsource/ibm-plex-sans @fontsource/ibm-plex-sans-arabic   (unpack both)
    python tools/build_fonts.py LATIN_PACKAGE ARABIC_PACKAGE ibcr_rbm/static/fonts

Needs fontTools and brotli. A page in English loads `latin` alone, one in French or Spanish
`accents` too, one in Arabic `arabic` and `latin`. The licence reserves the name "Plex" for the
unmodified fonts, so the files carry another name inside.
"""

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables.ttProgram import Program

WEIGHTS = ("400", "600")
NAME = "Rings Sans"
ASCII = "".join(map(chr, range(0x20, 0x7F)))
PUNCTUATION = "\u00a0\u2009–—‘’“”«»…·×−€↑↓•"  # noqa: RUF001
ACCENTS = "".join(map(chr, range(0xA1, 0x100))) + "Œœ"
ARABIC = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچڤگ" + "".join(map(chr, range(0x64B, 0x653)))
ARABIC += "\u0670\u0640،؛؟٪٫٬٠١٢٣٤٥٦٧٨٩"  # noqa: RUF001
# Shaped forms: charts in the PDF hold text that is joined beforehand.
FORMS = "".join(map(chr, [*range(0xFB50, 0xFBB2), *range(0xFE70, 0xFEFD)]))
SMOOTH_EVERYWHERE = b"\xb8\x01\xff\x85\xb0\x04\x8d"


def subset(source: Path, letters: str, target: Path) -> None:
    """Write the letters of `source` that it has to `target`, unhinted and renamed."""
    options = Options(flavor="woff2", hinting=False, notdef_outline=True, name_IDs=[1, 2, 4, 6])
    options.layout_features = [
        *("kern", "tnum", "mark", "mkmk", "ccmp", "locl"),
        *("init", "medi", "fina", "isol", "rlig", "calt", "liga"),
    ]
    font = TTFont(source)
    subsetter = Subsetter(options)
    subsetter.populate(text=letters)
    subsetter.subset(font)
    font["gasp"] = newTable("gasp")
    font["gasp"].gaspRange = {0xFFFF: 15}
    font["prep"] = newTable("prep")
    font["prep"].program = Program()
    font["prep"].program.fromBytecode(SMOOTH_EVERYWHERE)
    style = "SemiBold" if "600" in target.name else "Regular"
    full_name = f"{NAME} Arabic" if "arabic" in target.name else NAME
    names = {1: full_name, 2: style, 4: f"{full_name} {style}"}
    names[6] = f"{full_name} {style}".replace(" ", "-")
    for name_id, value in names.items():
        font["name"].setName(value, name_id, 3, 1, 0x409)
    font.flavor = "woff2"
    font.save(target)


def main(latin: Path, arabic: Path, target: Path) -> None:
    for weight in WEIGHTS:
        roman = latin / f"files/ibm-plex-sans-latin-{weight}-normal.woff2"
        extended = latin / f"files/ibm-plex-sans-latin-ext-{weight}-normal.woff2"
        script = arabic / f"files/ibm-plex-sans-arabic-arabic-{weight}-normal.woff2"
        rest = "".join(map(chr, [*range(0x100, 0x250), *range(0x1E00, 0x1F00), *range(0x300, 0x370)]))
        subset(roman, ASCII + PUNCTUATION, target / f"latin-{weight}.woff2")
        subset(roman, ACCENTS, target / f"accents-{weight}.woff2")
        subset(extended, rest, target / f"latin-more-{weight}.woff2")
        subset(script, ARABIC + FORMS, target / f"arabic-{weight}.woff2")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
