"""An uploaded file returned with a first column that states what to correct in each row.

That column is ignored when the corrected file is imported.
"""

from collections.abc import Iterator, Sequence
from typing import IO

from django.utils.translation import gettext as _

from indicators.import_export.exports.sheets import (
    add_sheet,
    add_text_format,
    open_workbook,
    render_csv,
)
from indicators.import_export.previews import describe_rows, load_rows, load_table
from indicators.import_export.rows.columns import ERRORS_LABEL
from indicators.import_export.rows.results import RowResult, RowStatus
from indicators.models import ImportPreview

_Row = tuple[str, Sequence[str], frozenset[str]]
"""The text about a row's errors, its cells, and its columns in error."""


def _build_rows(preview: ImportPreview) -> Iterator[_Row]:
    """Yield the rows of the file; once its good rows were imported, only those in error."""
    errors = load_rows(preview, RowStatus.ERROR)
    columns = {row.number: frozenset(problem.column for problem in row.problems) for row in errors}
    texts = {row.number: _describe_problems(row) for row in describe_rows(preview, errors)}
    for number, cells in load_table(preview).rows:
        if number in texts or preview.imported_at is None:
            yield texts.get(number, ""), cells, columns.get(number, frozenset())


def _describe_problems(row: RowResult) -> str:
    return "\n".join(
        _("%(column)s: %(message)s") % {"column": problem.column, "message": problem.message}
        for problem in row.problems
    )


def write_error_csv(preview: ImportPreview) -> str:
    headings = [str(ERRORS_LABEL), *load_table(preview).headings]
    rows = ([text, *cells] for text, cells, _columns in _build_rows(preview))
    return "".join(render_csv([headings, *rows]))


def write_error_xlsx(preview: ImportPreview, target: IO[bytes]) -> None:
    table = load_table(preview)
    with open_workbook(target) as workbook:
        sheet = add_sheet(workbook, preview.kind, [str(ERRORS_LABEL), *table.headings])
        plain = add_text_format(workbook)
        wrapped = add_text_format(workbook, text_wrap=True, valign="top")
        marked = add_text_format(workbook, bg_color="#FBE3E4", border=1)
        sheet.set_column(0, 0, 60, wrapped)
        sheet.set_column(1, len(table.columns), 24, plain)
        for number, (text, cells, columns) in enumerate(_build_rows(preview), 1):
            sheet.write_text(number, 0, text, wrapped)
            for place, (name, cell) in enumerate(zip(table.columns, cells, strict=True), 1):
                if cell or name in columns:
                    text_format = marked if name in columns else plain
                    sheet.write_text(number, place, cell, text_format)


def error_file_name(preview: ImportPreview, ending: str) -> str:
    stem = preview.file_name.rpartition(".")[0] or preview.file_name
    return f"{stem}-errors.{ending}"
