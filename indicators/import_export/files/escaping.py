"""Escaping of text in cells, so that no spreadsheet program reads it as a formula.

In CSV a text that starts with ``= + - @``, TAB or CR gets a leading apostrophe; in a workbook it is
a string cell. Reading removes one apostrophe before such a character. A text that has one itself
gets a second, in both formats. LF is included: spreadsheet programs save CR as LF. So are the wide
and small forms, which Excel in Chinese and Japanese reads as formulas, and what some programs
remove before them: spaces and invisible characters.
"""

import re

from strategy.text import FORMULA_START

_LOOKS_ESCAPED = re.compile(rf"'+{FORMULA_START}")

_CODED = re.compile(r"_x(00[01][0-9A-Fa-f]|003[Cc]|005[Ff]|[Ff]{3}[EeFf])_")
"""A workbook's code for a character that XML cannot contain, or for the underscore of a code."""

_TO_CODE = re.compile(
    # XlsxWriter writes a text that starts with <r> as markup.
    r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|\A<(?=r>)"
    # An underscore that would start a code after encoding.
    r"|_(?=x[0-9A-Fa-f]{4}[_\x00-\x08\x0b-\x1f\ufffe\uffff])"
)


def escape_for_workbook(text: str) -> str:
    return f"'{text}" if _LOOKS_ESCAPED.match(text) else text


def unescape(text: str) -> str:
    return text[1:] if text.startswith("'") and _LOOKS_ESCAPED.match(text) else text


def encode_text(text: str) -> str:
    """Return the text as a workbook stores it; ``decode_text`` is the exact inverse."""
    return _TO_CODE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def decode_text(text: str) -> str:
    if "_x" not in text:
        return text
    return _CODED.sub(lambda match: chr(int(match[1], 16)), text)
