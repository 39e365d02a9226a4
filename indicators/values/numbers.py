"""Amounts and numbers of people as people write them, by one rule in every language.

A point or a comma separates decimals; spaces, apostrophes, points or commas separate thousands. One
point or comma with exactly three digits after it may be either, so it is asked about.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from strategy.dates.parsing import replace_digits

MAX_LENGTH = 60
"""A longer text is no number."""

MAX_COUNT = 2_147_483_647
"""The largest number in an integer column of the database."""

_GROUPED = re.compile(
    r"(?P<whole>[1-9]\d{0,2}(?P<group>[ ',.٬])\d{3}(?:(?P=group)\d{3})*)"
    r"(?:(?!(?P=group))[.,٫](?P<decimals>\d+))?",
    re.ASCII,
)
_PLAIN = re.compile(r"(?P<whole>\d+)(?:[.,٫](?P<decimals>\d+))?", re.ASCII)
_SPACES = re.compile(r"\s", re.UNICODE)
_SIGNS = str.maketrans("’ʼ\u2212", "''-")


def parse_amount(text: str, places: int, digits: int) -> Decimal:
    """Return the amount; raises ValueError with a sentence for the user.

    ``digits`` are the most before the decimals, ``places`` the most after.
    """
    readings = read_number(text)
    if not readings:
        raise ValueError(
            _("“%(text)s” is not a number. Write it with digits only, such as 12500.50.")
            % {"text": text[:MAX_LENGTH]}
        )
    if len(readings) > 1:
        one, other = (f"{round(number, places).normalize():f}" for number in readings)
        raise ValueError(
            _("“%(text)s” can be read in two ways. Write %(one)s, or %(other)s.")
            % {"text": text, "one": one, "other": other}
        )
    value = readings[0]
    if round(value, places) != value:
        raise ValueError(
            _("“%(text)s” has more than %(places)s decimals. Round it.")
            % {"text": text, "places": places}
        )
    if abs(value) >= 10**digits:
        raise ValueError(
            _("“%(text)s” is too large: at most %(digits)s digits.")
            % {"text": text, "digits": digits}
        )
    return value


def parse_count(text: str) -> int:
    """Return the number of people, from 0; raises ValueError with a sentence for the user."""
    readings = [number for number in read_number(text) if number >= 0]
    if len(readings) > 1:
        one, other = (f"{number.normalize():f}" for number in readings)
        raise ValueError(
            _(
                "“%(text)s” can be read in two ways, as %(one)s or as %(other)s. "
                "Write the whole number without a separator."
            )
            % {"text": text, "one": one, "other": other}
        )
    if not readings or readings[0] % 1:
        raise ValueError(
            _("“%(text)s” is not a whole number. Write 12, or 0, or nothing if not recorded.")
            % {"text": text[:MAX_LENGTH]}
        )
    if readings[0] > MAX_COUNT:
        raise ValueError(_("“%(text)s” is too large.") % {"text": text})
    return int(readings[0])


def is_plain_number(text: str) -> bool:
    """Whether a number is written as programs write it: nobody can misread it."""
    return re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII) is not None


def read_number(text: str) -> list[Decimal]:
    """Return the numbers that the text may mean: none, one or two, the largest first."""
    if len(text) > MAX_LENGTH:
        return []
    plain = _SPACES.sub(" ", replace_digits(text.strip()).translate(_SIGNS))
    sign, number = ("-", plain[1:]) if plain.startswith("-") else ("", plain.removeprefix("+"))
    return list(dict.fromkeys(Decimal(sign + value) for value in _list_readings(number)))


def _list_readings(number: str) -> Iterator[str]:
    for pattern in (_GROUPED, _PLAIN):
        match = pattern.fullmatch(number)
        if match:
            whole = "".join(filter(str.isdigit, match["whole"]))
            yield f"{whole}.{match['decimals']}" if match["decimals"] else whole
