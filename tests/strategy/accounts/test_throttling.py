"""Failed sign-ins: limits for an account and an address, and nobody locks out another."""

from typing import Any

import pytest
from django.conf import settings as project_settings
from django.test import Client
from django.urls import reverse

from strategy.accounts.sign_in.throttling import read_device
from strategy.choices import Role
from strategy.models import SignInFailure, User
from tests.factories import make_user
from tests.support.concurrency import Run

pytestmark = pytest.mark.django_db

GOOD = "a-long-and-varied-word-7"
LOGIN = reverse("account_login")
NOON = "2026-03-03T12:00:00Z"


@pytest.fixture
def mia() -> User:
    return make_user(Role.STAFF, username="mia", password=GOOD, email="mia@example.org")


def attempt(
    login: str = "mia", password: str = "wrong", address: str = "10.0.0.1", **more: Any
) -> Any:
    client = more.pop("client", None) or Client()
    data = {"login": login, "password": password}
    return client.post(LOGIN, data, REMOTE_ADDR=address, **more)


def test_ten_failures_an_hour_for_an_account_from_an_address(mia: User, time_machine: Any) -> None:
    time_machine.move_to(NOON, tick=False)
    # By name and by address is the same account.
    for number in range(10):
        login = ("mia", "MIA", "mia@example.org")[number % 3]
        assert attempt(login).status_code == 200
    time_machine.move_to("2026-03-03T12:40:00Z", tick=False)
    answer = attempt(password=GOOD)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "1200"
    assert "Try again in 20 minutes." in answer.content.decode()
    assert attempt(password=GOOD, address="10.0.0.2")["Location"] == "/"
    time_machine.move_to("2026-03-03T13:00:01Z", tick=False)
    assert attempt(password=GOOD)["Location"] == "/"


def test_a_refused_attempt_does_not_make_the_wait_longer(mia: User, time_machine: Any) -> None:
    time_machine.move_to(NOON, tick=False)
    for _number in range(20):
        attempt()
    assert SignInFailure.objects.count() == 10
    assert attempt()["Retry-After"] == "3600"


def test_twenty_failures_an_hour_from_an_address_in_all(mia: User) -> None:
    for number in range(20):
        assert attempt(f"nobody-{number}").status_code == 200
    assert attempt(password=GOOD).status_code == 429
    assert attempt(password=GOOD, address="10.0.0.2")["Location"] == "/"


def test_a_device_that_signed_in_before_is_not_locked_out_by_others(mia: User) -> None:
    device = Client()
    assert attempt(password=GOOD, client=device)["Location"] == "/"
    device.post(reverse("account_logout"))
    for _number in range(12):
        attempt()
    for number in range(12):
        attempt(f"nobody-{number}")
    assert attempt(password=GOOD).status_code == 429
    assert attempt(password=GOOD, client=device)["Location"] == "/"


def test_a_known_device_guesses_no_other_account(mia: User) -> None:
    eve = make_user(Role.STAFF, username="eve", password=GOOD)
    device = Client()
    attempt("eve", GOOD, client=device)
    device.post(reverse("account_logout"))
    cookie = device.cookies[project_settings.DEVICE_COOKIE_NAME]
    assert read_device(cookie.value) == [eve.pk]
    assert cookie["httponly"]
    statuses = [attempt(f"nobody-{n}", client=device).status_code for n in range(21)]
    assert statuses[-1] == 429
    for _number in range(10):
        attempt("eve", client=device, address="10.0.0.9")
    assert attempt("eve", client=device, address="10.0.0.9").status_code == 429


def test_a_forged_device_is_no_device(mia: User) -> None:
    client = Client()
    client.cookies[project_settings.DEVICE_COOKIE_NAME] = f"{mia.pk}:abc:def"
    statuses = [attempt(client=client).status_code for _number in range(11)]
    assert statuses == [200] * 10 + [429]


def test_a_forged_address_changes_nothing(mia: User, settings: Any) -> None:
    for proxies in (0, 1):
        SignInFailure.objects.all().delete()
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
        real = ", 10.0.0.7" if proxies else ""
        statuses = [
            attempt(headers={"x-forwarded-for": f"10.1.1.{number}{real}"}).status_code
            for number in range(11)
        ]
        assert statuses == [200] * 10 + [429], proxies


def test_a_success_is_no_failure(mia: User) -> None:
    for _number in range(12):
        assert attempt(password=GOOD)["Location"] == "/"
    assert not SignInFailure.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_attempts_at_the_same_time_pass_no_limit_together(at_once: Run, mia: User) -> None:
    answers = at_once(16, lambda _place: attempt().status_code)
    assert set(answers) == {200, 429}
    assert answers.count(200) <= 10
