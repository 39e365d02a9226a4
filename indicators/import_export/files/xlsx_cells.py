"""The cells of one sheet of a workbook as text, and the texts that all sheets share.

Both are read as a stream: whatever the XML says, no more than one piece of it and the row at hand
are held, and what goes beyond the limits is refused where it stands.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any
from xml.parsers import expat

from django.utils.translation import gettext as _
from openpyxl.utils.datetime import from_excel, from_ISO8601

from indicators.import_export.files.escaping import decoded, unescaped
from indicators.import_export.files.limits import MAX_COLUMNS, MAX_EMPTY, MAX_ROWS, MAX_TEXTS
from indicators.import_export.files.table import ImportProblem, Row, UnreadableFile
from strategy.text import count_text

_PIECE = 256 * 1024
_MARKUP_OF_A_CELL = 500
_NOT_OF_A_DATE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_PLACE = re.compile(r"([A-Z]{1,7})([0-9]{1,9})")


class _Broken(ValueError):
    """XML that no sheet is made of."""


@dataclass(frozen=True)
class Formats:
    """How cells show numbers, by their style: as which sort of date, or as a time that passed."""

    dates: Mapping[int, str]
    spans: frozenset[int]
    epoch: datetime


def _parser(start: Any, end: Any, text: Any) -> "expat.XMLParserType":
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_entities
    return parser


def _refuse_entities(*_declaration: object) -> None:
    raise _Broken


def _too_much() -> UnreadableFile:
    return UnreadableFile(
        ImportProblem(_("The workbook unpacks to more than is read. Divide it into several."))
    )


def texts_in(part: IO[bytes]) -> list[str]:
    """The texts that the sheets share, in their order, phonetic guides left out."""
    reader = _TextReader()
    parser = _parser(reader.start, reader.end, reader.text)
    while piece := part.read(_PIECE):
        parser.Parse(piece)
    parser.Parse(b"", True)
    return reader.texts


class _TextReader:
    def __init__(self) -> None:
        self.texts: list[str] = []
        self.pieces: list[str] = []
        self.is_inside = self.is_phonetic = False

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "t":
            self.is_inside = not self.is_phonetic
        elif local == "rPh":
            self.is_phonetic = True

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "t":
            self.is_inside = False
        elif local == "rPh":
            self.is_phonetic = False
        elif local == "si":
            self.texts.append("".join(self.pieces))
            self.pieces.clear()
            if len(self.texts) > MAX_TEXTS:
                raise _too_much()

    def text(self, data: str) -> None:
        if self.is_inside:
            self.pieces.append(data)


class SheetReader:
    """Reads the rows of one sheet; a row without values is left out."""

    def __init__(self, texts: list[str], formats: Formats) -> None:
        self.texts, self.formats = texts, formats
        self.row = self.column = self.filled = 0
        self.cells: list[str] = []
        self.taken: list[Row] = []
        self.cell: Mapping[str, str] | None = None
        self.value: list[str] = []
        self.is_inside = self.is_phonetic = self.is_formula = self.has_value = False

    def rows(self, part: IO[bytes]) -> Iterator[Row]:
        """Number and cells of each row, in order."""
        parser = _parser(self._start, self._end, self._text)
        read = 0
        while piece := part.read(_PIECE):
            parser.Parse(piece)
            read += len(piece)
            if read > MAX_EMPTY + self.filled * _MARKUP_OF_A_CELL:
                raise _too_much()
            yield from self.taken
            self.taken.clear()
        parser.Parse(b"", True)
        yield from self.taken

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "c":
            self.cell = attributes
            self.is_formula = self.has_value = False
            self.value.clear()
        elif self.cell is not None:
            if local in ("v", "t"):
                self.is_inside = not self.is_phonetic
                self.has_value = True
            elif local == "f":
                self.is_formula = True
            elif local == "rPh":
                self.is_phonetic = True
        elif local == "row":
            self._begin_row(attributes.get("r"))

    def _begin_row(self, written: str | None) -> None:
        number = self.row + 1 if written is None else int(written)
        if number <= self.row:
            raise _Broken
        self.row, self.column, self.cells = number, 0, []

    def _text(self, data: str) -> None:
        if self.is_inside:
            self.value.append(data)

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "c" and self.cell is not None:
            self._end_cell(self.cell)
            self.cell = None
        elif local in ("v", "t"):
            self.is_inside = False
        elif local == "rPh":
            self.is_phonetic = False
        elif local == "row" and self.cells:
            self.taken.append((self.row, self.cells))

    def _end_cell(self, cell: Mapping[str, str]) -> None:
        place = cell.get("r")
        column = self.column + 1 if place is None else _column_of(place, self.row)
        if column <= self.column:
            raise _Broken
        self.column = column
        raw = "".join(self.value)
        if self.is_formula and not raw:
            raise UnreadableFile(self._unknown_value(column))
        if not self.has_value:
            return
        self.filled += 1
        if column > MAX_COLUMNS or self.row > MAX_ROWS + 1:
            raise UnreadableFile(_too_far(f"{_letters(column)}{self.row}"))
        text = self._read(cell.get("t", "n"), int(cell.get("s", 0)), raw, column)
        if text:
            self.cells += [""] * (column - 1 - len(self.cells))
            self.cells.append(text)

    def _read(self, sort: str, style: int, raw: str, column: int) -> str:
        if sort == "s":
            return unescaped(decoded(self.texts[int(raw)])) if raw else ""
        if sort in ("inlineStr", "str"):
            return unescaped(decoded(raw))
        if not raw:
            return ""
        if sort == "b":
            return "TRUE" if raw.strip() in ("1", "true") else "FALSE"
        if sort == "e":
            raise UnreadableFile(self._error(raw, column))
        if sort == "d":
            return _date(from_ISO8601(raw), "yyyy-mm-dd")  # type: ignore[no-untyped-call]
        return self._number(raw, style)

    def _number(self, raw: str, style: int) -> str:
        shown = self.formats.dates.get(style)
        if shown is not None:
            return self._shown_date(float(raw), style, shown)
        # Fifteen digits are what a spreadsheet program keeps: 0.1 + 0.2 is 0.3.
        is_whole = raw.lstrip("-").isdigit()
        return str(int(raw)) if is_whole else f"{Decimal(f'{float(raw):.15g}'):f}"

    def _shown_date(self, number: float, style: int, shown: str) -> str:
        is_span = style in self.formats.spans
        try:
            value = from_excel(number, self.formats.epoch, timedelta=is_span)
        except (OverflowError, ValueError):
            raise UnreadableFile(self._error("#VALUE!", self.column)) from None
        return "" if value is None else _date(value, shown)

    def _unknown_value(self, column: int) -> ImportProblem:
        sentence = _(
            "The cell holds a formula without a value. Open the workbook in your "
            "spreadsheet program and save it, or paste the values."
        )
        return ImportProblem(sentence, self.row, _letters(column))

    def _error(self, raw: str, column: int) -> ImportProblem:
        sentence = _("The cell holds the error %(error)s. Correct its formula, or empty it.")
        return ImportProblem(sentence % {"error": raw[:40]}, self.row, _letters(column))


def _column_of(place: str, row: int) -> int:
    """The number of a cell's column, from what it says of its place: A is 1."""
    found = _PLACE.fullmatch(place)
    if found is None or int(found[2]) != row:
        raise _Broken
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return number


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _too_far(cell: str) -> ImportProblem:
    return ImportProblem(
        _(
            "The sheet reaches to the cell %(cell)s; %(rows)s rows and %(columns)s columns are "
            "read. Delete what is not needed, or divide the file into several."
        )
        % {"cell": cell, "rows": count_text(MAX_ROWS), "columns": MAX_COLUMNS}
    )


def _date(value: date | time | timedelta, number_format: str) -> str:
    """A date as far as the cell shows it: a cell that shows ``Mar-18`` says no day."""
    if not isinstance(value, date):
        return str(value)
    shown = _NOT_OF_A_DATE.sub("", number_format).casefold()
    if isinstance(value, datetime) and value.time() != time(0):
        return value.isoformat(" ")
    if "d" in shown or ("m" not in shown and "y" not in shown):
        return f"{value:%Y-%m-%d}"
    return f"{value:%Y-%m}" if "m" in shown else f"{value:%Y}"
