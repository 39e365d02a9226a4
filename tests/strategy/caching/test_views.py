"""Cached pages: each visitor has the page that the view would render, without computing it."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from indicators.models import FormDraft, Initiative
from reporting.annual_report.issuing import issue_annual_report
from strategy.choices import RecordKind, Role
from strategy.models import Plan, User
from tests.conftest import client_of
from tests.factories import make_approved, make_record, make_user
from tests.support.samples.form_answers import post_new

PAGES = (
    "/summary/",
    "/plan/pmf/",
    "/plan/logic-model/",
    "/dashboard/",
    "/targets/1.2-fields/",
    "/records/initiative/",
    "/records/initiative/new/",
    "/records/initiative/INI-1/",
    "/records/initiative/INI-1/edit/",
    "/review/",
    "/reports/2018/1/page/",
)
VISITS = (
    ("officer", "", "en"),
    ("officer", "", "ar"),
    ("another officer", "", "en"),
    ("staff", "", "en"),
    ("staff of another office", "", "en"),
    ("manager", "", "en"),
    ("board", "", "en"),
)
"""Visitor, query and language: each differs from the first in one thing."""
FIGURE_VISITS = tuple(
    ("officer", query, "en") for query in ("?plan=repeat-plan", "?as_of=2018-12-31", "?order=plan")
)
"""The same for pages of figures."""

FRAME_QUERIES = 6
"""At most: session, user, group, records that wait, the data version, and one in reserve."""

BEFORE_MIDNIGHT = datetime(2019, 6, 4, 3, 59, tzinfo=UTC)
"""In Toronto, where the installation is."""

AFTER_2018 = datetime(2019, 2, 1, 15, 0, tzinfo=UTC)

RANDOM = re.compile(rb'name="(csrfmiddlewaretoken|creation_token)" value="[^"]*"')

FORM_TOKEN = re.compile(rb'name="creation_token" value="([^"]*)"')

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visitors(later_plan: Plan) -> dict[str, Client]:
    users = {
        "officer": make_user(Role.OFFICER, "montreal", first_name="Camille"),
        "another officer": make_user(Role.OFFICER, "montreal", first_name="Hélène"),
        "staff": make_user(Role.STAFF, first_name="Aïssa"),
        "staff of another office": make_user(Role.STAFF, "dakar", first_name="Fatou"),
        "manager": make_user(Role.MANAGER, "montreal", first_name="Rosalie"),
        "board": make_user(Role.BOARD, first_name="Boris"),
    }
    make_approved("initiative", starts_on="2018-03", reference="INI-1")
    for name, user in users.items():
        make_record("initiative", title=f"By {name}", status="submitted", entered_by=user)
    plan = Plan.objects.get(code="2017-2020")
    issue_annual_report(plan, "2018", users["officer"], AFTER_2018)
    return {name: client_of(user) for name, user in users.items()}


def fetch(client: Client, url: str, language: str = "en") -> tuple[int, bytes]:
    client.cookies["django_language"] = language
    response = client.get(url)
    return response.status_code, RANDOM.sub(b"", response.content)


def fetch_uncached(client: Client, url: str, language: str = "en") -> tuple[int, bytes]:
    with transaction.atomic():
        return fetch(client, url, language)


def count_queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        fetch(client, url)
    return len(queries)


@pytest.mark.parametrize("page", PAGES)
def test_pages_that_differ_are_not_shared(page: str, visitors: dict[str, Client]) -> None:
    is_of_figures = page in ("/summary/", "/plan/pmf/", "/dashboard/", "/targets/1.2-fields/")
    for name, query, language in VISITS + FIGURE_VISITS * is_of_figures:
        cached = fetch(visitors[name], page + query, language)
        rendered = fetch_uncached(visitors[name], page + query, language)
        assert cached == rendered, (name, query, language)


@pytest.mark.parametrize("page", PAGES)
def test_an_unchanged_page_is_not_computed_again(page: str, visitors: dict[str, Client]) -> None:
    fetch(visitors["officer"], page)
    assert count_queries(visitors["officer"], page) <= FRAME_QUERIES


def test_users_with_equal_rights_share_a_page(visitors: dict[str, Client]) -> None:
    fetch(visitors["officer"], PAGES[0])
    assert count_queries(visitors["another officer"], PAGES[0]) <= FRAME_QUERIES


def test_a_page_of_yesterday_is_not_shown_today(visitors: dict[str, Client]) -> None:
    with time_machine.travel(BEFORE_MIDNIGHT, tick=False):
        client = client_of(make_user(Role.BOARD))
        yesterday = fetch(client, "/summary/")
    with time_machine.travel(BEFORE_MIDNIGHT + timedelta(minutes=2), tick=False):
        today = fetch(client, "/summary/")
        assert today == fetch_uncached(client, "/summary/")
    assert today != yesterday


def test_a_message_is_shown_once(visitors: dict[str, Client]) -> None:
    client = visitors["staff"]
    fetch(client, "/summary/")
    client.post("/my-work/mail/", {"wanted": "yes"})
    shown = [b"You get mail when something waits." in fetch(client, "/summary/")[1] for _ in "12"]
    assert shown == [True, False]


def test_each_form_has_its_own_token(visitors: dict[str, Client]) -> None:
    pages = [visitors["staff"].get("/records/initiative/new/").content for _visit in range(3)]
    tokens = {found for page in pages for found in FORM_TOKEN.findall(page)}
    assert len(tokens) == len(pages)


def test_a_form_from_the_store_saves_a_record_each_time(visitors: dict[str, Client]) -> None:
    client, titles = visitors["staff"], ["Judges meet in Agadez", "Guards learn in Diffa"]
    for title in titles:
        page = [client.get("/records/initiative/new/").content for _visit in "12"][-1]
        token = FORM_TOKEN.findall(page)[0].decode()
        response = post_new(client, RecordKind.INITIATIVE, title=title, creation_token=token)
        assert response.status_code == 302
    assert Initiative.objects.filter(title__in=titles).count() == len(titles)


def test_a_page_that_tells_the_time_is_not_stored(visitors: dict[str, Client]) -> None:
    # No worker has made the PDFs.
    numbers = [count_queries(visitors["officer"], "/reports/2018/1/") for _visit in "1234"]
    assert min(numbers) > FRAME_QUERIES


def test_a_form_with_drafts_is_not_stored(visitors: dict[str, Client], later_plan: Plan) -> None:
    user = User.objects.get(first_name="Aïssa")
    FormDraft.objects.create(
        owner=user, kind="initiative", token=uuid.uuid4(), answers={}, changed_at=timezone.now()
    )
    numbers = [count_queries(visitors["staff"], "/records/initiative/new/") for _visit in "1234"]
    assert min(numbers) > FRAME_QUERIES


def test_a_change_is_on_the_next_page(visitors: dict[str, Client]) -> None:
    client, title = visitors["officer"], "Renamed by another program"
    fetch(client, "/records/initiative/")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE indicators_initiative SET title = %s", [title])
    assert title.encode() in fetch(client, "/records/initiative/")[1]


def test_a_change_that_was_rolled_back_is_on_no_page(visitors: dict[str, Client]) -> None:
    client = visitors["officer"]
    before = fetch(client, "/records/initiative/")
    with transaction.atomic():
        Initiative.objects.update(title="Never")
        transaction.set_rollback(True)
    assert fetch(client, "/records/initiative/") == before


def test_a_user_who_loses_a_role_loses_its_pages(visitors: dict[str, Client]) -> None:
    client = visitors["another officer"]
    assert fetch(client, "/review/")[0] == 200
    User.objects.get(first_name="Hélène").groups.clear()
    assert fetch(client, "/review/")[0] == 403
