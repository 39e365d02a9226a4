"""Files to fill in, in the reader's language: headings and an example row, which is not read.

A workbook has drop-downs too, and explains its columns on a second sheet.
"""

import csv
import io
from collections.abc import Sequence
from typing import IO

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from indicators.import_export.exports.column_help import ColumnHelp, build_column_help
from indicators.import_export.exports.records import BYTE_ORDER_MARK, prepare_sheet
from indicators.import_export.files.escaping import escaped_for_csv
from indicators.import_export.files.limits import MAX_ROWS
from indicators.import_export.rows.columns import cells_for
from strategy.choices import RecordKind


def write_csv_template(kind: RecordKind) -> str:
    """The headings and the example row."""
    guides = build_column_help(kind)
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow([guide.heading for guide in guides])
    writer.writerow([escaped_for_csv(guide.sample) for guide in guides])
    return BYTE_ORDER_MARK + lines.getvalue()


def write_xlsx_template(kind: RecordKind, target: IO[bytes]) -> None:
    """A sheet to fill in, one that explains it, and one with the words of the drop-downs.

    Only the first sheet is read when the workbook comes back.
    """
    guides = build_column_help(kind)
    with Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        sheet = workbook.add_worksheet(kind)
        headings = [guide.heading for guide in guides]
        text_format = prepare_sheet(workbook, sheet, cells_for(kind), headings)
        explanation = workbook.add_worksheet(_("Explanation")[:31])
        words = workbook.add_worksheet(_("Words")[:31])
        faint = workbook.add_format({"num_format": "@", "italic": True, "font_color": "#5F6B7A"})
        for place, guide in enumerate(guides):
            sheet.write_string(1, place, guide.sample, faint if guide.sample else text_format)
            _add_help(sheet, place, guide, words)
        _write_explanation(workbook, explanation, guides)
        if get_language_bidi():
            for one in workbook.worksheets():
                one.right_to_left()


def _add_help(sheet: Worksheet, place: int, guide: ColumnHelp, words: Worksheet) -> None:
    """What the column wants, shown when a cell of it is chosen, with its words to choose from."""
    options: dict[str, object] = {
        "validate": "any",
        "input_title": guide.label[:32],
        "input_message": f"{guide.writing} {guide.meaning}".strip()[:255],
    }
    if guide.choices:
        words.set_column(place, place, 30)
        words.write_column(0, place, [guide.heading, *guide.choices])
        column = xl_col_to_name(place, col_abs=True)
        source = f"='{words.get_name()}'!{column}$2:{column}${len(guide.choices) + 1}"
        # Several words, or a code instead of a name, may be written: the list only helps.
        options |= {"validate": "list", "source": source, "show_error": not guide.has_several}
        options |= {"error_type": "warning"}
    sheet.data_validation(1, place, MAX_ROWS, place, options)


def _write_explanation(workbook: Workbook, sheet: Worksheet, guides: Sequence[ColumnHelp]) -> None:
    bold = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    plain = workbook.add_format({"text_wrap": True, "valign": "top"})
    heads = (_("Column"), _("Meaning"), _("Needed"), _("How to write it"), _("Example"), _("Codes"))
    for place, (head, width) in enumerate(zip(heads, (22, 40, 10, 44, 30, 60), strict=True)):
        sheet.set_column(place, place, width, plain)
        sheet.write_string(0, place, head, bold)
    for row, guide in enumerate(guides, 1):
        cells = (
            guide.heading if guide.heading == guide.name else f"{guide.heading} ({guide.name})",
            ". ".join(filter(None, (guide.label, guide.meaning))),
            _("yes") if guide.is_required else _("no"),
            guide.writing,
            guide.example,
            "\n".join(f"{word.code}: {word.name}" for word in guide.words),
        )
        for place, text in enumerate(cells):
            sheet.write_string(row, place, text, plain)
    sheet.freeze_panes(1, 1)
