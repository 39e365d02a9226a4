"""The table of transitions: which action is possible on which records, and for whom.

``actions`` and ``deletion`` check it, pages offer the actions that it allows, queues read their
states from it. Visibility comes before the table: nobody acts on a record that they cannot see.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from indicators.models import Record, Status
from indicators.models.querysets import UNFINISHED
from indicators.models.reading.confidentiality import Audience
from strategy.accounts.policy import (
    can_open_records,
    can_record,
    can_review,
    sees_all_offices,
    sees_confidential_records,
)
from strategy.models import User


def can_view(user: User, record: Record) -> bool:
    """The rule of ``RecordQuerySet.visible_to`` for one record, which is not asked twice."""
    if sees_confidential_records(user) or record.audience == Audience(user):
        return True
    if can_record(user) and user.office_id == record.office_id:
        return True
    if not sees_all_offices(user):
        return False
    return type(record).all_objects.visible_to(user).filter(pk=record.pk).exists()


class Action(StrEnum):
    """An action of a user on a record; the values are part of URLs."""

    EDIT = "edit"
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    DELETE = "delete"
    UNDELETE = "undelete"


class Obstacle(StrEnum):
    """Why a user cannot take an action on a record."""

    PERMISSION = "permission"
    STATUS = "status"
    PERSON = "person"
    EVIDENCE = "evidence"
    NOTE = "note"


def is_second_person(user: User, record: Record) -> bool:
    """Whether the user neither entered nor last changed the record (counting rule 1.2)."""
    return user.pk not in (record.entered_by_id, record.changed_by_id)


def is_not_author(user: User, record: Record) -> bool:
    return user.pk != record.entered_by_id


def is_anyone(_user: User, _record: Record) -> bool:
    return True


@dataclass(frozen=True)
class Transition:
    """One row of the table: an action on records in some states.

    ``target`` is the status after it, None where the status stays. ``was_approved`` restricts the
    row to records that were approved once (True) or never (False). ``person`` compares the user
    with the people who entered and last changed the record.
    """

    action: Action
    sources: frozenset[Status]
    target: Status | None
    permission: Callable[[User], bool] = can_open_records
    person: Callable[[User, Record], bool] = is_anyone
    was_approved: bool | None = None
    is_deleted: bool = False
    needs_note: bool = False
    needs_evidence: bool = False

    def applies_to(self, record: Record) -> bool:
        return (
            record.status in self.sources
            and self.is_deleted == (record.deleted_at is not None)
            and self.was_approved in (None, record.approved_at is not None)
        )


_UNFINISHED = frozenset(UNFINISHED)
_TO_SUBMIT = frozenset({Status.DRAFT, Status.RETURNED})
_SUBMITTED = frozenset({Status.SUBMITTED})
_APPROVED = frozenset({Status.APPROVED})
_WITHDRAWN = frozenset({Status.WITHDRAWN})

TRANSITIONS = (
    Transition(Action.EDIT, _UNFINISHED, None),
    Transition(Action.EDIT, _APPROVED, Status.SUBMITTED),
    Transition(Action.SUBMIT, _TO_SUBMIT, Status.SUBMITTED),
    # Counting rule 1.2: evidence and a second person.
    Transition(
        Action.APPROVE,
        _SUBMITTED,
        Status.APPROVED,
        can_review,
        is_second_person,
        needs_evidence=True,
    ),
    Transition(
        Action.RETURN, _SUBMITTED, Status.RETURNED, can_review, is_not_author, needs_note=True
    ),
    # An approved record changes figures: only a reviewer may take it out of them.
    Transition(Action.WITHDRAW, _APPROVED, Status.WITHDRAWN, can_review, needs_note=True),
    Transition(Action.WITHDRAW, _UNFINISHED, Status.WITHDRAWN, was_approved=True, needs_note=True),
    Transition(Action.RESTORE, _WITHDRAWN, Status.DRAFT),
    # No figure and no report was ever computed from a record that was never approved.
    Transition(Action.DELETE, _UNFINISHED, None, was_approved=False),
    Transition(Action.UNDELETE, _UNFINISHED, None, is_deleted=True),
)


def find_transition(action: Action, record: Record) -> Transition | None:
    """Return the row for the record's present state, None where the action is not possible."""
    rows = (row for row in TRANSITIONS if row.action == action)
    return next((row for row in rows if row.applies_to(record)), None)


def find_obstacle(user: User, action: Action, record: Record) -> Obstacle | None:
    """Return why the user cannot take the action, None where nothing but note or evidence lacks."""
    permissions = [row.permission for row in TRANSITIONS if row.action == action]
    if not can_view(user, record) or not any(may(user) for may in permissions):
        return Obstacle.PERMISSION
    row = find_transition(action, record)
    if row is None:
        return Obstacle.STATUS
    if not row.permission(user):
        return Obstacle.PERMISSION
    return None if row.person(user, record) else Obstacle.PERSON


def can_act(user: User, action: Action, record: Record) -> bool:
    """Whether the user may take the action; its note and the record's evidence are not checked."""
    return find_obstacle(user, action, record) is None


def available_actions(user: User, record: Record, *, has_evidence: bool) -> frozenset[Action]:
    return frozenset(
        row.action
        for row in TRANSITIONS
        if row.applies_to(record)
        and can_act(user, row.action, record)
        and (has_evidence or not row.needs_evidence)
    )


def statuses_before(action: Action) -> frozenset[Status]:
    return frozenset().union(*(row.sources for row in TRANSITIONS if row.action == action))


def needs_note(action: Action) -> bool:
    return any(row.needs_note for row in TRANSITIONS if row.action == action)


DENIALS: Mapping[Action, Promise] = {
    Action.EDIT: gettext_lazy("You may not change this record, or it is withdrawn."),
    Action.SUBMIT: gettext_lazy("You may not submit this record."),
    Action.APPROVE: gettext_lazy("Only managers and M&E officers approve records."),
    Action.RETURN: gettext_lazy("Only managers and M&E officers return records."),
    Action.WITHDRAW: gettext_lazy("You may not withdraw this record."),
    Action.RESTORE: gettext_lazy("Only a withdrawn record can be restored, by who may see it."),
    Action.DELETE: gettext_lazy("You may not delete this record."),
    Action.UNDELETE: gettext_lazy("You may not bring this record back."),
}
"""The sentence when the user may not take an action at all, or not on such a record."""

REFUSALS: Mapping[tuple[Action, Obstacle], Promise] = {
    (Action.SUBMIT, Obstacle.STATUS): gettext_lazy(
        "Only a draft or a returned record can be submitted."
    ),
    (Action.APPROVE, Obstacle.STATUS): gettext_lazy("Only a submitted record can be approved."),
    (Action.APPROVE, Obstacle.PERSON): gettext_lazy(
        "You entered or last changed it: someone else must approve it."
    ),
    (Action.APPROVE, Obstacle.EVIDENCE): gettext_lazy(
        "It has no evidence. Attach a file or a link first."
    ),
    (Action.RETURN, Obstacle.STATUS): gettext_lazy("Only a submitted record can be returned."),
    (Action.RETURN, Obstacle.PERSON): gettext_lazy(
        "You entered it: edit it instead of returning it."
    ),
    (Action.RETURN, Obstacle.NOTE): gettext_lazy("Write a note that says what to correct."),
    (Action.WITHDRAW, Obstacle.NOTE): gettext_lazy("Write why it is withdrawn."),
    (Action.DELETE, Obstacle.STATUS): gettext_lazy(
        "It was approved once, so it is withdrawn, with a reason."
    ),
}
"""The sentences for other obstacles; without one, that of ``DENIALS`` is used."""
