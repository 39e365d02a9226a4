"""What each column of a kind's files means, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators.exchange.cells import (
    AmountCell,
    Cell,
    CountCell,
    DateCell,
    LinksCell,
    RecordCell,
    TextCell,
    WordCell,
    WordsCell,
)
from indicators.exchange.columns import EVIDENCE, REFERENCE, cells_for
from indicators.exchange.words import CountryWords, Word
from indicators.sources import SOURCES
from strategy.vocabulary import RecordKind


@dataclass(frozen=True)
class ColumnGuide:
    """One column explained: what it holds, how it is written, the words that it may hold."""

    name: str
    label: str
    is_required: bool
    is_number: bool
    has_several: bool
    meaning: str
    writing: str
    example: str
    words: Sequence[Word] = ()


WRITING: Mapping[type[Cell], tuple[str | Promise, str]] = {
    TextCell: ("", ""),
    DateCell: (
        gettext_lazy("A year, a month or a day: 2018, 2018-03 or 2018-03-30."),
        "2018-03",
    ),
    AmountCell: (
        gettext_lazy("Digits without separators between thousands; cents after a point."),
        "125000.50",
    ),
    CountCell: (gettext_lazy("A whole number; nothing if it was not recorded."), "24"),
    LinksCell: (
        gettext_lazy("Whole addresses, with ; between them. Files are attached in the browser."),
        "https://example.org/a;https://example.org/b",
    ),
}
"""How each sort of cell is written, and an example; of words and records see below."""


def guides_for(kind: RecordKind) -> list[ColumnGuide]:
    """The columns of a kind's files explained, in order."""
    prefix = SOURCES[kind].model.PREFIX
    return [_guide(name, cell, prefix) for name, cell in cells_for(kind).items()]


def _guide(name: str, cell: Cell, prefix: str) -> ColumnGuide:
    if isinstance(cell, WordCell):
        writing, example = _writing_of_words(cell)
    elif isinstance(cell, RecordCell):
        sentence = _("The reference of one that is there already: %(kind)s.")
        writing = sentence % {"kind": cell.model._meta.verbose_name}
        example = f"{cell.model.PREFIX}-2018-01"
    else:
        lazy, example = WRITING[type(cell)]
        writing = str(lazy)
    return ColumnGuide(
        name=name,
        label=str(capfirst(cell.label)),
        is_required=cell.is_required,
        is_number=cell.is_number,
        has_several=cell.is_many,
        meaning="" if name == EVIDENCE else str(cell.field.help_text),
        writing=writing,
        example=f"{prefix}-2018-01" if name == REFERENCE else example,
        words=_closed_words(cell),
    )


def _closed_words(cell: Cell) -> Sequence[Word]:
    """The words of a list that is short enough to be shown whole."""
    if not isinstance(cell, WordCell) or isinstance(cell.words, CountryWords):
        return ()
    return cell.words.all


def _writing_of_words(cell: WordCell) -> tuple[str, str]:
    is_country = isinstance(cell.words, CountryWords)
    codes = ["BF", "SN"] if is_country else [word.code for word in cell.words.all[:2]]
    if isinstance(cell, WordsCell):
        if is_country:
            return _("Countries by code or by name, with ; between them."), ";".join(codes)
        return _("One or more of the codes, with ; between them."), ";".join(codes)
    if is_country:
        return _("A country: its code of two letters, or its name."), codes[0]
    return _("One of the codes."), "".join(codes[:1])
