"""Reading of an OpenDocument spreadsheet (ODS) as rows of text.

The standard library parses it: python-calamine does not report hidden rows and expands repeated
cells, odfpy has had no release since 2020.
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from indicators.import_export.files.archive import (
    BoundedPart,
    check_parts,
    iterate_elements,
    make_broken_error,
    make_extent_error,
    make_password_error,
    make_size_error,
)
from indicators.import_export.files.escaping import unescape
from indicators.import_export.files.headings import ExpectedColumns, is_filled
from indicators.import_export.files.limits import MAX_CELL_MARKUP, MAX_COLUMNS, MAX_ROWS
from indicators.import_export.files.sheets import (
    MergedCells,
    RecordSheet,
    SheetPart,
    choose_sheet,
    refuse_year,
)
from indicators.import_export.files.table import ImportProblem, Reading, Row, UnreadableFile

MIME_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"

_URN = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _OFFICE, _TEXT, _STYLE, _DATE = (
    f"{{{_URN}{name}:1.0}}" for name in ("table", "office", "text", "style", "datastyle")
)
_ROW, _COLUMN, _CELL = (f"{_TABLE}{name}" for name in ("table-row", "table-column", "table-cell"))
_COVERED = f"{_TABLE}covered-table-cell"
_HIDDEN = frozenset(("collapse", "filter"))
MAX_ALL_ROWS = 2 * MAX_ROWS
"""Rows of all sheets together: a row that is repeated is a few bytes in the file."""

_DESCRIPTIONS = ("mimetype", "meta-inf/", "meta.xml", "settings.xml", "styles.xml")


class _Styles:
    """The styles of a document: which hide a sheet, and which parts of a date others show."""

    def __init__(self) -> None:
        self._shown: dict[str, str] = {}
        self._data_style: dict[str, str] = {}
        self._hiding: set[str] = set()

    def add(self, element: Element) -> None:
        name = element.get(f"{_STYLE}name", "")
        if element.tag == f"{_DATE}date-style":
            tags = {part.tag.removeprefix(_DATE) for part in element}
            has_day = "day" in tags or not tags & {"month", "year"}
            self._shown[name] = "day" if has_day else "month" if "month" in tags else "year"
            return
        self._data_style[name] = element.get(f"{_STYLE}data-style-name", "")
        for part in element.iter(f"{_STYLE}table-properties"):
            if part.get(f"{_TABLE}display") == "false":
                self._hiding.add(name)

    def hides(self, style: str) -> bool:
        return style in self._hiding

    def cut_date(self, text: str, style: str) -> str:
        """Return an ISO date as precisely as its cell shows it."""
        day, _mark, time = text.partition("T")
        if time.strip("0:.Z"):
            return f"{day} {time}"
        length = {"month": 7, "year": 4}.get(self._shown.get(self._data_style.get(style, ""), ""))
        return day[:length]


class _SheetReader:
    """Collects the rows of one sheet."""

    def __init__(self, name: str, is_hidden: bool, styles: _Styles) -> None:
        self.name, self.is_hidden, self._styles = name, is_hidden, styles
        self.sheet = RecordSheet([])
        self._row = self._column = 0
        self._column_styles: dict[int, str] = {}
        self.problem: UnreadableFile | None = None

    def add_column(self, element: Element) -> None:
        count = _read_count(element, "number-columns-repeated")
        places = range(self._column + 1, min(self._column + count, MAX_COLUMNS) + 1)
        if element.get(f"{_TABLE}visibility") in _HIDDEN:
            self.sheet.hidden_columns.update(places)
        style = element.get(f"{_TABLE}default-cell-style-name", "")
        self._column_styles.update(dict.fromkeys(places, style))
        self._column += count

    def _add_row(self, element: Element, part: BoundedPart) -> None:
        """Add the row as often as it is repeated; nothing if it has no value."""
        first, count = self._row + 1, _read_count(element, "number-rows-repeated")
        self._row += count
        cells = self._read_cells(element, first)
        is_far = self._row > MAX_ROWS + 1
        if not cells or (is_far and not is_filled(cells)):
            return
        if is_far:
            raise make_extent_error(f"A{self._row}")
        for number in range(first, self._row + 1):
            part.allow(MAX_CELL_MARKUP * len(cells) + sum(map(len, cells)))
            self.sheet.rows.append((number, list(cells)))
            if element.get(f"{_TABLE}visibility") in _HIDDEN:
                self.sheet.hidden_rows.add(number)

    def add_row(self, element: Element, part: BoundedPart) -> None:
        """Add the row; note what is wrong in it, which matters if the sheet is chosen."""
        try:
            self._add_row(element, part)
        except UnreadableFile as error:
            self.problem = error

    def _read_cells(self, row: Element, number: int) -> list[str]:
        cells: list[str] = []
        column = 1
        for cell in row:
            if cell.tag not in (_CELL, _COVERED):
                continue
            count = _read_count(cell, "number-columns-repeated")
            text = self._read_cell(cell, number, column)
            is_far = column + count - 1 > MAX_COLUMNS
            if text and not (is_far and not text.strip()):
                if is_far:
                    letter = get_column_letter(min(column + count - 1, 18_278))
                    raise make_extent_error(f"{letter}{number}")
                cells += [""] * (column - 1 - len(cells)) + [text] * count
            self._add_merged(cell, number, column)
            column += count
        return cells

    def _add_merged(self, cell: Element, row: int, column: int) -> None:
        rows = _read_count(cell, "number-rows-spanned")
        columns = _read_count(cell, "number-columns-spanned")
        if rows > 1 or columns > 1:
            merged = MergedCells(row, row + rows - 1, column, column + columns - 1)
            self.sheet.merged.append(merged)

    def _read_cell(self, cell: Element, row: int, column: int) -> str:
        kind = cell.get(f"{_OFFICE}value-type", "")
        shown = "\n".join(_read_text(part) for part in cell.findall(f"{_TEXT}p"))
        has_formula = cell.get(f"{_TABLE}formula") is not None
        if has_formula and (not kind or shown.startswith(("#", "Err:"))):
            sentence = _("The cell holds the error %(error)s. Correct its formula, or empty it.")
            problem = sentence % {"error": shown[:40]}
            raise UnreadableFile(ImportProblem(problem, row, get_column_letter(column)))
        value = cell.get(f"{_OFFICE}value", "")
        if kind == "percentage":
            return f"{_format_number(value, 100)}%"
        if kind in ("float", "currency"):
            return _format_number(value)
        if kind == "boolean":
            return cell.get(f"{_OFFICE}boolean-value", "").upper()
        if kind == "date":
            style = cell.get(f"{_TABLE}style-name") or self._column_styles.get(column, "")
            text = cell.get(f"{_OFFICE}date-value", "")
            refuse_year(date.fromisoformat(text[:10]), row, column)
            return self._styles.cut_date(text, style)
        return unescape(cell.get(f"{_OFFICE}string-value") or shown)


def is_ods(content: bytes) -> bool:
    """Whether the archive is an ODS file: its first part, not compressed, is its type."""
    return MIME_TYPE in content[:200]


def read_ods(content: bytes, expected: ExpectedColumns, reading: Reading) -> RecordSheet:
    """Return the sheet with the records, which the user chooses where several have rows."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            check_parts(archive, _DESCRIPTIONS)
            if b"encryption-data" in archive.read("META-INF/manifest.xml"):
                raise make_password_error()
            with archive.open("content.xml") as part:
                readers = list(_read_sheets(BoundedPart(part)))
    except UnreadableFile:
        raise
    except Exception as error:
        raise make_broken_error() from error
    parts = [SheetPart(one.name, one.is_hidden, _open_rows(one)) for one in readers]
    chosen = choose_sheet(parts, expected, reading)
    reader = readers[parts.index(chosen)]
    if reader.problem:
        raise reader.problem
    return reader.sheet


