"""The security log: what it records, what it never holds, and who reads it."""

import csv
import json
import logging
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ibcr_rbm.web.json_lines import JsonFormatter
from ibcr_rbm.web.request_log import FILES
from indicators.models import Status
from indicators.workflow.actions import approve
from strategy.accounts.security_log.events import delete_old_events, log_event
from strategy.choices import Role
from strategy.models import AccountAction, AccountChange, PlanChange, SecurityAction, SecurityEvent
from tests.conftest import client_of
from tests.factories import make_record, make_user
from tests.support.query_baselines import Baseline
from tests.support.routes import routes

pytestmark = pytest.mark.django_db

LOG = reverse("strategy:security_log")
FILE = reverse("strategy:security_log_file")
SECRET = "a-long-and-varied-secret-9"


def entries(action: SecurityAction) -> list[SecurityEvent]:
    return list(SecurityEvent.objects.filter(action=action))


def sign_in(login: str, password: str) -> Any:
    return Client().post(reverse("account_login"), {"login": login, "password": password})


def read_csv(client: Client, address: str = FILE) -> list[dict[str, str]]:
    content = b"".join(client.get(address).streaming_content)  # type: ignore[arg-type]
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"))))


@pytest.fixture
def admin() -> Client:
    Group.objects.get_or_create(name=Role.ADMIN.value)
    return client_of(make_user(Role.ADMIN, username="the-admin"))


def test_sign_ins_and_failures_name_account_address_and_request() -> None:
    user = make_user(Role.STAFF, username="amina")
    user.set_password(SECRET)
    user.save()
    failed = sign_in("amina", "not-" + SECRET)
    signed_in = sign_in("amina", SECRET)
    for action, response in (
        (SecurityAction.SIGN_IN_FAILED, failed),
        (SecurityAction.SIGNED_IN, signed_in),
    ):
        [entry] = entries(action)
        assert (entry.by_id, entry.address) == (user.pk, "127.0.0.1")
        assert entry.request_id == response["X-Request-ID"]
        assert timezone.now() - entry.at < timedelta(minutes=1)


def test_what_was_typed_instead_of_a_name_is_not_stored() -> None:
    sign_in(SECRET, SECRET)
    [entry] = entries(SecurityAction.SIGN_IN_FAILED)
    assert entry.by_id is None
    assert SECRET not in str(list(SecurityEvent.objects.values()))


def test_a_request_id_of_the_client_is_replaced() -> None:
    forged = "f" * 32
    response = Client().get(reverse("account_login"), headers={"X-Request-ID": forged})
    assert len(response["X-Request-ID"]) == 32
    assert response["X-Request-ID"] != forged


def test_a_refused_page_is_logged_and_an_open_one_is_not() -> None:
    client = client_of(make_user(Role.BOARD))
    before = SecurityEvent.objects.count()
    assert client.get(reverse("strategy:plan")).status_code == 200
    assert SecurityEvent.objects.count() == before
    assert client.get(LOG).status_code == 403
    [entry] = entries(SecurityAction.REFUSED)
    assert entry.subject == "403 GET strategy:security_log"
    assert entry.by is not None


def test_too_many_attempts_are_logged() -> None:
    for _attempt in range(11):
        last = sign_in("nobody", SECRET)
    assert last.status_code == 429
    [entry] = entries(SecurityAction.REFUSED)
    assert entry.subject.startswith("429 POST")


def test_an_approval_names_the_record_by_kind_and_key() -> None:
    record = make_record("initiative", status=Status.SUBMITTED, evidence=1, title="Hidden title")
    manager = make_user(Role.MANAGER, "montreal", username="approver")
    approve(record, by=manager, at=timezone.now())
    [entry] = entries(SecurityAction.APPROVED)
    assert (entry.subject, entry.by) == (f"initiative {record.pk}", manager)


def test_changes_of_accounts_and_plans_are_logged_without_their_values() -> None:
    user = make_user(Role.STAFF)
    fields: Any = [{"field": "email", "before": "", "after": "secret@example.org"}]
    AccountChange.objects.create(
        user=user, by=user, at=timezone.now(), action=AccountAction.CHANGED, fields=fields
    )
    change = PlanChange.objects.create(
        changed_at=timezone.now(), changed_by=user, reason="Because", details=[]
    )
    [account], [plan] = (
        entries(SecurityAction.ACCOUNT_CHANGED),
        entries(SecurityAction.PLAN_CHANGED),
    )
    assert account.subject == f"account {user.pk}: changed email"
    assert plan.subject == f"change {change.pk}"


