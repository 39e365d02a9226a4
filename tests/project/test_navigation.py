"""Navigation of every page: the sections of each role, pending counts, and the sample notice."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from ibcr_rbm.access_policy import POLICY
from ibcr_rbm.navigation import NAV_SECTIONS as PLACES_OF
from ibcr_rbm.navigation import build_nav_items, find_allowed_routes
from indicators.workflow.queues import (
    awaiting_review,
    count_awaiting_review,
    pending_records,
)
from strategy.choices import Role
from strategy.models import User
from strategy.plan.loading import load_file
from tests.conftest import client_of
from tests.factories import make_record, make_user

pytestmark = pytest.mark.django_db

PLACES = {
    Role.STAFF: ["My work", "Records", "Learning", "Dashboard", "Summary table", "Plan"],
    Role.MANAGER: [
        *("Review", "Records", "Learning", "Dashboard", "Summary table", "Annual reports"),
        *("Plan", "My work"),
    ],
    Role.OFFICER: [
        *("Dashboard", "Summary table", "Review", "Records", "Learning", "Import"),
        "Annual reports",
        *("Plan", "Plan workbench", "My work"),
    ],
    Role.BOARD: ["Annual reports", "Dashboard", "Summary table", "Plan"],
    Role.ADMIN: ["Accounts", "Reference data", "Plan", "System status"],
}


def shown(client: Client, address: str = "/plan/") -> list[Any]:
    return list(client.get(address).context["navigation"])


@pytest.mark.parametrize("role", Role)
def test_each_role_sees_its_own_places(role: Role) -> None:
    items = shown(client_of(make_user(role)))
    assert [str(item.label) for item in items] == PLACES[role]
    assert [str(item.label) for item in items if item.is_current] == ["Plan"]


def test_no_comma_of_one_script_parts_a_name_from_a_role_in_another(settings: Any) -> None:
    client = client_of(make_user(Role.BOARD, username="amina"))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ar"
    assert "<bdi>amina</bdi> · " in client.get("/plan/").content.decode()


def test_whoever_sends_a_form_that_is_too_old_is_led_on(settings: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(Role.STAFF))
    response = client.post("/my-work/mail/", {"wanted": "no"})
    assert response.status_code == 403
    assert 'href="/">Go to your first page' in response.content.decode()


@pytest.mark.parametrize("role", Role)
def test_every_place_is_open_to_whom_it_is_shown(role: Role) -> None:
    load_file(settings.BASE_DIR / "fixtures" / "roles.json", refresh=True)
    client = client_of(make_user(role))
    for item in shown(client):
        assert client.get(item.url).status_code == 200, item.url


def test_a_page_inside_a_place_marks_that_place(officer_client: Client) -> None:
    record = make_record("initiative")
    items = shown(officer_client, f"/records/initiative/{record.reference}/")
    assert [str(item.label) for item in items if item.is_current] == ["Records"]


ELSEWHERE = (
    *("maintenance:readyz", "maintenance:metrics"),
    *("admin:", "account_", "mfa_", "usersessions_", "concern", "healthz", "home"),
    *("indicators:service_worker", "indicators:offline_"),
)
NO_PAGE = (
    *("_file", "_export", "_template", "_errors", "_names", "_session", "_data"),
    *("_contributions", "_pdf", "_signature", "_moved"),
)


def test_every_page_of_records_and_figures_lies_in_a_place() -> None:
    pages = {
        route
        for route, line in POLICY.items()
        if "GET" in line and not route.startswith(ELSEWHERE) and not route.endswith(NO_PAGE)
    }
    places = [place for role in PLACES_OF.values() for place in role]
    assert pages <= {route for place in places for route in (place.route, *place.routes)}


def test_review_tells_how_many_wait_for_the_person(manager: User, staff: User) -> None:
    make_record("initiative", status="submitted", entered_by=staff)
    make_record("decision", status="submitted", entered_by=staff)
    make_record("decision", status="submitted", entered_by=manager)
    make_record("decision", entered_by=staff)
    assert count_awaiting_review(manager) == 2
    counts = {str(item.label): item.count for item in shown(client_of(manager))}
    assert counts["Review"] == 2
    assert sum(counts.values()) == 2


@pytest.mark.parametrize("role", [*Role, None])
def test_the_number_beside_review_is_that_of_the_queue(role: Role | None, staff: User) -> None:
    for kind in ("initiative", "decision"):
        make_record(kind, status="submitted", entered_by=staff)
    make_record("event", status="submitted", entered_by=make_user(office="dakar"))
    first, second = make_user(role, office="dakar"), make_user(role)
    make_record("sponsor", status="submitted", entered_by=first)
    for user in (first, second, first):
        queue = pending_records(user, awaiting_review)
        assert count_awaiting_review(user) == queue.count()


def test_what_waits_costs_one_query(manager: User) -> None:
    assert manager.role == Role.MANAGER
    with CaptureQueriesContext(connection) as queries:
        count_awaiting_review(manager)
    assert len(queries) == 1


def test_a_stranger_and_an_account_without_a_role_have_nowhere_to_go() -> None:
    request = RequestFactory().get("/")
    assert build_nav_items(request) == []
    request.user = AnonymousUser()
    assert build_nav_items(request) == []
    request.user = make_user(None)
    request.resolver_match = None
    assert build_nav_items(request) == []
    assert "strategy:plan" not in find_allowed_routes(request)
    assert "account_change_password" in find_allowed_routes(request)


def test_the_banner_stands_in_the_demonstration_only(settings: Any, board_client: Client) -> None:
    settings.IS_DEMONSTRATION = True
    assert b"Public sample records" in board_client.get("/plan/").content
    settings.IS_DEMONSTRATION = False
    assert b"Public sample records" not in board_client.get("/plan/").content


def test_an_unknown_address_and_a_bad_host_are_answered_with_our_pages(
    settings: Any, staff_client: Client
) -> None:
    missing = staff_client.get("/nothing/here/")
    assert missing.status_code == 404
    assert b"There is no such page" in missing.content
    settings.ALLOWED_HOSTS = ["results.example.org"]
    bad = Client().get("/plan/")
    assert bad.status_code == 400
    assert b"The request was not understood" in bad.content


def test_an_error_of_ours_is_answered_with_our_page(
    staff_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("strategy.plan.views.build_plan_page", broken)
    monkeypatch.setattr("strategy.plan.views.find_current_plan", lambda *_a: object())
    staff_client.raise_request_exception = False
    answer = staff_client.get("/plan/")
    assert answer.status_code == 500
    assert b"Something went wrong on our side" in answer.content
    assert b"RuntimeError" not in answer.content
