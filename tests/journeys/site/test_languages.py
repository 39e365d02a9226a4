"""Pages in French and in Arabic: the choice of language, its storage, and the plan's texts."""

import pytest
from playwright.sync_api import Page, expect

from strategy.models import Objective, User
from tests.factories import make_approved
from tests.journeys.conftest import Window

pytestmark = pytest.mark.browser

STAFF_PAGES = (
    "/my-work/",
    "/records/initiative/",
    "/records/initiative/new/",
    "/dashboard/",
    "/summary/",
    "/plan/",
)


def choose(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def side_of_brand(page: Page) -> str:
    box = page.locator(".brand").first.bounding_box()
    size = page.viewport_size
    assert box is not None
    assert size is not None
    return "left" if box["x"] + box["width"] / 2 < size["width"] / 2 else "right"


@pytest.mark.parametrize(
    ("language", "name", "direction", "side"),
    [("fr", "Français", "ltr", "left"), ("ar", "العربيّة", "rtl", "right")],
)
def test_a_chosen_language_stays_on_every_page(
    language: str,
    name: str,
    direction: str,
    side: str,
    site: str,
    staff: User,
    open_window: Window,
) -> None:
    make_approved("initiative", title="Niger: guide for judges", entered_by=staff)
    page = open_window(staff)
    page.goto("/summary/?as_of=2019-12-31")
    choose(page, name)
    assert page.url.endswith("/summary/?as_of=2019-12-31")
    objective = Objective.objects.get(code="1.1")
    words = str(getattr(objective, f"statement_{language}"))
    assert words != objective.statement_en
    expect(page.get_by_role("main")).to_contain_text(words)
    for address in STAFF_PAGES:
        page.goto(address)
        frame = page.locator("html")
        expect(frame).to_have_attribute("lang", language)
        expect(frame).to_have_attribute("dir", direction)
        assert side_of_brand(page) == side, address
        expect(page.locator(".languages [aria-current=true]")).to_have_text(name)


def test_what_people_wrote_keeps_its_own_direction_in_arabic(
    site: str, staff: User, open_window: Window
) -> None:
    make_approved("initiative", reference="INI-NE", title="Niger: guide (PDF)", entered_by=staff)
    page = open_window(staff, language="ar")
    page.goto("/records/initiative/INI-NE/")
    title = page.get_by_role("heading", level=1).locator("bdi")
    expect(title).to_have_text("Niger: guide (PDF)")
    assert title.evaluate("one => getComputedStyle(one).unicodeBidi") == "isolate"


def test_a_form_in_error_can_change_its_language_without_a_dead_end(
    site: str, staff: User, open_window: Window
) -> None:
    page = open_window(staff, allowed=frozenset({400}))
    page.goto("/records/initiative/new/")
    page.get_by_role("button", name="Save and submit").click()
    expect(page.get_by_role("alert")).to_be_visible()
    choose(page, "Français")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    assert page.url.endswith("/records/initiative/new/")
