"""Who may do what with a record, on top of the policy of roles."""

from indicators.models import Record, Status
from strategy.accounts.policy import can_record, can_review, sees_all_offices
from strategy.models import User


def can_view(user: User, record: Record) -> bool:
    """The rule of ``RecordQuerySet.visible_to`` for one record."""
    if sees_all_offices(user):
        return True
    return can_record(user) and user.office_id == record.office_id


def can_edit(user: User, record: Record) -> bool:
    is_there = record.deleted_at is None and record.status != Status.WITHDRAWN
    return can_view(user, record) and is_there


def can_submit(user: User, record: Record) -> bool:
    return can_edit(user, record) and record.status in (Status.DRAFT, Status.RETURNED)


def is_second_person(user: User, record: Record) -> bool:
    """Whether the person neither entered nor last changed the record (counting rule 1.2)."""
    return user.pk not in (record.entered_by_id, record.changed_by_id)


def can_approve(user: User, record: Record) -> bool:
    is_submitted = record.status == Status.SUBMITTED
    return can_review(user) and is_submitted and is_second_person(user, record)


def can_return(user: User, record: Record) -> bool:
    """What one entered oneself is edited, not returned."""
    is_submitted = record.status == Status.SUBMITTED
    return can_review(user) and is_submitted and user.pk != record.entered_by_id


def can_delete(user: User, record: Record) -> bool:
    """Only what was never approved: no figure and no report was ever computed from it."""
    return can_edit(user, record) and record.approved_at is None


def can_restore_deleted(user: User, record: Record) -> bool:
    return can_view(user, record) and record.deleted_at is not None


def can_withdraw(user: User, record: Record) -> bool:
    """An approved record changes figures: only who approves may take it out of them."""
    is_theirs = record.status != Status.APPROVED or can_review(user)
    return can_edit(user, record) and record.approved_at is not None and is_theirs


def can_restore(user: User, record: Record) -> bool:
    return can_view(user, record) and record.status == Status.WITHDRAWN
