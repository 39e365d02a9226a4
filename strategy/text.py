"""What stands between words in a row, in the reader's language."""

from collections.abc import Iterable

from django.utils.translation import get_language

_COMMAS = {"ar": "\u060c "}


def comma() -> str:
    """What stands between things in a cell: Arabic has a comma of its own."""
    return _COMMAS.get(get_language() or "", ", ")


def colon() -> str:
    """What stands after a word that is explained: French keeps it off the word."""
    return "\u00a0:" if get_language() == "fr" else ":"


def in_a_row(things: Iterable[object]) -> str:
    """Things one after the other, nothing before the last: `a, b, c`."""
    return comma().join(str(thing) for thing in things)
