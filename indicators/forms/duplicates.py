"""Possible duplicates of records: same country, similar title, near dates.

The user decides; nothing is refused. The number of queries does not depend on that of records.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import cast
from uuid import UUID

from django.conf import settings
from django.db.models import (
    CharField,
    Exists,
    ManyToManyField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language
from rapidfuzz import fuzz, process

from indicators.counting.registry import RECORD_SOURCES, DimensionPath, RecordSource
from indicators.models import Record, RecordQuerySet
from indicators.values.similarity import (
    MAX_DATE_GAP,
    MIN_SIMILARITY,
    ComparedRecord,
    RecordPool,
    differ_in_numbers,
    is_near,
)
from indicators.workflow.queues import union_all
from strategy.choices import RecordKind
from strategy.dates.periods import PartialDate
from strategy.models import Country, User
from strategy.text import fold_accents

MAX_MATCHES = 5
MAX_COMPARED = 20_000
"""The newest records of the countries; none has as many."""

MAX_NARROWED = 50
"""Records for which a query reads only what is near them; for more it reads all."""


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
        records.disclosed_to(user)
        .not_withdrawn()
        .exclude(Q(creation_token=token))
        .filter(_shares_country(source, _collect_countries(source, values)))
        .annotate(is_visible=Exists(records.visible_to(user).filter(pk=OuterRef("pk"))))
        .order_by("-pk")
        .values_list("title", start, "reference", _name_office(), "is_visible")
    )[:MAX_COMPARED]
    near = [row for row in rows if is_near(values.get(start), row[1])]
    matches = process.extract(
        title,
        [fold_accents(row[0]) for row in near],
        scorer=fuzz.token_sort_ratio,
        score_cutoff=MIN_SIMILARITY,
        limit=None,
    )
    similar = [near[index] for _title, _similarity, index in matches]
    similar = [row for row in similar if not differ_in_numbers(title, fold_accents(row[0]))]
    visible = [DuplicateMatch(row[2], row[0], row[1], row[3]) for row in similar if row[4]]
    return DuplicateMatches(visible[:MAX_MATCHES], elsewhere=len(similar) - len(visible))


class DuplicateSearch:
    """The search for duplicates of many records, among the records that are stored now.

    ``is_file`` compares each record with the earlier ones too, as the rows of a file.
    """

    def __init__(
        self,
        kind: RecordKind,
        compared: Sequence[ComparedRecord],
        *,
        user: User,
        is_file: bool = False,
    ) -> None:
        self.titled = _select_titled(kind, compared)
        stored = _load_stored({kind: self.titled} if self.titled else {}, user)
        self.stored, self.matches = stored.get(kind, ([], {}))
        self.is_file = is_file

    @property
    def digest(self) -> str:
        """The fingerprint of all that is compared: while it is equal, so are the duplicates."""
        compared = [
            [
                record.number,
                record.title,
                record.when and record.when.text,
                sorted(record.countries),
            ]
            for records in (self.stored, self.titled)
            for record in records
        ]
        return hashlib.sha256(json.dumps([len(self.stored), compared]).encode()).hexdigest()

    def find(self) -> Mapping[int, DuplicateMatches]:
        """Return by number the duplicates of the records that have any, the most similar first."""
        return _find_similar(self.titled, self.stored, self.matches, is_file=self.is_file)


def find_duplicates_of_kinds(
    compared_by_kind: Mapping[RecordKind, Sequence[ComparedRecord]], *, user: User
) -> Mapping[RecordKind, Mapping[int, DuplicateMatches]]:
    """Return ``DuplicateSearch.find`` of each kind, in two queries for all."""
    titled_by_kind = {
        kind: titled
        for kind, compared in compared_by_kind.items()
        if (titled := _select_titled(kind, compared))
    }
    stored = _load_stored(titled_by_kind, user)
    return {
        kind: _find_similar(titled, *stored[kind], is_file=False)
        for kind, titled in titled_by_kind.items()
    }


def _select_titled(
    kind: RecordKind, compared: Sequence[ComparedRecord]
) -> Sequence[ComparedRecord]:
    has_title = "title" in RECORD_SOURCES[kind].model.COLUMNS
    return [record for record in compared if record.title and has_title]


def _find_similar(
    titled: Sequence[ComparedRecord],
    stored: Sequence[ComparedRecord],
    matches: Mapping[int, DuplicateMatch | None],
    *,
    is_file: bool,
) -> Mapping[int, DuplicateMatches]:
    pool, earlier = RecordPool(stored), RecordPool()
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
    titled_by_kind: Mapping[RecordKind, Sequence[ComparedRecord]], user: User
) -> Mapping[RecordKind, tuple[list[ComparedRecord], dict[int, DuplicateMatch | None]]]:
    """Return the stored records to compare, and how those that the user may see are listed."""
    stored: dict[RecordKind, tuple[list[ComparedRecord], dict[int, DuplicateMatch | None]]]
    stored = {kind: ([], {}) for kind in titled_by_kind}
    if not stored:
        return stored
    candidates = {
        kind: _select_candidates(kind, some).disclosed_to(user)
        for kind, some in titled_by_kind.items()
    }
    rows = union_all(
        _list_columns(kind, records.model.objects.visible_to(user), records)
        for kind, records in candidates.items()
    )
    countries = _load_countries(candidates)
    for word, pk, title, when, *listed, is_visible in rows.order_by("-pk")[:MAX_COMPARED]:
        kind = RecordKind(word)
        day = when if isinstance(when, PartialDate) else None
        records, matches = stored[kind]
        records.append(ComparedRecord(pk, title, day, frozenset(countries[kind, pk]), pk))
        reference, office = listed
        matches[pk] = DuplicateMatch(reference, title, when, office) if is_visible else None
    return stored


def _select_candidates(
    kind: RecordKind, titled: Sequence[ComparedRecord]
) -> RecordQuerySet[Record]:
    """Return the stored records that have to be compared: for a few records, few."""
    source = RECORD_SOURCES[kind]
    records = source.model.objects.not_withdrawn()
    if len(titled) > MAX_NARROWED:
        return records
    if all(record.countries for record in titled):
        countries = frozenset[int]().union(*(record.countries for record in titled))
        records = records.filter(_shares_country(source, countries))
    days = {record.when for record in titled}
    if None not in days:
        records = records.filter(_is_near_one_of(source, [day for day in days if day]))
    return records


def _is_near_one_of(source: RecordSource, days: Iterable[PartialDate]) -> Q:
    column = source.date_rule.column
    is_near = Q(**{f"{column}__isnull": True})
    for day in days:
        # The first possible day of a stored text is not after a day if the text is not.
        last = PartialDate((day.last + MAX_DATE_GAP).isoformat())
        is_near |= Q(**{f"{column}__maybe_from": day.first - MAX_DATE_GAP, f"{column}__lte": last})
    return is_near


def _list_columns(
    kind: RecordKind, visible: RecordQuerySet[Record], records: RecordQuerySet[Record]
) -> QuerySet[Record, tuple[object, ...]]:
    return (
        records.order_by()
        .annotate(
            kind_word=Value(kind.value, output_field=CharField()),
            office_name=_name_office(),
            is_visible=Exists(visible.filter(pk=OuterRef("pk"))),
        )
        .values_list(
            "kind_word",
            "pk",
            "title",
            RECORD_SOURCES[kind].date_rule.column,
            "reference",
            "office_name",
            "is_visible",
        )
    )


def _name_office() -> Coalesce:
    """Return the office's name in the active language as a column."""
    name = f"office__name_{get_language() or settings.LANGUAGE_CODE}"
    return Coalesce(NullIf(name, Value("")), "office__name")


