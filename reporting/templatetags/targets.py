"""A target explained on its page, and its records in rows."""

from django import template

from indicators.display import Shown, label_of, text_of, when_text
from indicators.forms.registry import SCREENS
from reporting.wording import target_notes
from strategy.choices import RecordKind

register = template.Library()

register.filter("facts_of", target_notes.facts_of)
register.filter("when", when_text)
register.filter("cell", text_of)

register.simple_tag(target_notes.assumption_words)
register.simple_tag(target_notes.condition_words)
register.simple_tag(target_notes.dimension_words)
register.simple_tag(target_notes.elapsed_words)
register.simple_tag(target_notes.list_source)
register.simple_tag(target_notes.measure_words)
register.simple_tag(target_notes.of_unit)
register.simple_tag(target_notes.range_words)
register.simple_tag(target_notes.remedy)
register.simple_tag(target_notes.scope_words)
register.simple_tag(target_notes.standing_words)
register.simple_tag(target_notes.year_words)


@register.filter
def columns_of(kind: str) -> list[Shown]:
    """The columns of a list of records of the kind between the name and the dates."""
    screen = SCREENS[RecordKind(kind)]
    return [Shown(name, label_of(screen.model, name), "") for name in screen.columns]
