"""Deletion of records that were never approved; it can be undone for 30 days.

Only ``purge``, which a command calls, removes them permanently.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators.counting.registry import RECORD_SOURCES
from indicators.models import HistoryAction, Record
from indicators.models.record import list_parent_fields
from indicators.workflow.actions import (
    InvalidTransition,
    apply_transition,
    build_taken_error,
    check_action,
)
from indicators.workflow.evidence import delete_files
from indicators.workflow.history import delete_evidence_history
from indicators.workflow.transitions import Action
from strategy.models import User

R = TypeVar("R", bound=Record)

UNDO_PERIOD = timedelta(days=30)
"""How long a deletion can be undone."""

MAX_NAMED = 3


def delete(record: R, *, by: User, at: datetime, seen_version: int | None = None) -> R:
    check_action(Action.DELETE, record, by)
    with transaction.atomic():
        # A record that is saved as a part of this one locks it too.
        list(type(record).all_objects.select_for_update().filter(pk=record.pk).values_list("pk"))
        _refuse_to_orphan(record, by)
        deletion = {"deleted_at": at, "deleted_by": by}
        return apply_transition(record, by, at, seen_version, deletion, HistoryAction.DELETED)


def restore_deleted(record: R, *, by: User, at: datetime, seen_version: int | None = None) -> R:
    check_action(Action.UNDELETE, record, by)
    if record.deleted_at is None or at - record.deleted_at > UNDO_PERIOD:
        raise InvalidTransition(
            _("It was deleted more than 30 days ago, and cannot be brought back.")
        )
    for parent in _load_parents(record):
        if parent.deleted_at is not None:
            sentence = _("It belongs to “%(name)s”, which is deleted too. Bring that back first.")
            raise InvalidTransition(sentence % {"name": parent.name})
    try:
        deletion = {"deleted_at": None, "deleted_by": None}
        return apply_transition(record, by, at, seen_version, deletion, HistoryAction.UNDELETED)
    except IntegrityError:
        raise build_taken_error(record, by) from None


def purge(at: datetime) -> int:
    """Remove permanently what was deleted more than 30 days ago and not named by other records."""
    removed = 0
    # Delete children before parents: RECORD_SOURCES lists parents first.
    for source in reversed(list(RECORD_SOURCES.values())):
        for record in source.model.all_objects.filter(deleted_at__lt=at - UNDO_PERIOD).order_by(
            "pk"
        ):
            removed += _purge(record)
    return removed


def _purge(record: Record) -> int:
    items = [item for item in record.evidence.all() if item.file]
    key = record.pk
    history = type(record).history
    try:
        with transaction.atomic():
            record.delete()
            history.model.objects.filter(id=key).delete()
            delete_evidence_history(type(record), [key])
            transaction.on_commit(lambda: delete_files(items))
    except ProtectedError:
        return 0
    return 1


def _refuse_to_orphan(record: Record, by: User) -> None:
    children = list(_find_child_records(record, by))
    named = [f"“{child.name}”" for seen, _hidden in children for child in seen]
    if len(named) > MAX_NAMED:
        named[MAX_NAMED:] = ["…"]
    hidden = sum(number for _seen, number in children)
    if hidden:
        elsewhere = ngettext(
            "%(number)s record of another office, which you may not open",
            "%(number)s records of other offices, which you may not open",
            hidden,
        )
        named.append(elsewhere % {"number": hidden})
    if named:
        sentence = _("Other records belong to it: %(names)s. Delete or change those first.")
        raise InvalidTransition(sentence % {"names": get_text_list(named, _("and"))})


def _find_child_records(record: Record, by: User) -> Iterator[tuple[Sequence[Record], int]]:
    """Yield by kind the first records that name this one, and how many ``by`` may not see."""
    for relation in record._meta.related_objects:
        model = relation.related_model
        if issubclass(model, Record):
            parts = model.objects.filter(**{relation.field.name: record.pk})
            seen = parts.visible_to(by)
            hidden = parts.count() - seen.count()
            yield list(seen.order_by("pk")[: MAX_NAMED + 1]), hidden


def _load_parents(record: Record) -> Iterator[Record]:
    for field in list_parent_fields(type(record)):
        parent = getattr(record, field.name)
        if parent is not None:
            yield parent
