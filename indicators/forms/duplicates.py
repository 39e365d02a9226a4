"""Possible duplicates of records: same country, similar title, near dates.

The user decides; nothing is refused. The number of queries does not depend on that of records.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language
from rapidfuzz import fuzz, process

from indicators.counting.registry import RECORD_SOURCES, RecordSource
from indicators.models import Record
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
    rows: Sequence[int] = ()
    """Of a file: the earlier rows that the row resembles."""

    def __bool__(self) -> bool:
        return bool(self.records or self.elsewhere or self.rows)


@dataclass(frozen=True)
class ComparedRecord:
    """What is compared of a record; ``number`` names it among others, ``pk`` where it is stored."""

    number: int
    title: str
    when: PartialDate | None
    countries: frozenset[int]
    pk: int | None = None

    def may_be(self, other: "ComparedRecord") -> bool:
        """Whether all but the titles agrees, which are similar already."""
        share_country = (
            not self.countries or not other.countries or self.countries & other.countries
        )
        return (
            bool(share_country)
            and _is_near(self.when, other.when)
            and not _differ_in_numbers(self.title, other.title)
        )


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
        .values_list("title", start, "reference", _name_office(), "is_visible")
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
    similar = [row for row in similar if not _differ_in_numbers(title, fold_accents(row[0]))]
    visible = [DuplicateMatch(row[2], row[0], row[1], row[3]) for row in similar if row[4]]
    return DuplicateMatches(visible[:MAX_MATCHES], elsewhere=len(similar) - len(visible))


def find_duplicates_of_many(
    kind: RecordKind, compared: Sequence[ComparedRecord], *, user: User, is_file: bool = False
) -> Mapping[int, DuplicateMatches]:
    """Return by number the duplicates of the records that have any, the most similar first.

    ``is_file`` compares each record with the earlier ones too, as the rows of a file.
    """
    titled = [record for record in compared if record.title]
    if not titled or "title" not in RECORD_SOURCES[kind].model.COLUMNS:
        return {}
    stored, matches = _load_stored(kind, user)
    titles = [_sort_words(record.title) for record in stored]
    earlier: list[ComparedRecord] = []
    earlier_titles: list[str] = []
    found = {}
    for record in titled:
        similar = [one for one in _find_similar(record, stored, titles) if one.pk != record.pk]
        visible = [match for one in similar if (match := matches[one.number])]
        rows = [one.number for one in _find_similar(record, earlier, earlier_titles)]
        found[record.number] = DuplicateMatches(
            visible[:MAX_MATCHES], len(similar) - len(visible), rows[:MAX_MATCHES]
        )
        if is_file:
            earlier.append(record)
            earlier_titles.append(_sort_words(record.title))
    return {number: duplicates for number, duplicates in found.items() if duplicates}


def compare_records(records: Sequence[Record]) -> list[ComparedRecord]:
    """Return what is compared of stored records of one kind, whose relations are prefetched."""
    compared = []
    for record in records:
        source = RECORD_SOURCES[record.KIND]
        countries: set[int] = set()
        for path in source.country_paths:
            if record._meta.get_field(path.column).many_to_many:
                countries |= {country.pk for country in getattr(record, path.column).all()}
            else:
                countries |= {getattr(record, f"{path.column}_id")} - {None}
        when = getattr(record, source.date_rule.column)
        when = when if isinstance(when, PartialDate) else None
        title = getattr(record, "title", "")
        compared.append(ComparedRecord(record.pk, title, when, frozenset(countries), record.pk))
    return compared


def _load_stored(
    kind: RecordKind, user: User
) -> tuple[list[ComparedRecord], Mapping[int, DuplicateMatch | None]]:
    """Return the stored records, and how those that the user may see are listed."""
    source = RECORD_SOURCES[kind]
    records = source.model.objects.not_withdrawn().order_by("-pk")
    visible = source.model.objects.visible_to(user).filter(pk=OuterRef("pk"))
    rows = list(
        records.annotate(is_visible=Exists(visible)).values_list(
            "pk", "title", source.date_rule.column, "reference", _name_office(), "is_visible"
        )[:MAX_COMPARED]
    )
    countries = _load_countries(source)
    stored = [
        ComparedRecord(
            pk, title, when if isinstance(when, PartialDate) else None, frozenset(countries[pk]), pk
        )
        for pk, title, when, *_rest in rows
    ]
    matches = {
        pk: DuplicateMatch(reference, title, when, office) if is_visible else None
        for pk, title, when, reference, office, is_visible in rows
    }
    return stored, matches


def _name_office() -> Coalesce:
    """Return the office's name in the active language as a column."""
    name = f"office__name_{get_language() or settings.LANGUAGE_CODE}"
    return Coalesce(NullIf(name, Value("")), "office__name")


def _load_countries(source: RecordSource) -> Mapping[int, set[int]]:
    countries: dict[int, set[int]] = defaultdict(set)
    for path in source.country_paths:
        pairs = source.model.objects.not_withdrawn().order_by().values_list("pk", path.column)
        for pk, country in pairs:
            if country:
                countries[pk].add(country)
    return countries


def _find_similar(
    record: ComparedRecord, others: Sequence[ComparedRecord], titles: Sequence[str]
) -> Iterator[ComparedRecord]:
    # The ratio of sorted words is ``token_sort_ratio``, without sorting them for each comparison.
    matches = process.extract(
        _sort_words(record.title),
        titles,
        scorer=fuzz.ratio,
        score_cutoff=MIN_SIMILARITY,
        limit=None,
    )
    for _title, _similarity, index in matches:
        if record.may_be(others[index]):
            yield others[index]


def _sort_words(title: str) -> str:
    return " ".join(sorted(fold_accents(title).split()))


def _differ_in_numbers(first: str, second: str) -> bool:
    # "Session 1" and "Session 2" are two sessions.
    numbers, others = re.findall(r"\d+", first), re.findall(r"\d+", second)
    return bool(numbers and others and sorted(numbers) != sorted(others))


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
