"""The sheets of a workbook: which holds the records, and what it hides or merges."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from indicators.import_export.files.headings import (
    MAX_ROWS_ABOVE,
    ExpectedColumns,
    find_headings,
    refuse_identifiers,
)
from indicators.import_export.files.table import (
    ImportProblem,
    PossibleAnswer,
    Question,
    Reading,
    Row,
    UnreadableFile,
)
from strategy.text import join_plain

MAX_NAMED = 20
"""The most rows, columns or cells that a sentence names."""

_DAY_ZERO = date(1899, 12, 30)
_YEARS = range(1900, 2101)

READ, LEAVE_OUT = "read", "leave-out"
REPEAT, FIRST = "repeat", "first"


@dataclass(frozen=True)
class MergedCells:
    """A rectangle of merged cells: its value is in its first cell. Columns count from 1."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int

    def __str__(self) -> str:
        first, last = map(get_column_letter, (self.first_column, self.last_column))
        return f"{first}{self.first_row}:{last}{self.last_row}"


@dataclass
class RecordSheet:
    """The rows of a sheet that have a value, and what its reader does not see as they are."""

    rows: list[Row]
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[MergedCells] = field(default_factory=list)


@dataclass(frozen=True)
class SheetPart:
    """A sheet of a workbook that was not read yet; ``open_rows`` yields its rows."""

    name: str
    is_hidden: bool
    open_rows: Callable[[], Iterator[Row]]


def choose_sheet(
    parts: Sequence[SheetPart], expected: ExpectedColumns, reading: Reading
) -> SheetPart:
    """Return the sheet with the records; ask where several have rows below our headings."""
    if not parts:
        raise UnreadableFile(_("The workbook has no sheet with cells."))
    refuse_identifiers(part.name for part in parts)
    named = [part for part in parts if [part.name] == list(reading.answers.get("sheet", ()))]
    if named:
        _tell_hidden(named[0], reading)
        return named[0]
    chosen = _find_registers(parts, expected) if len(parts) > 1 else [parts[0]]
    if len(chosen) > 1 or "sheet" in reading.answers:
        reading.ask(
            Question(
                "sheet",
                _("Which sheet should be imported?"),
                [PossibleAnswer(part.name, _describe_sheet(part)) for part in chosen],
            )
        )
        reading.require_answers()
    _tell_sheet(chosen[0], parts, expected, reading)
    return chosen[0]


def _find_registers(parts: Sequence[SheetPart], expected: ExpectedColumns) -> list[SheetPart]:
    """Return the sheets with rows below our headings; otherwise one that has most of them."""
    registers: list[SheetPart] = []
    best = next((part for part in parts if part.name == expected.kind), parts[0])
    most = 0
    for part in parts:
        rows = _peek(part)
        headings = rows[find_headings(rows, expected)][1] if rows else []
        has_rows = bool(rows) and rows[-1][1] is not headings
        if has_rows and expected.describes_records(headings):
            registers.append(part)
        if expected.count(headings) > most:
            best, most = part, expected.count(headings)
    return registers or [best]


def _peek(part: SheetPart) -> list[Row]:
    """Return the first rows of the sheet, as far as they can be read."""
    rows: list[Row] = []
    try:
        for row in islice(part.open_rows(), MAX_ROWS_ABOVE + 2):
            rows.append(row)  # noqa: PERF402 - those before an error count.
    except UnreadableFile:
        # The row at fault is below those read; it is reported when the sheet is chosen.
        rows.append((0, ["?"]))
    return rows


def _describe_sheet(part: SheetPart) -> str:
    return _("%(name)s (hidden)") % {"name": part.name} if part.is_hidden else part.name


def _tell_sheet(
    chosen: SheetPart, parts: Sequence[SheetPart], expected: ExpectedColumns, reading: Reading
) -> None:
    _tell_hidden(chosen, reading)
    if len(parts) > 1 and chosen.name != expected.kind:
        sentence = _("The workbook has %(number)s sheets. Only “%(title)s” was read.")
        reading.notices.append(sentence % {"number": len(parts), "title": chosen.name})


def _tell_hidden(part: SheetPart, reading: Reading) -> None:
    if part.is_hidden:
        sentence = _("The sheet “%(title)s” is hidden. It was read.")
        reading.notices.append(sentence % {"title": part.name})


def refuse_year(day: date, row: int, column: int) -> None:
    """Refuse a year in the format of a date: 2018 is shown as 10 July 1905."""
    number = (day - _DAY_ZERO).days
    if number in _YEARS:
        sentence = _(
            "The cell holds %(number)s and shows it as a date of 1905. Give the cell the "
            "format of a number if it is a year, or write the date."
        )
        letter = get_column_letter(column)
        raise UnreadableFile(ImportProblem(sentence % {"number": number}, row, letter))


