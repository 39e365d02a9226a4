"""Rejected answers: the form explains each error and loses no text."""

import pytest
from playwright.sync_api import Page, expect

from indicators.models import Initiative
from strategy.models import User
from tests.journeys.conftest import Window

pytestmark = pytest.mark.browser

SUMMARY = "Why? Because judges asked for it."


@pytest.fixture
def form(site: str, staff: User, open_window: Window) -> Page:
    """The form of an initiative after three rejected answers."""
    page = open_window(staff, allowed=frozenset({400}))
    page.goto("/records/initiative/new/")
    page.get_by_label("Whose child protection system is strengthened?").fill("Nigeer; Togo")
    page.get_by_label("Civil society").check()
    page.get_by_label("When did it start?").fill("2018-13")
    page.get_by_text("Add details").click()
    page.get_by_label("Summary").fill(SUMMARY)
    page.get_by_role("button", name="Save and submit").click()
    expect(page).to_have_title("Error: Record an initiative – IBCR results")
    return page


def test_the_summary_of_errors_has_the_focus_and_leads_to_the_questions(form: Page) -> None:
    summary = form.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_count(3)
    for link in summary.get_by_role("link").all():
        sentence = link.inner_text()
        link.click()
        asked = form.locator(":focus")
        expect(asked).to_have_attribute("aria-invalid", "true")
        told = " ".join(
            form.locator(f"#{name}").inner_text()
            for name in str(asked.get_attribute("aria-describedby")).split()
        )
        assert sentence in told


def test_what_was_typed_is_kept_and_nothing_was_saved(form: Page) -> None:
    expect(form.get_by_label("Whose child protection system")).to_have_value("Nigeer; Togo")
    expect(form.get_by_label("Civil society")).to_be_checked()
    expect(form.get_by_label("When did it start?")).to_have_value("2018-13")
    expect(form.get_by_label("Summary")).to_have_value(SUMMARY)
    assert not Initiative.objects.exists()


def test_a_corrected_form_is_saved(form: Page) -> None:
    form.get_by_label("What is it called?").fill("Niger: guide for judges")
    form.get_by_label("Whose child protection system").fill("Niger; Togo")
    form.get_by_label("When did it start?").fill("2018-12")
    form.get_by_role("button", name="Save as a draft").click()
    expect(form.get_by_role("status")).to_contain_text("Saved as a draft")
    saved = Initiative.objects.get()
    assert {country.code for country in saved.countries.all()} == {"NE", "TG"}
    assert saved.summary == SUMMARY


def test_leaving_with_answers_unsent_is_asked_about(
    site: str, staff: User, open_window: Window
) -> None:
    page = open_window(staff)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))  # type: ignore[call-overload, func-returns-value]
    page.goto("/records/initiative/new/")
    page.get_by_label("What is it called?").press_sequentially("Niger")
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Dashboard").click()
    assert asked == ["beforeunload"]
    expect(page.get_by_label("What is it called?")).to_have_value("Niger")
