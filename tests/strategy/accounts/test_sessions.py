"""Passwords, links and sessions: how long they live, and what a browser stores of them."""

from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from strategy.accounts.mail_queue import send_queued_emails
from strategy.choices import Role
from strategy.models import User
from tests.factories import make_user
from tests.strategy.accounts.test_people import link_in

pytestmark = pytest.mark.django_db

GOOD = "a-long-and-varied-word-7"
LOGIN = reverse("account_login")
SESSIONS = reverse("usersessions_list")


@pytest.fixture
def mia() -> User:
    return make_user(Role.STAFF, username="mia", password=GOOD, email="mia@example.org")


def sign_in(user: User, **headers: Any) -> Client:
    browser = Client(**headers)
    answer = browser.post(LOGIN, {"login": user.username, "password": GOOD})
    assert answer["Location"] == "/"
    return browser


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short-9-x-x", "at least 12"),
        ("passwordpassword", "organisation"),
        ("qwertyuiop123", "too common"),
        ("902345678123", "entirely numeric"),
        ("mia@example.org", "too similar"),
        ("ibcr-results-2026", "organisation"),
        ("Droits des Enfants!", "organisation"),
        ("IBCR montréal 17", "organisation"),
    ],
)
def test_a_weak_password_is_refused(mia: User, password: str, said: str) -> None:
    with pytest.raises(ValidationError) as error:
        validate_password(password, mia)
    assert said in " ".join(error.value.messages)


@pytest.mark.parametrize("password", [GOOD, "plane ticket river 42", "ibcr giraffe umbrella"])
def test_a_good_password_is_accepted(mia: User, password: str) -> None:
    validate_password(password, mia)


def test_a_link_for_a_forgotten_password_lives_one_hour(mia: User, time_machine: Any) -> None:
    time_machine.move_to("2026-03-03T12:00:00Z", tick=False)
    Client().post(reverse("account_reset_password"), {"email": "mia@example.org"})
    send_queued_emails(timezone.now())
    link = link_in(mail.outbox[0])
    time_machine.move_to("2026-03-03T12:59:59Z", tick=False)
    assert 'name="password1"' in Client().get(link, follow=True).content.decode()
    time_machine.move_to("2026-03-03T13:00:01Z", tick=False)
    assert 'name="password1"' not in Client().get(link, follow=True).content.decode()


def test_an_invitation_lives_for_days(time_machine: Any) -> None:
    time_machine.move_to("2026-06-03T12:00:00Z", tick=False)
    invited = make_user(Role.STAFF, username="new", email="new@example.org")
    assert invited.is_invited
    Client().post(reverse("account_reset_password"), {"email": "new@example.org"})
    send_queued_emails(timezone.now())
    link = link_in(mail.outbox[0])
    for moment, is_valid in (("2026-06-10T11:59:00Z", True), ("2026-06-10T12:01:00Z", False)):
        time_machine.move_to(moment, tick=False)
        page = Client().get(link, follow=True).content.decode()
        assert ('name="password1"' in page) is is_valid


def test_an_idle_session_ends(mia: User, time_machine: Any) -> None:
    time_machine.move_to("2026-03-03T12:00:00Z", tick=False)
    browser = sign_in(mia)
    for minute in ("12:29", "12:58"):
        time_machine.move_to(f"2026-03-03T{minute}:00Z", tick=False)
        assert browser.get("/plan/").status_code == 200
    time_machine.move_to("2026-03-03T13:28:01Z", tick=False)
    answer = browser.get("/plan/", follow=True)
    assert answer.redirect_chain[0][0].startswith(LOGIN)
    assert "you were away for long" in answer.content.decode()
    assert "_auth_user_id" not in browser.session


def test_requests_in_quick_succession_write_no_session(mia: User, time_machine: Any) -> None:
    time_machine.move_to("2026-03-03T12:00:00Z", tick=False)
    browser = sign_in(mia)
    for second, seen_at in ((290, 0), (310, 310), (600, 310)):
        time_machine.move_to(f"2026-03-03T12:{second // 60:02}:{second % 60:02}Z", tick=False)
        browser.get("/plan/")
        assert browser.session["seen_at"] % 3600 == seen_at


def test_nothing_that_a_signed_in_user_sees_is_stored_by_a_cache(
    mia: User, manager_client: Client
) -> None:
    browser = sign_in(mia)
    for address in ("/plan/", "/my-work/", "/dashboard/", "/nothing/", SESSIONS):
        assert browser.get(address)["Cache-Control"] == "private, no-store", address
    export = manager_client.get("/records/initiative/export.csv")
    assert "no-store" in export["Cache-Control"]
    assert not Client().get(reverse("account_reset_password")).has_header("Cache-Control")


def test_signing_out_empties_the_cache_and_no_storage(mia: User) -> None:
    browser = sign_in(mia)
    assert not browser.get(reverse("account_logout")).has_header("Clear-Site-Data")
    assert browser.post(reverse("account_logout"))["Clear-Site-Data"] == '"cache"'


def test_a_user_signs_out_everywhere_else(mia: User) -> None:
    office = sign_in(mia, headers={"user-agent": "Browser of the office"})
    cafe = sign_in(mia, headers={"user-agent": "Browser of the café"})
    stranger = sign_in(make_user(Role.STAFF, username="eve", password=GOOD))
    page = office.get(SESSIONS).content.decode()
    assert "Browser of the office" in page
    assert "Sign out everywhere else" in page
    office.post(SESSIONS)
    assert office.get("/plan/").status_code == 200
    assert cafe.get("/plan/").status_code == 302
    assert stranger.get("/plan/").status_code == 200
    assert "Sign out everywhere else" not in office.get(SESSIONS).content.decode()
