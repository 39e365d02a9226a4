"""Reading of a workbook (XLSX) as rows of text, after its ZIP directory was checked.

openpyxl parses each row. Its own iteration over a sheet hides formulas without a value and drops
cells beyond its limits silently; ``_SheetParser`` reports them instead.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any
from xml.etree.ElementTree import Element, SubElement, iterparse
from xml.parsers import expat

from django.utils.translation import gettext as _
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._reader import (
    FORMULA_TAG,
    INLINE_STRING,
    ROW_TAG,
    VALUE_TAG,
    WorkSheetParser,
)
from openpyxl.xml.constants import SHEET_MAIN_NS

from indicators.import_export.files.escaping import decode_text, unescape
from indicators.import_export.files.limits import (
    MAX_CELL_MARKUP,
    MAX_COLUMNS,
    MAX_DEPTH,
    MAX_DESCRIPTION,
    MAX_EMPTY,
    MAX_PARTS,
    MAX_RATIO,
    MAX_ROWS,
    MAX_TEXTS,
    MAX_UNPACKED,
)
from indicators.import_export.files.table import ImportProblem, Row, UnreadableFile
from strategy.text import format_count

_DESCRIPTIONS = (
    "[content_types].xml", "_rels/", "docprops/", "xl/_rels/", "xl/workbook.xml", "xl/styles.xml",
    "xl/theme/", "xl/worksheets/_rels/",
)  # fmt: skip
"""Prefixes of the names of parts that are read whole."""

_STRING_TAG, _SHEET_DATA_TAG = f"{{{SHEET_MAIN_NS}}}si", f"{{{SHEET_MAIN_NS}}}sheetData"
_TEXT_TAG, _RUN_TAG = f"{{{SHEET_MAIN_NS}}}t", f"{{{SHEET_MAIN_NS}}}r"
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

    def find_sheets(self) -> list[tuple[str, str]]:
        self.read_manifest()
        self.read_strings()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)
        return [
            (sheet.name, rel.target)
            for sheet, rel in self.parser.find_sheets()
            if rel.target in self.valid_files and "chartsheet" not in rel.Type
        ]


def read_workbook(content: bytes, sheet: str, notices: list[str]) -> Iterator[Row]:
    """Yield the rows of the sheet with this name, otherwise of the first sheet."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_parts(archive)
            _check_kind(archive)
            yield from _read_sheet(archive, content, sheet, notices)
    except UnreadableFile:
        raise
    except Exception as error:
        raise _broken() from error


