"""Accounts: created by invitation, with one role; nobody can raise their own rights."""

import re
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from strategy.accounts.backend import AccountBackend
from strategy.accounts.demo import SAMPLE_PASSWORD
from strategy.choices import Role
from strategy.models import User
from tests.conftest import client_of
from tests.factories import make_office, make_user

pytestmark = pytest.mark.django_db

ACCOUNTS = reverse("admin:strategy_user_changelist")
NEW = reverse("admin:strategy_user_add")
GOOD = "a-long-and-varied-word-7"


@pytest.fixture(autouse=True)
def roles() -> None:
    """Load the roles with the permissions that administrators need."""
    for role in Role:
        Group.objects.get_or_create(name=role.value)
    needed = Permission.objects.filter(
        content_type__app_label="strategy", codename__in=["add_user", "change_user", "view_user"]
    )
    Group.objects.get(name="admin").permissions.set(needed)


def page_of(user: User) -> str:
    return reverse("admin:strategy_user_change", args=[user.pk])


def answers(**values: Any) -> dict[str, Any]:
    """Return the answers of an administrator who invites a user."""
    return {
        "email": "Nadia@Example.org",
        "first_name": "Nadia",
        "last_name": "Kaboré",
        "username": "",
        "role": "staff",
        "office": make_office("dakar").pk,
        "is_active": "on",
        **values,
    }


def errors_of(answer: Any) -> str:
    return str(answer.context["adminform"].form.errors)


def invited(client: Client, **values: Any) -> User:
    answer = client.post(NEW, answers(**values))
    assert answer.status_code == 302, errors_of(answer)
    return User.objects.get(email="nadia@example.org")


def link_in(letter: Any) -> str:
    found = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", letter.body)
    assert found
    return found.group(1)


def test_an_invited_person_chooses_a_password_and_signs_in(admin_client: Client) -> None:
    user = invited(admin_client, access_ends_on="2099-12-31")
    assert (user.username, user.role, user.office.code) == ("nadia@example.org", "staff", "dakar")
    assert not user.has_usable_password()
    assert not (user.is_superuser or user.is_staff)
    (letter,) = mail.outbox
    assert letter.to == ["nadia@example.org"]
    assert "Hello Nadia Kaboré," in letter.body
    assert "Your role is: Staff." in letter.body
    assert "31 December 2099" in letter.body

    stranger = Client()
    chosen = stranger.get(link_in(letter), follow=True)
    (form_address, _status) = chosen.redirect_chain[-1]
    done = stranger.post(form_address, {"password1": GOOD, "password2": GOOD})
    assert done["Location"] == reverse("account_reset_password_from_key_done")
    for name in ("nadia@example.org", "NADIA@example.org"):
        entered = Client().post(reverse("account_login"), {"login": name, "password": GOOD})
        assert entered["Location"] == "/"


def test_the_link_of_an_invitation_works_once(admin_client: Client) -> None:
    invited(admin_client)
    link = link_in(mail.outbox[0])
    first = Client()
    address = first.get(link, follow=True).redirect_chain[-1][0]
    first.post(address, {"password1": GOOD, "password2": GOOD})
    again = Client().get(link, follow=True)
    assert "password1" not in again.content.decode()


def test_an_invitation_can_be_sent_again(admin_client: Client) -> None:
    user = invited(admin_client)
    admin_client.post(ACCOUNTS, {"action": "send_invitation", "_selected_action": [user.pk]})
    assert len(mail.outbox) == 2


def test_a_letter_that_cannot_be_sent_is_said_and_the_account_stays(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any) -> None:
        raise SMTPServerDisconnected("gone")

    monkeypatch.setattr("strategy.accounts.invitations.send_mail", fail)
    answer = admin_client.post(NEW, answers(), follow=True)
    assert "could not be sent" in answer.content.decode()
    assert User.objects.filter(email="nadia@example.org").exists()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"email": "", "username": "nadia"}, "This field is required"),
        ({"email": "STAFF@example.org"}, "There is an account with this address"),
        ({"username": "THE-STAFF"}, "This user name is taken"),
        ({"role": ""}, "This field is required"),
        ({"role": "superuser"}, "not one of the available choices"),
        ({"office": ""}, "Name the office"),
        ({"role": "manager", "office": ""}, "Name the office"),
        ({"access_ends_on": "2018-02-30"}, "valid date"),
    ],
)
def test_a_bad_answer_is_said_and_makes_no_account(
    admin_client: Client, values: dict[str, str], said: str
) -> None:
    make_user("staff", username="the-staff", email="staff@example.org")
    before = User.objects.count()
    answer = admin_client.post(NEW, answers(**values))
    assert answer.status_code == 200
    assert said in errors_of(answer)
    assert User.objects.count() == before
    assert not mail.outbox


def test_the_board_needs_no_office(admin_client: Client) -> None:
    assert invited(admin_client, role="board", office="").role == Role.BOARD


