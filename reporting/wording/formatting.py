"""How numbers and days are written for people: in the reader's language, and true to the verdict.

Digits are Western in every language, as in the organisation's own publications. The fonts have no
narrow no-break space, so the common one stands wherever a language puts either.
"""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from unicodedata import bidirectional

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from reporting.figures.ratings import round_for_rating
from strategy.dates.periods import PartialDate
from strategy.models import Target

NO_BREAK = "\u00a0"
MINUS = "\u2212"
EN_DASH = "\u2013"
_REPLACED = str.maketrans({"\u202f": NO_BREAK, "\u200e": "", "\u200f": "", "-": MINUS})
_SEMICOLONS = {"ar": "\u061b "}
_LOCALES = {"en": "en_GB"}
"""The plan's English is British in its days (30 September 2019) and its lists (a, b and c)."""


def locale() -> Locale:
    """The customs of the reader's language."""
    return _locale_of(get_language() or "en")


@cache
def _locale_of(language: str) -> Locale:
    return Locale.parse(_LOCALES.get(language, language), sep="_")


def format_number(value: Decimal | int, places: int = 0) -> str:
    """A number with so many decimals, rounded half up."""
    return _written(value, places, locale())


@lru_cache(maxsize=4096)
def _written(value: Decimal | int, places: int, customs: Locale) -> str:
    """A page writes the same few numbers over and over."""
    exact = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if not exact:
        exact = abs(exact)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    text: str = format_decimal(exact, format=pattern, locale=customs, decimal_quantization=False)
    return text.translate(_REPLACED)


def format_percent(value: Decimal, places: int = 0) -> str:
    """So many percent, the sign kept on the row of its number."""
    return format_number(value, places) + NO_BREAK + "%"


def format_plain_percent(value: Decimal) -> str:
    """So many percent, with the decimals that it has and no more: `90 %`, `62.5 %`."""
    plain = value.normalize()
    return format_percent(plain, decimal_places(plain))


def format_percent_within(value: Decimal, bounds: Iterable[Decimal]) -> str:
    """So many percent, with as many decimals as keep it on its side of every bound."""
    sides = [(bound, value >= bound) for bound in bounds]
    for places in range(12):
        rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        if all((rounded >= bound) == is_reached for bound, is_reached in sides):
            return format_percent(rounded, places)
    return format_plain_percent(value)


def format_share(part: Decimal, places: int = 0) -> str:
    """A share from 0 to 1 in percent: 100 % only when all of it is there, 0 % only when none is."""
    exact = part * 100
    rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if rounded in (0, 100) and rounded != exact:
        rounded += Decimal(1).scaleb(-places) * (1 if rounded == 0 else -1)
    return format_percent(rounded, places)


def decimal_places(value: Decimal) -> int:
    """How many decimals a value that was rounded for showing has."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def format_value(value: Decimal | None, target: Target) -> str:
    """A target's value as people read it: `13`, `22.5 %`, or "no data", which is never 0."""
    if value is None:
        return _("no data")
    rounded = round_for_rating(value, target)
    text = format_number(rounded, decimal_places(rounded))
    return f"{text}{NO_BREAK}%" if target.is_percentage else text


def format_bound(value: Decimal) -> str:
    """A minimum or maximum, with the decimals that it has: `25`, `12.5`; no unit."""
    plain = value.normalize()
    return format_number(plain, decimal_places(plain))


def format_bounds(target: Target) -> str:
    """What the target asks for, as a number: `25`, `25 %`, `10–20 %`."""
    text = format_bound(target.minimum)
    if target.maximum is not None:
        text += EN_DASH + format_bound(target.maximum)
    return f"{text}{NO_BREAK}%" if target.is_percentage else text


def format_change(value: Decimal | None, target: Target) -> str:
    """By how much a value rose or fell: `+4`, `−1.2`, `0`; a dash where it cannot be said."""
    if value is None:
        return EN_DASH
    text = format_number(value, 1 if target.is_percentage else 0)
    return f"+{text}" if Decimal(value) > 0 else text


def format_day(value: date) -> str:
    """A day in full: 30 September 2019."""
    here = locale()
    form = "long" if here.language == "es" else "d MMMM y"
    return format_date(value, form, locale=here)


def format_short_day(value: date) -> str:
    """A day for tables: 30 Sept 2019."""
    return format_date(value, "d MMM y", locale=locale())


def format_record_date(value: PartialDate | str | None) -> str:
    """A date as far as it is known, for tables: `2018`, `Mar 2018`, `30 Mar 2018`."""
    if value is None:
        return EN_DASH
    text = str(value)
    if len(text) == len("2018-03-30"):
        return format_short_day(date.fromisoformat(text))
    if isinstance(value, PartialDate) and len(text) == len("2018-03"):
        return format_date(value.first, "LLL y", locale=locale())
    return text


def semicolon() -> str:
    """What stands between longer things in a row."""
    return _SEMICOLONS.get(get_language() or "", "; ")


def text_direction(text: str) -> str:
    """The direction of a text in whatever language, as its first letter tells; `ltr` or `rtl`.

    A browser finds it by itself; the PDF has to be told.
    """
    kinds = map(bidirectional, text)
    first = next((kind for kind in kinds if kind in ("L", "R", "AL")), "")
    is_rtl = first != "L" if first else get_language_bidi()
    return "rtl" if is_rtl else "ltr"


def join_list(items: Iterable[object]) -> str:
    """Things in a row, as the language joins them: `a, b and c`."""
    return format_list([str(item) for item in items], locale=locale())
