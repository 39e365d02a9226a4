"""Build subsets of IBM Plex Sans for the letters of our four languages.

    npm pack @fontsource/ibm-plex-sans @fontsource/ibm-plex-sans-arabic   (unpack both)
    python tools/build_fonts.py LATIN_PACKAGE ARABIC_PACKAGE ibcr_rbm/static/fonts

Run once: the files are committed. Needs fontTools and brotli. A page in English loads `latin`, in
French or Spanish also `accents`, in Arabic `arabic` and `latin`; the PDF uses the files `print-`.
The licence reserves the name "Plex" for unmodified fonts, so the files have another name.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools.merge import Merger
from fontTools.merge import Options as MergeOptions
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables.ttProgram import Program

WEIGHTS = ("400", "600")
NAME = "Rings Sans"
ASCII = "".join(map(chr, range(0x20, 0x7F)))
PUNCTUATION = "\u00a0\u2009–—‘’“”«»…·×−€↑↓•"
BASIC = ASCII + PUNCTUATION + "çñ"  # Every page has the words Français and Español.
ACCENTS = "".join(chr(code) for code in range(0xA1, 0x100) if chr(code) not in BASIC) + "Œœ"
ARABIC = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچڤگ" + "".join(map(chr, range(0x64B, 0x653)))
ARABIC += "\u0670\u0640،؛؟٪٫٬٠١٢٣٤٥٦٧٨٩"
# Shaped forms: charts in the PDF have Arabic letters that are already joined.
FORMS = "".join(map(chr, [*range(0xFB50, 0xFBB2), *range(0xFE70, 0xFEFD)]))
MORE = "".join(
    map(chr, [*range(0x100, 0x180), 0x192, *range(0x218, 0x21C), *range(0x1E80, 0x1F00)])
)
# For the PDF alone, which has no fallback font: names in Greek and Cyrillic, and the sign for a
# missing letter.
GREEK = "".join(map(chr, range(0x370, 0x400)))
CYRILLIC = "".join(map(chr, range(0x400, 0x530)))
PRINTED = "\u0131\u2032\u2122\ufffd"
SMOOTH_EVERYWHERE = b"\xb8\x01\xff\x85\xb0\x04\x8d"


def reduce(source: Path, letters: str) -> TTFont:
    """Return the letters of `source` that exist in it, unhinted."""
    options = Options(hinting=False, notdef_outline=True, name_IDs=[1, 2, 4, 6])
    options.layout_features = [
        *("kern", "tnum", "mark", "mkmk", "ccmp", "locl"),
        *("init", "medi", "fina", "isol", "rlig", "calt", "liga"),
    ]
    font = TTFont(source, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(text=letters)
    subsetter.subset(font)
    return font


def separate_letters(font: TTFont) -> TTFont:
    """Return the font without its decorative ligatures.

    Readers of a PDF reverse the text of a glyph of several letters. Only the ligatures that Arabic
    needs remain: lam with alef, and marks on marks.
    """
    named = set(font.getBestCmap().values())
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            for first, ligatures in getattr(table, "ligatures", {}).items():
                table.ligatures[first] = [one for one in ligatures if one.LigGlyph in named]
    return font


def merge(*fonts: TTFont) -> TTFont:
    """Return one font of several, because the PDF uses one file per family and weight."""
    merger = Merger(MergeOptions(drop_tables=["DSIG", "STAT", "meta"]))
    with TemporaryDirectory() as folder:
        names = []
        for index, font in enumerate(fonts):
            font.flavor = None
            names.append(f"{folder}/{index}.ttf")
            font.save(names[-1])
        font = merger.merge(names)
    font["head"].created = fonts[0]["head"].created
    return font


def save(font: TTFont, target: Path) -> None:
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
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    font.flavor = "woff2"
    font.save(target)


def main(latin: Path, arabic: Path, target: Path) -> None:
    for weight in WEIGHTS:
        roman = latin / f"files/ibm-plex-sans-latin-{weight}-normal.woff2"
        extended = latin / f"files/ibm-plex-sans-latin-ext-{weight}-normal.woff2"
        script = arabic / f"files/ibm-plex-sans-arabic-arabic-{weight}-normal.woff2"
        figures = arabic / f"files/ibm-plex-sans-arabic-latin-{weight}-normal.woff2"
        save(reduce(roman, BASIC), target / f"latin-{weight}.woff2")
        save(reduce(roman, ACCENTS), target / f"accents-{weight}.woff2")
        save(reduce(extended, MORE), target / f"latin-more-{weight}.woff2")
        save(reduce(script, ARABIC), target / f"arabic-{weight}.woff2")
        others = [
            reduce(latin / f"files/ibm-plex-sans-{name}-{weight}-normal.woff2", letters)
            for name, letters in (("greek", GREEK), ("cyrillic", CYRILLIC))
        ]
        whole = reduce(roman, BASIC + ACCENTS + PRINTED), reduce(extended, MORE)
        save(merge(*whole, *others), target / f"print-latin-{weight}.woff2")
        signs = "".join(sign for sign in ASCII + PUNCTUATION if not sign.isalpha())
        both = separate_letters(reduce(script, ARABIC + FORMS)), reduce(figures, signs)
        save(merge(*both), target / f"print-arabic-{weight}.woff2")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
