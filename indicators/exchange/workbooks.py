"""The rows of a workbook (XLSX), read only after its ZIP directory and its sheets were looked at.

openpyxl believes what a workbook says of itself: a wrong dimension drops rows in silence, a cell at
the far corner of a sheet costs gigabytes. So the size is taken from the cells themselves, first.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.workbook import Workbook

from indicators.exchange.escapes import decoded, unescaped
from indicators.exchange.limits import (
    MAX_COLUMNS,
    MAX_PARTS,
    MAX_RATIO,
    MAX_ROWS,
    MAX_UNPACKED,
)
from indicators.exchange.outcome import Problem, UnreadableFile

_PIECE = 1024**2
_ROW = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\br=["'](\d+)""")
_FILLED_CELL = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\br=["']([A-Z]+)(\d+)["'][^>/]*>""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_NOT_OF_A_DATE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')


@dataclass
class Extent:
    """How far the filled cells of the sheets reach, and whether some are formulas."""

    rows: int = 0
    columns: int = 0
    has_formulas: bool = False


def rows_of_workbook(
    content: bytes, sheet: str, notices: list[str]
) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each row of the sheet of that name, else of the first one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_parts(archive)
            _check_kind(archive)
            extent = _check_sheets(archive)
        yield from _rows(content, sheet, notices, extent)
    except UnreadableFile:
        raise
    except Exception as error:
        raise UnreadableFile(_broken()) from error


def _broken() -> Problem:
    return Problem(
        _("The workbook is broken. Open it in your spreadsheet program and save it anew as .xlsx.")
    )


def _check_parts(archive: zipfile.ZipFile) -> None:
    """Refuse, by its directory alone, an archive that would unpack to more than a workbook does."""
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, 1):
        raise UnreadableFile(
            Problem(_("The workbook unpacks to more than is read. Divide it into several."))
        )
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableFile(
            Problem(_("The workbook is protected by a password. Save it without one."))
        )
    if len({part.filename for part in parts}) < len(parts):
        raise UnreadableFile(_broken())


def _check_kind(archive: zipfile.ZipFile) -> None:
    names = {name.casefold() for name in archive.namelist()}
    if "xl/workbook.xml" not in names:
        raise UnreadableFile(
            Problem(
                _(
                    "The file is no Excel workbook (.xlsx). "
                    "Save it as .xlsx or as CSV in your spreadsheet program."
                )
            )
        )
    if any(name.endswith("vbaproject.bin") for name in names):
        raise UnreadableFile(
            Problem(_("The workbook holds macros. Save it as .xlsx without them."))
        )
    if any(name.startswith("xl/externallinks/") for name in names):
        raise UnreadableFile(
            Problem(
                _(
                    "The workbook takes values from other workbooks. "
                    "Copy its cells and paste them as values into a new one."
                )
            )
        )


def _check_sheets(archive: zipfile.ZipFile) -> Extent:
    """How far the sheets reach; raises UnreadableFile for one too large or out of order."""
    extent = Extent()
    for name in archive.namelist():
        if name.casefold().startswith("xl/worksheets/") and name.endswith(".xml"):
            with archive.open(name) as part:
                _check_sheet(part, extent)
    return extent


def _check_sheet(part: IO[bytes], extent: Extent) -> None:
    last, rest = 0, b""
    while piece := part.read(_PIECE):
        # A tag may lie across two pieces: what follows the last "<" waits for the next.
        whole, bracket, rest = (rest + piece).rpartition(b"<")
        rest = bracket + rest
        for number in map(int, _ROW.findall(whole)):
            if number <= last:
                raise UnreadableFile(_broken())
            last = number
        for letters, number in _FILLED_CELL.findall(whole):
            row, column = int(number), _place(letters) if len(letters) < 3 else MAX_COLUMNS + 1
            if column > MAX_COLUMNS or row > MAX_ROWS + 1:
                raise UnreadableFile(_too_far(f"{letters.decode()}{number.decode()}"))
            extent.rows, extent.columns = max(extent.rows, row), max(extent.columns, column)
        extent.has_formulas |= _FORMULA.search(whole) is not None


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place


