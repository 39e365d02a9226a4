"""Records that may be the same as one about to be saved: same country, like title, dates near.

Only a notice comes of it; a person decides. One query, whatever is typed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from rapidfuzz import fuzz, process

from indicators.counting.registry import RECORD_SOURCES, RecordSource
from strategy.choices import COUNTRY_DIMENSIONS, RecordKind
from strategy.dates.periods import PartialDate
from strategy.models import Country, User
from strategy.text import fold_accents

MIN_SIMILARITY = 82
"""Out of 100, by the words of both titles in one order: a letter mistyped, a word more or less."""

MAX_DATE_GAP = timedelta(days=92)
"""How far apart two dates may be that mean the same: a quarter, as sessions are postponed."""

MAX_MATCHES = 5
MAX_COMPARED = 20_000
"""The newest so many of a country are compared; no country has as many."""


@dataclass(frozen=True)
class DuplicateMatch:
    """A record that may be the same, and that the person may see."""

    reference: str
    title: str
    when: PartialDate | None
    office: str


@dataclass(frozen=True)
class DuplicateMatches:
    """What may be the same: the records that the person may see, and the number of the others."""

    records: Sequence[DuplicateMatch] = ()
    elsewhere: int = 0

    def __bool__(self) -> bool:
        return bool(self.records or self.elsewhere)


def find_duplicates(
    kind: RecordKind, values: Mapping[str, Any], *, user: User, token: UUID | None = None
) -> DuplicateMatches:
    """The stored records that these answers resemble, most alike first.

    ``token`` is that of the form: what it made itself is no duplicate of it.
    """
    source, title = RECORD_SOURCES[kind], fold_accents(str(values.get("title") or ""))
    if not title:
        return DuplicateMatches()
    start = source.timing.column
    records = source.model.objects
    rows = (
        records.not_withdrawn()
        .exclude(Q(creation_token=token))
        .filter(_shares_country(source, values))
        .annotate(is_visible=Exists(records.visible_to(user).filter(pk=OuterRef("pk"))))
        .order_by("-pk")
        .values_list("title", start, "reference", "office__name", "is_visible")
    )[:MAX_COMPARED]
    near = [row for row in rows if _is_near(values.get(start), row[1])]
    found = process.extract(
        title,
        [fold_accents(row[0]) for row in near],
        scorer=fuzz.token_sort_ratio,
        score_cutoff=MIN_SIMILARITY,
        limit=None,
    )
    alike = [near[place] for _title, _likeness, place in found]
    seen = [DuplicateMatch(row[2], row[0], row[1], row[3]) for row in alike if row[4]]
    return DuplicateMatches(seen[:MAX_MATCHES], elsewhere=sum(not row[4] for row in alike))


def compare_records(kind: RecordKind, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """What of a record's values others are compared with: its title, countries and beginning."""
    source = RECORD_SOURCES[kind]
    places = [
        facet.column
        for dimension, facet in source.facets.items()
        if dimension in COUNTRY_DIMENSIONS
    ]
    asked = {name: values.get(name) for name in ("title", source.timing.column, *places)}
    return {
        name: frozenset(value) if isinstance(value, list) else value
        for name, value in asked.items()
    }


def _shares_country(source: RecordSource, values: Mapping[str, Any]) -> Q:
    """Records with one of the countries typed, or with none; any record when none was typed."""
    shares, nowhere = Q(), Q()
    for dimension, facet in source.facets.items():
        value = values.get(facet.column)
        if dimension in COUNTRY_DIMENSIONS and value:
            codes = [one.code for one in ([value] if isinstance(value, Country) else value)]
            shares |= source.with_value(facet, codes)
            nowhere &= ~source.with_value(facet, None)
    return shares | nowhere


def _is_near(one: Any, other: Any) -> bool:
    """Whether the two dates may lie within ``MAX_DATE_GAP``; one that is not known may be any."""
    if not isinstance(one, PartialDate) or not isinstance(other, PartialDate):
        return True
    return _gap(one, other) <= MAX_DATE_GAP


def _gap(one: PartialDate, other: PartialDate) -> timedelta:
    """The least time that may lie between two partial dates."""
    between: tuple[tuple[date, date], ...] = ((one.last, other.first), (other.last, one.first))
    return max(timedelta(), *(later - earlier for earlier, later in between))
