"""Words of a list (countries, sectors, codes of a choice), found by code or by any name."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import override

from indicators.country_names import CountryNames, folded

CLOSE_ENOUGH = 0.7
"""How alike two words must be for one to be offered for the other, from 0 to 1."""

MOST_SUGGESTIONS = 50
"""Of one list for one file: a file with more unknown words than that is of another kind."""


def did_you_mean(text: str, names: Iterable[str]) -> str:
    """A sentence that offers the most similar of the names; empty when none resembles the text."""
    by_fold = {folded(name): name for name in names}
    close = difflib.get_close_matches(folded(text), by_fold, n=1, cutoff=CLOSE_ENOUGH)
    return _suggestion(by_fold[close[0]]) if close else ""


def _suggestion(name: str) -> str:
    return " " + _("Did you mean %(name)s?") % {"name": name}


def in_every_language(text: str | Promise) -> set[str]:
    """A translatable text in each language of the application."""
    found = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            found.add(str(text))
    return found


@dataclass(frozen=True)
class Word:
    """One word of a list: what the database keeps, its code in files, what its reader calls it."""

    value: Any
    code: str
    name: str
    names: frozenset[str] = frozenset()


class Vocabulary(Protocol):
    """A list of words."""

    @property
    def all(self) -> Sequence[Word]:
        """The words in their order."""

    @property
    def code_of(self) -> Mapping[Any, str]:
        """What the database keeps -> the code."""

    def find(self, text: str) -> Word:
        """The word of that code or name; ValueError says what is wrong and what may be meant."""


class Words:
    """Words known by their code and by their names in every language."""

    def __init__(self, words: Iterable[Word]) -> None:
        self.all = tuple(words)
        self.code_of = {word.value: word.code for word in self.all}
        self._by_code = {folded(word.code): word for word in self.all}
        self._by_name: dict[str, list[Word]] = {}
        for word in self.all:
            for name in {folded(name) for name in word.names}:
                self._by_name.setdefault(name, []).append(word)
        self._suggestions_left = MOST_SUGGESTIONS

    def find(self, text: str) -> Word:
        wanted = folded(text)
        if wanted in self._by_code:
            return self._by_code[wanted]
        found = self._by_name.get(wanted, [])
        if len(found) == 1:
            return found[0]
        codes = ", ".join(word.code for word in found or self.all)
        if found:
            raise ValueError(
                _("“%(text)s” may mean any of these: %(codes)s. Write the code.")
                % {"text": text, "codes": codes}
            )
        raise ValueError(self._unknown(text, codes))

    def _unknown(self, text: str, codes: str) -> str:
        sentence = _("“%(text)s” is not one of the codes: %(codes)s.") % {
            "text": text,
            "codes": codes,
        }
        if not self._suggestions_left:
            return sentence
        self._suggestions_left -= 1
        names = {name: word.code for word in self.all for name in (*word.names, word.code)}
        close = difflib.get_close_matches(text, names, n=1, cutoff=CLOSE_ENOUGH)
        return sentence + (_suggestion(names[close[0]]) if close else "")


class CountryWords:
    """The countries, known by code, by their names in every language and by other names."""

    def __init__(self) -> None:
        self._names = CountryNames()
        self.all = tuple(
            Word(country.pk, country.code, country.name) for country in self._names.all
        )
        self.code_of = {word.value: word.code for word in self.all}
        self._by_code = {word.code: word for word in self.all}
        self._suggestions_left = MOST_SUGGESTIONS

    def find(self, text: str) -> Word:
        country = self._names.find(text)
        if country:
            return self._by_code[country.code]
        sentence = _("“%(text)s” is not a country.") % {"text": text}
        near = self._names.nearest(text, most=1) if self._suggestions_left else ()
        self._suggestions_left -= bool(self._suggestions_left)
        if near:
            raise ValueError(sentence + _suggestion(near[0].name))
        raise ValueError(sentence + " " + _("Write its name or its code of two letters."))
