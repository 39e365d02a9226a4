"""Prepared rows written together, inside the caller's transaction.

By the rules of ``indicators.workflow.actions``: each record's version grows by one, and its history
gets one row. The number of statements does not depend on the size of the batch.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext as _

from indicators.import_export.bulk.prepare import (
    EvidenceRows,
    LinkRows,
    RowBatch,
    list_column_names,
)
from indicators.import_export.bulk.sql import (
    copy_evidence_into_history,
    copy_into_history,
    insert_rows,
    upsert_rows,
)
from indicators.import_export.rows.existing import split_batches
from indicators.models import (
    Evidence,
    HistoryAction,
    ImportedRow,
    ImportRun,
    Record,
    Status,
)
from indicators.models.record import list_parent_fields
from indicators.workflow.actions import ConcurrentEdit
from strategy.models import User


def lock_changed(model: type[Record], batches: Sequence[RowBatch], at: datetime) -> None:
    """Lock the records that exist; raise ConcurrentEdit if one changed after the validation."""
    drafts = [draft for batch in batches if not batch.is_new for draft in batch.drafts]
    for some in split_batches(drafts):
        _lock(model, {draft.record.pk: draft.seen_version for draft in some})
    _lock_parents(model, batches)
    remove_unique_values(model, [draft.record.pk for draft in drafts], at)


def _lock_parents(model: type[Record], batches: Sequence[RowBatch]) -> None:
    for field in list_parent_fields(model):
        named = {
            getattr(draft.record, field.attname) for batch in batches for draft in batch.drafts
        }
        for keys in split_batches(named - {None}):
            parents = field.related_model.objects.select_for_update().filter(pk__in=keys)
            if len(parents.values_list("pk")) != len(keys):
                raise ConcurrentEdit(
                    _("A record that others belong to was deleted meanwhile. Nothing was written.")
                )


def write_batch(model: type[Record], batch: RowBatch, *, by: User, at: datetime) -> None:
    """Write a batch of records, which are new or locked."""
    columns = list_column_names(model)
    if batch.is_new:
        insert_rows(model, columns, batch.rows)
    else:
        upsert_rows(model, columns, batch.rows)
    for links in batch.links:
        write_links(links)
    write_evidence(model, batch.evidence, by=by, at=at)
    for act, keys in _group_by_act(batch).items():
        copy_into_history(model, keys, by=by, at=at, act=act)


def _group_by_act(batch: RowBatch) -> Mapping[HistoryAction, Sequence[int]]:
    if batch.is_new:
        return {HistoryAction.CREATED: [draft.record.pk for draft in batch.drafts]}
    again = [draft.record.pk for draft in batch.drafts if draft.was_approved]
    others = [draft.record.pk for draft in batch.drafts if not draft.was_approved]
    acts = {HistoryAction.CHANGED_AGAIN: again, HistoryAction.CHANGED: others}
    return {act: keys for act, keys in acts.items() if keys}


def remove_unique_values(model: type[Record], keys: Collection[int], at: datetime) -> None:
    """Let records exchange values that only one of them may have, such as the year of a budget.

    A deleted record occupies none; the rows written next say that the records are not deleted.
    """
    if any(isinstance(each, models.UniqueConstraint) for each in model._meta.constraints):
        for batch in split_batches(keys):
            model.all_objects.filter(pk__in=batch).update(deleted_at=at)


def log_import_rows(run: ImportRun, batch: RowBatch) -> None:
    rows = (
        (run.pk, draft.record.pk, draft.record.version, batch.is_new, False)
        for draft in batch.drafts
    )
    insert_rows(ImportedRow, ("run_id", "object_id", "version", "is_new", "is_taken_back"), rows)


def approve_all(records: Sequence[Record], *, by: User, at: datetime) -> None:
    for batch in split_batches(records):
        model = type(batch[0])
        _lock(model, {record.pk: record.version for record in batch})
        keys = [record.pk for record in batch]
        model.all_objects.filter(pk__in=keys).update(
            status=Status.APPROVED,
            note_on_return="",
            approved_by=by,
            approved_at=at,
            version=models.F("version") + 1,
        )
        copy_into_history(model, keys, by=by, at=at, act=HistoryAction.APPROVED)


def _lock(model: type[Record], versions: Mapping[int, int | None]) -> None:
    """Lock the records; raise ConcurrentEdit unless each still has its version."""
    records = model.all_objects.filter(pk__in=list(versions)).select_for_update()
    if dict(records.values_list("pk", "version")) != versions:
        raise ConcurrentEdit(
            _("Someone else changed these records meanwhile. Nothing was written.")
        )


def write_links(rows: LinkRows) -> None:
    if rows.owners:
        rows.links.of_records(rows.owners).delete()
    if rows.pairs:
        insert_rows(rows.links.through, (rows.links.owner, rows.links.target), rows.pairs)


def write_evidence(model: type[Record], rows: EvidenceRows, *, by: User, at: datetime) -> None:
    """Add and remove links of records, which have their new versions."""
    if rows.removed:
        content_type = ContentType.objects.get_for_model(model)
        items = Evidence.objects.filter(content_type=content_type, object_id__in=rows.removed)
        removed = [item.pk for item in items if item.url in rows.removed[item.object_id]]
        copy_evidence_into_history(model, removed, by=by, at=at, act=HistoryAction.DELETED)
        Evidence.objects.filter(pk__in=removed).delete()
    if rows.added:
        insert_rows(Evidence, list_column_names(Evidence), rows.added)
        copy_evidence_into_history(model, rows.keys, by=by, at=at, act=HistoryAction.CREATED)