def _read_sheet(
    archive: zipfile.ZipFile, content: bytes, name: str, notices: list[str]
) -> Iterator[Row]:
    reader = _WorkbookReader(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    path = _choose_sheet(reader.find_sheets(), name, notices)
    texts: list[str] = []
    if reader.strings_path:
        with archive.open(reader.strings_path) as part:
            texts = _read_texts(part)
    with archive.open(path) as part:
        yield from _SheetParser(_BoundedPart(part), texts, reader.wb).read_rows()


def _read_texts(part: IO[bytes]) -> list[str]:
    """Return the texts that cells share; openpyxl's own reader loses some escaped underscores."""
    texts: list[str] = []
    bounded = _BoundedPart(part)
    for element in _iterate(bounded, _STRING_TAG):
        texts.append(_join_text(element))
        bounded.allow(MAX_CELL_MARKUP * (1 + len(element)) + len(texts[-1]))
        if len(texts) > MAX_TEXTS:
            raise _too_large()
    return texts


def _join_text(element: Element) -> str:
    pieces = (
        child.findtext(_TEXT_TAG) if child.tag == _RUN_TAG else child.text
        for child in element
        if child.tag in (_TEXT_TAG, _RUN_TAG)
    )
    return "".join(piece or "" for piece in pieces)


def _iterate(part: "_BoundedPart", tag: str) -> Iterator[Any]:
    depth = 0
    for event, element in iterparse(part, ("start", "end")):
        if event == "start":
            depth += 1
            if depth > MAX_DEPTH:
                raise _too_large()
            continue
        depth -= 1
        if element.tag == tag:
            yield element
            element.clear()
        elif element.tag == _SHEET_DATA_TAG:
            return


class _BoundedPart:
    """The stream of a part without a document type, and so without entities.

    Raises UnreadableFile when it has much markup and few values. defusedxml refuses entities too,
    but parses in Python, which took a third longer.
    """

    def __init__(self, part: IO[bytes]) -> None:
        self._part = part
        self._allowed = MAX_EMPTY
        self._prolog: expat.XMLParserType | None = expat.ParserCreate()
        self._prolog.StartDoctypeDeclHandler = self._refuse_doctype
        self._prolog.StartElementHandler = self._end_prolog

    def allow(self, size: int) -> None:
        self._allowed += size

    def read(self, size: int = -1, /) -> bytes:
        data = self._part.read(size)
        self._allowed -= len(data)
        if self._allowed < 0:
            raise _too_large()
        if self._prolog:
            self._prolog.Parse(data)
        return data

    def _refuse_doctype(self, *_declaration: object) -> None:
        raise _InvalidSheet

    def _end_prolog(self, *_element: object) -> None:
        self._prolog = None


class _SheetParser(WorkSheetParser):
    """Reads the rows of one sheet; a row without values is skipped."""

    def __init__(self, part: _BoundedPart, texts: list[str], book: Any) -> None:
        self._part, self._date_formats = part, _date_formats(book)
        super().__init__(part, texts, True, book.epoch, book._date_formats, book._timedelta_formats)

    def read_rows(self) -> Iterator[Row]:
        last = 0
        for element in _iterate(self._part, ROW_TAG):
            number, cells = self.parse_row(element)
            if number <= last:
                raise _InvalidSheet
            last = number
            texts = self._read_cells(cells)
            if texts:
                yield number, texts

    def parse_cell(self, element: Element) -> dict[str, Any]:
        if element.get("t") == "inlineStr":
            # openpyxl refuses an incomplete phonetic guide, and is slow with inline texts.
            element.set("t", "str")
            texts = map(_join_text, element.findall(INLINE_STRING))
            SubElement(element, VALUE_TAG).text = "".join(texts)
        place = _PLACE.fullmatch(element.get("r", ""))
        has_value = bool(element.findtext(VALUE_TAG))
        if place and len(place[1]) > 3 and has_value:
            raise _too_far(place[0])
        cell: dict[str, Any] = super().parse_cell(element)
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
                raise _InvalidSheet
            last = column
            if cell["value"] is None:
                continue
            if column > MAX_COLUMNS or row > MAX_ROWS + 1:
                raise _too_far(f"{get_column_letter(column)}{row}")
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
        if isinstance(value, float):
            # Spreadsheet programs store fifteen digits: 0.1 + 0.2 is 0.3.
            return f"{Decimal(f'{value:.15g}'):f}"
        if isinstance(value, date):
            return _format_date(value, self._date_formats.get(cell["style_id"], "yyyy-mm-dd"))
        return str(value)


class _InvalidSheet(ValueError):
    """A sheet has a document type, or rows or cells that are not in order."""


def _date_formats(book: Any) -> Mapping[int, str]:
    def find_format(style: Any) -> str:
        number = style.numFmtId
        if number < BUILTIN_FORMATS_MAX_SIZE:
            return BUILTIN_FORMATS.get(number, "General")
        return str(book._number_formats[number - BUILTIN_FORMATS_MAX_SIZE])

    return {place: find_format(book._cell_styles[place]) for place in book._date_formats}


def _format_date(value: date, number_format: str) -> str:
    """Return a date as precisely as its cell shows it: ``Mar-18`` shows no day."""
    shown = _NOT_OF_A_DATE.sub("", number_format).casefold()
    if isinstance(value, datetime) and value.time() != time(0):
        return value.isoformat(" ")
    if "d" in shown or ("m" not in shown and "y" not in shown):
        return f"{value:%Y-%m-%d}"
    return f"{value:%Y-%m}" if "m" in shown else f"{value:%Y}"


def _broken() -> UnreadableFile:
    return UnreadableFile(
        _("The workbook is broken. Open it in your spreadsheet program and save it anew as .xlsx.")
    )


def _too_large() -> UnreadableFile:
    return UnreadableFile(_("The workbook unpacks to more than is read. Divide it into several."))


def _too_far(cell: str) -> UnreadableFile:
    return UnreadableFile(
        _(
            "The sheet reaches to the cell %(cell)s; %(rows)s rows and %(columns)s columns are "
            "read. Delete what is not needed, or divide the file into several."
        )
        % {"cell": cell, "rows": format_count(MAX_ROWS), "columns": MAX_COLUMNS}
    )


def _check_parts(archive: zipfile.ZipFile) -> None:
    """Refuse an archive that would unpack to more than a workbook, by its directory alone."""
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, 1):
        raise _too_large()
    described = (part for part in parts if part.filename.casefold().startswith(_DESCRIPTIONS))
    if any(part.file_size > MAX_DESCRIPTION for part in described):
        raise _too_large()
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableFile(_("The workbook is protected by a password. Save it without one."))
    if len({part.filename for part in parts}) < len(parts):
        raise _broken()


def _check_kind(archive: zipfile.ZipFile) -> None:
    names = {name.casefold() for name in archive.namelist()}
    if "xl/workbook.xml" not in names:
        raise UnreadableFile(
            _(
                "The file is no Excel workbook (.xlsx). "
                "Save it as .xlsx or as CSV in your spreadsheet program."
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


def _choose_sheet(sheets: Sequence[tuple[str, str]], name: str, notices: list[str]) -> str:
    if not sheets:
        raise UnreadableFile(_("The workbook has no sheet with cells."))
    named = dict(reversed(sheets)).get(name)
    if named is None and len(sheets) > 1:
        notices.append(
            _("The workbook has %(number)s sheets. Only the first, “%(title)s”, was read.")
            % {"number": len(sheets), "title": sheets[0][0]}
        )
    return named or sheets[0][1]
