"""Years that no record can have, and years that are rare enough to ask about."""

from datetime import date

from django.utils.translation import gettext as _

from strategy.dates.periods import PartialDate

FIRST_YEAR = 1900
MAX_YEARS_AHEAD = 25
"""Dates before the first year, or further ahead, were mistyped or are of another calendar."""

FIRST_USUAL_YEAR = 1990
USUAL_YEARS_AHEAD = 10

HIJRI_YEARS = range(1300, 1500)
BUDDHIST_YEARS = range(2440, 2600)


def explain_implausible(day: PartialDate, today: date) -> str:
    """Return why no record has this date, and what to write; empty if one may have it."""
    year, last = day.first.year, today.year + MAX_YEARS_AHEAD
    if FIRST_YEAR <= year <= last:
        return ""
    if year in HIJRI_YEARS:
        sentence = _(
            "“%(text)s” looks like a date of the Hijri calendar. Write the Gregorian date."
        )
    elif year in BUDDHIST_YEARS:
        sentence = _(
            "“%(text)s” looks like a date of the Buddhist calendar. Write the Gregorian date."
        )
    else:
        sentence = _("“%(text)s” is not plausible. Write a year from %(first)s to %(last)s.")
    return sentence % {"text": day, "first": FIRST_YEAR, "last": last}


def is_unusual(day: PartialDate, today: date) -> bool:
    """Whether a person should confirm the date: few records, but some, are of such a year."""
    is_usual = FIRST_USUAL_YEAR <= day.first.year <= today.year + USUAL_YEARS_AHEAD
    return not is_usual and not explain_implausible(day, today)
