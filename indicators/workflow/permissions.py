"""Who may do what with which records; which roles may open a screen is the project's policy."""

from typing import Any

from django.db.models import QuerySet

from indicators.counting.registry import RECORD_SOURCES
from indicators.models import Record, Status
from strategy.choices import RecordKind, Role
from strategy.models import User

OWN_OFFICE = frozenset({Role.STAFF})
EVERY_OFFICE = frozenset({Role.MANAGER, Role.OFFICER})
RECORDERS = OWN_OFFICE | EVERY_OFFICE
"""The roles that enter, edit and submit records."""
REVIEWERS = EVERY_OFFICE
"""The roles that approve and return what others entered."""


def visible_records(user: User, kind: RecordKind) -> QuerySet[Any]:
    """The records of the kind that the person may know of; for them no other exists."""
    return _of_offices(user, RECORD_SOURCES[kind].model._default_manager.all())


def deleted_records(user: User, kind: RecordKind) -> QuerySet[Any]:
    """The deleted ones among the records of the kind that the person might know of."""
    return _of_offices(user, RECORD_SOURCES[kind].model._base_manager.exclude(deleted_at=None))


def _of_offices(user: User, records: QuerySet[Any]) -> QuerySet[Any]:
    if user.role in EVERY_OFFICE:
        return records
    if user.role in OWN_OFFICE and user.office_id is not None:
        return records.filter(office=user.office_id)
    return records.none()


def sees_every_office(user: User) -> bool:
    return user.role in EVERY_OFFICE


def can_record(user: User) -> bool:
    """Whether the person may enter records: they then belong to the person's office."""
    return user.role in RECORDERS and user.office_id is not None


def can_view(user: User, record: Record) -> bool:
    """The rule of ``visible_records`` for one record."""
    if user.role in EVERY_OFFICE:
        return True
    return user.role in OWN_OFFICE and user.office_id == record.office_id


def can_edit(user: User, record: Record) -> bool:
    is_there = record.deleted_at is None and record.status != Status.WITHDRAWN
    return user.role in RECORDERS and can_view(user, record) and is_there


def can_submit(user: User, record: Record) -> bool:
    return can_edit(user, record) and record.status in (Status.DRAFT, Status.RETURNED)


def is_second_person(user: User, record: Record) -> bool:
    """Whether the person neither entered nor last changed the record (counting rule 1.2)."""
    return user.pk not in (record.entered_by_id, record.changed_by_id)


def can_approve(user: User, record: Record) -> bool:
    return (
        user.role in REVIEWERS
        and record.status == Status.SUBMITTED
        and is_second_person(user, record)
    )


def can_return(user: User, record: Record) -> bool:
    """What one entered oneself is edited, not returned."""
    return (
        user.role in REVIEWERS
        and record.status == Status.SUBMITTED
        and user.pk != record.entered_by_id
    )


def can_delete(user: User, record: Record) -> bool:
    """Only what was never approved: no figure and no report was ever computed from it."""
    return can_edit(user, record) and record.approved_at is None


def can_restore_deleted(user: User, record: Record) -> bool:
    return user.role in RECORDERS and can_view(user, record) and record.deleted_at is not None


def can_withdraw(user: User, record: Record) -> bool:
    """An approved record changes figures: only who approves may take it out of them."""
    is_theirs = record.status != Status.APPROVED or user.role in REVIEWERS
    return can_edit(user, record) and record.approved_at is not None and is_theirs


def can_restore(user: User, record: Record) -> bool:
    return user.role in RECORDERS and can_view(user, record) and record.status == Status.WITHDRAWN
