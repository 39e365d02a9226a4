"""A record's values as text: labels of columns, labels instead of codes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Field, ManyToManyField, Model
from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import gettext

from indicators.counting.date_rules import DateRange, IssuedReportingYear, ReportingYear
from indicators.counting.registry import RECORD_SOURCES
from indicators.models import Decision, Record
from indicators.models.references import find_check, redact_references
from strategy.models import Indicator
from strategy.text import format_amount, format_count, join_plain


@dataclass(frozen=True)
class DisplayField:
    """One value of a record: field name, label, text; the text is empty when unknown."""

    name: str
    label: str
    text: str


def get_column(model: type[Record], name: str) -> Any:
    return model._meta.get_field(name)


def get_label(model: type[Record], name: str) -> str:
    return str(capfirst(get_column(model, name).verbose_name))


def display_value(record: Record, name: str) -> str:
    """Return the value in the active language; empty when there is none."""
    column = get_column(type(record), name)
    if isinstance(column, ManyToManyField):
        return join_plain(map(display_row, getattr(record, name).all()))
    value = getattr(record, name)
    if find_check(column):
        value = redact_references(value, record.hidden_references)
    return display_field_value(column, value)


def display_row(row: Model) -> str:
    """Return the name of a row that a record names; that of an indicator has its plan."""
    return row.name_with_plan if isinstance(row, Indicator) else str(row)


def display_field_value(column: "Field[Any, Any]", value: Any) -> str:
    """Return the text of a single value, of a record or of its history."""
    if value is None or value == "":
        return ""
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    if isinstance(value, Decimal):
        return format_amount(value)
    if isinstance(value, datetime | date):
        return formats.localize(value)
    if isinstance(value, int):
        return format_count(value)
    return str(value)


def display_fields(record: Record) -> Iterator[DisplayField]:
    """Yield the kind's own columns and the notes, in the order of files."""
    for name in (*record.COLUMNS, "notes"):
        yield DisplayField(name, get_label(type(record), name), display_value(record, name))


def describe_reversal(record: Record, as_of: date) -> str:
    """Return "reversed on 1 September 2018" from that day on; empty for all other records."""
    if not isinstance(record, Decision) or not record.is_reversed_by(as_of):
        return ""
    day = str(record.reversed_on)
    if len(day) == len("2018-09-01"):
        day = formats.date_format(date.fromisoformat(day), "DATE_FORMAT")
        return gettext("reversed on %(day)s") % {"day": day}
    return gettext("reversed in %(month)s") % {"month": day}


def display_dates(record: Record) -> str:
    """Return the dates or the year of a record as entered; empty when none is known."""
    date_rule = RECORD_SOURCES[record.KIND].date_rule
    if isinstance(date_rule, ReportingYear | IssuedReportingYear):
        column = date_rule.column if isinstance(date_rule, ReportingYear) else date_rule.year
        return str(getattr(record, column))
    start = getattr(record, date_rule.column)
    end_column = date_rule.end if isinstance(date_rule, DateRange) else "ends_on"
    end = getattr(record, end_column, None)
    return " – ".join(str(day) for day in dict.fromkeys((start, end)) if day)