def _load_countries(
    records_by_kind: Mapping[RecordKind, RecordQuerySet[Record]],
) -> Mapping[tuple[RecordKind, int], set[int]]:
    countries: dict[tuple[RecordKind, int], set[int]] = defaultdict(set)
    parts = [
        records.order_by()
        .annotate(kind_word=Value(kind.value, output_field=CharField()))
        .values_list("kind_word", "pk", path.column)
        for kind, records in records_by_kind.items()
        for path in RECORD_SOURCES[kind].country_paths
    ]
    for word, pk, country in union_all(parts) if parts else ():
        if country:
            countries[RecordKind(word), pk].add(country)
    return countries


def get_compared_values(kind: RecordKind, values: Mapping[str, object]) -> Mapping[str, object]:
    source = RECORD_SOURCES[kind]
    names = ["title", source.date_rule.column, *(path.column for path in source.country_paths)]
    compared = {name: values.get(name) for name in names}
    return {
        name: frozenset(value) if isinstance(value, list) else value
        for name, value in compared.items()
    }


def _shares_country(source: RecordSource, countries: Collection[int]) -> Q:
    """Return the condition of one of the countries or none; of all records without countries."""
    shared, without = Q(), Q()
    for path in source.country_paths if countries else ():
        shared |= _names_one_of(source, path, countries)
        without &= ~source.with_value(path, None)
    return shared | without


def _names_one_of(source: RecordSource, path: DimensionPath, countries: Collection[int]) -> Q:
    column = source.model._meta.get_field(path.column)
    if not isinstance(column, ManyToManyField):
        return Q(**{f"{path.column}__in": countries})
    links: QuerySet[Model] = QuerySet(column.remote_field.through)
    named = links.filter(**{f"{column.m2m_reverse_field_name()}__in": countries})
    return Q(pk__in=named.values(column.m2m_field_name()))


def _collect_countries(source: RecordSource, values: Mapping[str, object]) -> set[int]:
    countries: set[int] = set()
    for path in source.country_paths:
        value = values.get(path.column)
        if value:
            some = [value] if isinstance(value, Country) else cast("list[Country]", value)
            countries |= {country.pk for country in some}
    return countries
