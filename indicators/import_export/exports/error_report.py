"""A file given back with a first column that says, row by row, what to correct.

That column is not read when the mended file comes in again.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from indicators.import_export.exports.records import BYTE_ORDER_MARK, ExactSheet
from indicators.import_export.files.escaping import escaped_for_csv, escaped_for_workbook
from indicators.import_export.files.limits import MAX_CELL
from indicators.import_export.files.table import ImportProblem
from indicators.import_export.previews import kept_table, rows_in_error
from indicators.import_export.rows.columns import ERRORS_LABEL, headings_in
from indicators.import_export.rows.results import RowResult
from indicators.models import ImportPreview
from strategy.choices import RecordKind


def _rows(preview: ImportPreview) -> Iterator[tuple[Sequence[str], RowResult | None]]:
    """The cells of each row of the file, and what is wrong with it; None where nothing is.

    Once the good rows were imported, there are only those in error.
    """
    errors = rows_in_error(preview)
    wrong = next(errors, None)
    for number, cells in kept_table(preview.table).rows:
        if wrong and wrong.number == number:
            yield cells, wrong
            wrong = next(errors, None)
        elif preview.imported_at is None:
            yield cells, None


def _told(row: RowResult | None, headings: Mapping[str, str]) -> str:
    """What is wrong in a row, under the headings that its file has."""
    problems: Sequence[ImportProblem] = row.with_headings(headings).problems if row else ()
    told = [
        _("%(column)s: %(message)s") % {"column": problem.column, "message": problem.message}
        for problem in problems
    ]
    return "\n".join(told)


def write_error_csv(preview: ImportPreview) -> str:
    """The file as CSV."""
    table = kept_table(preview.table)
    headings = headings_in(table, RecordKind(preview.kind))
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow([str(ERRORS_LABEL), *table.headings])
    for cells, wrong in _rows(preview):
        told = _told(wrong, headings)
        writer.writerow([escaped_for_csv(text) for text in (told, *cells)])
    return BYTE_ORDER_MARK + lines.getvalue()


def write_error_xlsx(preview: ImportPreview, target: IO[bytes]) -> None:
    """The file as a workbook, in which the cells to correct stand out."""
    table = kept_table(preview.table)
    headings = headings_in(table, RecordKind(preview.kind))
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(target, options) as workbook:
        sheet = workbook.add_worksheet(preview.kind, worksheet_class=ExactSheet)
        bold = workbook.add_format({"bold": True, "bottom": 1})
        text = workbook.add_format({"num_format": "@"})
        said = workbook.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        marked = workbook.add_format({"num_format": "@", "bg_color": "#FBE3E4", "border": 1})
        sheet.set_column(0, 0, 60, said)
        sheet.set_column(1, len(table.columns), 24, text)
        for place, heading in enumerate([str(ERRORS_LABEL), *table.headings]):
            sheet.write_string(0, place, escaped_for_workbook(heading), bold)
        sheet.freeze_panes(1, 1)
        for line, (cells, wrong) in enumerate(_rows(preview), 1):
            columns = {problem.column for problem in wrong.problems} if wrong else set()
            sheet.write_string(line, 0, _told(wrong, headings)[:MAX_CELL], said)
            for place, (name, cell) in enumerate(zip(table.columns, cells, strict=True), 1):
                written = escaped_for_workbook(cell)[:MAX_CELL]
                if name in columns and written:
                    sheet.write_string(line, place, written, marked)
                elif name in columns:
                    sheet.write_blank(line, place, None, marked)
                elif written:
                    sheet.write_string(line, place, written, text)


def name_to_mend(preview: ImportPreview, ending: str) -> str:
    """A name by which it is told from the file that was sent."""
    stem = preview.file_name.rpartition(".")[0] or preview.file_name
    return f"{stem}-errors.{ending}"
