"""Accessibility by axe-core: WCAG 2.2, level AA, on the main pages."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.support.accessibility import (
    find_barriers,
    find_barriers_in_dark,
    find_barriers_in_narrow,
)
from tests.journeys.support.browser import choose_language, session_of, window
from tests.journeys.support.demo_site import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


MAIN_PAGES: Mapping[str, Sequence[str]] = {
    "": ("/accounts/login/",),
    "staff": (
        "/my-work/",
        "/records/",
        "/records/initiative/?country=NE",
        "/records/initiative/new/",
        "/records/initiative/INI-RETURNED/",
        "/records/initiative/INI-RETURNED/edit/",
        "/records/initiative/INI-RETURNED/history/",
        "/targets/1.1-countries/",
    ),
    "manager": (
        "/review/",
        "/dashboard/",
        "/dashboard/?as_of=2018-02-30",
        "/summary/",
        "/records/initiative/?target=1.1-initiatives&counts=no",
        "/accounts/2fa/",
    ),
    "officer": ("/import/?kind=initiative", "", "/plan/", "/reports/issue/"),
    "board": (
        "/reports/",
        "/reports/2018/1/",
        "/reports/2018/1/?target=1.2-fields",
        "/reports/2018/1/page/",
        "/reports/2018/1/page/method/",
    ),
}
"""URLs by role (empty: nobody signed in); an empty URL is the page of a file to import."""

LANGUAGES = ("ar", "en", "fr", "es")
"""Each page has the next of these."""

DARK_PAGES = {
    "/accounts/login/",
    "/my-work/",
    "/records/initiative/new/",
    "/review/",
    "/dashboard/",
    "/summary/",
}
"""Together they have every component; the dark colours are defined in one place."""


def find_barriers_in_looks(page: Page, address: str) -> list[str]:
    """Return the barriers of the open page; styles alone make it narrow or dark."""
    found = [*find_barriers(page), *find_barriers_in_narrow(page)]
    if address in DARK_PAGES or address.startswith("/offline/"):
        found += find_barriers_in_dark(page)
    return found


@pytest.mark.parametrize("role", MAIN_PAGES)
def test_axe_finds_no_barrier(
    role: str, visitors: Mapping[str, Visitor], browser: Browser, server: str
) -> None:
    session = session_of(visitors[role].client) if role else None
    found = []
    with window(browser, server, session, allowed=frozenset({400})) as page:
        for address, language in zip(MAIN_PAGES[role], cycle(LANGUAGES), strict=False):
            choose_language(page.context, server, language)
            page.goto(address or visitors["officer"].starts[-1])
            barriers = find_barriers_in_looks(page, address)
            found += [f"{address} in {language}, {barrier}" for barrier in barriers]
    assert not found, "\n".join(found)


WAITING_HERE = """async () => {
  const user = await offline.user;
  const typed = async (kind, title, status, problems) => {
    const fields = [["creation_token", crypto.randomUUID()], ["title", title], ["kind", "visit"]];
    const record = deviceStorage.buildRecord(user.id, kind, fields, status);
    await deviceStorage.records.put({ ...record, problems });
  };
  await typed("event", "Conference on child witnesses", "editing", []);
  await typed("event", "A day that is none", "rejected", ["“2018-99” does not exist."]);
  await typed("network", "Friends of Awa, 9 years old", "draft", ["“Awa, 9 years old”"]);
}"""


def test_axe_finds_no_barrier_on_what_waits_on_the_device(
    visitors: Mapping[str, Visitor], browser: Browser, server: str
) -> None:
    session, found = session_of(visitors["staff"].client), []
    with window(browser, server, session) as page:
        page.goto("/my-work/")
        page.evaluate(WAITING_HERE)
        for address, language in (
            ("/my-work/", "en"),
            ("/offline/", "ar"),
            ("/offline/?leaving", "en"),
            ("/offline/event/", "ar"),
        ):
            choose_language(page.context, server, language)
            page.goto(address)
            if address in ("/offline/", "/offline/?leaving"):
                expect(page.locator("#offline-list > li")).to_have_count(3)
                page.locator("#offline-list summary").first.click()
            barriers = find_barriers_in_looks(page, address)
            found += [f"{address} in {language}, {barrier}" for barrier in barriers]
    assert not found, "\n".join(found)
