"""Countries by their code, name in four languages or alias; accents are ignored."""

from collections.abc import Collection, Iterable
from functools import cached_property

from django.conf import settings
from django.utils.translation import gettext as _
from rapidfuzz import fuzz
from rapidfuzz.process import extract, extractOne

from strategy.models import Country
from strategy.text import fold_accents

MIN_SIMILARITY = 70
"""The similarity of a text and a name from which the name is suggested, in percent."""

MAX_NAME_LENGTH = 100


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

    def suggested(self) -> list[tuple[str, str]]:
        words = []
        for country in self.all:
            names = {fold_accents(name): name for name in _names_of(country)}
            names.pop(fold_accents(str(country)), None)
            words.append((str(country), ", ".join(names.values())))
        return words

    def find(self, text: str) -> Country | None:
        """Return the country of that code or name; None if there is none or several."""
        code = text.strip().upper()
        if len(code) == 2:
            coded = next((country for country in self.all if country.code == code), None)
            if coded:
                return coded
        countries = self._by_name.get(fold_accents(text), set())
        return next(iter(countries)) if len(countries) == 1 else None

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
        parts = [part.strip() for part in text.replace("\n", ";").split(";")]
        names: list[str] = []
        for part in filter(None, parts):
            whole = self.find(part) is not None or "," not in part
            names += [part] if whole else [name.strip() for name in part.split(",") if name.strip()]
        return names


def _names_of(country: Country) -> Iterable[str]:
    for language, _name in settings.LANGUAGES:
        name = getattr(country, f"name_{language}", None)
        if name:
            yield name
    yield from country.aliases


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
