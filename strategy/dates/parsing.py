"""Dates as people type them, in any of the four languages: `27 3 2018`, `mars 2018`, `2018`.

What is kept is a partial date; nothing is guessed. A day whose month could be either number is
refused with the two ways to write it.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import cache

from babel import Locale
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from strategy.dates.periods import PartialDate
from strategy.text import fold_accents

LOCALES = ("en", "fr", "es", "ar", "ar_DZ", "ar_LB", "ar_MA", "ar_MR", "ar_TN")
"""Whose names of months are understood; the Arabic ones differ from country to country."""

FILLERS = frozenset(
    ["de", "del", "du", "of", "the", "le", "el", "l", "st", "nd", "rd", "th", "er", "o", "من"]
)
"""Words that stand in a date and say nothing: `1er mars`, `27th of March`, `27 de marzo`."""

_PARTS = re.compile(r"[0-9]+|[^\W\d]+")
MOST_LETTERS = 60
"""A longer text is no date."""


def parse_partial_date(text: str) -> PartialDate:
    """The date that a text means; ValueError says what is wrong with it and what to write."""
    shown, plain = text.strip(), replace_digits(text.strip())
    if len(plain) > MOST_LETTERS:
        raise ValueError(_not_a_date(f"{shown[:MOST_LETTERS]}…"))
    parts = _PARTS.findall(fold_accents(plain))
    numbers = [part for part in parts if part.isdigit()]
    words = [part for part in parts if not part.isdigit() and part not in FILLERS]
    if not numbers or len(numbers) > 3 or any(len(one) == 3 or len(one) > 4 for one in numbers):
        raise ValueError(_not_a_date(shown))
    years = [one for one in numbers if len(one) == 4]
    if not years and len(numbers) > 1:
        raise ValueError(_("Write the year of “%(text)s” with four digits.") % {"text": shown})
    if len(years) != 1:
        raise ValueError(_not_a_date(shown))
    if words:
        return _with_word(shown, words, numbers, years[0])
    return _of_numbers(shown, numbers, years[0])


def _with_word(shown: str, words: Sequence[str], numbers: Sequence[str], year: str) -> PartialDate:
    """A month by its name, perhaps with a day on either side of it."""
    month = _month_called(words)
    days = [int(one) for one in numbers if one != year]
    if month is None or len(days) > 1:
        raise ValueError(_not_a_date(shown))
    return _only(shown, [(int(year), month, *days)])


def _of_numbers(shown: str, numbers: Sequence[str], year: str) -> PartialDate:
    """Numbers alone: after a year the month comes first, before it the order has to be plain."""
    others = [int(one) for one in numbers if one != year]
    if numbers.index(year) not in (0, len(numbers) - 1):
        raise ValueError(_not_a_date(shown))
    if len(others) < 2 or numbers[0] == year:
        return _only(shown, [(int(year), *others)])
    one, other = others
    return _only(shown, [(int(year), other, one), (int(year), one, other)])


def _only(shown: str, readings: Sequence[tuple[int, ...]]) -> PartialDate:
    """The one reading that is in the calendar."""
    dates = list(dict.fromkeys(_iso(reading) for reading in readings if _exists(reading)))
    if not dates:
        raise ValueError(
            _("“%(text)s” does not exist in the calendar. Check the month and the day.")
            % {"text": shown}
        )
    if len(dates) > 1:
        raise ValueError(
            _("“%(text)s” can be read in two ways. Write %(one)s or %(other)s.")
            % {"text": shown, "one": _to_copy(dates[0]), "other": _to_copy(dates[1])}
        )
    return PartialDate(dates[0])


def _exists(reading: tuple[int, ...]) -> bool:
    try:
        date(*(*reading, 1, 1)[:3])
    except ValueError:
        return False
    return True


def _iso(reading: tuple[int, ...]) -> str:
    year, *rest = reading
    return "-".join([f"{year:04}", *(f"{part:02}" for part in rest)])


def _to_copy(day: str) -> str:
    """A date to be written just so: in Arabic its parts would else be shown in reverse."""
    return f"\u2066{day}\u2069" if get_language_bidi() else day


def _not_a_date(shown: str) -> str:
    return _("“%(text)s” is not a date. Write 2018, 2018-03 or 2018-03-30.") % {"text": shown}


def replace_digits(text: str) -> str:
    """The text with the digits of any script as 0 to 9."""
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text
    )


def _month_called(words: Sequence[str]) -> int | None:
    """The number of the month of that name, or of that name and another one for it."""
    names = _months()
    whole = names.get(" ".join(words))
    if whole:
        return whole
    for cut in range(1, len(words)):
        one, other = names.get(" ".join(words[:cut])), names.get(" ".join(words[cut:]))
        if one and one == other:
            return one
    return None


@cache
def _months() -> dict[str, int]:
    """Name of a month, long or short, without accents -> its number."""
    return {
        fold_accents(name): number
        for code in LOCALES
        for context in Locale.parse(code).months.values()
        for width in ("wide", "abbreviated")
        for number, name in context[width].items()
    }
