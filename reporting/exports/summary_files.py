"""The summary table, of now or of an issued report, as CSV for programs and XLSX for people.

Text that a spreadsheet would run as a formula gets an apostrophe in CSV and is a string in XLSX.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language_bidi, gettext_lazy, pgettext, pgettext_lazy
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reporting.dashboards.summary_table import PriorityBlock, SummaryTable
from reporting.exports.results import format_exact
from reporting.figures.ratings import round_for_rating
from reporting.figures.rollup import ObjectiveRow, TargetRow
from reporting.wording import formatting, sentences
from reporting.wording.change_notes import list_version_notes
from strategy.models import Target
from strategy.text import escape_for_csv

Cell = str | Decimal | None


@dataclass(frozen=True)
class Column:
    """One column: its name in CSV, its heading in XLSX and its width.

    ``is_value`` marks values in the target's unit, which have the decimals of the page;
    ``is_code`` marks codes for programs, which only CSV has.
    """

    name: str
    head: str | Promise
    width: int
    is_value: bool = False
    is_code: bool = False


COLUMNS = (
    Column("plan", gettext_lazy("Plan"), 11),
    Column("as_of", gettext_lazy("As of"), 11),
    Column("priority", gettext_lazy("Priority"), 30),
    Column("axes", gettext_lazy("Axes"), 30),
    Column("objective", gettext_lazy("Objective"), 10),
    Column("objective_statement", gettext_lazy("Objective in the plan’s words"), 44),
    Column("indicator", gettext_lazy("Indicator"), 40),
    Column("target", gettext_lazy("Code of the target"), 16),
    Column("target_statement", gettext_lazy("Target"), 24),
    Column("unit", gettext_lazy("Unit"), 11),
    Column("minimum", gettext_lazy("Minimum"), 10, True),
    Column("maximum", gettext_lazy("Maximum"), 10, True),
    Column("milestones", gettext_lazy("Milestones"), 20),
    Column("target_changes", gettext_lazy("Changes of the target"), 44),
    Column("year", gettext_lazy("Year"), 10),
    Column("value_of_year", gettext_lazy("In the year"), 10, True),
    Column("value", gettext_lazy("Reached"), 10, True),
    Column("step", gettext_lazy("Step of the rubric"), 30),
    Column("numerator", gettext_lazy("Numerator"), 10),
    Column("denominator", gettext_lazy("Denominator"), 10),
    Column("years_met", gettext_lazy("Years met"), 9),
    Column("years_closed", gettext_lazy("Years closed"), 9),
    Column("expected", gettext_lazy("Expected by now"), 10),
    Column("rating", gettext_lazy("Rating"), 16),
    Column("rating_code", "", 0, is_code=True),
    Column("rating_by_rule", gettext_lazy("Rating by the rule"), 16),
    Column("rating_by_rule_code", "", 0, is_code=True),
    Column("rating_set_by", gettext_lazy("Rating set by"), 20),
    Column("rating_set_on", gettext_lazy("Rating set on"), 11),
    Column("rating_reason", gettext_lazy("Reason for the rating set"), 44),
    Column("rating_of_objective", gettext_lazy("Rating of the objective"), 16),
    Column("rating_of_objective_code", "", 0, is_code=True),
    Column("rule", gettext_lazy("How it is counted"), 70),
    Column("data_source", pgettext_lazy("of an indicator", "Data source"), 40),
    Column("address", gettext_lazy("Where its records are"), 40),
    Column("version", gettext_lazy("Version"), 8),
)


OF_LIVE_FIGURES = ("milestones", "target_changes", "step", "numerator", "denominator")


@dataclass(frozen=True)
class SummaryFile:
    """A file format; ``write`` takes the table and the URL of the site."""

    write: Callable[[SummaryTable, str], bytes]
    content_type: str


def visible_columns(table: SummaryTable, site: str) -> tuple[Column, ...]:
    """Return the columns with values: URLs only with a site.

    The version is of a report; later columns are of live figures, as the columns of a report's file
    never change.
    """
    absent = {*OF_LIVE_FIGURES} if table.report else {"version"}
    absent |= set() if site else {"address"}
    return tuple(column for column in COLUMNS if column.name not in absent)


def build_summary_rows(
    table: SummaryTable, site: str
) -> Iterator[tuple[TargetRow, Mapping[str, Cell]]]:
    """Yield one row per target, with Decimals for numbers and None for unknown values."""
    for block, objective, row in table.rows:
        yield row, _build_row(table, block, objective, row, site)


def _build_row(
    table: SummaryTable, block: PriorityBlock, objective: ObjectiveRow, row: TargetRow, site: str
) -> Mapping[str, Cell]:
    target, rollup = row.target, table.rollup
    met, closed = sentences.count_years_met(row)
    return {
        "plan": rollup.plan.code,
        "as_of": rollup.as_of.isoformat(),
        "priority": str(block.priority),
        "axes": "; ".join(axis.title for axis in block.axes),
        "objective": objective.objective.code,
        "objective_statement": objective.objective.statement,
        "indicator": target.indicator.statement,
        "target": target.code,
        "target_statement": target.statement,
        "unit": target.unit,
        "minimum": target.minimum,
        "maximum": target.maximum,
        **(_live_cells(row, rollup.as_of) if table.report is None else {}),
        "year": rollup.year.label,
        "value_of_year": row.this_year.value,
        "value": row.value,
        "years_met": Decimal(met) if target.is_yearly else None,
        "years_closed": Decimal(closed) if target.is_yearly else None,
        "expected": row.expected,
        "rating": str(row.rating.label),
        "rating_code": row.rating.value,
        **_rating_cells(row),
        "rating_of_objective": str(objective.rating.label),
        "rating_of_objective_code": objective.rating.value,
        "rule": target.rule,
        "data_source": target.indicator.data_source,
        "address": site and f"{site.rstrip('/')}{_target_url(table, target)}",
        "version": Decimal(table.report.version) if table.report else None,
    }


def _live_cells(row: TargetRow, as_of: date) -> Mapping[str, Cell]:
    milestones = row.target.version.dated_milestones
    measured = row.actual.measurement
    has_fraction = row.target.has_fraction
    step = None if row.value is None else row.target.find_step(row.value)
    return {
        "milestones": "; ".join(
            f"{each.year.label}: {format_exact(each.value)}" for each in milestones
        ),
        "target_changes": " ".join(note.text for note in list_version_notes(row.target, as_of)),
        "step": str(step) if step else None,
        "numerator": measured.numerator if has_fraction else None,
        "denominator": measured.denominator if has_fraction else None,
    }


def _target_url(table: SummaryTable, target: Target) -> str:
    plan = {"plan": table.rollup.plan.code}
    if table.report:
        page = reverse("reporting:report_detail", args=[table.report.year, table.report.version])
        return f"{page}?{urlencode({**plan, 'target': target.code})}"
    page = reverse("reporting:target", kwargs={"code": target.code})
    return f"{page}?{urlencode({**plan, 'as_of': table.rollup.as_of})}"


def _rating_cells(row: TargetRow) -> Mapping[str, Cell]:
    override = row.override
    day = timezone.localtime(override.at).date().isoformat() if override else None
    return {
        "rating_by_rule": str(row.calculated.label),
        "rating_by_rule_code": row.calculated.value,
        "rating_set_by": override.by if override else None,
        "rating_set_on": day,
        "rating_reason": override.reason if override else None,
    }


def write_csv(table: SummaryTable, site: str) -> bytes:
    """Write CSV in UTF-8 with a byte order mark, exact numbers and empty unknown values."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    columns = visible_columns(table, site)
    writer.writerow(column.name for column in columns)
    for _line, row in build_summary_rows(table, site):
        writer.writerow(format_cell(row[column.name]) for column in columns)
    return text.getvalue().encode("utf-8-sig")


