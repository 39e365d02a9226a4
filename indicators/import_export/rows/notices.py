"""Sentences about cells of a file: which they are, and what they were read as."""

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators.import_export.rows.widgets import ChoiceWidget, Widget
from strategy.text import join_plain

MAX_NAMED_CELLS = 20
"""The most cells that a notice names."""

MAX_NAMED_READINGS = 10
"""The most dates or numbers of a column that are named; a file may have one in each row."""


def describe_readings(widget: Widget, heading: str) -> Iterator[str]:
    """Yield a sentence for each text of the column that does not write its value as files do."""
    if isinstance(widget, ChoiceWidget):
        yield from _describe_words(widget, heading)
    for text, value in list(widget.readings.items())[:MAX_NAMED_READINGS]:
        sentence = _("%(column)s: “%(text)s” was read as %(value)s.")
        yield sentence % {"column": heading, "text": text, "value": value}
    others = len(widget.readings) - MAX_NAMED_READINGS
    if others > 0:
        sentence = ngettext(
            "%(column)s: %(number)s other value was read in the same way.",
            "%(column)s: %(number)s other values were read in the same way.",
            others,
        )
        yield sentence % {"column": heading, "number": others}


def _describe_words(widget: ChoiceWidget, heading: str) -> Iterator[str]:
    for text, word in widget.matched_by_name:
        sentence = _("%(column)s: “%(text)s” was read as %(code)s (%(name)s).")
        values = {"column": heading, "text": text, "code": word.code, "name": word.name}
        yield sentence % values
    for text, words in widget.divided.items():
        sentence = _("%(column)s: “%(text)s” was read as several: %(words)s.")
        yield sentence % {"column": heading, "text": text, "words": "; ".join(words)}


def list_cells(places: Sequence[tuple[int, str]], headings: Mapping[str, str]) -> str:
    """Return the rows and headings of the first cells, given by row and column."""
    return join_plain(
        _("row %(row)s, %(column)s") % {"row": number, "column": headings[name]}
        for number, name in places[:MAX_NAMED_CELLS]
    )
