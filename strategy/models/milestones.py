"""Milestones of a target's version: the values expected by the ends of reporting years."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from strategy.choices import Frequency
from strategy.dates.periods import Period
from strategy.text import join_plain


@dataclass(frozen=True)
class Milestone:
    """The value expected by the last day of a year, in the target's unit."""

    year: Period
    value: Decimal


def read_milestones(stored: object, years: tuple[Period, ...]) -> tuple[Milestone, ...]:
    """Return the milestones of a column in the order of the years.

    Raises ValidationError for a year that is none of these, and for a value that is no number.
    """
    if not isinstance(stored, Mapping):
        raise ValidationError(gettext("Milestones: write each year with its number."))
    labels = [year.label for year in years]
    for label, text in stored.items():
        if label not in labels:
            message = gettext(
                "Milestones: the plan has no year “%(year)s”. Its years are %(years)s."
            )
            raise ValidationError(message % {"year": label, "years": join_plain(labels)})
        if not _is_amount(text):
            message = gettext("The milestone of %(year)s must be a number of at least 0.")
            raise ValidationError(message % {"year": label})
    return tuple(
        Milestone(year, Decimal(str(stored[year.label]))) for year in years if year.label in stored
    )


def _is_amount(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return False
    return number.is_finite() and number >= 0


def check_milestones(
    milestones: tuple[Milestone, ...], minimum: Decimal | None, frequency: str
) -> None:
    """Raise ValidationError unless the milestones lead to the minimum (counting rules, 4.3)."""
    if not milestones:
        return
    if frequency == Frequency.EVERY_YEAR:
        raise ValidationError(gettext("A target for every year has no milestones."))
    if minimum is None:
        raise ValidationError(gettext("Milestones need a minimum. Enter it, or no milestones."))
    if frequency == Frequency.WHOLE_PLAN:
        _check_order(milestones)
    last = milestones[-1]
    if last.value != minimum:
        message = gettext("The last milestone, that of %(year)s, must equal the minimum.")
        raise ValidationError(message % {"year": last.year.label})


def _check_order(milestones: tuple[Milestone, ...]) -> None:
    for before, after in pairwise(milestones):
        if after.value < before.value:
            message = gettext("The milestone of %(year)s is below that of %(before)s.")
            years = {"year": after.year.label, "before": before.year.label}
            raise ValidationError(message % years)
