"""A target explained on its page, and its records in rows."""

from django import template

from indicators.display import Shown, label_of, text_of, when_text
from indicators.forms.registry import SCREENS
from reporting import explanations
from strategy.choices import RecordKind

register = template.Library()

register.filter("facts_of", explanations.facts_of)
register.filter("when", when_text)
register.filter("cell", text_of)

register.simple_tag(explanations.assumption_words)
register.simple_tag(explanations.condition_words)
register.simple_tag(explanations.dimension_words)
register.simple_tag(explanations.elapsed_words)
register.simple_tag(explanations.list_source)
register.simple_tag(explanations.measure_words)
register.simple_tag(explanations.of_unit)
register.simple_tag(explanations.range_words)
register.simple_tag(explanations.remedy)
register.simple_tag(explanations.scope_words)
register.simple_tag(explanations.standing_words)
register.simple_tag(explanations.year_words)


@register.filter
def columns_of(kind: str) -> list[Shown]:
    """The columns of a list of records of the kind between the name and the dates."""
    screen = SCREENS[RecordKind(kind)]
    return [Shown(name, label_of(screen.model, name), "") for name in screen.columns]
