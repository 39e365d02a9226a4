"""Dates as people type them, in any of the four languages: `27 3 2018`, `mars 2018`, `2018`.

The result is a partial date; nothing is guessed. A date whose day and month could be exchanged is
refused with the two ways to write it.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from functools import cache

from babel import Locale
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from strategy.dates.periods import PartialDate
from strategy.text import fold_accents

LOCALES = ("en", "fr", "es", "ar", "ar_DZ", "ar_LB", "ar_MA", "ar_MR", "ar_TN")
"""Languages with known names of months; Arabic names differ from country to country."""

FILLERS = frozenset(
    ["de", "del", "du", "of", "the", "le", "el", "l", "st", "nd", "rd", "th", "er", "o", "من"]
)
"""Words in a date that are ignored: `1er mars`, `27th of March`, `27 de marzo`."""

_TIME = re.compile(
    r"[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:Z|UTC|[ap]\.?m\.?|[+-]\d{2}:?\d{2})?$",
    re.ASCII | re.IGNORECASE,
)
"""A time of day after a date; it is left out, and no zone shifts the day."""

_NUMBERS_THEN_YEAR = re.compile(r"\W*([0-9]{1,2})\W+([0-9]{1,2})\W+([0-9]{4})\W*")
_PARTS = re.compile(r"[0-9]+|[^\W\d]+")
MAX_LENGTH = 60
"""A longer text is no date."""


def parse_partial_date(text: str) -> PartialDate:
    """Return the date of a text; raises ValueError with a message for the user."""
    original, plain = text.strip(), replace_digits(text.strip())
    if len(plain) > MAX_LENGTH:
        raise ValueError(_format_error(f"{original[:MAX_LENGTH]}…"))
    parts = _PARTS.findall(fold_accents(_TIME.sub("", plain)))
    numbers = [part for part in parts if part.isdigit()]
    words = [part for part in parts if not part.isdigit() and part not in FILLERS]
    if not numbers or len(numbers) > 3 or any(len(number) not in (1, 2, 4) for number in numbers):
        raise ValueError(_format_error(original))
    years = [number for number in numbers if len(number) == 4]
    if not years and len(numbers) > 1:
        raise ValueError(_("Write the year of “%(text)s” with four digits.") % {"text": original})
    if len(years) != 1:
        raise ValueError(_format_error(original))
    if words:
        return _parse_with_month(original, words, numbers, years[0])
    return _parse_numbers(original, numbers, years[0])


class DateOrder(StrEnum):
    """Which comes first in a date of numbers that ends with the year."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


def read_orders(text: str) -> dict[DateOrder, str]:
    """Return the ISO date by each order that the text allows; none if the order is of no matter."""
    plain = _TIME.sub("", replace_digits(text.strip()))
    match = _NUMBERS_THEN_YEAR.fullmatch(plain) if len(plain) <= MAX_LENGTH else None
    if match is None:
        return {}
    first, second, year = map(int, match.groups())
    readings = {
        DateOrder.DAY_FIRST: (year, second, first),
        DateOrder.MONTH_FIRST: (year, first, second),
    }
    return {
        order: _format_iso(reading)
        for order, reading in readings.items()
        if first != second and _exists(reading)
    }


def _parse_with_month(
    original: str, words: Sequence[str], numbers: Sequence[str], year: str
) -> PartialDate:
    month = _find_month(words)
    days = [int(number) for number in numbers if number != year]
    if month is None or len(days) > 1:
        raise ValueError(_format_error(original))
    return _choose_reading(original, [(int(year), month, *days)])


def _parse_numbers(original: str, numbers: Sequence[str], year: str) -> PartialDate:
    # After a year the month comes first; before it the order must be unambiguous.
    others = [int(number) for number in numbers if number != year]
    if numbers.index(year) not in (0, len(numbers) - 1):
        raise ValueError(_format_error(original))
    if len(others) < 2 or numbers[0] == year:
        return _choose_reading(original, [(int(year), *others)])
    first, second = others
    return _choose_reading(original, [(int(year), second, first), (int(year), first, second)])


def _choose_reading(original: str, readings: Sequence[tuple[int, ...]]) -> PartialDate:
    dates = list(dict.fromkeys(_format_iso(reading) for reading in readings if _exists(reading)))
    if not dates:
        raise ValueError(
            _("“%(text)s” does not exist in the calendar. Check the month and the day.")
            % {"text": original}
        )
    if len(dates) > 1:
        raise ValueError(
            _("“%(text)s” can be read in two ways. Write %(one)s or %(other)s.")
            % {"text": original, "one": isolate(dates[0]), "other": isolate(dates[1])}
        )
    return PartialDate(dates[0])


def _exists(reading: tuple[int, ...]) -> bool:
    try:
        date(*(*reading, 1, 1)[:3])
    except ValueError:
        return False
    return True


def _format_iso(reading: tuple[int, ...]) -> str:
    year, *rest = reading
    return "-".join([f"{year:04}", *(f"{part:02}" for part in rest)])


def isolate(day: str) -> str:
    """Return an ISO date for a sentence: in Arabic its parts would appear in reverse."""
    return f"\u2066{day}\u2069" if get_language_bidi() else day


def _format_error(original: str) -> str:
    return _("“%(text)s” is not a date. Write 2018, 2018-03 or 2018-03-30.") % {"text": original}


def replace_digits(text: str) -> str:
    """Return the text with the digits of any script as 0 to 9."""
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text
    )


def _find_month(words: Sequence[str]) -> int | None:
    """Return the number of a month by its name, or by two names of the same month."""
    names = _load_months()
    whole = names.get(" ".join(words))
    if whole:
        return whole
    for cut in range(1, len(words)):
        first, second = names.get(" ".join(words[:cut])), names.get(" ".join(words[cut:]))
        if first and first == second:
            return first
    return None


@cache
def _load_months() -> dict[str, int]:
    return {
        fold_accents(name): number
        for code in LOCALES
        for context in Locale.parse(code).months.values()
        for width in ("wide", "abbreviated")
        for number, name in context[width].items()
    }
