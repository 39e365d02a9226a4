"""Reading of a workbook (XLSX) as rows of text, after its ZIP directory was checked.

openpyxl parses each row. Its own iteration over a sheet hides formulas without a value and drops
cells beyond its limits silently; ``_SheetParser`` reports them instead.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property, partial
from typing import Any
from warnings import catch_warnings
from xml.etree.ElementTree import Element, SubElement

from django.utils.translation import gettext as _
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet._reader import (
    FORMULA_TAG,
    INLINE_STRING,
    ROW_TAG,
    VALUE_TAG,
    WorkSheetParser,
)
from openpyxl.xml.constants import SHEET_MAIN_NS

from indicators.import_export.files.archive import (
    BoundedPart,
    InvalidSheet,
    check_parts,
    iterate_elements,
    make_broken_error,
    make_extent_error,
    make_size_error,
)
from indicators.import_export.files.escaping import decode_text, unescape
from indicators.import_export.files.headings import ExpectedColumns
from indicators.import_export.files.limits import (
    MAX_CELL_MARKUP,
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_TEXTS,
)
from indicators.import_export.files.sheets import (
    MergedCells,
    RecordSheet,
    SheetPart,
    choose_sheet,
    refuse_year,
)
from indicators.import_export.files.table import ImportProblem, Reading, Row, UnreadableFile

_DESCRIPTIONS = (
    "[content_types].xml", "_rels/", "docprops/", "xl/_rels/", "xl/workbook.xml", "xl/styles.xml",
    "xl/theme/", "xl/worksheets/_rels/",
)  # fmt: skip
"""Prefixes of the names of parts that are read whole."""

_STRING_TAG, _TEXT_TAG, _RUN_TAG = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("si", "t", "r"))
_COLUMN_TAG, _MERGED_TAG = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("col", "mergeCell"))
_AFTER_CELLS = frozenset(
    f"{{{SHEET_MAIN_NS}}}{name}"
    for name in (
        "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions",
        "pageMargins", "pageSetup", "headerFooter", "drawing", "legacyDrawing", "tableParts",
        "extLst",
    )
)  # fmt: skip
"""The elements after the cells and the merged cells of a sheet."""

_STRICT_NAMESPACE = b"http://purl.oclc.org/ooxml/"
_TRUE = frozenset(("1", "true"))
_PLACE = re.compile(r"([A-Z]{1,7})([0-9]{1,9})")
_NOT_OF_A_DATE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')


class _WorkbookReader(ExcelReader):
    """Reads a workbook without its cells, texts and charts."""

    strings_path = ""

    def read_strings(self) -> None:
        part: Any = self.package.find(  # type: ignore[no-untyped-call]  # The stubs lack its types.
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        )
        self.strings_path = part.PartName[1:] if part is not None else ""

    def find_sheets(self) -> list[tuple[str, bool, str]]:
        """Return the name of each sheet, whether it is hidden, and its part."""
        self.read_manifest()
        self.read_strings()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)
        return [
            (sheet.name, sheet.state != "visible", rel.target)
            for sheet, rel in self.parser.find_sheets()
            if rel.target in self.valid_files and "chartsheet" not in rel.Type
        ]


def read_workbook(content: bytes, expected: ExpectedColumns, reading: Reading) -> RecordSheet:
    """Return the sheet with the records, which the user chooses where several have rows."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, catch_warnings(action="ignore"):
            check_parts(archive, _DESCRIPTIONS)
            _check_kind(archive)
            book = _Workbook(archive, content)
            part = choose_sheet(book.parts, expected, reading)
            return book.read(part.name)
    except UnreadableFile:
        raise
    except Exception as error:
        raise make_broken_error() from error


class _Workbook:
    """An open workbook: its sheets by name, and the texts that their cells share."""

    def __init__(self, archive: zipfile.ZipFile, content: bytes) -> None:
        self._archive = archive
        self._reader = _WorkbookReader(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False
        )
        self._path_of: dict[str, str] = {}
        self.parts: list[SheetPart] = []
        for name, is_hidden, path in self._reader.find_sheets():
            if name not in self._path_of:
                self._path_of[name] = path
                self.parts.append(SheetPart(name, is_hidden, partial(self._read_rows, name)))

    @cached_property
    def _texts(self) -> list[str]:
        if not self._reader.strings_path:
            return []
        with self._archive.open(self._reader.strings_path) as part:
            return _read_texts(BoundedPart(part))

    def _read_rows(self, name: str) -> Iterator[Row]:
        with self._archive.open(self._path_of[name]) as part:
            yield from _SheetParser(BoundedPart(part), self._texts, self._reader.wb).read_rows()

    def read(self, name: str) -> RecordSheet:
        with self._archive.open(self._path_of[name]) as part:
            parser = _SheetParser(BoundedPart(part), self._texts, self._reader.wb)
            rows = list(parser.read_rows())
            return RecordSheet(rows, parser.hidden_rows, parser.hidden_columns, parser.merged)


