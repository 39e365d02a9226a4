"""How text stands in a cell so that no spreadsheet program takes it for a formula, and back.

A text that begins with ``= + - @`` TAB or CR gets an apostrophe in front in CSV; in a workbook it
is a string already. Reading takes one apostrophe away where such a character follows, so a text
that has the apostrophe itself gets another one, in both. LF counts among them, since spreadsheet
programs make one of CR when they save.
"""

import re

_DANGEROUS = re.compile(r"'*[=+\-@\t\r\n]")
_LOOKS_ESCAPED = re.compile(r"'+[=+\-@\t\r\n]")

_CODED = re.compile(r"_x(00[01][0-9A-Fa-f]|003[Cc]|005[Ff]|[Ff]{3}[EeFf])_")
"""How a workbook writes a character that XML cannot hold, and the underscore of such a writing."""

_TO_CODE = re.compile(
    # A leading <r> would be taken for the inside of the workbook's own file.
    r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|\A<(?=r>)"
    # An underscore from which, once all is coded, a code would be read.
    r"|_(?=x[0-9A-Fa-f]{4}[_\x00-\x08\x0b-\x1f\ufffe\uffff])"
)


def escape_for_csv(text: str) -> str:
    return f"'{text}" if _DANGEROUS.match(text) else text


def escape_for_workbook(text: str) -> str:
    return f"'{text}" if _LOOKS_ESCAPED.match(text) else text


def unescape(text: str) -> str:
    return text[1:] if text.startswith("'") and _LOOKS_ESCAPED.match(text) else text


def encode_text(text: str) -> str:
    """The text as a cell of a workbook holds it; ``decode_text`` gives it back exactly."""
    return _TO_CODE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def decode_text(text: str) -> str:
    """The text of a workbook's cell with its coded characters put back."""
    if "_x" not in text:
        return text
    return _CODED.sub(lambda found: chr(int(found[1], 16)), text)
