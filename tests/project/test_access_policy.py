"""The access policy compared with the existing routes and with real responses."""

import logging
import types
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import get_resolver, path, reverse
from django.utils import timezone

from ibcr_rbm.access_policy import (
    ANONYMOUS,
    POLICY,
    WITHOUT_ROLE,
    RoutePolicy,
    get_visitor,
    policy_for,
)
from strategy.choices import Role
from strategy.models import User
from strategy.plan.loading import load_file, load_plan
from tests.conftest import client_of
from tests.factories import make_office, make_record, make_user
from tests.support.routes import routes

FIXTURES = settings.BASE_DIR / "fixtures"
VISITORS = (ANONYMOUS, WITHOUT_ROLE, *(role.value for role in Role))
METHODS = ("GET", "POST")


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Create the plan and one record for all tests of this module."""
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        for name in ("countries.json", "reference.json", "roles.json"):
            load_file(FIXTURES / name, refresh=True)
        load_plan(FIXTURES / "plan_2017_2020.json")
        make_record("initiative", reference="INI-TEST", entered_by=make_user(office="montreal"))
    yield
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


def person(visitor: str) -> User | None:
    if visitor == ANONYMOUS:
        return None
    role = None if visitor == WITHOUT_ROLE else visitor
    return make_user(role, "montreal", username=f"the-{visitor}")


def expected(line: RoutePolicy, visitor: str, method: str) -> int:
    """Return the status of the response by the table; 200 means any status of the view."""
    if not line:
        return 404
    if method not in line:
        return 405
    if visitor in line[method]:
        return 200
    return 302 if visitor == ANONYMOUS else 403


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.django_db
def test_every_answer_is_as_the_table_says(visitor: str, world: None) -> None:
    user = person(visitor)
    client = Client() if user is None else client_of(user)
    wrong = []
    for route in routes():
        line = policy_for(route.name)
        assert line is not None, f"{route.name} has no line in POLICY"
        for method in METHODS:
            answer = client.generic(method, route.address)
            if not _agrees(answer, expected(line, visitor, method)):
                wrong.append(f"{method} {route.name} {route.address}: {answer.status_code}")
            if user is not None and route.name.startswith(("account_", "mfa_")):
                client.force_login(user)
    assert not wrong


def _agrees(answer: Any, status: int) -> bool:
    to_login = answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
    if status == 302:
        return to_login
    if status != 200:
        return bool(answer.status_code == status)
    is_refused = answer.status_code == 403 and b"It is open to" in answer.content
    return answer.status_code < 500 and answer.status_code != 405 and not is_refused


def test_every_route_has_a_line() -> None:
    assert not [route.name for route in routes() if policy_for(route.name) is None]


def test_every_line_has_a_route() -> None:
    names = {route.name for route in routes()}
    spaces = {f"{name.partition(':')[0]}:*" for name in names if ":" in name}
    assert not set(POLICY) - names - spaces


def test_lines_name_known_visitors_only() -> None:
    named = {who for line in POLICY.values() for allowed in line.values() for who in allowed}
    assert named == set(VISITORS)
    assert {method for line in POLICY.values() for method in line} == set(METHODS)


@pytest.mark.django_db
def test_a_route_without_a_line_is_open_to_nobody(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("secret")

    urls = types.ModuleType("urls_with_a_new_route")
    base = __import__(settings.ROOT_URLCONF, fromlist=["urlpatterns"])
    urls.urlpatterns = [path("new/", view, name="new_route"), *base.urlpatterns]  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = urls
    resolver = get_resolver(urls)  # type: ignore[arg-type]
    assert [one.name for one in routes(resolver) if policy_for(one.name) is None] == ["new_route"]
    for visitor in VISITORS:
        user = person(visitor)
        client = Client() if user is None else client_of(user)
        with caplog.at_level(logging.ERROR, "ibcr_rbm.access_policy"):
            assert client.get("/new/").status_code == 404
        assert "new_route" in caplog.text


@pytest.mark.django_db
def test_a_stranger_comes_back_after_signing_in() -> None:
    answer = Client().get("/plan/?plan=2017-2020")
    assert answer["Location"] == "/accounts/login/?next=/plan/%3Fplan%3D2017-2020"


@pytest.mark.django_db
def test_a_refusal_says_who_may(staff_client: Client) -> None:
    answer = staff_client.get(reverse("admin:index"))
    assert answer.status_code == 403
    assert "It is open to: M&amp;E officer or Administrator. Your role is: Staff." in (
        answer.content.decode()
    )


@pytest.mark.django_db
def test_reading_the_head_of_a_page_is_reading_it(officer_client: Client) -> None:
    assert officer_client.head("/plan/").status_code == 200
    assert officer_client.delete("/plan/").status_code == 405
    answer = officer_client.options("/plan/")
    assert (answer.status_code, answer["Allow"]) == (405, "GET")
    assert b"only works from the button" in answer.content


@pytest.mark.django_db
def test_an_account_without_a_role_is_told_so() -> None:
    client = client_of(make_user(None, "montreal"))
    answer = client.get("/")
    assert answer.status_code == 403
    assert "Your account has no role yet." in answer.content.decode()
    assert client.get(reverse("mfa_index")).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER, Role.OFFICER])
def test_an_account_that_needs_an_office_and_has_none_is_told_so(role: Role) -> None:
    user = make_user(role)
    user.office = None
    user.save()
    answer = client_of(user).get("/plan/")
    assert answer.status_code == 403
    assert "Your account belongs to no office yet." in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.BOARD, Role.ADMIN])
def test_board_and_administrators_need_no_office(role: Role) -> None:
    user = make_user(role)
    user.office = None
    user.save()
    assert client_of(user).get("/plan/").status_code == 200


@pytest.mark.django_db
def test_an_account_past_its_last_day_is_signed_out_and_told_so(staff: User) -> None:
    client = client_of(staff)
    staff.access_ends_on = timezone.localdate()
    staff.save()
    assert client.get("/plan/").status_code == 200
    staff.access_ends_on = timezone.localdate() - timedelta(days=3)
    staff.save()
    answer = client.get("/plan/", follow=True)
    assert answer.redirect_chain[0][0].startswith("/accounts/login/")
    assert "Your access ended on" in answer.content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_a_closed_account_is_signed_out(staff: User) -> None:
    client = client_of(staff)
    staff.is_active = False
    staff.save()
    assert client.get("/plan/").status_code == 302


@pytest.mark.django_db
def test_only_the_command_line_makes_a_superuser_and_it_counts_as_administrator() -> None:
    root = User.objects.create_superuser("root", "root@example.org", "a long password")
    assert get_visitor(root) == Role.ADMIN
    assert get_visitor(AnonymousUser()) == ANONYMOUS


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "first_page"),
    [
        (Role.STAFF, "/my-work/"),
        (Role.MANAGER, "/review/"),
        (Role.OFFICER, "/dashboard/"),
        (Role.BOARD, "/reports/"),
        (Role.ADMIN, "/accounts/people/"),
    ],
)
def test_home_is_where_the_work_of_each_role_begins(role: Role, first_page: str) -> None:
    assert client_of(make_user(role)).get("/")["Location"] == first_page


@pytest.mark.django_db
def test_forms_need_the_proof_that_they_are_ours(staff: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    answer = client.post(reverse("account_logout"))
    assert answer.status_code == 403
    assert "The form was not sent" in answer.content.decode()


@pytest.mark.django_db
def test_a_foreign_record_does_not_exist(staff_client: Client) -> None:
    make_office("dakar")
    record = make_record("initiative", entered_by=make_user(office="dakar"))
    own = make_record("initiative", entered_by=make_user(office="niamey"))
    names = ("indicators:record_detail", "indicators:record_history", "indicators:record_edit")
    for name in names:
        there = reverse(name, args=["initiative", record.reference])
        assert staff_client.get(there).status_code == 404, name
        here = reverse(name, args=["initiative", own.reference])
        assert staff_client.get(here).status_code == 200, name


@pytest.mark.django_db
def test_the_health_of_the_server_is_open_and_says_nothing() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_the_health_says_when_the_database_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_arguments: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("ibcr_rbm.views.connection", types.SimpleNamespace(cursor=gone))
    assert Client().get("/healthz").status_code == 503