def _read_texts(part: BoundedPart) -> list[str]:
    """Return the texts that cells share; openpyxl's own reader loses some escaped underscores."""
    texts: list[str] = []
    for element in iterate_elements(part, {_STRING_TAG}):
        texts.append(_join_text(element))
        part.allow(MAX_CELL_MARKUP * (1 + len(element)) + len(texts[-1]))
        if len(texts) > MAX_TEXTS:
            raise make_size_error()
    return texts


def _join_text(element: Element) -> str:
    pieces = (
        child.findtext(_TEXT_TAG) if child.tag == _RUN_TAG else child.text
        for child in element
        if child.tag in (_TEXT_TAG, _RUN_TAG)
    )
    return "".join(piece or "" for piece in pieces)


class _SheetParser(WorkSheetParser):
    """Reads the rows of one sheet; a row without values is skipped."""

    def __init__(self, part: BoundedPart, texts: list[str], book: Any) -> None:
        self._part, self._date_formats = part, _find_formats(book, book._date_formats)
        self._percent_styles = _find_percent_styles(book)
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.merged: list[MergedCells] = []
        super().__init__(part, texts, True, book.epoch, book._date_formats, book._timedelta_formats)

    def read_rows(self) -> Iterator[Row]:
        last = 0
        for element in iterate_elements(
            self._part, {ROW_TAG, _COLUMN_TAG, _MERGED_TAG}, _AFTER_CELLS
        ):
            if element.tag != ROW_TAG:
                self._read_layout(element)
                continue
            number, texts = self._read_row(element)
            if number <= last:
                raise InvalidSheet
            last = number
            if texts:
                if _is_hidden(element, "ht"):
                    self.hidden_rows.add(number)
                yield number, texts

    def _read_row(self, element: Any) -> tuple[int, list[str]]:
        """Return the number and the texts of a row; a row of empty cells is not parsed."""
        if any(map(len, element)):
            number, cells = self.parse_row(element)
            return int(number), self._read_cells(cells)
        self.row_counter = int(element.get("r", self.row_counter + 1))
        self._part.allow_blank(element)
        return self.row_counter, []

    def _read_layout(self, element: Element) -> None:
        if element.tag == _MERGED_TAG:
            bounds = [bound or 0 for bound in range_boundaries(element.get("ref", ""))]
            left, top, right, bottom = bounds
            self.merged.append(MergedCells(top, bottom, left, right))
        elif _is_hidden(element, "width"):
            last = min(int(element.get("max", 0)), MAX_COLUMNS)
            self.hidden_columns.update(range(int(element.get("min", 1)), last + 1))

    def parse_cell(self, element: Element) -> dict[str, Any]:
        if element.get("t") == "inlineStr":
            # openpyxl refuses an incomplete phonetic guide, and is slow with inline texts.
            element.set("t", "str")
            texts = map(_join_text, element.findall(INLINE_STRING))
            SubElement(element, VALUE_TAG).text = "".join(texts)
        place = _PLACE.fullmatch(element.get("r", ""))
        has_value = bool(element.findtext(VALUE_TAG))
        if place and len(place[1]) > 3 and has_value:
            raise make_extent_error(place[0])
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["data_type"] == "e" and element.get("t", "n") == "n":
            sentence = _("The cell is formatted as a date, and %(number)s is none. Correct it.")
            raise self._build_cell_error(
                cell, sentence % {"number": element.findtext(VALUE_TAG, "")[:40]}
            )
        if element.find(FORMULA_TAG) is not None and not has_value:
            sentence = _(
                "The cell holds a formula without a value. Open the workbook in your "
                "spreadsheet program and save it, or paste the values."
            )
            raise self._build_cell_error(cell, sentence)
        return cell

    def _build_cell_error(self, cell: Mapping[str, Any], message: str) -> UnreadableFile:
        column = get_column_letter(cell["column"])
        return UnreadableFile(ImportProblem(message, self.row_counter, column))

    def _read_cells(self, cells: Sequence[Mapping[str, Any]]) -> list[str]:
        texts: list[str] = []
        last = 0
        for cell in cells:
            row, column = cell["row"], cell["column"]
            if column <= last or row != self.row_counter:
                raise InvalidSheet
            last = column
            if cell["value"] is None:
                continue
            if column > MAX_COLUMNS or row > MAX_ROWS + 1:
                if _is_blank(cell["value"]):
                    continue
                raise make_extent_error(f"{get_column_letter(column)}{row}")
            text = self._format_value(cell)
            self._part.allow(MAX_CELL_MARKUP + len(text))
            if text:
                texts += [""] * (column - 1 - len(texts))
                texts.append(text)
        return texts

    def _format_value(self, cell: Mapping[str, Any]) -> str:
        value = cell["value"]
        if cell["data_type"] == "e":
            sentence = _("The cell holds the error %(error)s. Correct its formula, or empty it.")
            raise self._build_cell_error(cell, sentence % {"error": str(value)[:40]})
        if isinstance(value, str):
            return unescape(decode_text(value))
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if cell["style_id"] in self._percent_styles and isinstance(value, int | float):
            return f"{Decimal(f'{value * 100:.15g}'):f}%"
        if isinstance(value, float):
            # Spreadsheet programs store fifteen digits: 0.1 + 0.2 is 0.3.
            return f"{Decimal(f'{value:.15g}'):f}"
        if isinstance(value, date):
            refuse_year(date(value.year, value.month, value.day), cell["row"], cell["column"])
            return _format_date(value, self._date_formats.get(cell["style_id"], "yyyy-mm-dd"))
        return str(value)


