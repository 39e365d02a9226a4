"""The logic model and the performance measurement framework as XLSX and Word files."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import get_language_bidi, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.shared import Mm, Pt
from docx.table import Table
from docx.text.paragraph import Paragraph
from xlsxwriter.workbook import Workbook

from reporting.dashboards.results_framework import (
    FrameworkGroup,
    FrameworkRow,
    ResultsFramework,
    Variance,
    VarianceBasis,
)
from reporting.figures.ratings import round_for_rating
from reporting.wording import formatting
from strategy.text import colon

Cell = str | Decimal

RESULT_HEADS: tuple[str | Promise, ...] = (
    gettext_lazy("Result level"),
    gettext_lazy("Code"),
    pgettext_lazy("of a results chain", "Result"),
    gettext_lazy("Contributes to"),
    gettext_lazy("Rating"),
)
FRAMEWORK_HEADS: tuple[str | Promise, ...] = (
    pgettext_lazy("of a results chain", "Result"),
    gettext_lazy("Indicator"),
    gettext_lazy("Baseline"),
    gettext_lazy("Milestones"),
    gettext_lazy("Target"),
    gettext_lazy("Actual"),
    gettext_lazy("Unit"),
    gettext_lazy("Variance"),
    gettext_lazy("Variance from"),
    gettext_lazy("Data source"),
    gettext_lazy("Collection method"),
    gettext_lazy("Frequency"),
    gettext_lazy("Responsible"),
)

BASES: Mapping[VarianceBasis, Promise] = {
    VarianceBasis.EXPECTED: gettext_lazy("the value expected by this day"),
    VarianceBasis.MINIMUM: gettext_lazy("the target"),
    VarianceBasis.MAXIMUM: gettext_lazy("the maximum"),
}


@dataclass(frozen=True)
class FrameworkFile:
    """A file format; ``write`` takes the framework."""

    write: Callable[[ResultsFramework], bytes]
    content_type: str


def format_variance(variance: Variance) -> str:
    """Format the variance and its basis: `+3 from the target`."""
    sign = "+" if variance.value > 0 else ""
    return _("%(value)s from %(basis)s") % {
        "value": sign + formatting.format_number(variance.value, 1),
        "basis": BASES[variance.basis],
    }


def list_results(framework: ResultsFramework) -> Iterator[tuple[str, ...]]:
    for group in framework.logic_model:
        for result in group.results:
            row = result.objective
            words = (row.objective.code, row.objective.statement, result.contributes_to)
            yield group.heading, *words, str(row.rating.label)


def list_framework(framework: ResultsFramework) -> Iterator[tuple[Cell, ...]]:
    for group in framework.groups:
        for row in group.rows:
            yield (format_result(group), *_list_cells(row))


def format_result(group: FrameworkGroup) -> str:
    """Format a result with its level: `Immediate outcome 1110: Officials know the law`."""
    objective = group.objective.objective
    name = f"{objective.code} {objective.statement}"
    return f"{group.level}{colon()} {name}" if group.level else name


def _list_cells(row: FrameworkRow) -> tuple[Cell, ...]:
    indicator = row.indicator
    return (
        f"{indicator.code} {indicator.statement}",
        _format_baseline(row),
        *_list_figures(row),
        *(indicator.data_source, indicator.method, indicator.collected, indicator.responsible),
    )


def _format_baseline(row: FrameworkRow) -> str:
    """Format the value with its source, or the reason why there is none."""
    value = formatting.format_baseline(row.target_row.target) if row.target_row else ""
    return "\n".join(filter(None, (value, row.indicator.baseline)))


def _list_figures(row: FrameworkRow) -> tuple[Cell, ...]:
    target_row = row.target_row
    if target_row is None:
        return "", row.indicator.target_words or _("No target set"), "", "", "", ""
    target, value, variance = target_row.target, target_row.value, row.variance
    return (
        formatting.format_milestones(target.version),
        target.statement,
        formatting.format_value(value, target)
        if value is None or target.is_judged
        else round_for_rating(value, target),
        target.unit,
        variance.value.quantize(Decimal("0.01")) if variance else "",
        str(BASES[variance.basis]) if variance else "",
    )


def write_xlsx(framework: ResultsFramework) -> bytes:
    file = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = Workbook(file, plain)
    noon = datetime.combine(framework.rollup.as_of, time(12), UTC)
    book.set_properties({"title": _title(framework), "created": noon.replace(tzinfo=None)})
    _write_sheet(book, _("Framework"), FRAMEWORK_HEADS, list_framework(framework))
    _write_sheet(book, _("Logic model"), RESULT_HEADS, list_results(framework))
    book.close()
    return file.getvalue()


def _write_sheet(
    book: Workbook, name: str, heads: Sequence[str | Promise], rows: Iterator[Sequence[Cell]]
) -> None:
    sheet = book.add_worksheet(name)
    if get_language_bidi():
        sheet.right_to_left()
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, len(heads) - 1, 24)
    for position, word in enumerate(heads):
        sheet.write_string(0, position, str(word), head)
    for number, row in enumerate(rows, start=1):
        for position, cell in enumerate(row):
            if isinstance(cell, Decimal):
                sheet.write_number(number, position, float(cell), text)
            else:
                sheet.write_string(number, position, cell, text)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)


def write_docx(framework: ResultsFramework) -> bytes:
    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(15)
    document.core_properties.title = _title(framework)
    add_heading(document, _title(framework), 1)
    add_heading(document, _("Logic model"), 2)
    add_table(document, RESULT_HEADS, list_results(framework))
    add_heading(document, _("Performance measurement framework"), 2)
    set_direction(document.add_paragraph(explain_variance()))
    add_table(document, FRAMEWORK_HEADS, list_framework(framework))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def explain_variance() -> str:
    return _(
        "The variance is the actual minus the value expected by this day, in the unit of the "
        "target; where nothing is expected by a day, minus the target or the maximum."
    )


def _title(framework: ResultsFramework) -> str:
    return _("Results framework: %(plan)s, as of %(day)s") % {
        "plan": framework.rollup.plan,
        "day": formatting.format_day(framework.rollup.as_of),
    }


def add_heading(document: WordDocument, text: str, level: int) -> None:
    set_direction(document.add_heading(text, level))


def add_table(
    document: WordDocument, heads: Sequence[str | Promise], rows: Iterator[Sequence[Cell]]
) -> None:
    table = document.add_table(rows=1, cols=len(heads), style="Table Grid")
    _fill_row(table, 0, [str(head) for head in heads])
    # Word repeats the heads on each page.
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    if get_language_bidi():
        table._tbl.tblPr.append(OxmlElement("w:bidiVisual"))
    for row in rows:
        table.add_row()
        _fill_row(table, len(table.rows) - 1, [_format_cell(cell) for cell in row])


def _format_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    return formatting.format_number(cell, formatting.decimal_places(cell.normalize()))


def _fill_row(table: Table, number: int, texts: Sequence[str]) -> None:
    for cell, text in zip(table.rows[number].cells, texts, strict=True):
        paragraph = cell.paragraphs[0]
        run = paragraph.add_run(text)
        run.font.size, run.bold = Pt(8), number == 0
        set_direction(paragraph)


def set_direction(paragraph: Paragraph) -> None:
    if get_language_bidi():
        paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))


FRAMEWORK_FILES: Mapping[str, FrameworkFile] = {
    "xlsx": FrameworkFile(
        write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ),
    "docx": FrameworkFile(
        write_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ),
}