def test_before_the_roles_are_loaded_it_says_so(admin_client: Client) -> None:
    Group.objects.get(name="board").delete()
    answer = admin_client.post(NEW, answers(role="board"))
    assert "run manage.py bootstrap" in errors_of(answer)


def test_a_new_role_replaces_the_old_one(admin_client: Client, staff: User) -> None:
    admin_client.post(page_of(staff), answers(username="aissa", role="manager"))
    staff = User.objects.get(pk=staff.pk)
    assert [group.name for group in staff.groups.all()] == ["manager"]
    assert not mail.outbox


def test_nobody_changes_what_decides_about_the_own_account(
    admin_client: Client, admin_user: User
) -> None:
    values = answers(
        email="ada@example.org", username="ada", role="officer", access_ends_on="2099-01-01"
    )
    del values["is_active"]
    admin_client.post(page_of(admin_user), values)
    admin_user = User.objects.get(pk=admin_user.pk)
    assert (admin_user.email, admin_user.role) == ("ada@example.org", Role.ADMIN)
    assert admin_user.is_active
    assert admin_user.access_ends_on is None


def test_no_form_makes_a_superuser(admin_client: Client, admin_user: User, staff: User) -> None:
    grab = {"is_superuser": "on", "is_staff": "on", "user_permissions": ["1"], "password": "x"}
    for user in (admin_user, staff):
        admin_client.post(page_of(user), answers(username=user.username, **grab))
        admin_client.post(page_of(user), answers(username=user.username, email="x@x.org", **grab))
    admin_client.post(NEW, answers(email="new@example.org", **grab))
    assert not User.objects.filter(is_superuser=True).exists()
    assert not User.objects.filter(is_staff=True).exists()
    assert not User.objects.filter(user_permissions__isnull=False).exists()


def test_a_superuser_does_not_exist_for_administrators(admin_client: Client) -> None:
    root = User.objects.create_superuser("root", "root@example.org", GOOD)
    assert "root@example.org" not in admin_client.get(ACCOUNTS).content.decode()
    assert admin_client.get(page_of(root)).status_code == 404
    assert admin_client.post(page_of(root), answers()).status_code == 404
    admin_client.post(ACCOUNTS, {"action": "send_invitation", "_selected_action": [root.pk]})
    assert not mail.outbox
    assert client_of(root).get(page_of(root)).status_code == 200


def test_no_password_is_set_in_the_administration(admin_client: Client, staff: User) -> None:
    for route in ("admin:password_change", "admin:login", "admin:logout"):
        assert admin_client.get(reverse(route)).status_code == 404
    assert admin_client.get(f"/admin/strategy/user/{staff.pk}/password/change/").status_code == 404
    assert "password" not in admin_client.get(page_of(staff)).context["adminform"].form.fields


def test_accounts_are_closed_never_deleted(admin_client: Client, staff: User) -> None:
    there = reverse("admin:strategy_user_delete", args=[staff.pk])
    assert admin_client.post(there, {"post": "yes"}).status_code == 403
    answer = admin_client.post(
        ACCOUNTS, {"action": "delete_selected", "_selected_action": [staff.pk], "post": "yes"}
    )
    assert answer.status_code in (302, 403)
    assert User.objects.filter(pk=staff.pk).exists()


def test_an_address_that_was_replaced_brings_no_password(admin_client: Client, staff: User) -> None:
    EmailAddress.objects.create(user=staff, email="old@example.org", primary=True, verified=True)
    admin_client.post(page_of(staff), answers(username="aissa"))
    Client().post(reverse("account_reset_password"), {"email": "old@example.org"})
    assert not mail.outbox
    Client().post(reverse("account_reset_password"), {"email": "nadia@example.org"})
    assert [letter.to for letter in mail.outbox] == [["nadia@example.org"]]


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER, Role.OFFICER, Role.BOARD])
def test_only_administrators_see_accounts(role: Role) -> None:
    assert client_of(make_user(role)).get(ACCOUNTS).status_code == 403


def test_accounts_are_found_by_role(admin_client: Client, staff: User, board: User) -> None:
    page = admin_client.get(ACCOUNTS, {"role": "board"})
    assert [user.username for user in page.context["cl"].result_list] == ["boris"]


def test_the_list_of_accounts_costs_the_same_for_more_of_them(
    admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        make_user("staff", username=f"person-{number}")
    with django_assert_max_num_queries(12):
        admin_client.get(ACCOUNTS)


# Signing in


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


def test_too_many_wrong_passwords_close_the_door_for_a_while(known: User) -> None:
    for _attempt in range(5):
        sign_in(password="wrong")
    assert "Too many failed" in sign_in().content.decode()


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
    assert [letter.to for letter in mail.outbox] == [["aissa@example.org"]]


def test_a_request_reads_the_account_and_its_role_at_once() -> None:
    groups = [Group.objects.get(name=role.value) for role in (Role.OFFICER, Role.STAFF)]
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
