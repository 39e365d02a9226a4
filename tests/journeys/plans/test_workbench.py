"""An officer writes a plan from nothing in the workbench and sees it on the dashboard."""

from playwright.sync_api import Page, expect

from strategy.models import User
from tests.journeys.conftest import Window
from tests.journeys.support.steps import go_to

LANGUAGES = ("English", "français", "español", "العربيّة")


def add(page: Page, what: str) -> None:
    page.get_by_role("link", name=f"Add {what}", exact=True).first.click()
    expect(page.get_by_role("heading", name=f"Add {what}")).to_be_visible()


def write(page: Page, text: str, words: str) -> None:
    """Write a text in four languages."""
    group = page.get_by_role("group", name=text, exact=True)
    for language in LANGUAGES:
        group.get_by_label(language, exact=True).fill(words)


def save(page: Page) -> None:
    page.get_by_role("main").get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")


def test_a_plan_from_nothing_to_the_dashboard(open_window: Window, officer: User) -> None:
    page = open_window(officer)
    page.goto("/dashboard/")
    go_to(page, "Plan workbench")
    page.get_by_role("link", name="New plan").click()
    write(page, "Title", "Plan 2017")
    page.get_by_label("Code").fill("from-nothing")
    page.get_by_label("First day").fill("2017-01-01")
    page.get_by_label("Last day").fill("2018-12-31")
    page.get_by_role("button", name="Create the draft").click()

    expect(page.get_by_text("It has no priority. Add the first one.")).to_be_visible()
    add(page, "priority")
    write(page, "Title", "Children are heard")
    save(page)
    add(page, "objective")
    write(page, "Statement", "Decisions hear children")
    write(page, "Short title", "Decisions")
    page.get_by_label("Code").fill("1.1")
    save(page)
    add(page, "indicator")
    write(page, "Statement", "Number of decisions")
    page.get_by_label("Code").fill("1.1")
    save(page)
    add(page, "target")
    write(page, "Name", "Decisions")
    write(page, "Unit", "decisions")
    page.get_by_label("Code").fill("1.1-decisions")
    page.get_by_label("Kind of record").select_option("decision")
    page.get_by_label("Measure").select_option("count")
    page.get_by_label("How often").select_option("whole_plan")
    write(page, "Statement", "7 decisions")
    write(page, "Counting rule", "Counts each decision in force.")
    page.get_by_label("Minimum").fill("7")
    save(page)
    add(page, "condition")
    page.get_by_label("Dimension").select_option("authority_country")
    page.get_by_label("Codes").fill("NE")
    save(page)
    expect(page.get_by_text("complete", exact=True)).to_have_count(4)

    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("status")).to_contain_text("everybody sees this plan now")
    page.goto("/dashboard/?plan=from-nothing")
    expect(page.get_by_role("main")).to_contain_text("Plan 2017")
    expect(page.get_by_role("main").get_by_role("link", name="Decisions").first).to_be_visible()