def _open_rows(reader: _SheetReader) -> Callable[[], Iterator[Row]]:
    return partial(iter, reader.sheet.rows)


def _read_sheets(part: BoundedPart) -> Iterator[_SheetReader]:
    styles, allowed = _Styles(), MAX_ALL_ROWS
    reader: _SheetReader | None = None
    style_tags = {f"{_STYLE}style", f"{_DATE}date-style"}
    table = f"{_TABLE}table"
    tags = {*style_tags, _COLUMN, _ROW}
    for element in iterate_elements(part, tags, starts={table}):
        if element.tag == table:
            name = element.get(f"{_TABLE}name", "")
            reader = _SheetReader(
                name, styles.hides(element.get(f"{_TABLE}style-name", "")), styles
            )
            yield reader
        elif element.tag in style_tags:
            styles.add(element)
        elif reader is None or reader.problem:
            continue
        elif element.tag == _COLUMN:
            reader.add_column(element)
        else:
            before = len(reader.sheet.rows)
            reader.add_row(element, part)
            allowed -= len(reader.sheet.rows) - before
            if allowed < 0:
                raise make_size_error()


def _read_count(element: Element, name: str) -> int:
    return max(1, int(element.get(f"{_TABLE}{name}", 1)))


def _read_text(element: Element) -> str:
    """Return the text of a paragraph: spaces, tabs and line breaks are elements of their own."""
    pieces = [element.text or ""]
    for part in element:
        if part.tag == f"{_TEXT}s":
            pieces.append(" " * min(int(part.get(f"{_TEXT}c", 1)), 1_000))
        elif part.tag == f"{_TEXT}tab":
            pieces.append("\t")
        elif part.tag == f"{_TEXT}line-break":
            pieces.append("\n")
        elif part.tag.startswith(_TEXT):
            pieces.append(_read_text(part))
        pieces.append(part.tail or "")
    return "".join(pieces)


def _format_number(text: str, factor: int = 1) -> str:
    # Spreadsheet programs store fifteen digits: 0.1 + 0.2 is 0.3.
    return f"{Decimal(f'{float(text) * factor:.15g}'):f}"
