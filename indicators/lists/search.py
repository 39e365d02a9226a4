"""Search that takes no notice of accents and capitals, on both databases and without extensions."""

import re
import unicodedata
from typing import Any

from django.db.models import Q, QuerySet

ALIKE = (
    "aàáâãäåā",
    "cçćč",
    "eèéêëē",
    "iìíîïī",
    "nñń",
    "oòóôõöøō",
    "uùúûüū",
    "yýÿ",
    "sš",
    "zž",
    "اأإآٱ",
    "يى",
    "هة",
    "'’‘",
)
"""Letters that stand for one another, small ones; the first is the plain one."""

CLASSES = {
    letter: f"[{group}{group.upper()}]" for group in ALIKE for letter in {*group, *group.upper()}
}

MOST_WORDS = 8


def search_records(records: QuerySet[Any], text: str) -> QuerySet[Any]:
    """The records with every word of the text somewhere in their title, reference or notes."""
    columns = {field.name for field in records.model._meta.concrete_fields}
    names = [name for name in ("title", "year", "reference", "notes") if name in columns]
    for word in unicodedata.normalize("NFC", text).split()[:MOST_WORDS]:
        found = Q()
        for name in names:
            found |= Q(**{f"{name}__iregex": search_pattern(word)})
        records = records.filter(found)
    return records


def search_pattern(word: str) -> str:
    """A regular expression for the word with or without its accents, in either database."""
    return "".join(CLASSES.get(letter) or re.escape(letter) for letter in word)
