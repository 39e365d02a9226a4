"""Nothing that axe-core knows to keep people out: WCAG 2.2, level AA, on the main pages."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.support.accessibility import barriers
from tests.journeys.support.browser import session_of, window
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
"""Role (none: nobody signed in) -> addresses; an empty one is the page of a file to import."""

FEW_PAGES: Mapping[str, Sequence[str]] = {
    "": ("/accounts/login/",),
    "staff": ("/my-work/", "/records/initiative/new/"),
    "manager": ("/review/", "/dashboard/", "/summary/"),
}

LOOKS: Mapping[str, tuple[Mapping[str, Sequence[str]], str, Mapping[str, Any]]] = {
    "light": (MAIN_PAGES, "en", {}),
    "dark": (FEW_PAGES, "en", {"color_scheme": "dark"}),
    "arabic": (FEW_PAGES, "ar", {}),
    "narrow": (FEW_PAGES, "en", {"viewport": {"width": 320, "height": 800}}),
}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_no_barrier(
    look: str, visitors: Mapping[str, Visitor], browser: Browser, server: str
) -> None:
    pages, language, options = LOOKS[look]
    found = []
    for role, addresses in pages.items():
        visitor = visitors.get(role)
        session = session_of(visitor.client) if visitor else None
        allowed = frozenset({400})
        with window(
            browser, server, session, language=language, allowed=allowed, **options
        ) as page:
            for address in addresses:
                page.goto(address or visitors["officer"].starts[-1])
                found += [f"{role or 'nobody'} {address}: {barrier}" for barrier in barriers(page)]
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


@pytest.mark.parametrize(("language", "options"), [(one, more) for _p, one, more in LOOKS.values()])
def test_axe_finds_no_barrier_on_what_waits_on_the_device(
    language: str,
    options: Mapping[str, Any],
    visitors: Mapping[str, Visitor],
    browser: Browser,
    server: str,
) -> None:
    session, found = session_of(visitors["staff"].client), []
    with window(browser, server, session, language=language, **options) as page:
        page.goto("/my-work/")
        page.evaluate(WAITING_HERE)
        for address in ("/my-work/", "/offline/", "/offline/?leaving", "/offline/event/"):
            page.goto(address)
            if address in ("/offline/", "/offline/?leaving"):
                expect(page.locator("#offline-list > li")).to_have_count(3)
                page.locator("#offline-list summary").first.click()
            found += [f"{address}: {barrier}" for barrier in barriers(page)]
    assert not found, "\n".join(found)