def _is_blank(value: object) -> bool:
    return isinstance(value, str) and not value.strip()


def _is_hidden(element: Element, size: str) -> bool:
    """Whether a row or column is hidden, or has no height or width."""
    return element.get("hidden") in _TRUE or float(element.get(size, 1)) == 0


def _find_formats(book: Any, styles: Iterable[int]) -> dict[int, str]:
    return {place: _find_format(book, book._cell_styles[place]) for place in styles}


def _find_format(book: Any, style: Any) -> str:
    number = style.numFmtId
    if number < BUILTIN_FORMATS_MAX_SIZE:
        return BUILTIN_FORMATS.get(number, "General")
    return str(book._number_formats[number - BUILTIN_FORMATS_MAX_SIZE])


def _find_percent_styles(book: Any) -> frozenset[int]:
    formats = _find_formats(book, range(len(book._cell_styles)))
    return frozenset(
        place for place, text in formats.items() if "%" in _NOT_OF_A_DATE.sub("", text)
    )


def _format_date(value: date, number_format: str) -> str:
    """Return a date as precisely as its cell shows it: ``Mar-18`` shows no day."""
    shown = _NOT_OF_A_DATE.sub("", number_format).casefold()
    if isinstance(value, datetime) and value.time() != time(0):
        return value.isoformat(" ")
    if "d" in shown or ("m" not in shown and "y" not in shown):
        return f"{value:%Y-%m-%d}"
    return f"{value:%Y-%m}" if "m" in shown else f"{value:%Y}"


def _check_kind(archive: zipfile.ZipFile) -> None:
    names = {name.casefold() for name in archive.namelist()}
    if "xl/workbook.xml" not in names:
        raise UnreadableFile(
            _(
                "The file is no Excel workbook (.xlsx). "
                "Save it as .xlsx or as CSV in your spreadsheet program."
            )
        )
    if _is_strict(archive):
        raise UnreadableFile(
            _(
                "The workbook was saved as “Strict Open XML”. "
                "Save it as “Excel workbook (.xlsx)”, and choose it again."
            )
        )
    if any(name.endswith("vbaproject.bin") for name in names):
        raise UnreadableFile(_("The workbook holds macros. Save it as .xlsx without them."))
    if any(name.startswith("xl/externallinks/") for name in names):
        raise UnreadableFile(
            _(
                "The workbook takes values from other workbooks. "
                "Copy its cells and paste them as values into a new one."
            )
        )


def _is_strict(archive: zipfile.ZipFile) -> bool:
    name = next(name for name in archive.namelist() if name.casefold() == "xl/workbook.xml")
    with archive.open(name) as part:
        return _STRICT_NAMESPACE in part.read(4096)