def format_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return escape_for_csv(cell)
    return format_exact(cell) or ""


def write_xlsx(table: SummaryTable, site: str) -> bytes:
    file = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = Workbook(file, {**plain, "strings_to_numbers": False})
    noon = datetime.combine(table.rollup.as_of, time(12), UTC)
    book.set_properties({"title": _title(table), "created": noon.replace(tzinfo=None)})
    _write_table(book, table, site)
    _write_about(book, table, site)
    book.close()
    return file.getvalue()


def _title(table: SummaryTable) -> str:
    return _("Summary table: %(plan)s") % {"plan": table.rollup.plan}


def _add_sheet(book: Workbook, name: str) -> Worksheet:
    sheet = book.add_worksheet(name)
    if get_language_bidi():
        sheet.right_to_left()
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    return sheet


def _write_table(book: Workbook, table: SummaryTable, site: str) -> None:
    sheet = _add_sheet(book, _("Summary table"))
    columns = [column for column in visible_columns(table, site) if not column.is_code]
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    formats: dict[str, Format] = {}
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width)
        sheet.write_string(0, position, str(column.head), head)
    for number, (target_row, row) in enumerate(build_summary_rows(table, site), start=1):
        for position, column in enumerate(columns):
            cell = row[column.name]
            if isinstance(cell, str):
                sheet.write_string(number, position, cell, text)
            elif cell is not None:
                number_format = get_number_format(cell, target_row.target, column)
                if number_format not in formats:
                    formats[number_format] = book.add_format(
                        {"num_format": number_format, "valign": "top"}
                    )
                sheet.write_number(number, position, float(cell), formats[number_format])
    sheet.freeze_panes(1, 5)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, sum(1 for _row in table.rows), len(columns) - 1)


