"""Possible duplicates of records: same country, similar title, near dates.

The user decides; nothing is refused. The number of queries does not depend on that of records.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import islice
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
_NUMBER = re.compile(r"\d+")
_EVERY_BIT = -1
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

    @cached_property
    def sorted_title(self) -> str:
        return " ".join(sorted(fold_accents(self.title).split()))

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        return tuple(sorted(_NUMBER.findall(self.title)))

    def list_quarters(self, margin: timedelta = timedelta(0)) -> Sequence[int]:
        """Return the quarters of the date's days and of as many around them; none if unknown."""
        if self.when is None:
            return ()
        days = (self.when.first - margin, self.when.last + margin)
        first, last = (day.toordinal() // MAX_DATE_GAP.days for day in days)
        return range(first, last + 1)


class _Facet:
    """Which records have a value, as the bits of a number; one without values agrees with all."""

    def __init__(self) -> None:
        self._with_value: dict[Hashable, int] = {}
        self._without = 0

    def add(self, place: int, values: Collection[Hashable]) -> None:
        bit = 1 << place
        for value in values:
            self._with_value[value] = self._with_value.get(value, 0) | bit
        if not values:
            self._without |= bit

    def find_agreeing(self, values: Collection[Hashable]) -> int:
        if not values:
            return _EVERY_BIT
        found = self._without
        for value in values:
            found |= self._with_value.get(value, 0)
        return found


class _Pool:
    """Records to compare with, found by what has to agree before titles are compared."""

    def __init__(self, records: Iterable[ComparedRecord] = ()) -> None:
        self._records: list[ComparedRecord] = []
        self._numbers, self._countries, self._quarters = _Facet(), _Facet(), _Facet()
        for record in records:
            self.add(record)

    def add(self, record: ComparedRecord) -> None:
        place = len(self._records)
        self._records.append(record)
        self._numbers.add(place, _name_once(record.numbers))
        self._countries.add(place, record.countries)
        self._quarters.add(place, record.list_quarters())

    def find_similar(self, record: ComparedRecord) -> Iterator[ComparedRecord]:
        """Yield the records that may be the same one, the most similar first."""
        agreeing = (1 << len(self._records)) - 1
        agreeing &= self._numbers.find_agreeing(_name_once(record.numbers))
        agreeing &= self._countries.find_agreeing(record.countries)
        if agreeing:
            agreeing &= self._quarters.find_agreeing(record.list_quarters(MAX_DATE_GAP))
        if not agreeing:
            return
        others = [self._records[place] for place in _list_bits(agreeing)]
        # The ratio of sorted words is ``token_sort_ratio``, without sorting them for each pair.
        matches = process.extract(
            record.sorted_title,
            [other.sorted_title for other in others],
            scorer=fuzz.ratio,
            score_cutoff=MIN_SIMILARITY,
            limit=None,
        )
        for _title, _similarity, index in matches:
            if _is_near(record.when, others[index].when):
                yield others[index]


def _name_once(numbers: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    # All numbers of a title are one value: "Session 1" and "Session 2" are two sessions.
    return (numbers,) if numbers else ()


def _list_bits(bits: int) -> Iterator[int]:
    digits = f"{bits:b}"[::-1]
    place = digits.find("1")
    while place >= 0:
        yield place
        place = digits.find("1", place + 1)


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
    pool, earlier = _Pool(stored), _Pool()
    found = {}
    for record in titled:
        similar = [one for one in pool.find_similar(record) if one.pk != record.pk]
        visible = [match for one in similar if (match := matches[one.number])]
        rows = [one.number for one in islice(earlier.find_similar(record), MAX_MATCHES)]
        found[record.number] = DuplicateMatches(
            visible[:MAX_MATCHES], len(similar) - len(visible), rows
        )
        if is_file:
            earlier.add(record)
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


def _differ_in_numbers(first: str, second: str) -> bool:
    # "Session 1" and "Session 2" are two sessions.
    numbers, others = _NUMBER.findall(first), _NUMBER.findall(second)
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
