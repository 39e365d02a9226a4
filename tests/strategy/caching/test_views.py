"""Cached pages: each visitor has the page that the view would render, without computing it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from strategy.choices import Role
from strategy.models import Plan
from tests.conftest import client_of
from tests.factories import make_approved, make_user

PAGES = ("/summary/",)
VISITS = (
    ("officer", "", "en"),
    ("officer", "", "ar"),
    ("officer", "?plan=2025-2028", "en"),
    ("officer", "?as_of=2018-12-31", "en"),
    ("officer", "?order=plan", "en"),
    ("another officer", "", "en"),
    ("staff", "", "en"),
    ("staff of another office", "", "en"),
    ("manager", "", "en"),
    ("board", "", "en"),
)
"""Visitor, query and language: each differs from the first in one thing."""

FRAME_QUERIES = 6
"""At most: session, user, group, records that wait, the data version, and one in reserve."""

BEFORE_MIDNIGHT = datetime(2019, 6, 4, 3, 59, tzinfo=UTC)
"""In Toronto, where the installation is."""

RANDOM = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visitors(later_plan: Plan) -> dict[str, Client]:
    make_approved("initiative", starts_on="2018-03")
    users = {
        "officer": make_user(Role.OFFICER, "montreal", first_name="Camille"),
        "another officer": make_user(Role.OFFICER, "montreal", first_name="Hélène"),
        "staff": make_user(Role.STAFF, first_name="Aïssa"),
        "staff of another office": make_user(Role.STAFF, "dakar", first_name="Fatou"),
        "manager": make_user(Role.MANAGER, "montreal", first_name="Rosalie"),
        "board": make_user(Role.BOARD, first_name="Boris"),
    }
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
    for name, query, language in VISITS:
        cached = fetch(visitors[name], page + query, language)
        rendered = fetch_uncached(visitors[name], page + query, language)
        assert cached == rendered, (name, query, language)


@pytest.mark.parametrize("page", PAGES)
def test_an_unchanged_page_is_not_computed_again(page: str, visitors: dict[str, Client]) -> None:
    # Several times, for the server of the database also changes its own tables.
    numbers = [count_queries(visitors["officer"], page) for _visit in range(4)]
    assert min(numbers) <= FRAME_QUERIES, numbers


def test_users_with_equal_rights_share_a_page(visitors: dict[str, Client]) -> None:
    numbers = []
    for _visit in range(4):
        fetch(visitors["officer"], PAGES[0])
        numbers.append(count_queries(visitors["another officer"], PAGES[0]))
    assert min(numbers) <= FRAME_QUERIES, numbers


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