def get_number_format(value: Decimal, target: Target, column: Column) -> str:
    """Return the format with the decimals of the page, which agree with the rating."""
    if not column.is_value:
        return "0.0" if value != value.to_integral_value() else "0"
    is_bound = column.name in ("minimum", "maximum")
    places = formatting.decimal_places(
        value.normalize() if is_bound else round_for_rating(value, target)
    )
    form = "0." + "0" * places if places else "0"
    return f'{form}"{formatting.NO_BREAK}%"' if target.is_percentage else form


def _write_about(book: Workbook, table: SummaryTable, site: str) -> None:
    sheet = _add_sheet(book, _("About this file"))
    bold = book.add_format({"bold": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    for position, (head, value) in enumerate(_describe_file(table, site)):
        sheet.write_string(position, 0, head, bold)
        sheet.write_string(position, 1, value, text)


def _describe_file(table: SummaryTable, site: str) -> Iterator[tuple[str, str]]:
    rollup = table.rollup
    yield _("Plan"), str(rollup.plan)
    yield _("As of"), formatting.format_day(rollup.as_of)
    yield _("Time gone"), formatting.format_share(rollup.elapsed)
    yield _("In the year"), rollup.year.label
    if table.report:
        issued = timezone.localtime(table.report.issued_at).date()
        yield _("Version"), str(table.report.version)
        yield pgettext("report", "Issued"), formatting.format_day(issued)
    yield _("Taken from"), site
    yield _("Source"), _describe_source(table)
    yield (
        _("Empty cells"),
        _("Nothing is known. A zero is a zero: there were records, and none counts."),
    )
    yield from map(sentences.describe_country_list, table.country_lists)


def _describe_source(table: SummaryTable) -> str:
    if table.report:
        return _("The figures as they were reported. They do not change with the records.")
    return _("The records approved in the application, counted by the rule beside each figure.")


SUMMARY_FILES: Mapping[str, SummaryFile] = {
    "csv": SummaryFile(write_csv, "text/csv; charset=utf-8"),
    "xlsx": SummaryFile(
        write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ),
}
