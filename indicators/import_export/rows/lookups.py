"""Look-ups of words (countries, sectors, codes of a choice) by code or by any name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import override

from strategy.countries import CountryNames, find_nearest_name, suggest_name
from strategy.text import fold_accents, join_plain


def translate_all(text: str | Promise) -> set[str]:
    texts = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            texts.add(str(text))
    return texts


@dataclass(frozen=True)
class Choice:
    """One word of a list: its value in the database, its code in files, its name for users."""

    value: Any
    code: str
    name: str
    names: frozenset[str] = frozenset()


class Lookup(Protocol):
    """A list of words."""

    @property
    def all(self) -> Sequence[Choice]:
        """The words in their order."""

    @property
    def code_of(self) -> Mapping[Any, str]:
        """The codes by the values in the database."""

    def find(self, text: str) -> Choice:
        """Return the word with this code or name; raise ValueError with a suggestion."""

    def display_word(self, word: Choice) -> str:
        """Return the word's name where that finds it, otherwise its code."""


class ChoiceLookup:
    """Words known by their code and by their names in every language."""

    def __init__(self, words: Iterable[Choice]) -> None:
        self.all = tuple(words)
        self.code_of = {word.value: word.code for word in self.all}
        self._by_code = {fold_accents(word.code): word for word in self.all}
        self._by_name: dict[str, list[Choice]] = {}
        for word in self.all:
            for name in {fold_accents(name) for name in word.names}:
                self._by_name.setdefault(name, []).append(word)
        self._unknown: dict[str, str] = {}

    def find(self, text: str) -> Choice:
        wanted = fold_accents(text)
        if wanted in self._by_code:
            return self._by_code[wanted]
        found = self._by_name.get(wanted, [])
        if len(found) == 1:
            return found[0]
        if found:
            codes = ", ".join(word.code for word in found)
            raise ValueError(
                _("“%(text)s” may mean any of these: %(codes)s. Write the code.")
                % {"text": text, "codes": codes}
            )
        if wanted not in self._unknown:
            self._unknown[wanted] = self._suggest_word(wanted)
        sentence = _("“%(text)s” is not one of these: %(words)s.")
        raise ValueError(sentence % {"text": text, "words": self._list} + self._unknown[wanted])

    @cached_property
    def _list(self) -> str:
        return join_plain(map(self.display_word, self.all))

    def display_word(self, word: Choice) -> str:
        name = fold_accents(word.name)
        coded = self._by_code.get(name)
        found = [coded] if coded else self._by_name.get(name)
        return word.name if found == [word] else word.code

    def _suggest_word(self, wanted: str) -> str:
        names = {name: word for name, words in self._by_name.items() for word in words}
        names |= self._by_code
        close = find_nearest_name(wanted, names)
        return suggest_name(self.display_word(names[close])) if close else ""


class CountryLookup:
    """The countries, known by code, by their names in every language and by other names."""

    def __init__(self) -> None:
        self._names = CountryNames()
        self.all = tuple(
            Choice(country.pk, country.code, country.name) for country in self._names.all
        )
        self.code_of = {word.value: word.code for word in self.all}
        self._by_code = {word.code: word for word in self.all}
        self._unknown: dict[str, str] = {}

    def find(self, text: str) -> Choice:
        country = self._names.find(text)
        if country:
            return self._by_code[country.code]
        if text not in self._unknown:
            self._unknown[text] = self._names.explain_unknown(text)
        raise ValueError(self._unknown[text])

    def display_word(self, word: Choice) -> str:
        country = self._names.find(word.name)
        return word.name if country and country.code == word.code else word.code
