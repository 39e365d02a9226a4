"""The words by which names of children are recognised, in English, French, Spanish and Arabic.

The lists are the files in ``words``. Words of sets are compared with ``fold_accents``; those of
patterns are written as people write them.
"""

from functools import cache
from pathlib import Path

from babel import Locale

from strategy.text import fold_accents

LANGUAGES = ("en", "fr", "es", "ar")
_FOLDER = Path(__file__).with_name("words")
_OTHER_REGIONS = "RDC DRC RCA USA Congo Quebec Québec Sahel Canada Afrique Africa"


def _read_words(name: str) -> list[str]:
    lines = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


def _read_pattern(name: str) -> str:
    # The longest words first: "dix" would match the beginning of "dix-sept".
    return "|".join(sorted(_read_words(name), key=len, reverse=True))


def _read_set(name: str) -> frozenset[str]:
    return frozenset(map(fold_accents, _read_words(name)))


AGES_IN_WORDS = _read_pattern("numbers")
CHILD = _read_pattern("children")
NAMED = _read_pattern("naming")
NOT_AN_AGE = _read_pattern("no_ages")
PARENT = _read_pattern("parents")
RELATIVE = _read_pattern("relatives")
VICTIM = _read_pattern("victims")
GIVEN_NAMES = _read_set("given_names")
NO_NAMES = _read_set("other_words")


@cache
def load_country_words() -> frozenset[str]:
    names = [name for code in LANGUAGES for name in Locale(code).territories.values()]
    return frozenset(map(fold_accents, [*names, *_OTHER_REGIONS.split()]))
