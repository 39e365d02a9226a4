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
    RowBatch,
    list_column_names,
    list_fields,
    prepare_row,
)
from indicators.import_export.bulk.sql import (
    copy_into_history,
    insert_rows,
    reserve_keys,
    upsert_rows,
)
from indicators.import_export.rows.existing import Links, split_batches
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
from indicators.workflow.history import EvidenceChange, write_evidence_history
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
    for field in model._meta.many_to_many:
        _write_links(Links(field), field.name, batch)
    versions = {draft.record.pk: draft.record.version for draft in batch.drafts}
    changes = {draft.record.pk: draft.evidence for draft in batch.drafts}
    write_evidence_links(model, changes, versions, by=by, at=at)
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


def _write_links(links: Links, name: str, batch: RowBatch) -> None:
    changed = [draft for draft in batch.drafts if name in draft.many]
    if not batch.is_new and changed:
        owners = [draft.record.pk for draft in changed]
        links.of_records(owners).delete()
    pairs = [(draft.record.pk, target) for draft in changed for target in draft.many[name]]
    if pairs:
        insert_rows(links.through, (links.owner, links.target), pairs)


def write_evidence_links(
    model: type[Record],
    changes: Mapping[int, EvidenceChange],
    versions: Mapping[int, int],
    *,
    by: User,
    at: datetime,
) -> None:
    """Add and remove links of records, given by key; ``versions`` are the records' new ones."""
    content_type = ContentType.objects.get_for_model(model)
    links = [(key, url) for key, change in changes.items() for url in change.added]
    added = [
        Evidence(pk=pk, content_type=content_type, object_id=key, url=url, added_by=by, added_at=at)
        for pk, (key, url) in zip(reserve_keys(Evidence, len(links)), links, strict=True)
    ]
    owners = [key for key, change in changes.items() if change.removed]
    items = Evidence.objects.filter(content_type=content_type, object_id__in=owners)
    removed = [item for item in items if item.url in changes[item.object_id].removed]
    Evidence.objects.filter(pk__in=[item.pk for item in removed]).delete()
    if added:
        columns = list_fields(Evidence)
        rows = [prepare_row(item.pk, item, columns) for item in added]
        # Not bulk_create, which would set ``added_at`` to the clock's time.
        insert_rows(Evidence, list_column_names(Evidence), rows)
    write_evidence_history(added, removed, versions, by=by, at=at)
