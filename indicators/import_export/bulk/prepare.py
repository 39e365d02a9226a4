"""Drafts converted to rows of the database, before the transaction that writes them.

Other users wait only for the writing.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from types import NoneType
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models

from indicators.import_export.bulk.sql import reserve_keys
from indicators.import_export.rows.drafts import RowDraft
from indicators.import_export.rows.existing import Links, split_batches
from indicators.models import Evidence, Record
from indicators.workflow.history import EvidenceChange
from strategy.dates.periods import PartialDate
from strategy.models import User

_STORABLE = (str, int, NoneType)
"""Types that the database accepts without conversion, for any field of a record."""

_REPEATED = (datetime, PartialDate)
"""Types whose few values many records share: each is converted once."""

Row = Sequence[object]


@dataclass(frozen=True, slots=True)
class LinkRows:
    """Pairs of records and words of one column, for records that lose their former ones."""

    links: Links
    owners: Sequence[int]
    pairs: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class EvidenceRows:
    """New links as rows with these keys, and the URLs that records, given by key, lose."""

    keys: Sequence[int]
    added: Sequence[Row]
    removed: Mapping[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Drafts that are all new or all existing, and their rows: the key, then ``list_fields``."""

    is_new: bool
    drafts: Sequence[RowDraft]
    rows: Sequence[Row]
    links: Sequence[LinkRows]
    evidence: EvidenceRows


def list_fields(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    """Return the fields of the model's own table, without its key."""
    return [field for field in model._meta.concrete_fields if not field.primary_key]


def list_column_names(model: type[models.Model]) -> list[str]:
    """Return the columns of the model's own table, its key first."""
    return ["id", *(str(field.column) for field in list_fields(model))]


def prepare_batches(
    model: type[Record], drafts: Sequence[RowDraft], *, by: User, at: datetime
) -> list[RowBatch]:
    """Return the drafts in batches; new records have a key and get a reference here."""
    prepare = build_row_preparer(model)
    prepared = []
    for is_new in (True, False):
        for batch in split_batches(draft for draft in drafts if draft.is_new is is_new):
            for draft in batch if is_new else ():
                draft.record.reference = draft.record.reference or model.new_reference()
            changes = {draft.record.pk: draft.evidence for draft in batch if draft.evidence}
            prepared.append(
                RowBatch(
                    is_new,
                    batch,
                    [prepare(draft.record.pk, draft.record) for draft in batch],
                    [_prepare_links(field, batch, is_new=is_new) for field in _many(model)],
                    prepare_evidence(model, changes, by=by, at=at),
                )
            )
    return prepared


def _many(model: type[Record]) -> Sequence[Any]:
    return model._meta.many_to_many


def _prepare_links(field: Any, batch: Sequence[RowDraft], *, is_new: bool) -> LinkRows:
    changed = [draft for draft in batch if field.name in draft.many]
    return LinkRows(
        Links(field),
        () if is_new else [draft.record.pk for draft in changed],
        [(draft.record.pk, target) for draft in changed for target in draft.many[field.name]],
    )


def build_row_preparer(model: type[models.Model]) -> Callable[[int, models.Model], Row]:
    """Return the function that returns the row of an instance with this key."""
    fields = list_fields(model)
    get_values = attrgetter(*[field.attname for field in fields])
    converters = [_build_converters(field) for field in fields]

    def prepare_row(key: int, instance: models.Model) -> Row:
        row: list[object] = [key, *get_values(instance)]
        for place, value in enumerate(row):
            if type(value) not in _STORABLE:
                convert, convert_repeated = converters[place - 1]
                is_repeated = isinstance(value, _REPEATED)
                row[place] = convert_repeated(value) if is_repeated else convert(value)
        return row

    return prepare_row


def _build_converters(
    field: "models.Field[Any, Any]",
) -> tuple[Callable[[object], object], Callable[[object], object]]:
    def convert(value: object) -> object:
        return field.get_db_prep_save(value, connection)

    return convert, cache(convert)


def prepare_evidence(
    model: type[Record], changes: Mapping[int, EvidenceChange], *, by: User, at: datetime
) -> EvidenceRows:
    """Return the links that records, given by key, gain and lose."""
    links = [(key, url) for key, change in changes.items() for url in change.added]
    content_type = ContentType.objects.get_for_model(model)
    # Not bulk_create, which would set ``added_at`` to the clock's time.
    common = Evidence(content_type=content_type, added_by=by, added_at=at)
    columns, prepare = list_column_names(Evidence), build_row_preparer(Evidence)
    row = dict(zip(columns, prepare(0, common), strict=True))
    convert_uuid, _convert_repeated = _build_converters(Evidence._meta.get_field("uuid"))
    keys = reserve_keys(Evidence, len(links))
    added = [
        tuple(
            {
                **row, "id": pk, "uuid": convert_uuid(uuid.uuid4()), "object_id": key, "url": url,
            }.values()
        )
        for pk, (key, url) in zip(keys, links, strict=True)
    ]  # fmt: skip
    removed = {key: change.removed for key, change in changes.items() if change.removed}
    return EvidenceRows(keys, added, removed)
