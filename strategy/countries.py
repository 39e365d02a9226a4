"""Countries by their code, name in four languages or alias.

Accents, hyphens, apostrophes, articles, abbreviations and the order of words are ignored.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache, cached_property

from babel.core import Locale, get_global
from django.conf import settings
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from rapidfuzz import fuzz
from rapidfuzz.process import extract, extractOne

from strategy.models import Country
from strategy.text import fold_accents

MIN_SIMILARITY = 70
"""The similarity of a text and a name from which the name is suggested, in percent."""

MAX_NAME_LENGTH = 100
MAX_SUGGESTED_LENGTH = 20

# fmt: off
ARTICLES = frozenset([
    "the", "of", "and", "de", "du", "des", "d", "la", "le", "les", "l", "et", "el", "los", "las",
    "del", "y",
])
# fmt: on
ABBREVIATIONS = {
    "st": "saint",
    "sts": "states",
    "rep": "republic",
    "dem": "democratic",
    "fed": "federated",
    "is": "islands",
}

_CONGO = {"CD": gettext_noop("Kinshasa"), "CG": gettext_noop("Brazzaville")}
_KOREA = {"KR": gettext_noop("Seoul"), "KP": gettext_noop("Pyongyang")}
CAPITALS = {
    fold_accents(name): cities
    for cities, names in ((_CONGO, "Congo الكونغو كونغو"), (_KOREA, "Korea Corée Corea كوريا"))
    for name in names.split()
}
"""Names that people give to either of two countries, with the capitals of both."""

PROVINCES = {"quebec": "CA", "كيبك": "CA", "كيبيك": "CA", "zanzibar": "TZ", "زنجبار": "TZ"}
# fmt: off
PROVINCES |= dict.fromkeys([
    "scotland", "ecosse", "escocia", "wales", "pays de galles", "gales", "northern ireland",
    "irlande du nord", "irlanda del norte",
], "GB")
OTHER_REGIONS = [
    "Sahel", "Maghreb", "Magreb", "West Africa", "Afrique de l'Ouest", "África del Oeste",
    "East Africa", "Afrique de l'Est", "Central Africa", "North Africa", "Middle East",
    "Moyen-Orient", "Proche-Orient", "Oriente Medio", "MENA", "ECOWAS", "CEDEAO", "الساحل",
    "المغرب العربي", "غرب أفريقيا", "شمال أفريقيا", "الشرق الأوسط",
]
# fmt: on
"""Regions that CLDR calls otherwise."""
KOSOVO = frozenset({"kosovo", "xk", "xkx", "كوسوفو"})

_BETWEEN_COUNTRIES = re.compile(r"[/,،+&|]| and | et | y | و", re.IGNORECASE)


class CountryNames:
    """All countries, found by any of their names; one query, at the first use."""

    @cached_property
    def all(self) -> tuple[Country, ...]:
        """The countries in the order of their names in the active language."""
        return tuple(sorted(Country.objects.all(), key=lambda country: fold_accents(str(country))))

    @cached_property
    def _by_name(self) -> dict[str, set[Country]]:
        by_name: dict[str, set[Country]] = {}
        for country in self.all:
            for name in _names_of(country):
                by_name.setdefault(fold_accents(name), set()).add(country)
        return by_name

    @cached_property
    def _by_words(self) -> dict[str, set[Country]]:
        by_words: dict[str, set[Country]] = {}
        for name, countries in self._by_name.items():
            by_words.setdefault(_sort_words(name), set()).update(countries)
        return by_words

    @cached_property
    def _by_code(self) -> dict[str, Country]:
        by_code = {country.code: country for country in self.all}
        return by_code | {
            three: by_code[two] for three, two in load_codes().items() if two in by_code
        }

    def suggested(self) -> list[tuple[str, str]]:
        words = []
        for country in self.all:
            # Formal names are found, but too long to offer while somebody types.
            aliases = [name for name in country.aliases if len(name) <= MAX_SUGGESTED_LENGTH]
            offered = [*_translated_names(country), *aliases]
            names = {fold_accents(name): name for name in offered}
            names.pop(fold_accents(str(country)), None)
            words.append((str(country), ", ".join(names.values())))
        return words

    def find(self, text: str) -> Country | None:
        """Return the country of that code or name; None if there is none or several."""
        name, code = fold_accents(text[:MAX_NAME_LENGTH]), text.strip().upper()
        if name in CAPITALS:
            return None
        coded = self._by_code.get(code)
        if coded and len(code) == 2:
            return coded
        found = self._by_name.get(name) or self._by_words.get(_sort_words(name), set())
        return next(iter(found)) if len(found) == 1 else coded

    def explain_unknown(self, text: str) -> str:
        """Return why a text is no country, and what to write instead."""
        text = text.strip()[:MAX_NAME_LENGTH]
        name = fold_accents(text)
        whole = self.find(PROVINCES.get(name, ""))
        if name in CAPITALS:
            (one, city), (other, other_city) = CAPITALS[name].items()
            sentence = _(
                "“%(text)s” may be either of two countries. "
                "Write %(one)s for %(city)s or %(other)s for %(other_city)s."
            )
            cities = {"city": _(city), "other_city": _(other_city)}
            return sentence % ({"text": text, "one": one, "other": other} | cities)
        if name in KOSOVO:
            return _(
                "The list of countries has no Kosovo (XK), which ISO 3166-1 lacks. "
                "Ask an administrator to add it, with the number 983."
            )
        if whole:
            sentence = _("“%(text)s” is a part of a country. Write %(country)s.")
            return sentence % {"text": text, "country": self.name_for(whole)}
        if name in load_regions():
            sentence = _(
                "“%(text)s” is a region. Write a country; "
                "where several are asked for, write each with ; between them."
            )
            return sentence % {"text": text}
        parts = [part for part in _BETWEEN_COUNTRIES.split(text) if part.strip()]
        if len(parts) > 1 and all(map(self.find, parts)):
            sentence = _(
                "“%(text)s” names several countries. Write one; "
                "where several are asked for, put ; between them."
            )
            return sentence % {"text": text}
        return _("“%(text)s” is not a country.") % {"text": text} + self._suggest(text)

    def _suggest(self, text: str) -> str:
        near = [self.name_for(country) for country in self.nearest(text)]
        if near:
            return suggest_name(get_text_list(near, _("or")))
        return " " + _("Write its name or its code of two letters.")

    def name_for(self, country: Country) -> str:
        """Return the country's name where that finds it, otherwise its code."""
        return str(country) if self.find(str(country)) == country else country.code

    def nearest(self, text: str, limit: int = 3) -> tuple[Country, ...]:
        """Return the countries whose names resemble the text, the best match first."""
        wanted, names = fold_accents(text[:MAX_NAME_LENGTH]), list(self._by_name)
        matches = extract(
            wanted, names, scorer=fuzz.ratio, limit=limit * 2, score_cutoff=MIN_SIMILARITY
        )
        countries = [country for name, *_score in matches for country in self._by_name[name]]
        return tuple(dict.fromkeys(countries))[:limit]

    def split(self, text: str) -> list[str]:
        """Return the names in a text, separated by ``;``, a comma or a new line."""
        return split_words(text, self.find)


