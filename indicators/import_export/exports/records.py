"""Records written into files, such that reading the file back changes nothing."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from indicators.counting.registry import RECORD_SOURCES
from indicators.import_export.files.escaping import encoded, escaped_for_csv, escaped_for_workbook
from indicators.import_export.files.limits import MAX_CELL
from indicators.import_export.rows.columns import cells_for
from indicators.import_export.rows.existing import ExistingValues, batches
from indicators.import_export.rows.widgets import Widget
from strategy.choices import RecordKind
from strategy.text import count_text

BYTE_ORDER_MARK = "\ufeff"
"""By this spreadsheet programs know UTF-8; other programs stumble on it."""

CHUNK = 1_000


class TooLongForWorkbook(ValueError):
    """A text that no cell of a workbook can hold; says which, and what to do."""


def exported_records(kind: RecordKind) -> QuerySet[Any]:
    """All records of the kind but those withdrawn or deleted, as they were entered."""
    return RECORD_SOURCES[kind].model.objects.not_withdrawn().order_by("pk")


def rows_for(cells: Mapping[str, Widget], records: QuerySet[Any]) -> Iterator[dict[str, str]]:
    """The records' rows: column -> text. Read in chunks, so that memory does not grow with them."""
    for some in batches(records.iterator(chunk_size=CHUNK), CHUNK):
        values = ExistingValues(cells)
        values.load(some)
        yield from map(values.texts, some)


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(kind: RecordKind, records: QuerySet[Any], *, has_mark: bool = False) -> Iterator[str]:
    """The lines of a CSV file, one by one."""
    cells = cells_for(kind)
    writer = csv.writer(_Echo())
    yield (BYTE_ORDER_MARK if has_mark else "") + writer.writerow(cells)
    for row in rows_for(cells, records):
        yield writer.writerow([escaped_for_csv(text) for text in row.values()])


class ExactSheet(Worksheet):  # type: ignore[misc]
    """A sheet whose texts read back exactly: XlsxWriter's own codes for characters do not."""

    _escape_control_characters = staticmethod(encoded)


def write_workbook(kind: RecordKind, records: QuerySet[Any], target: IO[bytes]) -> None:
    """Write the records as a workbook of one sheet; raises TooLongForWorkbook."""
    cells = cells_for(kind)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(target, options) as workbook:
        sheet = workbook.add_worksheet(kind, worksheet_class=ExactSheet)
        text_format = prepare_sheet(workbook, sheet, cells, list(cells))
        for number, row in enumerate(rows_for(cells, records), 1):
            for place, (name, text) in enumerate(row.items()):
                if not text:
                    continue
                if cells[name].is_number:
                    sheet.write_number(number, place, float(text))
                else:
                    _write_text(sheet, number, place, text, text_format)


def prepare_sheet(
    workbook: Workbook, sheet: Worksheet, cells: Mapping[str, Widget], headings: Sequence[str]
) -> Format:
    """Headings that stay in sight, and columns of text that no program turns into dates."""
    text_format: Format = workbook.add_format({"num_format": "@"})
    for place, cell in enumerate(cells.values()):
        width = 12 if cell.is_number else 24
        sheet.set_column(place, place, width, None if cell.is_number else text_format)
    bold = workbook.add_format({"bold": True, "bottom": 1})
    for place, heading in enumerate(headings):
        sheet.write_string(0, place, heading, bold)
    sheet.freeze_panes(1, 1)
    return text_format


def _write_text(sheet: Worksheet, row: int, column: int, text: str, text_format: Format) -> None:
    """A cell that is text whatever it begins with."""
    text = escaped_for_workbook(text)
    if len(text) > MAX_CELL:
        raise TooLongForWorkbook(
            _(
                "A text has %(length)s characters, more than a cell of a workbook holds. "
                "Export as CSV instead."
            )
            % {"length": count_text(len(text))}
        )
    sheet.write_string(row, column, text, text_format)
