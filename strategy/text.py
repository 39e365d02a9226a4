"""What stands between words in a row, in the reader's language."""

import unicodedata
from collections.abc import Iterable
from decimal import Decimal

from django.utils import formats
from django.utils.translation import get_language

_COMMAS = {"ar": "\u060c "}


def comma() -> str:
    """What stands between things in a cell: Arabic has a comma of its own."""
    return _COMMAS.get(get_language() or "", ", ")


def colon() -> str:
    """What stands after a word that is explained: French keeps it off the word."""
    return "\u00a0:" if get_language() == "fr" else ":"


def join_plain(things: Iterable[object]) -> str:
    """Things one after the other, nothing before the last: `a, b, c`."""
    return comma().join(str(thing) for thing in things)


def fold_accents(text: str) -> str:
    """The text without accents, capitals and punctuation, to compare names that people type."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = (" " if not one.isalnum() else one for one in plain if not unicodedata.combining(one))
    return " ".join("".join(kept).split())


def count_text(count: int) -> str:
    """A whole number with the reader's separators."""
    return formats.number_format(count, use_l10n=True, force_grouping=True)


def amount_text(amount: Decimal) -> str:
    """An amount with the reader's separators, and cents only where there are some."""
    places = 0 if amount == amount.to_integral_value() else 2
    return formats.number_format(amount, decimal_pos=places, use_l10n=True, force_grouping=True)
