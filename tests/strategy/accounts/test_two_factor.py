"""Second factors: from the invitation on, required by role, encrypted, each code once."""

import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from strategy.accounts.encryption import decrypt_text
from strategy.choices import Role
from strategy.models import SecurityAction, SecurityEvent, User
from tests.conftest import client_of
from tests.factories import make_office, make_user
from tests.strategy.accounts.test_people import link_in

pytestmark = pytest.mark.django_db

GOOD = "a-long-and-varied-word-7"
SETUP = reverse("mfa_activate_totp")
CODE = reverse("mfa_authenticate")


def code_at(secret: str, steps: int = 0) -> str:
    """Return the code of an app that is some steps of 30 seconds ahead."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def sign_in(user: User) -> Client:
    browser = Client()
    browser.post(reverse("account_login"), {"login": user.username, "password": GOOD})
    return browser


def confirm_password(browser: Client, next_page: str) -> Any:
    """Give the password again, as each change of second factors asks."""
    address = f"{reverse('account_reauthenticate')}?next={next_page}"
    return browser.post(address, {"password": GOOD}, follow=True)


@pytest.fixture
def member() -> User:
    return make_user(Role.STAFF, username="mia", password=GOOD, email="mia@example.org")


def test_an_invited_person_sets_up_a_second_factor(admin_client: Client, settings: Any) -> None:
    settings.TWO_FACTOR_ROLES = ["officer"]
    Group.objects.get_or_create(name="officer")
    answers = {"email": "nadia@example.org", "role": "officer", "email_language": "en"}
    office = make_office("dakar").pk
    admin_client.post(reverse("strategy:person_invite"), {**answers, "office": office})
    browser = Client()
    address = browser.get(link_in(mail.outbox[0]), follow=True).redirect_chain[-1][0]
    browser.post(address, {"password1": GOOD, "password2": GOOD})
    assert EmailAddress.objects.get(email="nadia@example.org").verified

    browser.post(reverse("account_login"), {"login": "nadia@example.org", "password": GOOD})
    assert browser.get("/dashboard/")["Location"] == SETUP
    page = browser.get(SETUP, follow=True)
    assert "Your role needs two-factor sign-in" in page.content.decode()
    page = confirm_password(browser, SETUP)
    secret = page.context["form"].secret
    done = browser.post(SETUP, {"code": code_at(secret)})
    assert done["Location"] == reverse("mfa_view_recovery_codes")
    assert browser.get("/dashboard/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_second_factor_ends_the_sessions_without_one(member: User) -> None:
    thief, stranger = sign_in(member), client_of(make_user(Role.STAFF))
    browser = sign_in(member)
    assert thief.get("/plan/").status_code == 200
    page = confirm_password(browser, SETUP)
    browser.post(SETUP, {"code": code_at(page.context["form"].secret)})
    assert thief.get("/plan/").status_code == 302
    assert browser.get("/plan/").status_code == 200
    assert stranger.get("/plan/").status_code == 200


@pytest.mark.parametrize("role", Role)
def test_only_the_roles_of_the_setting_need_a_second_factor(role: Role, settings: Any) -> None:
    settings.TWO_FACTOR_ROLES = ["manager", "admin"]
    client = client_of(make_user(role))
    answer = client.get("/plan/")
    assert (answer.status_code == 302) is (role.value in ("manager", "admin"))
    assert client.get(reverse("mfa_index")).status_code == 200


def test_a_needed_factor_cannot_be_switched_off(member: User, settings: Any) -> None:
    secret = generate_totp_secret()
    factor = TOTP.activate(member, secret).instance
    browser = sign_in(member)
    browser.post(CODE, {"code": code_at(secret)})
    settings.TWO_FACTOR_ROLES = ["staff"]
    confirm_password(browser, reverse("mfa_index"))
    answer = browser.post(reverse("mfa_deactivate_totp"))
    assert "You cannot deactivate" in answer.content.decode()
    assert Authenticator.objects.filter(pk=factor.pk).exists()
    settings.TWO_FACTOR_ROLES = []
    browser.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(pk=factor.pk).exists()


def test_secrets_are_encrypted_and_follow_a_change_of_the_key(member: User, settings: Any) -> None:
    secret = generate_totp_secret()
    factor = TOTP.activate(member, secret).instance
    assert secret not in str(factor.data)
    assert decrypt_text(factor.data["secret"]) == secret
    settings.SECRET_KEY, former = "another-key-of-the-installation-" * 2, settings.SECRET_KEY
    settings.SECRET_KEY_FALLBACKS = [former]
    browser = sign_in(member)
    assert browser.post(CODE, {"code": code_at(secret)})["Location"] == "/"
    call_command("encrypt_again")
    settings.SECRET_KEY_FALLBACKS = []
    assert decrypt_text(Authenticator.objects.get(pk=factor.pk).data["secret"]) == secret


@pytest.mark.parametrize(
    ("steps", "is_accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_the_code_of_a_neighbouring_step_is_accepted(
    member: User, steps: int, is_accepted: bool, time_machine: Any
) -> None:
    time_machine.move_to("2026-03-03T12:00:15Z", tick=False)
    secret = generate_totp_secret()
    TOTP.activate(member, secret)
    answer = sign_in(member).post(CODE, {"code": code_at(secret, steps)})
    assert (answer.status_code == 302) is is_accepted


def test_a_code_works_once_as_long_as_it_is_valid(member: User, time_machine: Any) -> None:
    secret = generate_totp_secret()
    TOTP.activate(member, secret)
    time_machine.move_to("2026-03-03T12:00:01Z", tick=False)
    code = code_at(secret, 1)
    assert sign_in(member).post(CODE, {"code": code})["Location"] == "/"
    time_machine.move_to("2026-03-03T12:01:10Z", tick=False)
    again = sign_in(member).post(CODE, {"code": code})
    assert again.status_code == 200
    assert "Incorrect code" in again.content.decode()


def test_a_wrong_code_is_in_the_security_log(member: User) -> None:
    TOTP.activate(member, generate_totp_secret())
    sign_in(member).post(CODE, {"code": "000000"})
    [entry] = SecurityEvent.objects.filter(action=SecurityAction.SIGN_IN_FAILED)
    assert (entry.by, entry.subject) == (member, "second factor")


@pytest.mark.parametrize("written", ['{"id": 1}', "[]", "1", '{"rawId": 1}', "x"])
def test_what_is_no_passkey_is_refused(member: User, client: Client, written: str) -> None:
    address = reverse("mfa_login_webauthn")
    client.get(address)
    assert client.post(address, {"credential": written}).status_code in (200, 302)
    assert "_auth_user_id" not in client.session


def test_what_is_no_new_passkey_is_refused(member: User) -> None:
    browser, address = sign_in(member), reverse("mfa_add_webauthn")
    confirm_password(browser, address)
    answer = browser.post(address, {"name": "Telephone", "credential": '{"id": 1}'})
    assert answer.status_code == 200
    assert not Authenticator.objects.exists()


def test_a_very_long_name_is_refused(client: Client) -> None:
    answer = client.post(reverse("account_login"), {"login": "a" * 100_000, "password": GOOD})
    assert answer.status_code == 200
    assert "254" in answer.content.decode()


def test_a_recovery_code_opens_once(member: User) -> None:
    TOTP.activate(member, generate_totp_secret())
    codes = Authenticator.objects.create(
        user=member,
        type="recovery_codes",
        data={"seed": Authenticator.objects.get(user=member).data["secret"], "used_mask": 0},
    )
    code = codes.wrap().get_unused_codes()[0]
    assert sign_in(member).post(CODE, {"code": code})["Location"] == "/"
    assert sign_in(member).post(CODE, {"code": code}).status_code == 200


def test_a_passkey_is_offered(member: User) -> None:
    page = Client().get(reverse("account_login")).content.decode()
    assert 'id="passkey_login"' in page
    assert "<script>" not in page
    json = {"accept": "application/json"}
    challenge = Client().get(reverse("mfa_login_webauthn"), headers=json)
    assert "challenge" in challenge.content.decode()
    page = confirm_password(sign_in(member), reverse("mfa_add_webauthn"))
    assert 'id="mfa_webauthn_add"' in page.content.decode()


def test_a_request_asks_no_more_for_a_required_factor(member: User, settings: Any) -> None:
    TOTP.activate(member, generate_totp_secret())
    client, numbers = client_of(member), []
    for settings.TWO_FACTOR_ROLES in ([], ["staff"]):
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/")["Location"] == "/my-work/"
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]
