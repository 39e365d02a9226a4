"""A target explained on its page, and its records in rows."""

from django import template

from indicators.display import DisplayField, display_dates, display_value, label_of
from indicators.forms.registry import RECORD_TYPES
from reporting.wording import target_notes
from strategy.choices import RecordKind

register = template.Library()

register.filter("key_figures", target_notes.key_figures)
register.filter("display_dates", display_dates)
register.filter("display_value", display_value)

register.simple_tag(target_notes.assumption_words)
register.simple_tag(target_notes.condition_words)
register.simple_tag(target_notes.dimension_words)
register.simple_tag(target_notes.elapsed_words)
register.simple_tag(target_notes.list_source)
register.simple_tag(target_notes.measure_words)
register.simple_tag(target_notes.format_unit)
register.simple_tag(target_notes.format_range)
register.simple_tag(target_notes.suggest_remedy)
register.simple_tag(target_notes.format_scope)
register.simple_tag(target_notes.rating_reason)
register.simple_tag(target_notes.year_words)


@register.filter
def columns_of(kind: str) -> list[DisplayField]:
    """The columns of a list of records of the kind between the name and the dates."""
    screen = RECORD_TYPES[RecordKind(kind)]
    return [DisplayField(name, label_of(screen.model, name), "") for name in screen.columns]