def split_words(text: str, find: Callable[[str], object]) -> list[str]:
    """Return the words of a text with ``;`` or a new line between them, or else commas.

    A part that ``find`` knows is not divided: names may have a comma.
    """
    words: list[str] = []
    for part in text.replace("\n", ";").split(";"):
        several = [word.strip() for word in re.split("[,،]", part)]
        words += [part.strip()] if len(several) == 1 or find(part.strip()) else several
    return [word for word in words if word]


@cache
def load_codes() -> Mapping[str, str]:
    """Return the codes of two letters by those of three, ISO 3166-1 alpha-3."""
    aliases = get_global("territory_aliases").items()
    return {
        three: two[0]
        for three, two in aliases
        if len(three) == 3 and three.isalpha() and len(two) == 1
    }


@cache
def load_regions() -> frozenset[str]:
    """Return the folded names of continents and their parts."""
    names = [
        name
        for language, _name in settings.LANGUAGES
        for code, name in Locale.parse(language).territories.items()
        if code.isdigit()
    ]
    return frozenset(map(fold_accents, [*names, *OTHER_REGIONS]))


def _sort_words(name: str) -> str:
    """Return the words of a folded name in order, without articles and abbreviations."""
    words = (ABBREVIATIONS.get(word, word) for word in name.split())
    plain = (word.removeprefix("ال") for word in words if word not in ARTICLES)
    return " ".join(sorted(plain))


def _names_of(country: Country) -> Iterable[str]:
    return (*_translated_names(country), *country.aliases)


def _translated_names(country: Country) -> Iterable[str]:
    for language, _name in settings.LANGUAGES:
        name = getattr(country, f"name_{language}", None)
        if name:
            yield name


def suggest_text(text: str, names: Iterable[str]) -> str:
    """Return a sentence that suggests the most similar name; empty without a similar one."""
    by_fold = {fold_accents(name): name for name in names}
    close = find_nearest_name(fold_accents(text), by_fold)
    return suggest_name(by_fold[close]) if close else ""


def find_nearest_name(text: str, names: Collection[str]) -> str:
    """Return the folded name that most resembles a folded text; empty without a similar one."""
    match = extractOne(
        text[:MAX_NAME_LENGTH], list(names), scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY
    )
    return str(match[0]) if match else ""


def suggest_name(name: str) -> str:
    """Return a sentence that suggests the name, with a space before it."""
    return " " + _("Did you mean %(name)s?") % {"name": name}
