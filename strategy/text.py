"""Punctuation and numbers in the active language, and text folded for comparison."""

import unicodedata
from collections.abc import Iterable
from decimal import Decimal

from django.utils import formats
from django.utils.translation import get_language

_COMMAS = {"ar": "\u060c "}


def comma() -> str:
    """Return the separator of a list with its space: Arabic has its own comma."""
    return _COMMAS.get(get_language() or "", ", ")


def colon() -> str:
    """Return the colon after a label; French has a space before it."""
    return "\u00a0:" if get_language() == "fr" else ":"


def join_plain(items: Iterable[object]) -> str:
    return comma().join(str(item) for item in items)


def fold_accents(text: str) -> str:
    """Return the text without accents, capitals and punctuation, to compare names."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = (char for char in plain if not unicodedata.combining(char))
    words = "".join(char if char.isalnum() else " " for char in letters)
    return " ".join(words.split())


def format_count(count: int) -> str:
    return formats.number_format(count, use_l10n=True, force_grouping=True)


def format_amount(amount: Decimal) -> str:
    """Return an amount with the separators of the active language, and cents unless zero."""
    places = 0 if amount == amount.to_integral_value() else 2
    return formats.number_format(amount, decimal_pos=places, use_l10n=True, force_grouping=True)
