"""Numbers, dates and lists in the user's language.

Digits are Western in every language, as in the organisation's publications. The fonts have no
narrow no-break space, so a no-break space replaces it.
"""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from unicodedata import bidirectional
from urllib.parse import urlsplit

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from reporting.figures.ratings import round_for_rating
from strategy.dates.periods import PartialDate
from strategy.models import Target, TargetVersion

NO_BREAK = "\u00a0"
MINUS = "\u2212"
EN_DASH = "\u2013"
_REPLACED = str.maketrans({"\u202f": NO_BREAK, "\u200e": "", "\u200f": "", "-": MINUS})
_SEMICOLONS = {"ar": "\u061b "}
_LOCALES = {"en": "en_GB"}
"""The plan has British dates (30 September 2019) and lists (a, b and c)."""


def get_locale() -> Locale:
    return _parse_locale(get_language() or "en")


@cache
def _parse_locale(language: str) -> Locale:
    return Locale.parse(_LOCALES.get(language, language), sep="_")


def format_number(value: Decimal | int, places: int = 0) -> str:
    return _format_number(value, places, get_locale())


# Cached: a page formats the same few numbers many times.
@lru_cache(maxsize=4096)
def _format_number(value: Decimal | int, places: int, locale: Locale) -> str:
    exact = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if not exact:
        exact = abs(exact)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    text: str = format_decimal(exact, format=pattern, locale=locale, decimal_quantization=False)
    return text.translate(_REPLACED)


def format_percent(value: Decimal, places: int = 0) -> str:
    return format_number(value, places) + NO_BREAK + "%"


def format_plain_percent(value: Decimal) -> str:
    """Format with the decimals of the value: `90 %`, `62.5 %`."""
    plain = value.normalize()
    return format_percent(plain, decimal_places(plain))


def format_percent_within(value: Decimal, bounds: Iterable[Decimal]) -> str:
    """Format with as many decimals as keep the value on its side of every bound."""
    sides = [(bound, value >= bound) for bound in bounds]
    for places in range(12):
        rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        if all((rounded >= bound) == is_reached for bound, is_reached in sides):
            return format_percent(rounded, places)
    return format_plain_percent(value)


def format_share(part: Decimal, places: int = 0) -> str:
    """Format a share from 0 to 1 in percent, 0 % or 100 % only if exact."""
    exact = part * 100
    rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if rounded in (0, 100) and rounded != exact:
        rounded += Decimal(1).scaleb(-places) * (1 if rounded == 0 else -1)
    return format_percent(rounded, places)


def decimal_places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def format_value(value: Decimal | None, target: Target) -> str:
    """Format the value of a target: `13`, `22.5 %`, a step, or "no data", which is never 0."""
    if value is None:
        return _("no data")
    if target.is_judged:
        return format_step(value, target)
    rounded = round_for_rating(value, target)
    text = format_number(rounded, decimal_places(rounded))
    return f"{text}{NO_BREAK}%" if target.is_percentage else text


def format_step(number: Decimal, target: Target) -> str:
    """Return the words of a step of the target's rubric; its number if there is no such step."""
    step = target.find_step(number)
    return str(step) if step else format_bound(number)


def format_step_place(number: Decimal, target: Target) -> str:
    """Format the place of a step in its rubric for a narrow cell: `2/5`."""
    numbers = [step.number for step in target.steps]
    place = sum(each <= number for each in numbers)
    return f"{place}/{len(numbers)}"


def format_fraction(numerator: Decimal | None, denominator: Decimal | None) -> str:
    """Format the numbers behind a share: `3 of 4`; empty without any."""
    if numerator is None or not denominator:
        return ""
    return _("%(part)s of %(whole)s") % {
        "part": format_bound(numerator),
        "whole": format_bound(denominator),
    }


def format_bound(value: Decimal) -> str:
    """Format a minimum or maximum with its own decimals, without a unit: `25`, `12.5`."""
    plain = value.normalize()
    return format_number(plain, decimal_places(plain))