def apply_merged(sheet: RecordSheet, place: int, reading: Reading) -> None:
    """Ask whether each row of merged cells has their value, and write it into the rows if so.

    ``place`` is that of the row of headings among the rows.
    """
    top, cells_of = sheet.rows[place][0], dict(sheet.rows)
    merged = [
        cells
        for cells in sheet.merged
        if cells.last_row > top and _get(cells_of.get(cells.first_row, []), cells.first_column)
    ]
    _refuse_across(merged, top)
    if not merged:
        return
    headings = sheet.rows[place][1]
    names = _list_names(
        f"{cells} ({_name_column(headings, cells.first_column)})" for cells in merged
    )
    question = Question(
        "merged-cells",
        _("Merged cells: %(cells)s. Does each of their rows have the value?") % {"cells": names},
        [
            PossibleAnswer(REPEAT, _("Yes, each row has the value")),
            PossibleAnswer(FIRST, _("No, only the first row has it")),
        ],
    )
    if list(reading.ask(question) or ()) == [FIRST]:
        sentence = _("The value of merged cells was read for their first row only: %(cells)s.")
    else:
        sentence = _("The value of merged cells was read for each of their rows: %(cells)s.")
        for cells in merged:
            _repeat(cells, cells_of)
    reading.notices.append(sentence % {"cells": names})


def _refuse_across(merged: Sequence[MergedCells], top: int) -> None:
    problems = []
    for cells in merged:
        if cells.first_row <= top:
            sentence = _("The headings are merged with rows below: %(cells)s. Unmerge them.")
        elif cells.first_column < cells.last_column:
            sentence = _(
                "Cells of several columns are merged: %(cells)s. "
                "Unmerge them, and enter each value in its column."
            )
        else:
            continue
        problems.append(ImportProblem(sentence % {"cells": cells}, cells.first_row))
    if problems:
        raise UnreadableFile(*problems)


def _repeat(merged: MergedCells, cells_of: Mapping[int, list[str]]) -> None:
    """Write the value of merged cells into those of their rows that have other values."""
    place = merged.first_column - 1
    value = cells_of[merged.first_row][place]
    for number in range(merged.first_row + 1, merged.last_row + 1):
        cells = cells_of.get(number, [])
        if cells and not _get(cells, merged.first_column):
            cells += [""] * (place + 1 - len(cells))
            cells[place] = value


def _get(cells: Sequence[str], column: int) -> str:
    return cells[column - 1].strip() if column <= len(cells) else ""


def apply_hidden(sheet: RecordSheet, place: int, reading: Reading) -> None:
    """Ask whether hidden rows and columns are imported; remove those that are not.

    ``place`` is that of the row of headings among the rows.
    """
    below = sheet.rows[place:]
    rows = [number for number, _cells in below[1:] if number in sheet.hidden_rows]
    columns = [column for column in sorted(sheet.hidden_columns) if _has_value(below, column)]
    if rows:
        names = _list_names(map(str, rows))
        sentence = _("Hidden or filtered rows: %(rows)s. Should they be imported?")
        if _ask_about_hidden("hidden-rows", sentence % {"rows": names}, reading):
            reading.notices.append(_("Hidden rows were left out: %(rows)s.") % {"rows": names})
            sheet.rows = [row for row in sheet.rows if row[0] not in rows]
        else:
            reading.notices.append(_("Hidden rows were read: %(rows)s.") % {"rows": names})
    if columns:
        names = _list_names(_name_column(below[0][1], column) for column in columns)
        sentence = _("Hidden columns: %(columns)s. Should they be imported?")
        if _ask_about_hidden("hidden-columns", sentence % {"columns": names}, reading):
            sentence = _("Hidden columns were left out: %(columns)s.")
            for _number, cells in sheet.rows:
                for column in columns:
                    cells[column - 1 : column] = [""] * (column <= len(cells))
        else:
            sentence = _("Hidden columns were read: %(columns)s.")
        reading.notices.append(sentence % {"columns": names})


def _has_value(rows: Sequence[Row], column: int) -> bool:
    return any(_get(cells, column) for _number, cells in rows)


def _name_column(headings: Sequence[str], column: int) -> str:
    return _get(headings, column) or get_column_letter(column)


def _ask_about_hidden(name: str, sentence: str, reading: Reading) -> bool:
    """Whether what is hidden is left out."""
    choices = [
        PossibleAnswer(READ, _("Import them")),
        PossibleAnswer(LEAVE_OUT, _("Leave them out")),
    ]
    return list(reading.ask(Question(name, sentence, choices)) or ()) == [LEAVE_OUT]


def _list_names(names: Iterator[str]) -> str:
    shown = list(islice(names, MAX_NAMED + 1))
    return join_plain([*shown[:MAX_NAMED], "…"] if len(shown) > MAX_NAMED else shown)
