"""The rows that records of all kinds name in their columns with several values.

Django's prefetch makes a query for each column of each kind; here one query reads all columns.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, IntegerField, Q, Value
from modeltranslation.utils import build_localized_fieldname, get_language

from strategy.models import Country
from strategy.models.reference import NumberedWord

NAMES = tuple(build_localized_fieldname("name", code) for code, _name in settings.LANGUAGES)
COLUMNS = ("id", "code", *NAMES)
"""What is read of each row; another column is read when somebody asks for it."""


def prefetch_choices(records: Iterable[models.Model], names: Collection[str] | None = None) -> None:
    """Read the words and countries of all columns with several of them, or of the named ones."""
    by_model: dict[type[models.Model], list[models.Model]] = defaultdict(list)
    for record in records:
        by_model[type(record)].append(record)
    columns = [
        (column, of_kind)
        for model, of_kind in by_model.items()
        for column in list_choices(model, names)
    ]
    if not columns:
        return
    found = defaultdict(list)
    for place, owner, row in _read_rows(columns):
        found[place, owner].append(row)
    for place, (column, of_kind) in enumerate(columns):
        for record in of_kind:
            _keep(record, column.name, found[place, record.pk])


def prefetch_evidence(records: Sequence[models.Model]) -> None:
    if not records:
        return
    keys: dict[int, list[int]] = defaultdict(list)
    for record in records:
        keys[_get_content_type(record)].append(record.pk)
    of_records = Q()
    for content_type, pks in keys.items():
        of_records |= Q(content_type=content_type, object_id__in=pks)
    items: models.QuerySet[Any] = models.QuerySet(
        type(records[0])._meta.get_field("evidence").related_model
    )
    found = defaultdict(list)
    for item in items.filter(of_records):
        found[item.content_type_id, item.object_id].append(item)
    for record in records:
        _keep(record, "evidence", found[_get_content_type(record), record.pk])


def _get_content_type(record: models.Model) -> int:
    return ContentType.objects.get_for_model(record).pk


def list_choices(model: type[models.Model], names: Collection[str] | None = None) -> list[Any]:
    return [
        column
        for column in model._meta.many_to_many
        if issubclass(column.related_model, Country | NumberedWord)
        and (names is None or column.name in names)
    ]


def _read_rows(
    columns: Sequence[tuple[Any, Sequence[models.Model]]],
) -> Iterator[tuple[int, int, models.Model]]:
    """Yield each row in its own order, with the place of its column and the key of its record."""
    first, *rest = [
        _select_rows(place, column, [record.pk for record in of_kind])
        for place, (column, of_kind) in enumerate(columns)
    ]
    for place, owner, _number, _word, *values in first.union(*rest, all=True).order_by(
        "place", "number", "word"
    ):
        model = columns[place][0].related_model
        yield place, owner, model.from_db("default", COLUMNS, values)


def _select_rows(place: int, column: Any, keys: Sequence[int]) -> models.QuerySet[Any, Any]:
    owner, row = column.m2m_field_name(), column.m2m_reverse_field_name()
    is_word = issubclass(column.related_model, NumberedWord)
    word = "code" if is_word else build_localized_fieldname("name", get_language())
    links: models.QuerySet[Any, Any] = (
        column.remote_field.through.objects.filter(**{f"{owner}__in": keys})
        .annotate(
            place=Value(place),
            number=F(f"{row}__number") if is_word else Value(0, IntegerField()),
            word=F(f"{row}__{word}"),
        )
        .order_by()
        .values_list("place", f"{owner}_id", "number", "word", *(f"{row}__{c}" for c in COLUMNS))
    )
    return links


def _keep(record: models.Model, name: str, rows: list[models.Model]) -> None:
    """Keep the rows as Django's ``prefetch_related`` keeps them."""
    found = getattr(record, name).get_queryset()
    found._result_cache = rows
    found._prefetch_done = True
    vars(record).setdefault("_prefetched_objects_cache", {})[name] = found