def _too_far(cell: str) -> Problem:
    return Problem(
        _(
            "The sheet reaches to the cell %(cell)s; %(rows)s rows and %(columns)s columns are "
            "read. Delete what is not needed, or divide the file into several."
        )
        % {"cell": cell, "rows": f"{MAX_ROWS:,}", "columns": MAX_COLUMNS}
    )


def _rows(
    content: bytes, sheet: str, notices: list[str], extent: Extent
) -> Iterator[tuple[int, list[str]]]:
    values = _cells(_sheet_of(_opened(content), sheet, notices), extent)
    if not extent.has_formulas:
        yield from (_texts(number, cells) for number, cells in values)
        return
    formulas = _cells(_sheet_of(_opened(content, is_formulas=True), sheet, []), extent)
    for (number, cells), (_number, written) in zip(values, formulas, strict=True):
        _refuse_unknown_values(number, cells, written)
        yield _texts(number, cells)


def _opened(content: bytes, *, is_formulas: bool = False) -> Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about parts that are not read, such as drop-downs
        return load_workbook(
            io.BytesIO(content), read_only=True, data_only=not is_formulas, keep_links=False
        )


def _sheet_of(workbook: Workbook, name: str, notices: list[str]) -> Any:
    """The sheet of that name, else the first one, which is said when there are several."""
    sheets: Sequence[Any] = workbook.worksheets
    if not sheets:
        raise UnreadableFile(Problem(_("The workbook has no sheet with cells.")))
    named = next((sheet for sheet in sheets if sheet.title == name), None)
    if named is None and len(sheets) > 1:
        notices.append(
            _("The workbook has %(number)s sheets. Only the first, “%(title)s”, was read.")
            % {"number": len(sheets), "title": sheets[0].title}
        )
    chosen = named or sheets[0]
    chosen.reset_dimensions()
    return chosen


def _cells(sheet: Any, extent: Extent) -> Iterator[tuple[int, Sequence[ReadOnlyCell]]]:
    """The rows as far as cells are filled; cells that do not say where they are, as far as read."""
    rows = sheet.iter_rows(
        max_row=extent.rows or MAX_ROWS + 2, max_col=extent.columns or MAX_COLUMNS + 1
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield from enumerate(rows, 1)


def _refuse_unknown_values(
    number: int, cells: Sequence[ReadOnlyCell], written: Sequence[ReadOnlyCell]
) -> None:
    """A formula that was never calculated would be read as an empty cell."""
    for cell, formula in zip(cells, written, strict=True):
        if formula.data_type == "f" and cell.value in (None, ""):
            raise UnreadableFile(
                Problem(
                    _(
                        "The cell holds a formula without a value. Open the workbook in your "
                        "spreadsheet program and save it, or paste the values."
                    ),
                    number,
                    formula.column_letter,
                )
            )


def _texts(number: int, cells: Sequence[ReadOnlyCell]) -> tuple[int, list[str]]:
    texts = ["" if cell.value is None else _text(cell, number) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return number, texts


def _text(cell: ReadOnlyCell, row: int) -> str:
    value = cell.value
    if cell.data_type == "e":
        raise UnreadableFile(
            Problem(
                _("The cell holds the error %(error)s. Correct its formula, or empty it.")
                % {"error": value},
                row,
                cell.column_letter,
            )
        )
    if isinstance(value, str):
        return unescaped(decoded(value))
    if isinstance(value, bool | time | timedelta):
        return str(value).upper() if isinstance(value, bool) else str(value)
    if isinstance(value, date):
        return _date(value, cell.number_format)
    # Fifteen digits are what a spreadsheet program keeps: 0.1 + 0.2 is 0.3.
    return f"{Decimal(f'{value:.15g}'):f}" if isinstance(value, float) else str(value)


def _date(value: date, number_format: str) -> str:
    """A date as far as the cell shows it: a cell that shows ``Mar-18`` says no day."""
    shown = _NOT_OF_A_DATE.sub("", number_format).casefold()
    if isinstance(value, datetime) and value.time() != time(0):
        return value.isoformat(" ")
    if "d" in shown or ("m" not in shown and "y" not in shown):
        return f"{value:%Y-%m-%d}"
    return f"{value:%Y-%m}" if "m" in shown else f"{value:%Y}"
