"""CSV and XLSX files of text cells, which no spreadsheet program converts."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from indicators.import_export.files.escaping import encode_text, escape_for_workbook
from indicators.import_export.files.limits import MAX_CELL
from indicators.import_export.rows.widgets import Widget
from strategy.text import escape_for_csv

BYTE_ORDER_MARK = "\ufeff"
"""Spreadsheet programs recognise UTF-8 by it; other programs fail on it."""


class _LineWriter:
    """A file for ``csv.writer`` that returns each line instead of storing it."""

    def write(self, text: str) -> str:
        return text


def render_csv(rows: Iterable[Iterable[str]], *, has_mark: bool = True) -> Iterator[str]:
    writer = csv.writer(_LineWriter())
    mark = BYTE_ORDER_MARK if has_mark else ""
    for row in rows:
        yield mark + writer.writerow([escape_for_csv(text) for text in row])
        mark = ""


class ExactSheet(Worksheet):
    """A sheet whose texts are read back exactly: XlsxWriter's codes for characters are not."""

    _escape_control_characters = staticmethod(encode_text)

    def write_text(self, row: int, column: int, text: str, text_format: Format) -> None:
        """Write a text cell, cut to what a cell can hold; an empty text leaves only its format."""
        if text:
            self.write_string(row, column, escape_for_workbook(text)[:MAX_CELL], text_format)
        else:
            self.write_blank(row, column, None, text_format)


def open_workbook(target: IO[bytes], *, is_streamed: bool = True) -> Workbook:
    """Return a workbook; if streamed, its cells must be written row by row, sheet by sheet."""
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    return Workbook(target, {"constant_memory": is_streamed, **options})


def add_sheet(workbook: Workbook, name: str, headings: Sequence[str]) -> ExactSheet:
    sheet: ExactSheet = workbook.add_worksheet(name, worksheet_class=ExactSheet)
    bold = workbook.add_format({"bold": True, "bottom": 1})
    for place, heading in enumerate(headings):
        sheet.write_text(0, place, heading, bold)
    sheet.freeze_panes(1, 1)
    return sheet


def add_text_format(workbook: Workbook, **options: object) -> Format:
    return workbook.add_format({"num_format": "@", **options})


def set_column_formats(
    sheet: ExactSheet, widgets: Mapping[str, Widget], text_format: Format
) -> None:
    for place, widget in enumerate(widgets.values()):
        width = 12 if widget.is_number else 24
        sheet.set_column(place, place, width, None if widget.is_number else text_format)
