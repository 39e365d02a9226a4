"""Every page that a role can reach by links, on the records of the demonstration."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.support.browser import session_of, window
from tests.journeys.support.crawler import (
    Answer,
    conditions,
    crawl,
    kinds_and_conditions,
    opened_by,
    route_of,
)
from tests.journeys.support.demo_site import ROLES, Visitor

pytestmark = pytest.mark.django_db

LEAST_PAGES = {"staff": 20, "manager": 20, "officer": 30, "board": 8, "admin": 10}
"""The minimum number of pages per role: detects a crawl that stops early."""
EVERY_KIND = frozenset({"staff", "officer", "admin"})
"""The roles that open every kind of record or table; a manager's pages equal an officer's."""
LONGEST_FORMS = "/admin/strategy/target/"
LARGE, SMALL = 1280, 320

WALKS = [
    ("officer", "en"),
    ("officer", "ar"),
    ("admin", "en"),
    ("admin", "ar"),
    ("staff", "fr"),
    ("manager", "es"),
    ("board", "ar"),
]
"""Officer and administrator open every page from left to right and from right to left."""

OVERFLOW = """() => {
    const root = document.documentElement, room = root.clientWidth, wide = root.scrollWidth;
    if (wide <= room) return [];
    const sticksOut = (one) => {
        const box = one.getBoundingClientRect();
        return box.width && (box.right > room + 1 || box.left < -1);
    };
    const guilty = [...document.body.querySelectorAll("*")].filter(
        (one) => sticksOut(one) && ![...one.children].some(sticksOut));
    return [`is ${wide} wide: ${guilty.slice(0, 3).map((one) => one.outerHTML.slice(0, 120))}`];
}"""
"""Return what makes the page wider than the window."""

DANGLING = """() =>
    ["for", "list", "aria-describedby", "aria-labelledby", "aria-controls"].flatMap((name) =>
        [...document.querySelectorAll(`[${name}]`)].flatMap((one) =>
            one.getAttribute(name).split(" ").filter((id) => id && !document.getElementById(id))
                .map((id) => `${name} names ${id}, which is not there`)))"""
"""Return the attributes that name an element that the page does not have."""


@pytest.mark.parametrize("role", ROLES)
def test_every_link_leads_to_something_that_its_reader_may_open(
    role: str, visitors: Mapping[str, Visitor]
) -> None:
    visitor = visitors[role]
    wrong = []
    features = kinds_and_conditions if role in EVERY_KIND else conditions
    for answer, source in crawl(visitor.starts, opened_by(visitor.client), features):
        if answer.status != 200:
            wrong.append(f"{answer.status} {answer.address}, linked from {source}")
        wrong += [f"{answer.address} has no place called {name}" for name in answer.missing]
    assert not wrong


def routes_and_forms(address: str) -> AbstractSet[object]:
    """Return a page per route, every kind's form, and the longest form of the administration."""
    route = route_of(address)
    if route == "change" and address.startswith(LONGEST_FORMS):
        return {LONGEST_FORMS}
    return {address if route == "indicators:record_create" else route}


def is_page(address: str) -> bool:
    files = ("indicators:evidence_file", "strategy:workbench_export")
    return urlsplit(address).path.endswith("/") and route_of(address) not in files


@pytest.mark.browser
@pytest.mark.parametrize(("role", "language"), WALKS)
def test_every_page_fits_and_nothing_goes_wrong_in_it_unseen(
    role: str, language: str, visitors: Mapping[str, Visitor], browser: Browser, server: str
) -> None:
    visitor = visitors[role]
    wrong: list[str] = []
    with window(browser, server, session_of(visitor.client), language=language) as page:

        def opened(address: str) -> Answer:
            if not is_page(address):
                return Answer(address, address, 200)
            wrong.extend(f"{address}: {fault}" for fault in faults_of(page, address))
            links = page.locator("a[href]").evaluate_all("all => all.map((a) => a.href)")
            return Answer(address, page.url, 200, links)

        number = sum(1 for _answer in crawl(visitor.starts, opened, routes_and_forms))
    assert not wrong
    assert number >= LEAST_PAGES[role]


@pytest.mark.browser
@pytest.mark.parametrize("language", ["fr", "es"])
def test_the_page_of_a_report_fits_where_the_words_of_ratings_are_long(
    language: str, visitors: Mapping[str, Visitor], browser: Browser, server: str
) -> None:
    with window(browser, server, session_of(visitors["board"].client), language=language) as page:
        address = f"{server}/reports/2017/1/page/"
        assert faults_of(page, address) == []
        assert page.locator(".reflow .too_early").count() > 0


def faults_of(page: Page, address: str) -> list[str]:
    """Return the overflow in a large and a small window, and attributes that name no element."""
    page.set_viewport_size({"width": LARGE, "height": 800})
    page.goto(address)
    faults = []
    for width in (LARGE, SMALL):
        page.set_viewport_size({"width": width, "height": 800})
        faults += [f"at {width} {fault}" for fault in page.evaluate(OVERFLOW)]
    # Django's filtered select boxes leave their label without its field.
    return faults if address.startswith("/admin/") else [*faults, *page.evaluate(DANGLING)]
