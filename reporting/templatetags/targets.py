"""Explanations of a target, and the columns of its records."""

from django import template

from indicators.forms.registry import RECORD_TYPES
from indicators.values.display import (
    DisplayField,
    describe_reversal,
    display_dates,
    display_value,
    get_label,
)
from reporting.figures.measures import Actual
from reporting.wording import change_notes, formatting, target_notes
from reporting.wording.judgements import list_found_steps
from strategy.choices import RecordKind

register = template.Library()

register.filter("key_figures", target_notes.key_figures)
register.filter("display_dates", display_dates)
register.filter("display_value", display_value)
register.filter("reversal", describe_reversal)

register.filter("found_steps", list_found_steps)
register.filter("milestones", formatting.format_milestones)
register.filter("baseline", formatting.format_baseline)
register.filter("version_notes", change_notes.list_version_notes)
register.filter("versions", change_notes.list_versions)

register.simple_tag(target_notes.format_assumption)
register.simple_tag(target_notes.format_condition)
register.simple_tag(target_notes.format_dimension)
register.simple_tag(target_notes.format_elapsed)
register.simple_tag(target_notes.format_list_source)
register.simple_tag(target_notes.format_measure)
register.simple_tag(target_notes.format_unit)
register.simple_tag(target_notes.explain_measure)
register.simple_tag(target_notes.format_range)
register.simple_tag(target_notes.suggest_remedy)
register.simple_tag(target_notes.format_scope)
register.simple_tag(target_notes.explain_rating)
register.simple_tag(target_notes.format_year_state)


@register.simple_tag
def format_fraction(actual: Actual) -> str:
    """Return the numbers behind a share, such as `3 of 4`; empty for other figures."""
    measured = actual.measurement
    if not actual.target.has_fraction:
        return ""
    return formatting.format_fraction(measured.numerator, measured.denominator)


@register.filter
def list_columns(kind: str) -> list[DisplayField]:
    """Return the columns of a list of records between the name and the dates."""
    record_type = RECORD_TYPES[RecordKind(kind)]
    model = record_type.model
    return [DisplayField(name, get_label(model, name), "") for name in record_type.columns]
