"""A file of records as a table of text: CSV, XLSX or ODS.

Every size is limited before it is trusted, and no cell is dropped silently.
"""

import re
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from indicators.import_export.files.csv import read_csv
from indicators.import_export.files.headings import (
    IGNORED,
    ExpectedColumns,
    check_kind,
    find_headings,
    is_filled,
    match_columns,
)
from indicators.import_export.files.limits import MAX_BYTES, MAX_ROWS
from indicators.import_export.files.ods import is_ods, read_ods
from indicators.import_export.files.sheets import RecordSheet, apply_hidden, apply_merged
from indicators.import_export.files.table import (
    ImportProblem,
    Reading,
    Row,
    Table,
    UnreadableFile,
)
from indicators.import_export.files.xlsx import read_workbook
from strategy.text import format_count

_OPENINGS: Mapping[bytes, str] = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\xd0\xcf\x11\xe0": "ole",
    b"%PDF": "pdf",
    b"\xff\xfe": "utf16",
    b"\xfe\xff": "utf16",
}

_MARKUP: Mapping[str, re.Pattern[bytes]] = {
    "html": re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta|div)\b", re.IGNORECASE),
    "xml": re.compile(rb"<[?!a-z]", re.IGNORECASE),
    "json": re.compile(rb"\{\s*[\"}]|\[\s*[\[{\"\d\]]"),
}
"""The beginnings of files of markup, without a byte order mark and spaces."""


def read_table(
    content: bytes,
    expected: ExpectedColumns,
    reading: Reading,
    others: Sequence[ExpectedColumns] = (),
) -> Table:
    """Return the table of a file; ``others`` are the columns of other kinds of record.

    Raises UnreadableFile with what to correct, OpenQuestions with what only the user knows.
    """
    is_workbook = _detect_format(content) == "zip"
    if is_workbook:
        read = read_ods if is_ods(content) else read_workbook
        sheet = read(content, expected, reading)
    else:
        sheet = RecordSheet(read_csv(content, expected, reading))
    if not sheet.rows:
        raise _empty_file()
    place = find_headings(sheet.rows, expected)
    check_kind(sheet.rows[place][1], expected, others, reading)
    _tell_rows_above(sheet, place, reading)
    apply_merged(sheet, place, reading)
    apply_hidden(sheet, place, reading)
    number, cells = sheet.rows[place]
    heading = _without_empty_end(cells)
    columns = match_columns(number, heading, expected, reading)
    named = _named_places(columns)
    try:
        rows = _read_rows(columns, sheet.rows[place + 1 :], is_every_cell_written=not is_workbook)
    except UnreadableFile:
        # An answer may leave the cell or column at fault out.
        reading.require_answers()
        raise
    return Table(
        tuple(columns[place] for place in named),
        tuple(" ".join(heading[place].split()) for place in named),
        rows,
        reading.notices,
    )


def _empty_file() -> UnreadableFile:
    return UnreadableFile(_("The file is empty. Begin it with a row of headings."))


def _detect_format(content: bytes) -> str:
    """Return `zip` or `text`; raise UnreadableFile for any other format, which it names."""
    beginning = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not beginning and not content.strip():
        raise _empty_file()
    if len(content) > MAX_BYTES:
        raise UnreadableFile(
            _("The file is larger than %(most)s MB. Divide it into several.")
            % {"most": MAX_BYTES // 1024**2}
        )
    kind = next((kind for start, kind in _OPENINGS.items() if content.startswith(start)), "text")
    if kind == "text":
        kind = "binary" if b"\x00" in content[:4096] else _detect_markup(beginning)
    if kind in ("zip", "text"):
        return kind
    messages = {
        "ole": _(
            "The file is an old Excel file (.xls) or is protected by a password. "
            "Save it as .xlsx, without a password."
        ),
        "utf16": _("The file is “Unicode text” (UTF-16). Save it as CSV UTF-8 or as .xlsx."),
        "pdf": _("The file is a PDF. Save the records as CSV, XLSX or ODS."),
        "html": _(
            "The file is a web page (HTML), even if its name ends in .xls. "
            "Open it in your spreadsheet program and save it as .xlsx."
        ),
        "xml": _("The file is XML. Open it in your spreadsheet program and save it as .xlsx."),
        "json": _("The file is JSON. Export the records as CSV or .xlsx."),
        "binary": _("The file is not CSV, XLSX or ODS. Save it as one of these."),
    }
    raise UnreadableFile(messages[kind])


def _detect_markup(beginning: bytes) -> str:
    if _MARKUP["xml"].match(beginning) and _MARKUP["html"].search(beginning):
        return "html"
    return next((kind for kind in ("xml", "json") if _MARKUP[kind].match(beginning)), "text")


def _tell_rows_above(sheet: RecordSheet, place: int, reading: Reading) -> None:
    if place:
        sentence = _("The headings are in row %(row)s. The rows above were not read.")
        reading.notices.append(sentence % {"row": sheet.rows[place][0]})


def _without_empty_end(cells: Sequence[str]) -> Sequence[str]:
    """Return the headings without empty cells behind the last: separators at the end of a row."""
    filled = [place for place, cell in enumerate(cells) if cell.strip()]
    return cells[: filled[-1] + 1] if filled else cells


def _named_places(columns: Sequence[str]) -> list[int]:
    return [place for place, name in enumerate(columns) if name not in ("", IGNORED)]


def _read_rows(
    columns: Sequence[str], rows: Sequence[Row], *, is_every_cell_written: bool
) -> list[Row]:
    """Return the rows below the headings, without blank rows and columns without a name."""
    width, named = len(columns), _named_places(columns)
    problems: list[ImportProblem] = []
    table: list[Row] = []
    for number, cells in rows:
        if not is_filled(cells):
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
    if is_filled(cells[width:]) or (len(cells) < width and is_every_cell_written):
        return _(
            "The row has %(cells)s cells under %(headings)s headings. "
            "Look for a missing or a superfluous separator."
        ) % {"cells": len(cells), "headings": width}
    if any(cell.strip() and not name for cell, name in zip(cells, columns, strict=False)):
        return _("A cell stands below no heading. Name its column, or empty it.")
    return ""
