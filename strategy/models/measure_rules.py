"""What a measure needs of a target: its frequency, its kind of record and its numbers."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from strategy.choices import (
    DIMENSIONS,
    LEVELS,
    NUMBER_COLUMNS,
    OF_NUMBERS,
    YEARLY_KINDS,
    Frequency,
    Measure,
    NumberColumn,
    RecordKind,
)


def check_measure(measure: str, frequency: str, kind: str) -> None:
    """Raise ValidationError unless the measure can be asked that often of that kind."""
    if measure == Measure.GROWTH and kind not in YEARLY_KINDS:
        raise ValidationError(
            {"record_kind": _("Growth is computed on kinds with one record a year.")}
        )
    if measure == Measure.GROWTH and frequency != Frequency.EVERY_YEAR:
        raise ValidationError(
            {"frequency": _("Growth on the year before is asked for every year.")}
        )
    if measure == Measure.JUDGED and kind != RecordKind.ASSESSMENT:
        text = _("Only assessments are judged by a rubric. Choose that kind of record.")
        raise ValidationError({"record_kind": text})
    if measure in LEVELS and frequency == Frequency.WHOLE_PLAN:
        text = _(
            "This measure does not add up over the plan. Ask for it whenever it is read, or every"
            " year."
        )
        raise ValidationError({"frequency": text})
    if measure not in LEVELS and frequency == Frequency.LEVEL:
        text = _("This measure grows from 0. Ask for it over the whole plan, or every year.")
        raise ValidationError({"frequency": text})


def check_numbers(measure: str, kind: str, column: str, base_column: str) -> None:
    """Raise ValidationError unless these are the numbers that the measure needs."""
    has_numbers, is_ratio = measure in OF_NUMBERS, measure == Measure.RATIO
    if has_numbers and not column:
        raise ValidationError({"column": _("This measure needs a number. Choose it.")})
    if is_ratio and not base_column:
        text = _("A ratio needs a base. Choose the number that is the whole.")
        raise ValidationError({"base_column": text})
    if column and not has_numbers:
        raise ValidationError({"column": _("This measure uses no number. Remove it.")})
    if base_column and not is_ratio:
        raise ValidationError({"base_column": _("Only a ratio has a base. Remove it.")})
    offered = NUMBER_COLUMNS.get(RecordKind(kind), ())
    for name, word in (("column", column), ("base_column", base_column)):
        if word and word not in offered:
            raise ValidationError({name: _describe_missing_number(kind, word)})
        if word == NumberColumn.AMOUNT and measure != Measure.GROWTH:
            text = _("Amounts have currencies: only their growth is calculated.")
            raise ValidationError({name: text})


def check_baseline(
    measure: str, value: Decimal | None, on: date | None, first_year_ends_on: date
) -> None:
    """Raise ValidationError unless a number before the plan has its day, and the measure one."""
    if value is not None and measure == Measure.GROWTH:
        text = _("Growth is measured from the records of the year before. Remove the value.")
        raise ValidationError({"baseline_value": text})
    if value is not None and on is None:
        raise ValidationError({"baseline_on": _("A baseline needs its day. Enter it.")})
    if on is None:
        return
    if value is None:
        text = _("The day has no value. Enter the baseline value, or remove the day.")
        raise ValidationError({"baseline_value": text})
    if on > first_year_ends_on:
        message = gettext(
            "The baseline is of a day after %(day)s, when the plan's first year ends. Enter an"
            " earlier day, or remove the baseline."
        )
        raise ValidationError({"baseline_on": message % {"day": first_year_ends_on}})


def describe_missing_dimension(kind: str, dimension: str) -> str:
    offered = ", ".join(DIMENSIONS[RecordKind(kind)]) or "-"
    return gettext(
        "A record of kind “%(kind)s” has no dimension “%(dimension)s”. It has: %(offered)s."
    ) % {
        "kind": kind,
        "dimension": dimension,
        "offered": offered,
    }


def describe_unknown_codes(dimension: str, unknown: list[str], known: Iterable[str]) -> str:
    return gettext("“%(dimension)s” has no code %(unknown)s. Its codes are: %(known)s.") % {
        "dimension": dimension,
        "unknown": ", ".join(unknown) or "-",
        "known": ", ".join(sorted(known)),
    }


def _describe_missing_number(kind: str, column: str) -> str:
    offered = ", ".join(NUMBER_COLUMNS.get(RecordKind(kind), ())) or "-"
    return gettext(
        "A record of kind “%(kind)s” has no number “%(column)s”. It has: %(offered)s."
    ) % {"kind": kind, "column": column, "offered": offered}
