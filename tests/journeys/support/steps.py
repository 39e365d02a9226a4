"""Steps of many journeys, done on pages as a user does."""

from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from strategy.models import User

PASSWORD = "four plain words together"
TITLE = "Niger: interview rooms for child witnesses"
EVIDENCE = "https://www.ibcr.org/en/news/interview-rooms/"


def sign_in(page: Page, user: User) -> Page:
    """Sign in through the page, with PASSWORD."""
    page.goto("/")
    page.get_by_label("User name or e-mail address").fill(user.username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page


def go_to(page: Page, place: str) -> None:
    """Follow the navigation at the top of the page, and wait for the scripts of the next page."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name=place).click()
    expect(page.locator("nav [aria-current=page]")).to_contain_text(place)
    page.wait_for_load_state()


def record_initiative(page: Page) -> str:
    """Record an initiative from My work, with a link as evidence; return its reference."""
    page.get_by_role("main").get_by_role("link", name="Record an initiative").first.click()
    page.get_by_label("What is it called?").fill(TITLE)
    page.get_by_label("Whose child protection system is strengthened?").fill("Niger")
    page.get_by_label("Children and the justice system").check()
    page.get_by_label("Justice personnel").check()
    page.get_by_label("When did it start?").fill("2018-03")
    page.get_by_text("Add evidence").click()
    page.get_by_label("Links").fill(EVIDENCE)
    page.get_by_role("button", name="Save and submit").click()
    expect(page.get_by_role("status")).to_contain_text("Saved and submitted")
    return urlsplit(page.url).path.split("/")[-2]
