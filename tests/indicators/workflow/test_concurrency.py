"""Several users act on one record at the same time: one succeeds, the others get an error."""

import threading
import uuid
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.models import Event, Status
from indicators.workflow import actions
from indicators.workflow.actions import ConcurrentEdit, save_record
from strategy.choices import RecordKind, Role
from strategy.models import User
from tests.conftest import client_of
from tests.factories import make_record, make_user
from tests.support.concurrency import Run, kinds
from tests.support.samples.form_answers import post_edit, post_new

AT = datetime(2019, 9, 2, 14, 30, tzinfo=UTC)

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_twenty_saves_of_one_version_one_succeeds(staff: User, at_once: Run) -> None:
    key = make_record("event", entered_by=staff).pk

    def save(place: int) -> Event:
        event = Event.objects.get(pk=key)
        event.title = f"Title {place}"
        return save_record(event, by=staff, at=AT, seen_version=1)

    outcomes = at_once(20, save)
    assert kinds(outcomes) == {"Event": 1, "ConcurrentEdit": 19}, outcomes
    winner = next(outcome for outcome in outcomes if isinstance(outcome, Event))

    def stored(_place: int) -> tuple[str, int, int]:
        event = Event.objects.get(pk=key)
        return event.title, event.version, event.history.count()

    assert at_once(1, stored) == [(winner.title, 2, 2)]


def test_without_the_check_several_saves_succeed(staff: User, at_once: Run) -> None:
    """Check that the test above fails if nothing compares versions."""
    key = make_record("event", entered_by=staff).pk
    both_read = threading.Barrier(2)

    def save(place: int) -> Event:
        event = Event.objects.get(pk=key)
        both_read.wait()
        event.title = f"Title {place}"
        event.save()
        return event

    assert kinds(at_once(2, save)) == {"Event": 2}


def posts_at_once(staff: User, at_once: Run) -> tuple[Counter[object], tuple[str, int, int]]:
    """Send the form of one version from twenty threads; return the responses and the stored row."""
    event = make_record("event", entered_by=staff)
    browsers = [client_of(make_user(Role.STAFF)) for _person in range(20)]

    def save(place: int) -> int:
        status: int = post_edit(browsers[place], event, title=f"Title {place}").status_code
        return status

    def stored(_place: int) -> tuple[str, int, int]:
        now = Event.objects.get(pk=event.pk)
        return now.title, now.version, now.history.count()

    statuses = at_once(20, save)
    [kept] = at_once(1, stored)
    assert isinstance(kept, tuple), kept
    return Counter(statuses), kept


def check_that_one_succeeds(statuses: Counter[object], kept: tuple[str, int, int]) -> None:
    assert statuses == {302: 1, 409: 19}
    assert kept[0].startswith("Title ")
    assert kept[1:] == (2, 2)


def test_of_twenty_forms_sent_at_once_one_is_saved_and_nineteen_are_told(
    staff: User, at_once: Run
) -> None:
    check_that_one_succeeds(*posts_at_once(staff, at_once))


def test_with_the_check_off_the_same_test_fails(
    staff: User, at_once: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Check that concurrent changes are lost if nothing compares versions."""
    monkeypatch.setattr(actions, "_is_stale", lambda current, seen: False)
    monkeypatch.setattr(actions, "_row_at", lambda record, version: actions._row(record))
    with pytest.raises(AssertionError):
        check_that_one_succeeds(*posts_at_once(staff, at_once))


@pytest.mark.parametrize(("tokens", "made"), [(1, 1), (10, 10)])
def test_of_ten_forms_sent_at_once_each_token_makes_one_record(
    tokens: int, made: int, staff: User, at_once: Run
) -> None:
    names = [str(uuid.uuid4()) for _token in range(tokens)]
    browsers = [client_of(staff) for _press in range(10)]

    def create(place: int) -> tuple[int, str]:
        token = names[place % tokens]
        response = post_new(
            browsers[place], RecordKind.EVENT, creation_token=token, is_another="yes"
        )
        return response.status_code, response.headers.get("Location", "")

    outcomes = at_once(10, create)
    assert len(set(outcomes)) == made, outcomes
    assert all(isinstance(one, tuple) and one[0] == 302 for one in outcomes), outcomes
    assert at_once(1, lambda _place: Event.objects.count()) == [made]
    assert at_once(1, lambda _place: Event.history.count()) == [made]


def test_of_ten_creations_with_one_token_one_makes_the_record(staff: User, at_once: Run) -> None:
    token = uuid.uuid4()

    def create(place: int) -> int:
        event = Event(title="Conference", role="organised", kind="conference")
        event.creation_token = token
        return save_record(event, by=staff, at=AT).pk

    assert len(set(at_once(10, create))) == 1
    assert at_once(1, lambda _place: Event.objects.count()) == [1]
    assert at_once(1, lambda _place: Event.history.count()) == [1]


def test_of_two_approvals_in_one_instant_one_is_told(
    manager: User, officer: User, at_once: Run
) -> None:
    key = make_record("event", status=Status.SUBMITTED, evidence=1).pk
    both_read = threading.Barrier(2)

    def approve(place: int) -> Event:
        event = Event.objects.get(pk=key)
        both_read.wait()
        return actions.approve(event, by=(manager, officer)[place], at=AT)

    outcomes = at_once(2, approve)
    assert kinds(outcomes) == {"Event": 1, "ConcurrentEdit": 1}, outcomes
    assert at_once(1, lambda _place: Event.objects.get(pk=key).history.count()) == [2]


def test_a_save_between_the_look_and_the_write_is_noticed(
    staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_record("event", entered_by=staff)
    keep_life = actions._copy_workflow_fields

    def meanwhile(record: Event, current: Event) -> None:
        keep_life(record, current)
        Event.objects.filter(pk=record.pk).update(version=7)

    monkeypatch.setattr(actions, "_copy_workflow_fields", meanwhile)
    event.title = "Mine"
    with pytest.raises(ConcurrentEdit):
        save_record(event, by=staff, at=AT)
    assert Event.objects.get().title != "Mine"


def test_one_query_looks_for_the_first_record_of_a_token(staff: User) -> None:
    """Check that no save of the same form fits between two look-ups."""
    with CaptureQueriesContext(connection) as queries:
        save_record(Event(title="Conference", role="organised", kind="conference"), by=staff, at=AT)
    looked_up = [query for query in queries if '"creation_token" =' in query["sql"]]
    assert len(looked_up) == 1, looked_up
