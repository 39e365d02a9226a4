"""Templates of files in the user's language: headings, and an example row that is not imported.

A workbook also has drop-down lists, and explains its columns on a second sheet.
"""

from collections.abc import Sequence
from typing import IO

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from indicators.import_export.exports.column_help import ColumnHelp, build_column_help
from indicators.import_export.exports.sheets import (
    ExactSheet,
    add_sheet,
    add_text_format,
    open_workbook,
    render_csv,
    set_column_formats,
)
from indicators.import_export.files.limits import MAX_ROWS
from indicators.import_export.rows.columns import build_widgets
from strategy.choices import RecordKind


def write_csv_template(kind: RecordKind) -> str:
    columns = build_column_help(kind)
    headings = [column.heading for column in columns]
    return "".join(render_csv([headings, [column.sample for column in columns]]))


def write_xlsx_template(kind: RecordKind, target: IO[bytes]) -> None:
    """Write a sheet to fill in, a help sheet and the lists; only the first sheet is imported."""
    columns = build_column_help(kind)
    with open_workbook(target, is_streamed=False) as workbook:
        text_format = add_text_format(workbook)
        sheet = add_sheet(workbook, kind, [column.heading for column in columns])
        set_column_formats(sheet, build_widgets(kind), text_format)
        heads = [_("Column"), _("Meaning"), _("Needed"), _("How to write it"), _("Example")]
        explanation = add_sheet(workbook, _("Explanation")[:31], [*heads, _("Codes")])
        words = workbook.add_worksheet(_("Words")[:31], worksheet_class=ExactSheet)
        faint = add_text_format(workbook, italic=True, font_color="#5F6B7A")
        for place, column in enumerate(columns):
            sheet.write_text(1, place, column.sample, faint if column.sample else text_format)
            _add_help(sheet, place, column, words)
        _write_explanation(workbook, explanation, columns)
        if get_language_bidi():
            for worksheet in workbook.worksheets():
                worksheet.right_to_left()


def _add_help(sheet: ExactSheet, place: int, column: ColumnHelp, words: ExactSheet) -> None:
    options: dict[str, object] = {
        "validate": "any",
        "input_title": column.label[:32],
        "input_message": f"{column.writing} {column.meaning}".strip()[:255],
    }
    if column.choices:
        words.set_column(place, place, 30)
        words.write_column(0, place, [column.heading, *column.choices])
        letter = xl_col_to_name(place, col_abs=True)
        source = f"='{words.get_name()}'!{letter}$2:{letter}${len(column.choices) + 1}"
        # Several words, or a code instead of a name, may be entered: the list only helps.
        options |= {"validate": "list", "source": source, "show_error": not column.has_several}
        options |= {"error_type": "warning"}
    sheet.data_validation(1, place, MAX_ROWS, place, options)


def _write_explanation(
    workbook: Workbook, sheet: ExactSheet, columns: Sequence[ColumnHelp]
) -> None:
    plain = workbook.add_format({"text_wrap": True, "valign": "top"})
    for place, width in enumerate((22, 40, 10, 44, 30, 60)):
        sheet.set_column(place, place, width, plain)
    for row, column in enumerate(columns, 1):
        has_own_name = column.heading == column.name
        cells = (
            column.heading if has_own_name else f"{column.heading} ({column.name})",
            ". ".join(filter(None, (column.label, column.meaning))),
            _("yes") if column.is_required else _("no"),
            column.writing,
            column.example,
            "\n".join(f"{word.code}: {word.name}" for word in column.words),
        )
        for place, text in enumerate(cells):
            sheet.write_text(row, place, text, plain)
