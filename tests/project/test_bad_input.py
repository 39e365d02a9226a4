"""Any input to any URL: a clear response, no server error, and nothing written."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client

from ibcr_rbm.access_policy import policy_for
from indicators.import_export.previews import make_preview
from indicators.models import Status
from reporting.annual_report.issuing import issue_annual_report
from strategy.choices import RecordKind, Role
from strategy.models import Plan, SecurityEvent, User
from strategy.plan.loading import load_file, load_plan
from tests.conftest import client_of
from tests.factories import make_record, make_user
from tests.support.routes import Route, routes

pytestmark = pytest.mark.django_db

FIXTURES = settings.BASE_DIR / "fixtures"
ROLES = [role.value for role in Role]
AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)

GARBAGE: Mapping[str, bytes] = {
    "nothing": b"",
    "null character": b"a\x00b",
    "no text of UTF-8": b"\xff\xfe\xed\xa0\x80",
    "a long number": b"9" * 5000,
    "an impossible day": b"2018-02-30",
    "a negative number": b"-1",
    "digits of another script": "١٢".encode(),
    "markup": b"\"'><script>alert(1)</script>",
    "turned round": "\u202e\ufeff{}%s%(x)s".encode(),
}

CONDITIONS: Mapping[str, str] = {
    "reporting:dashboard": "as_of plan order",
    "reporting:summary": "as_of plan order",
    "reporting:summary_file": "as_of plan",
    "reporting:target": "as_of plan",
    "strategy:plan": "plan",
    "indicators:record_list": "page sort q status country field year office who target plan",
    "indicators:record_export": "page sort q status country field year office who target plan",
    "indicators:review": "page",
    "indicators:my_work": "page",
    "indicators:import_start": "kind",
    "indicators:import_preview": "page show",
    "reporting:report_detail": "plan target",
    "reporting:report_file": "plan",
    "reporting:report_issue": "plan year version",
    "reporting:draft_edit": "plan language",
    "account_login": "next",
}
"""Route -> the parameters that its URL accepts."""

FIGURE = "as_of counts year slice by reason plan"
"""Further parameters of a URL with ``?target=1.1-initiatives``."""

DEPENDS_ON_DATABASE = frozenset(
    {
        "null character",
        "no text of UTF-8",
        "a long number",
        "an impossible day",
        "a negative number",
        "turned round",
    }
)
"""Garbage that a database may refuse or read in its own way, if the application lets it through."""

EACH_GARBAGE = [
    pytest.param(name, marks=[] if name in DEPENDS_ON_DATABASE else pytest.mark.one_database)
    for name in GARBAGE
]

NOT_YET_MADE = 503
"""The status of a PDF that is still rendered; its page shows the progress."""


@pytest.fixture(scope="module")
def people(django_db_setup: None, django_db_blocker: Any) -> Iterator[Mapping[str, User]]:
    """Create one user per role, the plan, a record of each kind, a report and a file to import."""
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        for name in ("countries.json", "reference.json", "roles.json"):
            load_file(FIXTURES / name, refresh=True)
        load_plan(FIXTURES / "plan_2017_2020.json")
        people = {role: make_user(role, "montreal", username=f"the-{role}") for role in ROLES}
        _fill(people["officer"])
    yield people
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


def _fill(officer: User) -> None:
    writer = make_user(Role.STAFF, "montreal")
    make_record("initiative", reference="INI-TEST", status=Status.SUBMITTED, entered_by=writer)
    for kind in RecordKind:
        make_record(kind, status=Status.APPROVED, entered_by=writer)
    plan = Plan.objects.get()
    issue_annual_report(plan, "2018", officer, AT)
    make_preview(RecordKind.INITIATIVE, b"title\nTogo\n", "a.csv", by=officer, at=AT)


@pytest.fixture
def client(clients: Mapping[str, Client], request: pytest.FixtureRequest) -> Client:
    return clients[request.getfixturevalue("role")]


@pytest.fixture
def clients(people: Mapping[str, User]) -> Mapping[str, Client]:
    """Return one client per role; server errors become responses with status 500."""
    clients = {role: client_of(person) for role, person in people.items()}
    for client in clients.values():
        client.raise_request_exception = False
    return clients


def ask(client: Client, method: str, address: str, **options: Any) -> Any:
    """Return the response; writes of a request that failed are rolled back."""
    with transaction.atomic():
        answer = client.generic(method, address, **options)
        if answer.status_code >= 500 and answer.status_code != NOT_YET_MADE:
            transaction.set_rollback(True)
    return answer


def counts() -> dict[str, int]:
    """Return the number of rows of every table except sessions and the log of what was refused."""
    models = [model for model in apps.get_models() if model not in (Session, SecurityEvent)]
    return {model.__name__: model._base_manager.count() for model in models}


def open_routes(method: str, garbage: str) -> Iterator[tuple[Route, str]]:
    """Yield every route with one of its roles: the next role with the next garbage.

    There are more garbage values than roles, so that each role requests each of its routes.
    """
    number = list(GARBAGE).index(garbage)
    for place, route in enumerate(routes()):
        roles = [role for role in ROLES if role in (policy_for(route.name) or {}).get(method, ())]
        if roles:
            yield route, roles[(place + number) % len(roles)]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_garbage_comes_to_each_route_from_each_role_that_may_open_it(method: str) -> None:
    sent = {(route.name, role) for one in GARBAGE for route, role in open_routes(method, one)}
    lines = {route.name: policy_for(route.name) or {} for route in routes()}
    assert sent == {
        (name, role)
        for name, line in lines.items()
        for role in ROLES
        if role in line.get(method, ())
    }


@pytest.mark.parametrize("garbage", EACH_GARBAGE)
def test_no_condition_in_an_address_is_a_failure(
    garbage: str, clients: Mapping[str, Client]
) -> None:
    wrong = []
    for route, role in open_routes("GET", garbage):
        for name in CONDITIONS.get(route.name, "").split():
            address = f"{route.address}?{name}={quote_from_bytes(GARBAGE[garbage])}"
            answer = ask(clients[role], "GET", address)
            if answer.status_code not in (200, 302, 400, 404, NOT_YET_MADE):
                wrong.append(f"{answer.status_code} {role} {address[:200]}")
    assert not wrong


@pytest.mark.parametrize("role", ["officer"])
@pytest.mark.parametrize(
    "address",
    [
        "/targets/1%00/",
        "/reports/2018%00/1/",
        "/reports/2018%00/1/records.csv",
        "/reports/2018/1/en%00.pdf",
        "/reports/2018/1/draft/earlier/comment:%00/",
    ],
)
def test_a_null_character_on_the_way_to_a_page_is_refused(
    role: str, address: str, client: Client
) -> None:
    assert ask(client, "GET", address).status_code == 400


@pytest.mark.parametrize("role", ["manager"])
def test_no_condition_of_a_figures_list_is_a_failure(role: str, client: Client) -> None:
    wrong = []
    for name in FIGURE.split():
        for value in GARBAGE.values():
            counts_no = "&counts=no" if name == "reason" else ""
            address = f"/records/initiative/?target=1.1-initiatives{counts_no}&{name}="
            answer = ask(client, "GET", address + quote_from_bytes(value))
            # A dimension alone has no effect until a slice is named.
            expected = (200,) if not value else (200, 400) if name == "by" else (400,)
            if answer.status_code not in expected:
                wrong.append(f"{answer.status_code} {address}{value[:40]!r}")
    assert not wrong


class _Names(HTMLParser):
    """The names of all fields in the forms of a page, except the CSRF token."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = dict(attrs).get("name")
        if tag in ("input", "select", "textarea", "button") and name:
            self.names.add(name)


