"""Countries by what people call them: code, name in four languages, alias; accents ignored."""

from collections.abc import Collection, Iterable
from functools import cached_property

from django.conf import settings
from django.utils.translation import gettext as _
from rapidfuzz import fuzz
from rapidfuzz.process import extract, extractOne

from strategy.models import Country
from strategy.text import fold_accents

CLOSE_ENOUGH = 70
"""How alike a text and a name must be for the name to be what may have been meant, in percent."""

LONGEST_NAME = 100


class CountryNames:
    """All countries, found by any of their names; reads the table once, when first asked."""

    @cached_property
    def all(self) -> tuple[Country, ...]:
        """The countries in the order of their names in the reader's language."""
        return tuple(sorted(Country.objects.all(), key=lambda country: fold_accents(str(country))))

    @cached_property
    def _by_name(self) -> dict[str, set[Country]]:
        found: dict[str, set[Country]] = {}
        for country in self.all:
            for name in _names_of(country):
                found.setdefault(fold_accents(name), set()).add(country)
        return found

    def suggested(self) -> list[tuple[str, str]]:
        """Each country's name, and its other names, by which one may look for it."""
        words = []
        for country in self.all:
            names = {fold_accents(name): name for name in _names_of(country)}
            names.pop(fold_accents(str(country)), None)
            words.append((str(country), ", ".join(names.values())))
        return words

    def find(self, text: str) -> Country | None:
        """The one country of that code or name; None when there is none, or more than one."""
        code = text.strip().upper()
        if len(code) == 2:
            coded = next((country for country in self.all if country.code == code), None)
            if coded:
                return coded
        found = self._by_name.get(fold_accents(text), set())
        return next(iter(found)) if len(found) == 1 else None

    def nearest(self, text: str, most: int = 3) -> tuple[Country, ...]:
        """Countries whose names resemble the text, best first: what may have been meant."""
        wanted, names = fold_accents(text[:LONGEST_NAME]), list(self._by_name)
        close = extract(wanted, names, scorer=fuzz.ratio, limit=most * 2, score_cutoff=CLOSE_ENOUGH)
        countries = [country for name, *_score in close for country in self._by_name[name]]
        return tuple(dict.fromkeys(countries))[:most]

    def split(self, text: str) -> list[str]:
        """The names in a text that puts ``;``, a comma or a new line between them."""
        parts = [part.strip() for part in text.replace("\n", ";").split(";")]
        names: list[str] = []
        for part in filter(None, parts):
            whole = self.find(part) is not None or "," not in part
            names += [part] if whole else [one.strip() for one in part.split(",") if one.strip()]
        return names


def _names_of(country: Country) -> Iterable[str]:
    for language, _name in settings.LANGUAGES:
        name = getattr(country, f"name_{language}", None)
        if name:
            yield name
    yield from country.aliases


def suggest_text(text: str, names: Iterable[str]) -> str:
    """A sentence that offers the most similar of the names; empty when none resembles the text."""
    by_fold = {fold_accents(name): name for name in names}
    close = find_nearest_name(fold_accents(text), by_fold)
    return suggest_name(by_fold[close]) if close else ""


def find_nearest_name(text: str, names: Collection[str]) -> str:
    """The name that most resembles the text, both folded; empty when none does."""
    found = extractOne(
        text[:LONGEST_NAME], list(names), scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH
    )
    return str(found[0]) if found else ""


def suggest_name(name: str) -> str:
    """A sentence that offers the name, to stand after another sentence."""
    return " " + _("Did you mean %(name)s?") % {"name": name}
