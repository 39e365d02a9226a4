"""Merging of two records of one thing: one stays, the other leads to it."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from indicators.models import Evidence, HistoryAction, Record, Status
from indicators.models.validation import validate_values
from indicators.safeguarding.detection import find_note_error
from indicators.values.display import display_value
from indicators.workflow.actions import (
    ActionDenied,
    ConcurrentEdit,
    InvalidTransition,
    build_taken_error,
    check_action,
    refuse_closed_years,
)
from indicators.workflow.history import (
    no_automatic_history,
    write_evidence_history,
    write_history,
)
from indicators.workflow.reported_years import find_cited_records, log_cited_changes
from indicators.workflow.transitions import Action, can_view
from strategy.accounts.policy import can_merge_records
from strategy.models import User


def list_merged_columns(model: type[Record]) -> tuple[str, ...]:
    """Return the columns that a merger takes from either record."""
    return (*model.COLUMNS, "notes")


def find_differences(record: Record, other: Record) -> list[str]:
    return [
        name
        for name in list_merged_columns(type(record))
        if display_value(record, name) != display_value(other, name)
    ]


def can_merge(user: User, record: Record) -> bool:
    return (
        can_merge_records(user)
        and can_view(user, record)
        and record.deleted_at is None
        and record.status != Status.WITHDRAWN
    )


def merge_records(
    kept: Record, other: Record, *, taken: Collection[str], note: str, by: User, at: datetime
) -> Record:
    """Merge ``other`` into ``kept``, with the answers of ``other`` in the columns ``taken``.

    Evidence and parts of ``other`` go to ``kept``. ``kept`` stays approved unless an answer
    changes. Both are as the user saw them: raises ConcurrentEdit for another version.
    """
    _check_merger(kept, other, note, by)
    seen = {kept.pk: kept.version, other.pk: other.version}
    try:
        with transaction.atomic():
            records = type(kept).all_objects.select_for_update().filter(pk__in=seen)
            current = {record.pk: record for record in records.order_by("pk")}
            if {key: record.version for key, record in current.items()} != seen:
                raise ConcurrentEdit
            kept, other = current[kept.pk], current[other.pk]
            for record in (kept, other):
                refuse_closed_years(record)
            cited = find_cited_records(type(kept), [kept, other])
            _close(other, kept, note, by, at)
            _move_parts(other, kept, by, at)
            _take_answers(kept, other, taken, by, at)
            _move_evidence(other, kept, by, at)
            log_cited_changes([kept, other], cited, note, by=by, at=at)
    except IntegrityError:
        raise build_taken_error(kept, by) from None
    return kept


def _check_merger(kept: Record, other: Record, note: str, by: User) -> None:
    if type(kept) is not type(other) or kept.pk == other.pk:
        raise InvalidTransition(_("Choose two different records of one kind."))
    if not can_merge(by, kept) or not can_merge(by, other):
        raise ActionDenied(
            _("Only M&E officers merge records, and neither may be withdrawn or deleted.")
        )
    if not note.strip():
        raise InvalidTransition(_("Write why the two records are the same."))
    error = find_note_error(note)
    if error:
        raise InvalidTransition(error)


def _close(other: Record, kept: Record, note: str, by: User, at: datetime) -> None:
    other.status, other.note_on_return = Status.WITHDRAWN, note.strip()
    other.merged_into_id, other.version = kept.pk, other.version + 1
    _save(other)
    type(other).all_objects.filter(models.Q(merged_into=other.pk)).update(merged_into=kept.pk)
    write_history([other], by=by, at=at, act=HistoryAction.MERGED, comment=kept.reference)


def _move_parts(other: Record, kept: Record, by: User, at: datetime) -> None:
    for model, name in _find_part_fields(type(other)):
        parts = list(model.all_objects.select_for_update().filter(**{name: other.pk}))
        model.all_objects.filter(pk__in=[part.pk for part in parts]).update(
            **{name: kept.pk, "version": models.F("version") + 1}
        )
        moved = list(model.all_objects.filter(pk__in=[part.pk for part in parts]))
        write_history(moved, by=by, at=at, act=HistoryAction.CHANGED)


def _find_part_fields(model: type[Record]) -> Iterator[tuple[type[Record], str]]:
    for relation in model._meta.related_objects:
        related: Any = relation.related_model
        if issubclass(related, Record):
            yield related, relation.field.name


def _take_answers(
    kept: Record, other: Record, taken: Collection[str], by: User, at: datetime
) -> None:
    changed = [name for name in find_differences(kept, other) if name in taken]
    many = {}
    for name in changed:
        column: Any = kept._meta.get_field(name)
        if column.many_to_many:
            many[name] = list(getattr(other, name).all())
        else:
            setattr(kept, column.attname, getattr(other, column.attname))
    if changed:
        _check_values(kept, many, at)
        values = check_action(Action.EDIT, kept, by)
        if values:
            kept.status, kept.submitted_at = values["status"], at
        kept.changed_by, kept.changed_at = by, at
    kept.version += 1
    _save(kept)
    with no_automatic_history([kept]):
        for name, rows in many.items():
            getattr(kept, name).set(rows)
    comment = _("“%(reference)s” was merged into this record.") % {"reference": other.reference}
    write_history([kept], by=by, at=at, act=HistoryAction.ABSORBED, comment=comment)


def _check_values(kept: Record, many: dict[str, list[Any]], at: datetime) -> None:
    values = {}
    for name in list_merged_columns(type(kept)):
        if kept._meta.get_field(name).many_to_many:
            values[name] = many.get(name, list(getattr(kept, name).all()))
        else:
            values[name] = getattr(kept, name)
    errors = validate_values(kept.KIND, values, at.date())
    if errors:
        raise InvalidTransition(" ".join(errors.values()))


def _move_evidence(other: Record, kept: Record, by: User, at: datetime) -> None:
    present = {item.url for item in kept.evidence.all()} - {""}
    items = [item for item in other.evidence.all() if item.url not in present]
    if not items:
        return
    write_evidence_history((), items, {other.pk: other.version}, by=by, at=at)
    Evidence.objects.filter(
        pk__in=[item.pk for item in items],
        content_type=ContentType.objects.get_for_model(type(other)),
    ).update(object_id=kept.pk)
    for item in items:
        item.object_id = kept.pk
    write_evidence_history(items, (), {kept.pk: kept.version}, by=by, at=at)


def _save(record: Record) -> None:
    """Write the row, which is locked, without the clock's time in ``changed_at``."""
    columns = [field.attname for field in record._meta.concrete_fields if not field.primary_key]
    type(record).all_objects.filter(pk=record.pk).update(
        **{name: getattr(record, name) for name in columns}
    )
