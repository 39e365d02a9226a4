"""Which records a user may see."""

from typing import Any

import pytest

from indicators.counting.registry import RECORD_SOURCES
from indicators.models import Event
from indicators.workflow.transitions import can_view
from strategy.accounts.policy import can_record
from strategy.choices import RecordKind, Role
from tests.factories import ONE_A_YEAR, make_record, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", list(RecordKind))
def test_what_is_visible_of_many_is_visible_of_one(kind: RecordKind) -> None:
    other: dict[str, Any] = {"year": "2019"} if kind in ONE_A_YEAR else {}
    ours = make_record(kind)
    theirs = make_record(kind, entered_by=make_user(Role.STAFF, "dakar"), **other)
    for role in (*Role, None):
        person = make_user(role)
        seen = set(
            RECORD_SOURCES[kind]
            .model.objects.visible_to(person)
            .filter(pk__in=[ours.pk, theirs.pk])
        )
        assert seen == {one for one in (ours, theirs) if can_view(person, one)}


def test_staff_see_their_office_managers_and_officers_all_and_others_none() -> None:
    ours, theirs = (
        make_record("event"),
        make_record("event", entered_by=make_user("staff", "dakar")),
    )
    seen = {role: set(Event.objects.visible_to(make_user(role))) for role in (*Role, None)}
    assert seen == {
        Role.STAFF: {ours},
        Role.MANAGER: {ours, theirs},
        Role.OFFICER: {ours, theirs},
        Role.BOARD: set(),
        Role.ADMIN: set(),
        None: set(),
    }


def test_who_belongs_to_no_office_sees_nothing_as_staff() -> None:
    make_record("event")
    person = make_user(Role.STAFF)
    person.office = None
    assert not Event.objects.visible_to(person).exists()
    assert not can_record(person)
