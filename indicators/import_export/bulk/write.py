"""Prepared rows written all together, by the rules that ``indicators.workflow.actions`` has for
one record.

Each record takes one step of version and gets one row of history, many-to-many values included;
what is written costs a few statements a batch, however many records the batch has.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.utils.translation import gettext as _

from indicators.import_export.bulk.prepare import BulkWriter, RowBatch, columns_of
from indicators.import_export.bulk.sql import copy_into_history, insert_rows, upsert_rows
from indicators.import_export.rows.existing import Links, batches
from indicators.models import Evidence, ImportedRow, ImportRun, Record, Status
from indicators.workflow.actions import ConcurrentEdit
from strategy.models import User


def write_batches(
    prepared: BulkWriter, keys: Sequence[int], *, by: User, at: datetime
) -> Iterator[tuple[RowBatch, Sequence[int]]]:
    """Write the batches, in a transaction that the caller opened; each with the keys it has now.

    ``keys`` are reserved for the new records. Raises ConcurrentEdit when a record is no longer the
    one that its row was made from.
    """
    taken = 0
    for batch in prepared:
        if batch.is_new:
            own = keys[taken : taken + len(batch.rows)]
            taken += len(batch.rows)
        else:
            own = batch.keys
        _write_rows(prepared.model, batch, own)
        for name in prepared.many:
            _write_links(Links(prepared.model._meta.get_field(name)), name, batch, own)
        _write_evidence(prepared.model, batch, own, by=by, at=at)
        reasons = dict(zip(own, batch.reasons, strict=True))
        copy_into_history(prepared.model, reasons, by=by, at=at, sort="+" if batch.is_new else "~")
        yield batch, own


def log_import_rows(run: ImportRun, batch: RowBatch, keys: Sequence[int]) -> None:
    """Keep which records the batch made or changed, and the version that each has now."""
    versions = [1] * len(keys) if batch.is_new else [seen + 1 for seen in batch.versions]
    rows = (
        (run.pk, key, version, batch.is_new, False)
        for key, version in zip(keys, versions, strict=True)
    )
    insert_rows(ImportedRow, ("run_id", "object_id", "version", "is_new", "is_taken_back"), rows)


def approve_all(records: Sequence[Record], *, by: User, at: datetime) -> None:
    """Approve records that the person may approve, in a transaction that the caller opened."""
    for batch in batches(records):
        model = type(batch[0])
        _claim(model, {record.pk: record.version for record in batch})
        _rows(model, [record.pk for record in batch]).update(
            status=Status.APPROVED,
            note_on_return="",
            approved_by=by,
            approved_at=at,
            version=models.F("version") + 1,
        )
        reasons = {record.pk: "" for record in batch}
        copy_into_history(model, reasons, by=by, at=at, sort="~")


def _rows(model: type[Record], keys: Sequence[int]) -> models.QuerySet[Any]:
    return model.all_objects.filter(pk__in=keys)


def _claim(model: type[Record], versions: Mapping[int, int]) -> None:
    """Lock the records; raise ConcurrentEdit unless each is still of its version."""
    there = _rows(model, list(versions)).select_for_update().values_list("pk", "version")
    if dict(there) != versions:
        raise ConcurrentEdit(
            _("Someone else changed these records meanwhile. Nothing was written.")
        )


def _write_rows(model: type[Record], batch: RowBatch, keys: Sequence[int]) -> None:
    columns = ["id", *(column.column for column in columns_of(model))]
    rows = ((key, *row) for key, row in zip(keys, batch.rows, strict=True))
    if batch.is_new:
        insert_rows(model, columns, rows)
    else:
        _claim(model, dict(zip(batch.keys, batch.versions, strict=True)))
        upsert_rows(model, columns, rows)


def _write_links(links: Links, name: str, batch: RowBatch, keys: Sequence[int]) -> None:
    """Bring a column of several values to what the records want where it changes."""
    changed = [keys[place] for place in batch.relinked[name]]
    if changed:
        links.of_records(changed).delete()
    pairs = ((keys[place], target) for place, target in batch.links[name])
    if batch.links[name]:
        insert_rows(links.through, (links.owner, links.target), pairs)


def _write_evidence(
    model: type[Record], batch: RowBatch, keys: Sequence[int], *, by: User, at: datetime
) -> None:
    evidence = EvidenceLinkWriter(model, by=by, at=at)
    evidence.add = [(keys[place], url) for place, url in batch.added]
    evidence.remove = {(keys[place], url) for place, url in batch.removed}
    evidence.write()


class EvidenceLinkWriter:
    """Links to add to records of a kind and to take away from them: pairs of key and address."""

    def __init__(self, model: type[Record], *, by: User, at: datetime) -> None:
        self.model, self.by, self.at = model, by, at
        self.add: list[tuple[int, str]] = []
        self.remove: set[tuple[int, str]] = set()

    def write(self) -> None:
        kind = ContentType.objects.get_for_model(self.model)
        if self.remove:
            items = Evidence.objects.filter(
                content_type=kind, object_id__in={key for key, _url in self.remove}
            ).values_list("pk", "object_id", "url")
            found = [item for item, key, url in items if (key, url) in self.remove]
            Evidence.objects.filter(pk__in=found).delete()
        if self.add:
            insert_rows(Evidence, self._COLUMNS, self._rows(kind.pk))

    _COLUMNS = (
        *("uuid", "content_type_id", "object_id", "url", "file", "name"),
        *("added_by_id", "added_at"),
    )

    def _rows(self, kind: int) -> Iterator[tuple[Any, ...]]:
        meta: Any = Evidence._meta
        when = meta.get_field("added_at").get_db_prep_save(self.at, connection)
        name = meta.get_field("uuid").get_db_prep_save
        for key, url in self.add:
            yield name(uuid.uuid4(), connection), kind, key, url, "", "", self.by.pk, when
