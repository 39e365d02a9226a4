"""Drafts written all together, by the rules that ``indicators.workflow`` has for one record.

Each record takes one step of version and gets one row of history, many-to-many values included;
what is written costs a few queries a batch, however many records the batch has.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext as _

from indicators.exchange.cells import Cell, WordsCell
from indicators.exchange.known import Links, batches
from indicators.exchange.resources import Draft
from indicators.exchange.statements import copy_into_history, insert_links
from indicators.history import EvidenceChange
from indicators.models import Evidence, Record, Status
from indicators.workflow import StaleRecord
from strategy.models import User


def store(drafts: Sequence[Draft], cells: Mapping[str, Cell], *, by: User, at: datetime) -> None:
    """Write the drafts, in a transaction that the caller opened.

    Raises StaleRecord when a record is no longer the one that its draft was made from.
    """
    for is_new in (True, False):
        for batch in batches(draft for draft in drafts if draft.is_new is is_new):
            records = [draft.record for draft in batch]
            if is_new:
                _create(records, at)
            else:
                _change(batch, at)
            for name, cell in cells.items():
                if isinstance(cell, WordsCell):
                    _store_links(Links(cell.field), name, batch)
            reasons = _store_evidence(batch, by)
            copy_into_history(records, reasons, by=by, at=at, is_new=is_new)


def approve_all(records: Sequence[Record], *, by: User, at: datetime) -> None:
    """Approve records that the person may approve, in a transaction that the caller opened."""
    for batch in batches(records):
        _claim(batch, {record.pk: record.version for record in batch})
        for record in batch:
            record.status, record.note_on_return = Status.APPROVED, ""
            record.approved_by, record.approved_at = by, at
            record.version += 1
        _rows(batch).update(
            status=Status.APPROVED,
            note_on_return="",
            approved_by=by,
            approved_at=at,
            version=models.F("version") + 1,
        )
        copy_into_history(batch, {}, by=by, at=at, is_new=False)


def _rows(records: Sequence[Record]) -> models.QuerySet[Any]:
    keys = [record.pk for record in records]
    return type(records[0])._base_manager.filter(pk__in=keys)


def _claim(records: Sequence[Record], versions: Mapping[int, int | None]) -> None:
    """Lock the records; raise StaleRecord unless each is still of its version."""
    if dict(_rows(records).select_for_update().values_list("pk", "version")) != versions:
        raise StaleRecord(_("Someone else changed these records meanwhile. Nothing was written."))


def _create(records: Sequence[Record], at: datetime) -> None:
    for record in records:
        record.reference = record.reference or record.new_reference()
    type(records[0])._base_manager.bulk_create(records)
    # These columns take the clock's time by themselves.
    _rows(records).update(entered_at=at, changed_at=at)
    for record in records:
        record.entered_at = record.changed_at = at


def _change(batch: Sequence[Draft], at: datetime) -> None:
    """Write the records whole: one statement a batch, where ``bulk_update`` compares row by row."""
    records = [draft.record for draft in batch]
    _claim(records, {draft.record.pk: draft.seen_version for draft in batch})
    entered = [record.entered_at for record in records]
    meta = type(records[0])._meta
    columns = [field.name for field in meta.concrete_fields if not field.primary_key]
    columns.remove("entered_at")
    manager: Any = type(records[0])._base_manager
    manager.bulk_create(records, update_conflicts=True, unique_fields=["pk"], update_fields=columns)
    _rows(records).update(changed_at=at)
    for record, entered_at in zip(records, entered, strict=True):
        record.entered_at, record.changed_at = entered_at, at


def _store_links(links: Links, name: str, batch: Sequence[Draft]) -> None:
    """Bring a column of several values to what the drafts want where it changes."""
    drafts = [draft for draft in batch if name in draft.many]
    changed = [draft.record.pk for draft in drafts if not draft.is_new]
    if changed:
        links.through._base_manager.filter(**{f"{links.owner}__in": changed}).delete()
    pairs = ((draft.record.pk, target) for draft in drafts for target in draft.many[name])
    for some in batches(pairs):
        insert_links(links.through, (links.owner, links.target), some)


def _store_evidence(batch: Sequence[Draft], by: User) -> dict[int, str]:
    """Bring the links to evidence to what the drafts want; key of a record -> what changed."""
    kind = ContentType.objects.get_for_model(type(batch[0].record))
    wanted = {draft.record.pk: draft for draft in batch if draft.links is not None}
    there: dict[int, dict[str, int]] = {key: {} for key in wanted}
    changed = [key for key, draft in wanted.items() if not draft.is_new]
    if changed:
        items = Evidence.objects.filter(content_type=kind, object_id__in=changed).exclude(url="")
        for item, key, url in items.values_list("pk", "object_id", "url"):
            there[key][url] = item
    gone: list[int] = []
    added: list[Evidence] = []
    reasons: dict[int, str] = {}
    for key, draft in wanted.items():
        links = draft.links or ()
        new = [url for url in links if url not in there[key]]
        old = {url: item for url, item in there[key].items() if url not in links}
        gone += old.values()
        added += [
            Evidence(content_type_id=kind.pk, object_id=key, url=url, added_by_id=by.pk)
            for url in new
        ]
        change = EvidenceChange(added=tuple(new), removed=tuple(old))
        reasons[key] = change.as_text()
    Evidence.objects.filter(pk__in=gone).delete()
    Evidence.objects.bulk_create(added)
    return reasons