def format_bounds(target: Target) -> str:
    """Format the range of a target: `25`, `25 %`, `10–20 %`, `at most 2`, or that there is none."""
    if target.version.has_target and not target.has_bounds:
        return _("nothing yet")
    return format_limits(target.minimum, target.maximum, target)


def format_final_bounds(target: Target) -> str:
    """Format the range at the plan's end: the last milestone of a level is its minimum."""
    return format_limits(target.version.minimum, target.version.maximum, target)


def format_limits(minimum: Decimal | None, maximum: Decimal | None, target: Target) -> str:
    bounds = [bound for bound in (minimum, maximum) if bound is not None]
    if not bounds:
        return _("no target set")
    if target.is_judged:
        text = f" {EN_DASH} ".join(format_step(bound, target) for bound in bounds)
    else:
        text = EN_DASH.join(map(format_bound, bounds))
    text = f"{text}{NO_BREAK}%" if target.is_percentage else text
    return _("at most %(most)s") % {"most": text} if minimum is None else text


def format_milestones(version: TargetVersion) -> str:
    """Format `milestones: 10 by the end of 2018 and 50 by the end of 2020`; empty without any."""
    sign = f"{NO_BREAK}%" if version.target.is_percentage else ""
    items = [
        _("%(value)s by the end of %(year)s")
        % {
            "value": format_step(milestone.value, version.target)
            if version.target.is_judged
            else format_bound(milestone.value) + sign,
            "year": milestone.year.label,
        }
        for milestone in version.dated_milestones
    ]
    return _("milestones: %(list)s") % {"list": join_list(items)} if items else ""


def format_baseline(target: Target) -> str:
    """Format the value before the plan: `2 decisions on 31 March 2018`; empty without any."""
    if target.baseline_value is None or target.baseline_on is None:
        return ""
    unit = "%" if target.is_percentage else target.unit
    value = (
        format_step(target.baseline_value, target)
        if target.is_judged
        else format_bound(target.baseline_value) + NO_BREAK + unit
    )
    return _("%(value)s on %(day)s") % {"value": value, "day": format_day(target.baseline_on)}


def format_change(value: Decimal | None, target: Target) -> str:
    """Format a change: `+4`, `−1.2`, `0`; a dash if it is not known."""
    if value is None:
        return EN_DASH
    text = format_number(value, 1 if target.is_percentage else 0)
    return f"+{text}" if Decimal(value) > 0 else text


def format_day(value: date) -> str:
    locale = get_locale()
    return format_date(value, "long" if locale.language == "es" else "d MMMM y", locale=locale)


def format_short_day(value: date) -> str:
    return format_date(value, "d MMM y", locale=get_locale())


def format_record_date(value: PartialDate | str | None) -> str:
    """Format a partial date or a reporting year: `2018`, `Mar 2018`, `30 Mar 2018`."""
    if value is None:
        return EN_DASH
    text = str(value)
    if len(text) == len("2018-03-30"):
        return format_short_day(date.fromisoformat(text))
    if isinstance(value, PartialDate) and len(text) == len("2018-03"):
        return format_date(value.first, "LLL y", locale=get_locale())
    return text


def semicolon() -> str:
    return _SEMICOLONS.get(get_language() or "", "; ")


def text_direction(text: str) -> str:
    """Return `ltr` or `rtl` by the first letter; a PDF, unlike a browser, does not detect it."""
    kinds = map(bidirectional, text)
    first = next((kind for kind in kinds if kind in ("L", "R", "AL")), "")
    is_rtl = first != "L" if first else get_language_bidi()
    return "rtl" if is_rtl else "ltr"


def get_site_name(link: str) -> str:
    """Return the host of a link without "www."; empty unless it is an http or https URL."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    is_web = parts.scheme in ("http", "https")
    return (parts.hostname or "").removeprefix("www.") if is_web else ""


def join_list(items: Iterable[object]) -> str:
    return format_list([str(item) for item in items], locale=get_locale())