def test_the_file_is_itself_logged_and_its_cells_are_no_formulas(admin: Client) -> None:
    log_event(SecurityAction.BACKED_UP, "=HYPERLINK(1)")
    rows = read_csv(admin, f"{FILE}?action=backed_up")
    assert [row["subject"] for row in rows] == ["'=HYPERLINK(1)"]
    [entry] = entries(SecurityAction.EXPORTED)
    assert entry.subject == "strategy:security_log_file"


def test_the_filters_select(admin: Client) -> None:
    amina, other = make_user(Role.STAFF, username="amina"), make_user(username="other")
    log_event(SecurityAction.SIGNED_OUT, "first", amina)
    log_event(SecurityAction.PASSWORD_CHANGED, "second", other)
    SecurityEvent.objects.filter(subject="second").update(
        at=timezone.now() - timedelta(days=40), address="192.0.2.7"
    )

    def select(query: str) -> list[str]:
        page = admin.get(f"{LOG}?{query}").context["page"]
        return [entry.subject for entry in page if entry.subject in ("first", "second")]

    assert select("") == ["first", "second"]
    assert select("action=signed_out") == ["first"]
    assert select("person=AMINA") == ["first"]
    assert select("address=192.0.2.7") == ["second"]
    yesterday = timezone.localdate() - timedelta(days=2)
    assert select(f"since={yesterday}") == ["first"]
    assert select(f"until={yesterday}") == ["second"]
    assert "since" in admin.get(f"{LOG}?since=soon").context["form"].errors
    assert admin.get(f"{FILE}?since=soon").status_code == 400


def test_an_entry_outlives_its_account(admin: Client) -> None:
    user = make_user(username="short-lived")
    log_event(SecurityAction.SIGNED_IN, by=user)
    key = str(user.pk)
    user.delete()
    assert key in [row["user"] for row in read_csv(admin)]
    assert admin.get(LOG).status_code == 200


def test_old_entries_are_deleted(settings: Any) -> None:
    settings.SECURITY_LOG_DAYS = 30
    now = timezone.now()
    log_event(SecurityAction.SIGNED_IN, "old")
    SecurityEvent.objects.update(at=now - timedelta(days=31))
    log_event(SecurityAction.SIGNED_IN, "new")
    assert delete_old_events(now) == 1
    assert [entry.subject for entry in SecurityEvent.objects.all()] == ["new"]


def test_each_entry_is_a_line_of_json(
    django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.INFO, "security"),
        django_capture_on_commit_callbacks(execute=True),
    ):
        log_event(SecurityAction.BACKED_UP, "two\nlines")
    [text] = [JsonFormatter().format(record) for record in caplog.records]
    assert "\n" not in text
    line = json.loads(text)
    assert (line["message"], line["subject"], line["logger"]) == (
        "backed_up",
        "two\nlines",
        "security",
    )


def test_every_file_route_exists_and_every_route_of_a_file_is_listed() -> None:
    names = {route.name for route in routes()}
    assert set(FILES) <= names
    handing_out = ("_file", "_export", "_data", "_pdf", "_signature")
    assert {name for name in names if name.endswith(handing_out)} <= set(FILES)


def test_the_page_costs_the_same_for_many_entries(admin: Client, query_baseline: Baseline) -> None:
    user = make_user()
    for _entry in range(20):
        log_event(SecurityAction.SIGNED_IN, by=user)
    with query_baseline("security_log"):
        assert admin.get(LOG).status_code == 200


def test_refusals_of_a_stranger_at_an_address_are_one_entry_a_minute(
    client: Client, admin: Client, time_machine: Any
) -> None:
    time_machine.move_to("2026-03-01 10:00Z", tick=False)
    for _attempt in range(3):
        assert Client(enforce_csrf_checks=True).post(reverse("account_login")).status_code == 403
    assert len(entries(SecurityAction.REFUSED)) == 1
    time_machine.move_to("2026-03-01 10:02Z", tick=False)
    Client(enforce_csrf_checks=True).post(reverse("account_login"))
    assert len(entries(SecurityAction.REFUSED)) == 2
    for _attempt in range(2):
        client_of(make_user()).get(LOG)
    assert len(entries(SecurityAction.REFUSED)) == 4, "of people each is an entry"
