"""The keyboard alone: the order of the focus, its visible mark, and the Enter key."""

import pytest
from playwright.sync_api import Page, expect

from indicators.models import Initiative, Status
from strategy.models import User
from tests.factories import make_record
from tests.journeys.conftest import Window

pytestmark = pytest.mark.browser

MOST_STEPS = 80

IS_SEEN = """() => {
    const one = document.activeElement, style = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    const isMarked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return isMarked && box.width > 0 && box.bottom > 0 && box.top < innerHeight;
}"""
"""Whether the focused element is in the window and has a mark of at least two pixels."""


@pytest.fixture
def page(site: str, staff: User, open_window: Window) -> Page:
    return open_window(staff)


def step_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus; check that each focus on the way is visible."""
    for _step in range(MOST_STEPS):
        page.keyboard.press("Tab")
        assert page.evaluate(IS_SEEN), page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("one => document.activeElement.matches(one)", selector):
            return
    raise AssertionError(f"{selector} is not reached with {MOST_STEPS} steps")


def test_the_first_step_leads_past_the_navigation(page: Page) -> None:
    page.goto("/my-work/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Go to the main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_an_initiative_is_recorded_and_submitted(page: Page) -> None:
    page.goto("/my-work/")
    step_to(page, "main a[href='/records/initiative/new/']")
    page.keyboard.press("Enter")
    expect(page).to_have_title("Record an initiative – IBCR results")
    step_to(page, "[name=title]")
    page.keyboard.type("Niger: guide for judges")
    step_to(page, "[name=countries]")
    page.keyboard.type("Niger")
    step_to(page, "[name=fields_of_activity]")
    page.keyboard.press("Space")
    step_to(page, "[name=starts_on]")
    page.keyboard.type("2018-03")
    step_to(page, "summary")
    page.keyboard.press("Enter")
    step_to(page, "[name=links]")
    page.keyboard.type("https://example.org/guide")
    step_to(page, "main button[name=submit]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved and submitted")
    saved = Initiative.objects.get()
    assert saved.status == Status.SUBMITTED
    assert [field.code for field in saved.fields_of_activity.all()] == ["justice"]


def test_enter_in_a_field_saves_a_draft_and_submits_nothing(page: Page) -> None:
    page.goto("/records/initiative/new/")
    page.get_by_label("Whose child protection system").fill("Niger")
    page.get_by_label("What is it called?").fill("Niger: guide for judges")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved as a draft")
    assert Initiative.objects.get().status == Status.DRAFT


def test_the_steps_go_down_the_form_in_the_order_that_it_is_read(page: Page) -> None:
    page.goto("/records/initiative/new/")
    step_to(page, "[name=title]")
    heights = [_height(page)]
    while not page.evaluate("document.activeElement.matches('main button[name=submit]')"):
        page.keyboard.press("Tab")
        heights.append(_height(page))
        assert len(heights) < MOST_STEPS
    assert heights == sorted(heights)


def _height(page: Page) -> float:
    # The lower edge of the line, so that neighbours have the same height.
    text = "Math.round((document.activeElement.getBoundingClientRect().bottom + scrollY) / 4)"
    return float(page.evaluate(text))


def test_enter_at_a_tick_box_of_the_review_decides_nothing(
    site: str, staff: User, manager: User, open_window: Window
) -> None:
    record = make_record("initiative", status=Status.SUBMITTED, evidence=1, entered_by=staff)
    page = open_window(manager, allowed=frozenset({400}))
    page.goto("/review/")
    step_to(page, "[name=record]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Choose whether to approve or to return")
    expect(page.locator("[name=record]")).to_be_checked()
    record.refresh_from_db()
    assert record.status == Status.SUBMITTED
    step_to(page, "[name=act][value^=approve]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("1 record was approved")
