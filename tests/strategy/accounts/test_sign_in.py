"""Signing in: by name or address, with a second factor, until the last day of access."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from strategy.accounts.backend import AccountBackend
from strategy.accounts.demo import SAMPLE_PASSWORD
from strategy.accounts.mail_queue import send_queued_emails
from strategy.choices import Role
from strategy.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

GOOD = "a-long-and-varied-word-7"


@pytest.fixture
def known(staff: User) -> User:
    staff.set_password(GOOD)
    staff.email = "aissa@example.org"
    staff.save()
    return staff


def sign_in(login: str = "aissa", password: str = GOOD, **more: Any) -> Any:
    return Client().post(reverse("account_login"), {"login": login, "password": password}, **more)


def test_signing_in_by_name_or_address(known: User) -> None:
    assert sign_in()["Location"] == "/"
    assert sign_in("aissa@example.org")["Location"] == "/"
    assert sign_in(password="wrong").status_code == 200


def test_nobody_signs_up(known: User) -> None:
    assert Client().get("/accounts/signup/").status_code == 404
    assert Client().post("/accounts/signup/", {"username": "x"}).status_code == 404


def test_an_account_past_its_last_day_cannot_sign_in(known: User) -> None:
    known.access_ends_on = timezone.localdate()
    known.save()
    assert sign_in()["Location"] == "/"
    known.access_ends_on = timezone.localdate() - timedelta(days=1)
    known.save()
    answer = sign_in(follow=True)
    assert "Your access ended on" in answer.content.decode()
    assert not answer.wsgi_request.user.is_authenticated


def test_a_closed_account_cannot_sign_in(known: User) -> None:
    known.is_active = False
    known.save()
    answer = sign_in(follow=True)
    assert not answer.wsgi_request.user.is_authenticated


def test_the_sample_password_opens_nothing_outside_the_demonstration(
    known: User, settings: Any
) -> None:
    known.set_password(SAMPLE_PASSWORD)
    known.save()
    settings.IS_DEMONSTRATION = False
    assert sign_in(password=SAMPLE_PASSWORD).status_code == 200
    settings.IS_DEMONSTRATION = True
    assert sign_in(password=SAMPLE_PASSWORD)["Location"] == "/"


def test_a_second_factor_is_asked_of_whoever_chose_one(known: User) -> None:
    secret = generate_totp_secret()
    TOTP.activate(known, secret)
    browser = Client()
    credentials = {"login": "aissa", "password": GOOD}
    first = browser.post(reverse("account_login"), credentials)
    assert first["Location"] == reverse("mfa_authenticate")
    assert browser.get("/plan/").status_code == 302
    wrong = browser.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 200
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert browser.post(reverse("mfa_authenticate"), {"code": code})["Location"] == "/"
    assert browser.get("/plan/").status_code == 200


def test_signing_out_takes_a_form(staff_client: Client) -> None:
    assert staff_client.get(reverse("account_logout")).status_code == 200
    assert staff_client.get("/plan/").status_code == 200
    assert staff_client.post(reverse("account_logout"))["Location"] == "/accounts/login/"
    assert staff_client.get("/plan/").status_code == 302


def test_the_cookie_of_a_session_is_closed_to_scripts_and_ends(known: User) -> None:
    cookie = sign_in().cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"]


def test_the_answer_to_a_forgotten_password_does_not_tell_who_has_an_account(known: User) -> None:
    there = reverse("account_reset_password")
    one = Client().post(there, {"email": "aissa@example.org"})
    other = Client().post(there, {"email": "nobody@example.org"})
    assert (one.status_code, one["Location"]) == (other.status_code, other["Location"])
    send_queued_emails(timezone.now())
    assert [letter.to for letter in mail.outbox] == [["aissa@example.org"]]


def test_a_request_reads_the_account_and_its_role_at_once() -> None:
    groups = [Group.objects.create(name=role.value) for role in (Role.OFFICER, Role.STAFF)]
    user = make_user(None)
    user.groups.add(*groups, Group.objects.create(name="choir"))
    with CaptureQueriesContext(connection) as queries:
        read = AccountBackend().get_user(user.pk)
        assert read == user
        assert read.role == Role.STAFF
    assert len(queries) == 1
    assert AccountBackend().get_user(make_user(None).pk).role is None
    assert AccountBackend().get_user(make_user(is_active=False).pk) is None
    assert AccountBackend().get_user(0) is None
