"""Punctuation and numbers in the active language; text as it is stored, and folded to compare."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from django.utils import formats
from django.utils.translation import get_language, gettext_lazy

UNSTORABLE = gettext_lazy("It holds a character that cannot be shown. Type the text anew.")

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NEWLINES = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_NO_LETTERS = re.compile(r"[\W_]+")
_MISREAD = re.compile(r"[ÃÂØÙ][\x80-\xbf…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸƒ„‚€]|â€")
"""What UTF-8 looks like where a program took it for Windows-1252."""

_VISIBLE_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd")
_OTHERS_UNSEEN = frozenset("\u034f\u115f\u1160\u3164\uffa0")

FORMULA_START = (
    r"[ \u00a0\u3000\u200b-\u200f\ufeff]*"
    r"[=+\-@\t\r\n\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20]"
)
"""What a spreadsheet program may read as the start of a formula, see ``escape_for_csv``."""

_FORMULA = re.compile(rf"'*{FORMULA_START}")

DIGITS = str.maketrans(
    {char: str(digit) for row in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for digit, char in enumerate(row)}
)
"""The digits of Arabic and Persian; normalisation leaves them as they are."""

_SPELLINGS = DIGITS | str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "\u0640": ""}
    | dict.fromkeys("’‘ʼ`´", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
)
"""Letters that no normalisation takes apart, and the shapes of apostrophes and hyphens."""

_COMMAS = {"ar": "\u060c "}


def comma() -> str:
    """Return the separator of a list with its space: Arabic has its own comma."""
    return _COMMAS.get(get_language() or "", ", ")


def colon() -> str:
    """Return the colon after a label; French has a space before it."""
    return "\u00a0:" if get_language() == "fr" else ":"


def join_plain(items: Iterable[object]) -> str:
    return comma().join(str(item) for item in items)


def normalize_text(text: str) -> str:
    """Return the text as it is stored: composed letters, one newline, nothing invisible."""
    if text.isascii():
        return text if text.isprintable() else _NEWLINES.sub("\n", text)
    text = _NEWLINES.sub("\n", text)
    return unicodedata.normalize("NFC", "".join(char for char in text if not _is_unseen(char)))


def has_unseen(text: str) -> bool:
    """Whether ``normalize_text`` takes out characters that nobody sees, such as soft hyphens."""
    return not text.isascii() and any(map(_is_unseen, text))


def is_misread(text: str) -> bool:
    """Whether accents or Arabic letters became pairs of others, such as Ã© for é."""
    return not text.isascii() and _MISREAD.search(text) is not None


def _is_unseen(char: str) -> bool:
    is_format = unicodedata.category(char) == "Cf" and char not in _VISIBLE_FORMATS
    return is_format or char in _OTHERS_UNSEEN


def is_storable(text: str) -> bool:
    """Whether the text has no control characters: databases and pages refuse some of them."""
    return text.isprintable() or _CONTROLS.search(text) is None


def escape_for_csv(text: str) -> str:
    """Return the text so that no spreadsheet program reads it as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def has_letters(text: str) -> bool:
    return any(map(str.isalpha, text))


@lru_cache(maxsize=16_384)
def fold_accents(text: str) -> str:
    """Return the text without accents, capitals and punctuation, to compare names."""
    words = _NO_LETTERS.sub(" ", _take_apart(text.casefold()))
    return " ".join(words.split())


def fold_spelling(text: str) -> str:
    """Return what two spellings of one name share: no capitals, accents, repeated spaces.

    Digits are the same in every script.
    """
    return " ".join(_take_apart(normalize_text(text).casefold(), _SPELLINGS).split())


def _take_apart(text: str, others: Mapping[int, str] = MappingProxyType({})) -> str:
    """Return the text without accents, and without the letters that ``others`` replaces."""
    if text.isascii():
        return text.translate(others)
    plain = unicodedata.normalize("NFKD", text).translate(others)
    return "".join(char for char in plain if not unicodedata.combining(char))


def format_count(count: int) -> str:
    return formats.number_format(count, use_l10n=True, force_grouping=True)


def format_amount(amount: Decimal) -> str:
    """Return an amount with the separators of the active language, and cents unless zero."""
    places = 0 if amount == amount.to_integral_value() else 2
    return formats.number_format(amount, decimal_pos=places, use_l10n=True, force_grouping=True)


_NUMBER = re.compile(r"\d+(?:[.,\u066b\u066c \u00a0\u202f'’]\d+)*")
_SEPARATOR = re.compile(r"\D")


@dataclass(frozen=True)
class WrittenNumber:
    """A number in a text, with its possible values: `1,500` is 1500 or 1.5."""

    text: str
    readings: frozenset[Decimal]


def find_numbers(text: str) -> list[WrittenNumber]:
    """Return the numbers that a text writes in digits of any script."""
    return [WrittenNumber(found, _read(found)) for found in _NUMBER.findall(text)]


def _read(text: str) -> frozenset[Decimal]:
    *groups, last = _SEPARATOR.split(text)
    readings = {Decimal("".join((*groups, last)))}
    if groups:
        readings.add(Decimal(f"{''.join(groups)}.{last}"))
    return frozenset(readings)
