"""A figure that a correction changed, in words: what it is, what it was and what it is now."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from reporting import writing
from reporting.told import Change
from strategy.choices import Rating
from strategy.models import Target

NAMES: dict[str, str | Promise] = {
    "value": pgettext_lazy("of a target", "Value"),
    "this_year": gettext_lazy("Value of the year alone"),
    "expected": gettext_lazy("Expected by then"),
    "numerator": gettext_lazy("Numerator"),
    "denominator": gettext_lazy("Denominator"),
    "rating": gettext_lazy("Rating"),
}
OF_THE_TARGET = ("value", "this_year")
"""Those that are written as values of the target are, with its unit."""


@dataclass(frozen=True)
class ChangedFigure:
    target: str
    name: str
    old: str
    new: str


def changed_figure(change: Change, target: Target | None) -> ChangedFigure:
    """A change in the reader's language. ``target`` is None where the report has it no longer."""
    name = f"{target.indicator.objective.code} {target.name}" if target else change.target
    return ChangedFigure(
        name,
        str(NAMES[change.field]),
        _figure(change.field, change.old, target),
        _figure(change.field, change.new, target),
    )


def _figure(field: str, figure: str | None, target: Target | None) -> str:
    if field == "rating":
        return str(Rating(figure).label) if figure else writing.EN_DASH
    if figure is None:
        return _("no data")
    value = Decimal(figure)
    if field in OF_THE_TARGET and target:
        return writing.value_of(value, target)
    return writing.number(value, min(writing.places_of(value), 2))
