"""The pages of accounts: invitation, changes with a reason, end; nobody raises the own rights."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from strategy.accounts.mail_queue import send_queued_emails
from strategy.choices import Role
from strategy.models import AccountAction, AccountChange, User
from tests.conftest import client_of
from tests.factories import make_office, make_user
from tests.support.query_baselines import Baseline

pytestmark = pytest.mark.django_db

ACCOUNTS = reverse("strategy:people")
NEW = reverse("strategy:person_invite")
GOOD = "a-long-and-varied-word-7"
WHY = "She moved to Dakar."


@pytest.fixture(autouse=True)
def roles() -> None:
    for role in Role:
        Group.objects.get_or_create(name=role.value)


def page_of(user: User) -> str:
    return reverse("strategy:person", args=[user.pk])


def form_of(user: User) -> str:
    return reverse("strategy:person_change", args=[user.pk])


def step_of(user: User, action: str) -> str:
    return reverse("strategy:person_step", args=[user.pk, action])


def answers(**values: Any) -> dict[str, Any]:
    """Return the answers of an administrator who invites or changes a user."""
    return {
        "email": "Nadia@Example.org",
        "first_name": "Nadia",
        "last_name": "Kaboré",
        "username": "",
        "role": "staff",
        "office": make_office("dakar").pk,
        "access_ends_on": "",
        "email_language": "en",
        "reason": WHY,
        **values,
    }


def errors_of(answer: Any) -> str:
    return str(answer.context["form"].errors)


def invited(client: Client, **values: Any) -> User:
    answer = client.post(NEW, answers(**values))
    assert answer.status_code == 302, errors_of(answer)
    return User.objects.get(email="nadia@example.org")


def link_in(letter: Any) -> str:
    found = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", letter.body)
    assert found
    return found.group(1)


def names_in(page: Any) -> list[str]:
    return [row.user.username for row in page.context["rows"]]


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


@pytest.mark.parametrize(
    ("language", "greeting"), [("fr", "Bonjour Nadia Kaboré"), ("es", "Hola, Nadia Kaboré")]
)
def test_an_invitation_is_in_the_language_of_the_person(
    admin_client: Client, language: str, greeting: str
) -> None:
    assert invited(admin_client, email_language=language).email_language == language
    assert greeting in mail.outbox[0].body
    assert "Hello" not in mail.outbox[0].body


def test_the_link_of_an_invitation_works_once(admin_client: Client) -> None:
    invited(admin_client)
    link = link_in(mail.outbox[0])
    first = Client()
    address = first.get(link, follow=True).redirect_chain[-1][0]
    first.post(address, {"password1": GOOD, "password2": GOOD})
    again = Client().get(link, follow=True)
    assert "password1" not in again.content.decode()


def test_an_invitation_can_be_sent_again_until_a_password_is_chosen(admin_client: Client) -> None:
    user = invited(admin_client)
    send = reverse("strategy:person_send", args=[user.pk])
    admin_client.post(send)
    assert len(mail.outbox) == 2
    assert user.account_changes.first().action == AccountAction.INVITATION_SENT
    user.set_password(GOOD)
    user.save()
    admin_client.post(send)
    assert len(mail.outbox) == 2
    assert "Send the invitation again" not in admin_client.get(page_of(user)).content.decode()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"email": "", "username": "nadia"}, "Enter the e-mail address"),
        ({"email": "STAFF@example.org"}, "There is an account with this address"),
        ({"username": "THE-STAFF"}, "This user name is taken"),
        ({"role": ""}, "Choose a role"),
        ({"role": "superuser"}, "not one of the available choices"),
        ({"office": ""}, "Name the office"),
        ({"role": "manager", "office": ""}, "Name the office"),
        ({"access_ends_on": "2018-02-30"}, "valid date"),
        ({"access_ends_on": "2018-02-28"}, "This day has passed"),
        ({"email_language": "de"}, "not one of the available choices"),
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
    assert not AccountChange.objects.exists()
    assert not mail.outbox


def test_the_board_needs_no_office(admin_client: Client) -> None:
    assert invited(admin_client, role="board", office="").role == Role.BOARD


def test_before_the_roles_are_loaded_it_says_so(admin_client: Client) -> None:
    Group.objects.get(name="board").delete()
    answer = admin_client.post(NEW, answers(role="board"))
    assert "run manage.py bootstrap" in errors_of(answer)


def test_a_new_role_replaces_the_old_one_and_is_shown_with_its_reason(
    admin_client: Client, admin_user: User, staff: User
) -> None:
    admin_client.post(form_of(staff), answers(username="aissa", role="manager"))
    staff = User.objects.get(pk=staff.pk)
    assert [group.name for group in staff.groups.all()] == ["manager"]
    assert not mail.outbox
    (change,) = staff.account_changes.all()
    assert (change.by, change.reason, change.action) == (admin_user, WHY, AccountAction.CHANGED)
    assert {"field": "role", "before": "staff", "after": "manager"} in change.fields
    assert {"field": "office", "before": "niamey", "after": "dakar"} in change.fields
    text = admin_client.get(page_of(staff)).content.decode()
    assert WHY in text
    assert "<ins><bdi>Manager</bdi></ins>" in text
    assert "<del><bdi>Niamey</bdi></del>" in text


def test_a_change_needs_a_reason_that_names_no_child(admin_client: Client, staff: User) -> None:
    for reason, said in (("", "Write the reason"), ("Child born 3 May 2011", "")):
        answer = admin_client.post(form_of(staff), answers(username="aissa", reason=reason))
        assert answer.status_code == 200
        assert said in errors_of(answer)
        assert "reason" in answer.context["form"].errors
    assert User.objects.get(pk=staff.pk).email != "nadia@example.org"


def test_saving_without_a_change_stores_none(admin_client: Client, staff: User) -> None:
    for _time in range(2):
        admin_client.post(form_of(staff), answers(username="aissa"))
    assert staff.account_changes.count() == 1


def test_nobody_changes_what_decides_about_the_own_account(
    admin_client: Client, admin_user: User
) -> None:
    values = answers(
        email="ada@example.org", username="ada", role="officer", access_ends_on="2099-01-01"
    )
    admin_client.post(form_of(admin_user), values)
    admin_user = User.objects.get(pk=admin_user.pk)
    assert (admin_user.email, admin_user.role) == ("ada@example.org", Role.ADMIN)
    assert admin_user.access_ends_on is None
    for action in ("end", "restore", "reset-two-factor"):
        assert admin_client.post(step_of(admin_user, action), {"reason": WHY}).status_code == 404
    assert User.objects.get(pk=admin_user.pk).is_active


def test_no_form_makes_a_superuser(admin_client: Client, admin_user: User, staff: User) -> None:
    grab = {"is_superuser": "on", "is_staff": "on", "user_permissions": ["1"], "password": "x"}
    for user in (admin_user, staff):
        admin_client.post(form_of(user), answers(username=user.username, **grab))
        admin_client.post(form_of(user), answers(username=user.username, email="x@x.org", **grab))
    admin_client.post(NEW, answers(email="new@example.org", **grab))
    assert not User.objects.filter(is_superuser=True).exists()
    assert not User.objects.filter(is_staff=True).exists()
    assert not User.objects.filter(user_permissions__isnull=False).exists()


def test_a_superuser_does_not_exist_for_administrators(admin_client: Client) -> None:
    root = User.objects.create_superuser("root", "root@example.org", GOOD)
    assert "root@example.org" not in admin_client.get(ACCOUNTS).content.decode()
    for address in (page_of(root), form_of(root), step_of(root, "end")):
        assert admin_client.get(address).status_code == 404
    assert admin_client.post(form_of(root), answers()).status_code == 404
    assert admin_client.post(step_of(root, "end"), {"reason": WHY}).status_code == 404
    assert admin_client.post(reverse("strategy:person_send", args=[root.pk])).status_code == 404
    assert not mail.outbox
    assert client_of(root).get(page_of(root)).status_code == 200


def test_access_ends_at_once_and_can_be_restored(admin_client: Client, staff: User) -> None:
    browser = client_of(staff)
    assert browser.get("/plan/").status_code == 200
    assert admin_client.get(step_of(staff, "end")).status_code == 200
    assert "Write the reason" in errors_of(admin_client.post(step_of(staff, "end"), {}))
    admin_client.post(step_of(staff, "end"), {"reason": "Her contract ended."})
    assert browser.get("/plan/").status_code == 302
    assert "Ended" in admin_client.get(page_of(staff)).content.decode()
    assert admin_client.post(step_of(staff, "end"), {"reason": WHY}).status_code == 404

    admin_client.post(step_of(staff, "restore"), {"reason": "She is back."})
    assert client_of(User.objects.get(pk=staff.pk)).get("/plan/").status_code == 200
    reasons = list(staff.account_changes.values_list("action", "reason"))
    assert reasons == [("restored", "She is back."), ("ended", "Her contract ended.")]


def test_restoring_removes_a_last_day_that_has_passed(admin_client: Client, staff: User) -> None:
    User.objects.filter(pk=staff.pk).update(access_ends_on="2019-01-31")
    admin_client.post(step_of(staff, "restore"), {"reason": WHY})
    staff = User.objects.get(pk=staff.pk)
    assert staff.has_access_on(timezone.localdate())
    change = staff.account_changes.get()
    assert change.fields == [{"field": "access_ends_on", "before": "2019-01-31", "after": ""}]


def test_a_second_factor_is_reset_with_a_reason_and_a_mail(
    admin_client: Client, staff: User, django_capture_on_commit_callbacks: Any
) -> None:
    User.objects.filter(pk=staff.pk).update(email="aissa@example.org", email_language="fr")
    assert admin_client.get(step_of(staff, "reset-two-factor")).status_code == 404
    TOTP.activate(staff, generate_totp_secret())
    assert "two-factor on" in admin_client.get(ACCOUNTS).content.decode()
    phone = Client()
    phone.force_login(staff)
    phone.get("/")
    UserSession.objects.create(user=staff, session_key=phone.session.session_key, ip="127.0.0.1")
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(step_of(staff, "reset-two-factor"), {"reason": "Her phone was lost."})
    assert "_auth_user_id" not in phone.session
    assert not staff.authenticator_set.exists()
    (letter,) = mail.outbox
    assert letter.to == ["aissa@example.org"]
    assert "Her phone was lost." in letter.body
    assert letter.body.startswith("Bonjour")
    assert "two-factor on" not in admin_client.get(ACCOUNTS).content.decode()


def test_accounts_are_not_in_the_administration(admin_client: Client, staff: User) -> None:
    for route in ("admin:password_change", "admin:login", "admin:logout"):
        assert admin_client.get(reverse(route)).status_code == 404
    for path in ("", f"{staff.pk}/password/change/", f"{staff.pk}/change/", f"{staff.pk}/delete/"):
        assert admin_client.get(f"/admin/strategy/user/{path}").status_code == 404
    assert "password" not in admin_client.get(form_of(staff)).context["form"].fields


def test_an_address_that_was_replaced_brings_no_password(admin_client: Client, staff: User) -> None:
    EmailAddress.objects.create(user=staff, email="old@example.org", primary=True, verified=True)
    admin_client.post(form_of(staff), answers(username="aissa"))
    for address in ("old@example.org", "nadia@example.org"):
        Client().post(reverse("account_reset_password"), {"email": address})
    send_queued_emails(timezone.now())
    assert [letter.to for letter in mail.outbox] == [["nadia@example.org"]]


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER, Role.OFFICER, Role.BOARD])
def test_only_administrators_see_accounts(role: Role, staff: User) -> None:
    client = client_of(make_user(role))
    for address in (ACCOUNTS, NEW, page_of(staff), form_of(staff), step_of(staff, "end")):
        assert client.get(address).status_code == 403
    assert client.post(step_of(staff, "end"), {"reason": WHY}).status_code == 403


def test_accounts_are_filtered(admin_client: Client, staff: User, board: User) -> None:
    User.objects.exclude(username="ada").update(password="set")
    User.objects.filter(pk=staff.pk).update(
        is_active=False, email="a.moussa@example.org", last_login=datetime(2019, 5, 3, tzinfo=UTC)
    )
    User.objects.filter(pk=board.pk).update(password="!unusable")
    TOTP.activate(board, generate_totp_secret())
    make_user("board", username="mo", password=GOOD)
    for query, names in (
        ({"role": "board"}, ["boris", "mo"]),
        ({"office": "niamey", "state": "ended"}, ["aissa"]),
        ({"state": "invited"}, ["ada", "boris"]),
        ({"state": "active"}, ["mo"]),
        ({"two_factor": "on"}, ["boris"]),
        ({"two_factor": "off"}, ["ada", "aissa", "mo"]),
        ({"q": "MOUSSA aïs"}, ["aissa"]),
        ({"q": "moussa@example"}, ["aissa"]),
        ({"q": "nobody"}, []),
    ):
        assert names_in(admin_client.get(ACCOUNTS, query)) == names, query
    assert "2 May 2019" in admin_client.get(ACCOUNTS).content.decode()


@pytest.mark.parametrize("query", [{"role": "king"}, {"state": "x"}, {"office": "atlantis"}])
def test_a_filter_that_does_not_exist_is_said(admin_client: Client, query: dict[str, str]) -> None:
    answer = admin_client.get(ACCOUNTS, query)
    assert "There is 1 thing to correct" in answer.content.decode()
    assert not names_in(answer)


def test_an_account_past_its_last_day_is_ended(admin_client: Client, staff: User) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    User.objects.filter(pk=staff.pk).update(access_ends_on=yesterday)
    assert names_in(admin_client.get(ACCOUNTS, {"state": "ended"})) == ["aissa"]


def test_the_pages_of_accounts_cost_the_same_for_more_of_them(
    query_baseline: Baseline, admin_client: Client, admin_user: User, staff: User
) -> None:
    for number in range(2):
        for place in range(10):
            make_user("staff", username=f"person-{number}-{place}")
            AccountChange.objects.create(
                user=staff, by=admin_user, at=timezone.now(), action=AccountAction.ENDED
            )
        with query_baseline("account_list"):
            admin_client.get(ACCOUNTS)
        with query_baseline("account"):
            admin_client.get(page_of(staff))