def names_of(client: Client, route: Route) -> AbstractSet[str]:
    parser = _Names()
    if "GET" in (policy_for(route.name) or {}):
        answer = ask(client, "GET", route.address)
        if answer.status_code == 200 and not answer.streaming:
            parser.feed(answer.content.decode())
    return parser.names - {"csrfmiddlewaretoken"} | {"version", "note", "next", "act", "record"}


def _is_meant_whatever_is_sent(route: Route, garbage: str) -> bool:
    """Return whether the route acts on this input, as signing out and deleting do."""
    if route.name == "reporting:report_issue":
        return bool(GARBAGE[garbage])
    buttons = (
        "account_logout",
        "indicators:notification_preference",
        "reporting:report_files",
        "strategy:person_send",
        "strategy:workbench_first",
    )
    return route.name in buttons or route.name.endswith("_delete")


@pytest.fixture(scope="module")
def known_names() -> dict[tuple[Route, str], AbstractSet[str]]:
    """Return the field names of a form as a role sees it, once its page was opened."""
    return {}


@pytest.mark.parametrize("garbage", EACH_GARBAGE)
def test_no_form_sent_with_garbage_is_a_failure(
    garbage: str,
    people: Mapping[str, User],
    clients: Mapping[str, Client],
    known_names: dict[tuple[Route, str], AbstractSet[str]],
) -> None:
    before, wrong = counts(), []
    for route, role in open_routes("POST", garbage):
        if _is_meant_whatever_is_sent(route, garbage):
            continue
        client, key = clients[role], (route, role)
        if key not in known_names:
            known_names[key] = names_of(client, route)
        body = "&".join(f"{name}={quote_from_bytes(GARBAGE[garbage])}" for name in known_names[key])
        answer = ask(
            client,
            "POST",
            route.address,
            data=body,
            content_type="application/x-www-form-urlencoded",
        )
        if answer.status_code >= 500 and answer.status_code != NOT_YET_MADE:
            wrong.append(f"{answer.status_code} {role} {route.name} {route.address}")
        client.force_login(people[role])
    assert not wrong
    if garbage in ("nothing", "null character", "a long number"):
        assert counts() == before
