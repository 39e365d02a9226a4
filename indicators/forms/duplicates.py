"""Possible duplicates of a record before it is saved: same country, similar title, near dates.

The user decides; nothing is refused. Always one query.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from rapidfuzz import fuzz, process

from indicators.counting.registry import RECORD_SOURCES, RecordSource
from strategy.choices import RecordKind
from strategy.dates.periods import PartialDate
from strategy.models import Country, User
from strategy.text import fold_accents

MIN_SIMILARITY = 82
"""Out of 100, of the sorted words of two titles: a misspelling, a word more or less."""

MAX_DATE_GAP = timedelta(days=92)
"""A quarter, as sessions are postponed."""

MAX_MATCHES = 5
MAX_COMPARED = 20_000
"""The newest records of the countries; none has as many."""


@dataclass(frozen=True)
class DuplicateMatch:
    """A possible duplicate that the user may see."""

    reference: str
    title: str
    when: PartialDate | None
    office: str


@dataclass(frozen=True)
class DuplicateMatches:
    """The possible duplicates: those that the user may see, and the number of the others."""

    records: Sequence[DuplicateMatch] = ()
    elsewhere: int = 0

    def __bool__(self) -> bool:
        return bool(self.records or self.elsewhere)


def find_duplicates(
    kind: RecordKind, values: Mapping[str, object], *, user: User, token: UUID | None = None
) -> DuplicateMatches:
    """Return the stored records that these values resemble, the most similar first.

    ``token`` is the creation token of the form, whose own record is no duplicate.
    """
    source, title = RECORD_SOURCES[kind], fold_accents(str(values.get("title") or ""))
    if not title:
        return DuplicateMatches()
    start = source.date_rule.column
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
    matches = process.extract(
        title,
        [fold_accents(row[0]) for row in near],
        scorer=fuzz.token_sort_ratio,
        score_cutoff=MIN_SIMILARITY,
        limit=None,
    )
    similar = [near[index] for _title, _similarity, index in matches]
    visible = [DuplicateMatch(row[2], row[0], row[1], row[3]) for row in similar if row[4]]
    return DuplicateMatches(visible[:MAX_MATCHES], elsewhere=len(similar) - len(visible))


def get_compared_values(kind: RecordKind, values: Mapping[str, object]) -> Mapping[str, object]:
    source = RECORD_SOURCES[kind]
    names = ["title", source.date_rule.column, *(path.column for path in source.country_paths)]
    compared = {name: values.get(name) for name in names}
    return {
        name: frozenset(value) if isinstance(value, list) else value
        for name, value in compared.items()
    }


def _shares_country(source: RecordSource, values: Mapping[str, object]) -> Q:
    # Records of one of the countries or of none; all records where the values have no country.
    shared, without = Q(), Q()
    for path in source.country_paths:
        value = values.get(path.column)
        if value:
            countries = [value] if isinstance(value, Country) else cast("list[Country]", value)
            shared |= source.with_value(path, [country.code for country in countries])
            without &= ~source.with_value(path, None)
    return shared | without


def _is_near(first: object, second: object) -> bool:
    # An unknown date is near every date.
    if not isinstance(first, PartialDate) or not isinstance(second, PartialDate):
        return True
    return max(first.first - second.last, second.first - first.last) <= MAX_DATE_GAP
