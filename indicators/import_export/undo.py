"""Undo of an import, for a day: new records are deleted, changed ones get their former values.

Records that were changed after the import stay, and are listed: their version differs from that of
the import.

New records are deleted permanently, unlike those that a user deletes: a corrected file has the same
references, which a hidden record would occupy for 30 days. Their values remain in their history.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, IntegrityError, models, transaction
from django.utils.translation import gettext as _

from indicators.counting.registry import RECORD_SOURCES
from indicators.import_export.bulk.prepare import (
    LinkRows,
    build_row_preparer,
    list_column_names,
    prepare_evidence,
)
from indicators.import_export.bulk.sql import (
    copy_evidence_into_history,
    copy_into_history,
    upsert_rows,
)
from indicators.import_export.bulk.write import remove_unique_values, write_evidence, write_links
from indicators.import_export.rows.existing import Links, split_batches
from indicators.models import Evidence, HistoryAction, ImportedRow, ImportRun, Record
from indicators.models.record import list_parent_fields
from indicators.workflow.actions import (
    ConcurrentEdit,
    InvalidTransition,
)
from indicators.workflow.history import (
    NO_EVIDENCE_CHANGE,
    EvidenceChange,
    load_evidence_changes,
)
from indicators.workflow.reported_years import (
    find_cited_records,
    find_closed_dates,
    list_date_columns,
    load_closed_years,
    log_cited_changes,
)
from strategy.choices import RecordKind
from strategy.models import User

LIFETIME = timedelta(hours=24)


@dataclass(frozen=True)
class UndoBlocker:
    """A record that stays unchanged, with the reason; None when it no longer exists."""

    record: Record | None
    why: str


def can_undo(run: ImportRun, at: datetime) -> bool:
    return run.undone_at is None and at - run.at <= LIFETIME


def imported_model(run: ImportRun) -> type[Record]:
    return RECORD_SOURCES[RecordKind(run.kind)].model


def find_undo_blockers(run: ImportRun) -> list[UndoBlocker]:
    """Return the records of the import that an undo leaves, or left, unchanged."""
    model, blockers = imported_model(run), []
    for batch in split_batches(run.rows.filter(is_taken_back=False).iterator()):
        reasons = _find_reasons(model, batch)
        records = model.all_objects.in_bulk(list(reasons))
        blockers += [UndoBlocker(records.get(key), why) for key, why in reasons.items()]
    return blockers


def _find_reasons(model: type[Record], rows: Sequence[ImportedRow]) -> dict[int, str]:
    """Return why records cannot be restored, by their keys; no entry for those that can."""
    keys = [row.object_id for row in rows]
    versions = dict(model.all_objects.filter(pk__in=keys).values_list("pk", "version"))
    used = _find_used(model, [row.object_id for row in rows if row.is_new])
    orphans = _find_orphans(model, {row.object_id: row.version for row in rows if not row.is_new})
    reasons = {}
    for row in rows:
        if row.object_id not in versions:
            reasons[row.object_id] = _("It is there no more.")
        elif versions[row.object_id] != row.version:
            reasons[row.object_id] = _("It was edited, approved or returned since.")
        elif row.object_id in used:
            reasons[row.object_id] = _("Other records belong to it.")
        elif row.object_id in orphans:
            reasons[row.object_id] = _("The record that it belonged to was deleted.")
    return _find_closed(model, keys) | reasons


def _find_closed(model: type[Record], keys: Sequence[int]) -> dict[int, str]:
    closed = load_closed_years()
    if not closed:
        return {}
    errors = {
        record.pk: find_closed_dates({name: getattr(record, name) for name in names}, closed)
        for names in [list_date_columns(model)]
        for record in model.all_objects.filter(pk__in=keys)
    }
    return {key: next(iter(found.values())) for key, found in errors.items() if found}


def _find_used(model: type[Record], keys: Sequence[int]) -> set[int]:
    used: set[int] = set()
    for relation in model._meta.related_objects:
        related: Any = relation.related_model
        if issubclass(related, Record):
            name = relation.field.attname
            users = related.all_objects.filter(**{f"{name}__in": keys})
            used |= set(users.values_list(name, flat=True))
    return used


def _find_orphans(model: type[Record], changed: dict[int, int]) -> set[int]:
    """Return the records whose former values name a record that was deleted."""
    orphans: set[int] = set()
    fields = list_parent_fields(model)
    formers = _load_formers(model, changed) if fields else {}
    for field in fields:
        named = {key: getattr(former, field.attname) for key, former in formers.items()}
        alive = field.related_model.objects.filter(pk__in=set(named.values()))
        parents = {None, *alive.values_list("pk", flat=True)}
        orphans |= {key for key, parent in named.items() if parent not in parents}
    return orphans


def undo(run: ImportRun, *, by: User, at: datetime) -> int:
    """Undo the import where possible; return the number of records left unchanged.

    Raises InvalidTransition after a day, ConcurrentEdit when the import was undone already.
    """
    if at - run.at > LIFETIME:
        raise InvalidTransition(_("An import can be taken back for 24 hours, and these are over."))
    model, left = imported_model(run), 0
    try:
        with transaction.atomic():
            waiting = ImportRun.objects.filter(pk=run.pk, undone_at=None)
            if not waiting.update(undone_at=at, undone_by=by):
                raise ConcurrentEdit(_("This import was taken back already."))
            for rows in split_batches(list(run.rows.all())):
                left += _undo_batch(model, rows, by, at)
    except IntegrityError:
        raise ConcurrentEdit(
            _(
                "Another record has a reference, name or year now that the import gave up. "
                "Nothing was taken back. Change that record first, or import the former values "
                "as a file."
            )
        ) from None
    return left


def _undo_batch(model: type[Record], rows: Sequence[ImportedRow], by: User, at: datetime) -> int:
    keys = [row.object_id for row in rows]
    # Lock the records: their versions are compared below.
    list(model.all_objects.select_for_update().filter(pk__in=keys).values_list("pk"))
    reasons = _find_reasons(model, rows)
    new = [row.object_id for row in rows if row.is_new and row.object_id not in reasons]
    changed = {
        row.object_id: row.version
        for row in rows
        if not row.is_new and row.object_id not in reasons
    }
    if new:
        _delete(model, new, by, at)
    formers = _load_formers(model, changed)
    if formers:
        _restore(model, formers, changed, by, at)
        _log_cited(model, formers, by, at)
    done = {*new, *formers}
    ImportedRow.objects.filter(pk__in=[row.pk for row in rows if row.object_id in done]).update(
        is_taken_back=True
    )
    return len(rows) - len(done)


def _delete(model: type[Record], keys: Sequence[int], by: User, at: datetime) -> None:
    copy_into_history(model, keys, by=by, at=at, act=HistoryAction.DELETED)
    content_type = ContentType.objects.get_for_model(model)
    items = Evidence.objects.filter(content_type=content_type, object_id__in=keys)
    evidence = list(items.values_list("pk", flat=True))
    copy_evidence_into_history(model, evidence, by=by, at=at, act=HistoryAction.DELETED)
    items.delete()
    for field in model._meta.many_to_many:
        Links(field).of_records(keys).delete()
    # Without signals: each would write a row of history of its own.
    model.all_objects.filter(pk__in=keys)._raw_delete(DEFAULT_DB_ALIAS)


def _load_formers(model: type[Record], changed: dict[int, int]) -> dict[int, Any]:
    history = model.history.model
    versions = history.objects.filter(id__in=changed).values_list("history_id", "id", "version")
    pks = [pk for pk, key, version in versions if version == changed[key] - 1]
    return {row.id: row for row in history.objects.filter(pk__in=pks)}


def _restore(
    model: type[Record], formers: dict[int, Any], changed: dict[int, int], by: User, at: datetime
) -> None:
    rows = list(_build_former_rows(model, formers, changed, by, at))
    remove_unique_values(model, list(formers), at)
    upsert_rows(model, list_column_names(model), rows)
    for field in model._meta.many_to_many:
        _restore_links(model, field, formers)
    _restore_evidence(model, formers, changed, by, at)
    copy_into_history(model, formers, by=by, at=at, act=HistoryAction.IMPORT_UNDONE)


def _log_cited(model: type[Record], keys: Collection[int], by: User, at: datetime) -> None:
    restored = list(model.all_objects.filter(pk__in=keys))
    cited = find_cited_records(model, restored)
    log_cited_changes(restored, cited, _("The import was taken back."), by=by, at=at)


def _build_former_rows(
    model: type[Record],
    formers: dict[int, Any],
    changed: dict[int, int],
    by: User,
    at: datetime,
) -> Iterator[Sequence[object]]:
    prepare = build_row_preparer(model)
    tracked = [field.attname for field in model.history.model.tracked_fields]
    for key, former in formers.items():
        record = model(**{name: getattr(former, name) for name in tracked})
        record.version, record.changed_by_id, record.changed_at = changed[key] + 1, by.pk, at
        yield prepare(key, record)


def _restore_links(model: type[Record], field: Any, formers: dict[int, Any]) -> None:
    links = Links(field)
    link_history: Any = getattr(model.history.model, field.name).model
    pks = [former.pk for former in formers.values()]
    former_links = link_history.objects.filter(history_id__in=pks).order_by("pk")
    pairs = list(former_links.values_list(links.owner, links.target))
    write_links(LinkRows(links, list(formers), pairs))


def _restore_evidence(
    model: type[Record], formers: dict[int, Any], changed: dict[int, int], by: User, at: datetime
) -> None:
    changes = load_evidence_changes(model, formers.keys())
    reversals = {}
    for key in formers:
        change = changes.get(key, {}).get(changed[key], NO_EVIDENCE_CHANGE)
        reversals[key] = EvidenceChange(added=change.removed, removed=change.added)
    write_evidence(model, prepare_evidence(model, reversals, by=by, at=at), by=by, at=at)


def all_runs() -> models.QuerySet[ImportRun]:
    return ImportRun.objects.select_related("owner", "undone_by")
