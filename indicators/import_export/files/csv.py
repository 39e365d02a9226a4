"""A file as a table of text: CSV is read here, XLSX in ``xlsx``.

Every size is limited before it is trusted, and no cell is dropped silently.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from indicators.import_export.files.escaping import unescape
from indicators.import_export.files.limits import MAX_BYTES, MAX_COLUMNS, MAX_ROWS
from indicators.import_export.files.table import ImportProblem, Row, Table, UnreadableFile
from indicators.import_export.files.xlsx import read_workbook
from strategy.countries import find_nearest_name, suggest_name
from strategy.text import fold_accents, format_count

DELIMITERS = (",", ";", "\t")

MAX_HEADINGS = 100_000
"""Characters at the start of a file that may belong to its headings."""

IGNORED = "-"
"""The name of a column that is not read."""

_OPENINGS: Mapping[bytes, str] = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\xd0\xcf\x11\xe0": "ole",
    b"%PDF": "pdf",
    b"\xff\xfe": "utf16",
    b"\xfe\xff": "utf16",
}


def read_table(
    content: bytes, sheet: str, headings: Mapping[str, str], shown: Mapping[str, str]
) -> Table:
    """Return the table of a file; raise UnreadableFile with what to correct.

    ``sheet`` is the sheet to read where a workbook has several. ``headings`` maps each accepted
    heading, folded, to its column; ``shown`` maps each column to its heading in messages.
    """
    notices: list[str] = []
    is_workbook = _detect_format(content) == "zip"
    if is_workbook:
        rows = read_workbook(content, sheet, notices)
    else:
        rows = _read_csv(content, headings, notices)
    heading = next((row for row in rows if _is_filled(row[1])), None)
    if heading is None:
        raise _empty_file()
    columns = _match_columns(*heading, headings, shown)
    named = _named_places(columns)
    return Table(
        tuple(columns[place] for place in named),
        tuple(" ".join(heading[1][place].split()) for place in named),
        _read_rows(columns, rows, is_every_cell_written=not is_workbook),
        notices,
    )


def _is_filled(cells: Sequence[str]) -> bool:
    return any(cell.strip() for cell in cells)


def _empty_file() -> UnreadableFile:
    return UnreadableFile(_("The file is empty. Begin it with a row of headings."))


def _detect_format(content: bytes) -> str:
    if not content.strip():
        raise _empty_file()
    if len(content) > MAX_BYTES:
        raise UnreadableFile(
            _("The file is larger than %(most)s MB. Divide it into several.")
            % {"most": MAX_BYTES // 1024**2}
        )
    kind = next((kind for start, kind in _OPENINGS.items() if content.startswith(start)), "text")
    if kind in ("zip", "text") and not (kind == "text" and b"\x00" in content[:4096]):
        return kind
    messages = {
        "ole": _(
            "The file is an old Excel file (.xls) or is protected by a password. "
            "Save it as .xlsx, without a password."
        ),
        "utf16": _("The file is “Unicode text” (UTF-16). Save it as CSV UTF-8 or as .xlsx."),
        "pdf": _("The file is a PDF. Records come in as CSV or XLSX."),
        "text": _("The file is neither CSV nor XLSX. Save it as one of these."),
    }
    raise UnreadableFile(messages[kind])


def _detect_encoding(content: bytes, notices: list[str]) -> str:
    if _is_encoded(content, "utf-8"):
        return "utf-8-sig"
    if not _is_encoded(content, "cp1252"):
        raise UnreadableFile(
            _("The letters of the file cannot be read. Save it as CSV UTF-8 or as .xlsx.")
        )
    notices.append(
        _("The file is not UTF-8. It was read as Windows-1252: look at the letters with accents.")
    )
    return "cp1252"


def _is_encoded(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _read_csv(content: bytes, headings: Mapping[str, str], notices: list[str]) -> Iterator[Row]:
    csv.field_size_limit(MAX_BYTES)
    encoding = _detect_encoding(content, notices)
    beginning = content[: 4 * MAX_HEADINGS].decode(encoding, errors="ignore")
    delimiter = _detect_delimiter(beginning, headings)
    text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            yield number, [unescape(cell) for cell in cells]
    except csv.Error:
        message = _(
            "The quotation marks in this row do not fit. A cell that holds “%(delimiter)s”, a "
            "quotation mark or a line break stands between quotation marks, and those inside it "
            "are doubled."
        )
        raise UnreadableFile(
            ImportProblem(message % {"delimiter": delimiter}, row=number + 1)
        ) from None


def _detect_delimiter(text: str, headings: Mapping[str, str]) -> str:
    """Return the delimiter that separates most known headings; among equals, most headings."""
    beginning = text.lstrip()[:MAX_HEADINGS]

    def count_headings(delimiter: str) -> tuple[int, int]:
        text = io.StringIO(beginning, newline="")
        cells = next(csv.reader(text, delimiter=delimiter), [])
        return sum(fold_accents(cell) in headings for cell in cells), len(cells)

    return max(DELIMITERS, key=count_headings)


def _match_columns(
    number: int, cells: Sequence[str], headings: Mapping[str, str], shown: Mapping[str, str]
) -> tuple[str, ...]:
    """Return the columns of the headings, empty where there is no heading."""
    if len(cells) > MAX_COLUMNS:
        message = _("The row has more than %(most)s cells. Delete the columns that are not needed.")
        raise UnreadableFile(ImportProblem(message % {"most": MAX_COLUMNS}, number))
    columns = tuple(headings.get(fold_accents(cell), "") for cell in cells)
    # Some headings contain a comma.
    expected = "; ".join(shown.values())
    if not any(columns):
        message = _("This row holds none of the headings. They are: %(columns)s.")
        raise UnreadableFile(ImportProblem(message % {"columns": expected}, number))
    problems = []
    for place, (cell, name) in enumerate(zip(cells, columns, strict=True)):
        heading = " ".join(cell.split())
        if heading and not name:
            message = _("There is no such column.") + _suggest_heading(heading, headings, shown)
            message += " " + _("The columns are: %(columns)s.") % {"columns": expected}
        elif name and name in columns[:place]:
            message = _("This column is there twice. Delete one of the two.")
        else:
            continue
        problems.append(ImportProblem(message, number, heading))
    if problems:
        raise UnreadableFile(*problems)
    return columns


def _suggest_heading(heading: str, headings: Mapping[str, str], shown: Mapping[str, str]) -> str:
    names = [name for name, column in headings.items() if column in shown]
    close = find_nearest_name(fold_accents(heading), names)
    return suggest_name(shown[headings[close]]) if close else ""


def _named_places(columns: Sequence[str]) -> list[int]:
    return [place for place, name in enumerate(columns) if name not in ("", IGNORED)]


def _read_rows(
    columns: Sequence[str], rows: Iterator[Row], *, is_every_cell_written: bool
) -> list[Row]:
    """Return the rows below the headings, without blank rows and columns without a name."""
    width, named = len(columns), _named_places(columns)
    problems: list[ImportProblem] = []
    table: list[Row] = []
    for number, cells in rows:
        if not _is_filled(cells):
            continue
        if len(table) == MAX_ROWS:
            message = _("There are more than %(most)s rows. Divide the file into several.")
            raise UnreadableFile(ImportProblem(message % {"most": format_count(MAX_ROWS)}, number))
        problem = _find_misfit(cells, width, columns, is_every_cell_written)
        if problem:
            problems.append(ImportProblem(problem, number))
        padded = [*cells, *[""] * (width - len(cells))]
        table.append((number, [padded[place] for place in named]))
    if not table:
        problems.append(
            ImportProblem(
                _("The file has headings and no row below them. Add a row for each record.")
            )
        )
    if problems:
        raise UnreadableFile(*problems)
    return table


def _find_misfit(
    cells: Sequence[str], width: int, columns: Sequence[str], is_every_cell_written: bool
) -> str:
    """Return why the row does not fit the headings; empty if it fits."""
    # A workbook leaves out the empty cells at the end of a row, CSV never.
    if _is_filled(cells[width:]) or (len(cells) < width and is_every_cell_written):
        return _(
            "The row has %(cells)s cells under %(headings)s headings. "
            "Look for a missing or a superfluous separator."
        ) % {"cells": len(cells), "headings": width}
    if any(cell.strip() and not name for cell, name in zip(cells, columns, strict=False)):
        return _("A cell stands below no heading. Name its column, or empty it.")
    return ""
