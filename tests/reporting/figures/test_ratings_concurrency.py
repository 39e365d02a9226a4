"""Concurrent overrides of one target: the first is saved, the others are rejected."""

import threading
from collections import Counter
from contextlib import nullcontext
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.db.models import QuerySet

from reporting.figures import rating_overrides
from reporting.figures.rating_overrides import (
    OverrideInput,
    OverrideRejected,
    override_rating,
    withdraw_override,
)
from reporting.models import RatingOverride
from strategy.choices import Rating, Role
from strategy.models import Plan, Target, User
from tests.conftest import client_of
from tests.factories import make_approved, make_user
from tests.support.concurrency import Run, kinds

CODE = "2.3-networks"
END_OF_2018 = date(2018, 12, 31)
MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
ADDRESS = f"/targets/{CODE}/rating/?plan=2017-2020&as_of={END_OF_2018}"
OFFICERS = 10

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def officers(plan: Plan) -> list[User]:
    make_approved("network", starts_on="2017-06")
    return [make_user(Role.OFFICER) for _person in range(OFFICERS)]


def number_of_ratings(_place: int) -> int:
    return RatingOverride.objects.count()


def set_at_once(officers: list[User], at_once: Run) -> tuple[list[object], list[object]]:
    """Set a first rating concurrently; return each result and the number of stored overrides."""

    def act(place: int) -> RatingOverride:
        target = Target.objects.select_related("indicator__objective__priority__plan").get(
            code=CODE
        )
        judged = OverrideInput(
            Rating.AT_RISK, f"Reason of {place}", END_OF_2018, seen_override=None
        )
        return override_rating(target, judged, officers[place], MARCH_2019)

    return at_once(OFFICERS, act), at_once(1, number_of_ratings)


def check_that_one_is_set(outcomes: list[object], stored: list[object]) -> None:
    assert kinds(outcomes) == {"RatingOverride": 1, "OverrideRejected": OFFICERS - 1}, outcomes
    assert all(
        "changed by somebody else" in str(e) for e in outcomes if isinstance(e, OverrideRejected)
    )
    assert stored == [1]


def test_of_ten_officers_one_sets_the_rating_and_nine_are_told(
    officers: list[User], at_once: Run
) -> None:
    check_that_one_is_set(*set_at_once(officers, at_once))


def test_with_nobody_waiting_for_another_the_same_test_fails(
    officers: list[User], at_once: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The control: all read before anybody writes, and each overrules an unseen rating.
    all_looked = threading.Barrier(OFFICERS)

    def look(target: Target, as_of: date) -> None:
        all_looked.wait()

    monkeypatch.setattr(rating_overrides, "transaction", SimpleNamespace(atomic=nullcontext))
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self: self)
    monkeypatch.setattr(rating_overrides, "active_override", look)
    outcomes, stored = set_at_once(officers, at_once)
    assert (kinds(outcomes), stored) == ({"RatingOverride": OFFICERS}, [OFFICERS])
    with pytest.raises(AssertionError):
        check_that_one_is_set(outcomes, stored)


def test_of_ten_forms_sent_at_once_one_is_saved_and_what_others_typed_is_kept(
    officers: list[User], at_once: Run
) -> None:
    browsers = [client_of(officer) for officer in officers]

    def send(place: int) -> tuple[int, bool]:
        reason = f"Reason of {place}"
        answers = {"rating": "at_risk", "reason": reason, "confirmed": "on", "seen": ""}
        response = browsers[place].post(ADDRESS, answers)
        return response.status_code, reason in response.content.decode()

    assert Counter(at_once(OFFICERS, send)) == {(302, False): 1, (400, True): OFFICERS - 1}
    assert at_once(1, number_of_ratings) == [1]


def test_of_ten_officers_one_withdraws_a_rating(officers: list[User], at_once: Run) -> None:
    target = Target.objects.get(code=CODE)
    judged = OverrideInput(
        Rating.AT_RISK, "Two joined in January.", END_OF_2018, seen_override=None
    )
    key = override_rating(target, judged, officers[0], MARCH_2019).pk

    def act(place: int) -> None:
        withdraw_override(RatingOverride.objects.get(pk=key), officers[place], MARCH_2019)

    assert kinds(at_once(OFFICERS, act)) == {"NoneType": 1, "OverrideRejected": OFFICERS - 1}
    [by] = at_once(1, lambda _place: RatingOverride.objects.get().withdrawn_by)
    assert by in officers
