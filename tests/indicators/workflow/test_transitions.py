"""Every action from every status by every role, compared with the table of transitions."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from indicators.models import Event, Status
from indicators.workflow import actions, deletion
from indicators.workflow.queues import awaiting_another_reviewer, awaiting_review
from indicators.workflow.transitions import (
    TRANSITIONS,
    Action,
    available_actions,
    can_act,
    find_transition,
    statuses_before,
)
from strategy.choices import Role
from strategy.models import User
from tests.factories import make_record, make_user

AT = datetime(2019, 9, 2, 14, 30, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def save_with_other_title(record: Event, *, by: User, at: datetime) -> Event:
    record.title = "Another title"
    return actions.save_record(record, by=by, at=at)


ACTIONS: Mapping[Action, Callable[..., Event]] = {
    Action.EDIT: save_with_other_title,
    Action.SUBMIT: actions.submit,
    Action.APPROVE: actions.approve,
    Action.RETURN: partial(actions.return_record, note="Which month?"),
    Action.WITHDRAW: partial(actions.withdraw, note="Entered twice"),
    Action.RESTORE: actions.restore,
    Action.DELETE: deletion.delete,
    Action.UNDELETE: deletion.restore_deleted,
}


class Undone(Exception):
    """Rolls an action back."""


def status_after(action: Action, key: int, user: User) -> str | None:
    """Return the record's status after the action, which is rolled back; None if refused."""
    status = None
    try:
        with transaction.atomic():
            record = ACTIONS[action](Event.all_objects.get(pk=key), by=user, at=AT)
            status = record.status
            raise Undone
    except Undone:
        return status
    except actions.WorkflowError:
        return None


def status_by_table(action: Action, record: Event, user: User, *, is_visible: bool) -> str | None:
    """Return the status that the rows of the table lead to; None where no row matches."""
    rows = [
        row
        for row in TRANSITIONS
        if row.action == action
        and record.status in row.sources
        and row.is_deleted == bool(record.deleted_at)
        and row.was_approved in (None, bool(record.approved_at))
        and row.permission(user)
        and row.person(user, record)
    ]
    assert len(rows) <= 1
    return (rows[0].target or record.status) if rows and is_visible else None


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("action", Action)
def test_an_action_is_possible_exactly_where_the_table_says_so(
    action: Action, status: Status
) -> None:
    author = make_user(Role.STAFF)
    neighbours = [make_user(role) for role in (*Role, None)]
    stranger, far_manager = make_user(Role.STAFF, "dakar"), make_user(Role.MANAGER, "dakar")
    sees = {user.pk: user.role in (Role.STAFF, Role.MANAGER, Role.OFFICER) for user in neighbours}
    sees |= {author.pk: True, stranger.pk: False, far_manager.pk: True}
    for entered_by in (author, neighbours[1]):
        for states in ({}, {"approved_at": AT}, {"deleted_at": AT}):
            record = make_record("event", status=status, entered_by=entered_by, evidence=1)
            values: dict[str, Any] = {"approved_at": None} | states
            Event.objects.filter(pk=record.pk).update(**values)
            record = Event.all_objects.get(pk=record.pk)
            for user in (author, *neighbours, stranger, far_manager):
                expected = status_by_table(action, record, user, is_visible=sees[user.pk])
                assert status_after(action, record.pk, user) == expected, (user.role, states)
                assert can_act(user, action, record) == (expected is not None)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.DRAFT, {"edit", "submit", "delete"}),
        (Status.RETURNED, {"edit", "submit", "delete"}),
        (Status.SUBMITTED, {"edit", "delete", "approve", "return"}),
        (Status.APPROVED, {"edit", "withdraw"}),
        (Status.WITHDRAWN, {"restore"}),
    ],
)
def test_the_buttons_of_a_second_manager(status: Status, expected: set[str]) -> None:
    record, manager = make_record("event", status=status), make_user(Role.MANAGER)
    assert available_actions(manager, record, has_evidence=True) == expected
    assert available_actions(manager, record, has_evidence=False) == expected - {"approve"}


@pytest.mark.parametrize("status", Status)
def test_the_review_queue_holds_what_the_table_lets_a_user_approve(status: Status) -> None:
    manager = make_user(Role.MANAGER)
    make_record("event", status=status, entered_by=manager)
    make_record("event", status=status)
    for user in (manager, make_user(Role.OFFICER)):
        approvable = {one for one in Event.objects.all() if can_act(user, Action.APPROVE, one)}
        assert set(awaiting_review(Event.objects.all(), user)) == approvable
        others = set(awaiting_another_reviewer(Event.objects.all(), user))
        is_reviewable = status in statuses_before(Action.APPROVE)
        assert others == (set(Event.objects.all()) - approvable if is_reviewable else set())


def test_an_action_has_one_row_for_a_record_in_one_state() -> None:
    for action in Action:
        for status in Status:
            for approved_at in (None, AT):
                record = Event(status=status, approved_at=approved_at)
                rows = [row for row in TRANSITIONS if row.action == action]
                matching = [row for row in rows if row.applies_to(record)]
                assert matching == [row for row in [find_transition(action, record)] if row]
