"""A file as a table of text, whatever program wrote it: CSV here, XLSX in ``workbooks``.

Everything about a file is bounded before it is believed, and nothing of it is dropped in silence.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from indicators.import_export.files.escaping import unescaped
from indicators.import_export.files.limits import MAX_BYTES, MAX_COLUMNS, MAX_ROWS
from indicators.import_export.files.table import ImportProblem, Row, Table, UnreadableFile
from indicators.import_export.files.xlsx import rows_of_workbook
from strategy.countries import nearest_name, suggest_name
from strategy.text import count_text, fold_accents

DELIMITERS = (",", ";", "\t")

MAX_HEADINGS = 100_000
"""Characters of a file among which its headings are looked for."""

IGNORED = "-"
"""The name of a column that is not looked at."""

_PIECE = 1024**2

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
    """The table in a file; raises UnreadableFile with what to do about it.

    Its rows are read as they are asked for, and raise it too. ``sheet`` is the name of the sheet to
    read where a workbook holds several; ``headings`` gives, for each heading that the file may use,
    folded, the name of its column; ``shown`` what the reader calls each column.
    """
    notices: list[str] = []
    kind = _kind_of(content)
    if kind == "zip":
        rows = rows_of_workbook(content, sheet, notices)
    else:
        rows = _rows_of_text(content, headings, notices)
    heading = next((row for row in rows if _is_filled(row[1])), None)
    if heading is None:
        raise UnreadableFile(_empty())
    columns = _columns(*heading, headings, shown)
    named = _named(columns)
    return Table(
        tuple(columns[place] for place in named),
        tuple(" ".join(heading[1][place].split()) for place in named),
        _rows_below(columns, rows, is_every_cell_written=kind != "zip"),
        notices,
    )


def _is_filled(cells: Sequence[str]) -> bool:
    return any(cell.strip() for cell in cells)


def _empty() -> ImportProblem:
    return ImportProblem(_("The file is empty. Begin it with a row of headings."))


def _kind_of(content: bytes) -> str:
    """ "zip" or "text"; raises UnreadableFile for what is neither."""
    if not content[:_PIECE].strip() and not content.strip():
        raise UnreadableFile(_empty())
    if len(content) > MAX_BYTES:
        raise UnreadableFile(
            ImportProblem(
                _("The file is larger than %(most)s MB. Divide it into several.")
                % {"most": MAX_BYTES // 1024**2}
            )
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
    raise UnreadableFile(ImportProblem(messages[kind]))


def _encoding_of(content: bytes, notices: list[str]) -> str:
    """The encoding of a CSV file: UTF-8, else Windows-1252, which is then said."""
    if _is_encoded(content, "utf-8"):
        return "utf-8-sig"
    if not _is_encoded(content, "cp1252"):
        raise UnreadableFile(
            ImportProblem(
                _("The letters of the file cannot be read. Save it as CSV UTF-8 or as .xlsx.")
            )
        )
    notices.append(
        _("The file is not UTF-8. It was read as Windows-1252: look at the letters with accents.")
    )
    return "cp1252"


def _is_encoded(content: bytes, encoding: str) -> bool:
    """Whether all of it can be read so; a piece at a time, for the text may be long."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), _PIECE):
            decoder.decode(content[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _rows_of_text(content: bytes, headings: Mapping[str, str], notices: list[str]) -> Iterator[Row]:
    csv.field_size_limit(MAX_BYTES)
    encoding = _encoding_of(content, notices)
    beginning = content[: 4 * MAX_HEADINGS].decode(encoding, errors="ignore")
    delimiter = _delimiter_of(beginning, headings)
    text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            yield number, [unescaped(cell) for cell in cells]
    except csv.Error:
        raise UnreadableFile(
            ImportProblem(
                _(
                    "The quotation marks in this row do not fit. A cell that holds "
                    "“%(delimiter)s”, a quotation mark or a line break stands between quotation "
                    "marks, and those inside it are doubled."
                )
                % {"delimiter": delimiter},
                row=number + 1,
            )
        ) from None


def _delimiter_of(text: str, headings: Mapping[str, str]) -> str:
    """What parts the headings into the most that are known; else into the most pieces."""
    beginning = text.lstrip()[:MAX_HEADINGS]

    def fit(delimiter: str) -> tuple[int, int]:
        lines = io.StringIO(beginning, newline="")
        pieces = next(csv.reader(lines, delimiter=delimiter), [])
        return sum(fold_accents(piece) in headings for piece in pieces), len(pieces)

    return max(DELIMITERS, key=fit)


def _columns(
    number: int, cells: Sequence[str], headings: Mapping[str, str], shown: Mapping[str, str]
) -> tuple[str, ...]:
    """The columns that the headings name; raises UnreadableFile with all that do not fit.

    A heading may be missing only where nothing stands below it: its column has no name then.
    """
    if len(cells) > MAX_COLUMNS:
        raise UnreadableFile(ImportProblem(_too_many_columns(), number))
    found = [headings.get(fold_accents(cell), "") for cell in cells]
    # Some headings hold a comma.
    expected = "; ".join(shown.values())
    if not any(found):
        raise UnreadableFile(
            ImportProblem(
                _("This row holds none of the headings. They are: %(columns)s.")
                % {"columns": expected},
                row=number,
            )
        )
    problems = []
    for place, (cell, name) in enumerate(zip(cells, found, strict=True)):
        heading = " ".join(cell.split())
        if heading and not name:
            message = _("There is no such column.") + _meant(heading, headings, shown)
            message += " " + _("The columns are: %(columns)s.") % {"columns": expected}
        elif name and name in found[:place]:
            message = _("This column is there twice. Delete one of the two.")
        else:
            continue
        problems.append(ImportProblem(message, number, heading))
    if problems:
        raise UnreadableFile(*problems)
    return tuple(found)


def _meant(heading: str, headings: Mapping[str, str], shown: Mapping[str, str]) -> str:
    """A sentence that offers the column whose heading, in any language, is the most similar."""
    names = [name for name, column in headings.items() if column in shown]
    close = nearest_name(fold_accents(heading), names)
    return suggest_name(shown[headings[close]]) if close else ""


def _named(columns: Sequence[str]) -> list[int]:
    """The places of the columns that are read."""
    return [place for place, name in enumerate(columns) if name not in ("", IGNORED)]


def _too_many_columns() -> str:
    return _("The row has more than %(most)s cells. Delete the columns that are not needed.") % {
        "most": MAX_COLUMNS
    }


def _rows_below(
    columns: Sequence[str], rows: Iterator[Row], *, is_every_cell_written: bool
) -> Iterator[Row]:
    """The rows below the headings, blank ones and nameless columns left out.

    Where every cell is written (CSV), a row with fewer cells than there are headings is broken off.
    """
    width = len(columns)
    named = _named(columns)
    problems: list[ImportProblem] = []
    seen = 0
    for number, cells in rows:
        if not _is_filled(cells):
            continue
        seen += 1
        if seen > MAX_ROWS:
            message = _("There are more than %(most)s rows. Divide the file into several.")
            raise UnreadableFile(ImportProblem(message % {"most": count_text(MAX_ROWS)}, number))
        problem = _misfit(cells, width, columns, is_every_cell_written)
        if problem:
            problems.append(ImportProblem(problem, number))
        whole = [*cells, *[""] * (width - len(cells))]
        yield number, whole if len(named) == width == len(whole) else [whole[at] for at in named]
    if not seen:
        problems.append(
            ImportProblem(
                _("The file has headings and no row below them. Add a row for each record.")
            )
        )
    if problems:
        raise UnreadableFile(*problems)


def _misfit(
    cells: Sequence[str], width: int, columns: Sequence[str], is_every_cell_written: bool
) -> str:
    """Why a row does not stand under the headings; empty when it does."""
    if _is_filled(cells[width:]) or (len(cells) < width and is_every_cell_written):
        return _(
            "The row has %(cells)s cells under %(headings)s headings. "
            "Look for a missing or a superfluous separator."
        ) % {"cells": len(cells), "headings": width}
    if any(cell.strip() and not name for cell, name in zip(cells, columns, strict=False)):
        return _("A cell stands below no heading. Name its column, or empty it.")
    return ""
