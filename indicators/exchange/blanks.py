"""Files to fill in: the headings of a kind; a workbook explains them on a second sheet."""

import csv
import io
from collections.abc import Sequence
from typing import IO

from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from indicators.exchange.columns import cells_for, column_names
from indicators.exchange.guides import ColumnGuide, guides_for
from indicators.exchange.limits import MAX_ROWS
from indicators.exchange.writing import BYTE_ORDER_MARK, prepare_sheet
from strategy.vocabulary import RecordKind

LONGEST_LIST = 255
"""Characters of a list of words that a drop-down can hold itself."""


def blank_csv(kind: RecordKind) -> str:
    """The headings alone."""
    lines = io.StringIO(newline="")
    csv.writer(lines).writerow(column_names(kind))
    return BYTE_ORDER_MARK + lines.getvalue()


def write_blank_workbook(kind: RecordKind, target: IO[bytes]) -> None:
    """A sheet to fill in, with drop-downs where the words are a closed list, and one that explains.

    Only the first sheet is read when the workbook comes back.
    """
    guides = guides_for(kind)
    with Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        sheet = workbook.add_worksheet(kind)
        prepare_sheet(workbook, sheet, cells_for(kind))
        for place, guide in enumerate(guides):
            _add_help(sheet, place, guide)
        _write_explanation(workbook, guides)


def _add_help(sheet: Worksheet, place: int, guide: ColumnGuide) -> None:
    """What the column wants, shown when a cell of it is chosen, with its words to choose from."""
    codes = [word.code for word in guide.words]
    options: dict[str, object] = {
        "validate": "any",
        "input_title": guide.label[:32],
        "input_message": f"{guide.writing} {guide.meaning}".strip()[:255],
    }
    if codes and len(",".join(codes)) <= LONGEST_LIST:
        # Several words, or a name instead of a code, may be written: the list only helps.
        options |= {"validate": "list", "source": codes, "show_error": not guide.has_several}
        options |= {"error_type": "warning"}
    sheet.data_validation(1, place, MAX_ROWS, place, options)


def _write_explanation(workbook: Workbook, guides: Sequence[ColumnGuide]) -> None:
    sheet = workbook.add_worksheet(_("Explanation")[:31])
    bold = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    plain = workbook.add_format({"text_wrap": True, "valign": "top"})
    heads = (_("Column"), _("Meaning"), _("Needed"), _("How to write it"), _("Example"), _("Codes"))
    for place, (head, width) in enumerate(zip(heads, (22, 40, 10, 44, 30, 60), strict=True)):
        sheet.set_column(place, place, width, plain)
        sheet.write_string(0, place, head, bold)
    for row, guide in enumerate(guides, 1):
        cells = (
            guide.name,
            ". ".join(filter(None, (guide.label, guide.meaning))),
            _("yes") if guide.is_required else _("no"),
            guide.writing,
            guide.example,
            "\n".join(f"{word.code}: {word.name}" for word in guide.words),
        )
        for place, text in enumerate(cells):
            sheet.write_string(row, place, text, plain)
    sheet.freeze_panes(1, 1)
