"""An initiative is recorded in under a minute, on a slow network, by keyboard alone."""

import time

import pytest
from playwright.sync_api import Page, expect

from indicators.models import Initiative, Status
from strategy.models import User
from tests.factories import make_record
from tests.journeys.conftest import Window

pytestmark = pytest.mark.browser

SECONDS_A_KEY = 0.28
MOST_SECONDS = 60
MOST_PAGES = 2
BYTES_A_SECOND = 400_000 / 8


class Typist:
    """A keyboard that counts its keystrokes."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys = page, 0

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.keys += len(text)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.keys += 1

    def step_to(self, selector: str) -> None:
        while not self.page.evaluate("one => document.activeElement.matches(one)", selector):
            self.press("Tab")
            assert self.keys < MOST_SECONDS / SECONDS_A_KEY, f"{selector} is too far away"


def slow(page: Page) -> None:
    """A network of 400 kbit/s with the latency of a satellite."""
    line = page.context.new_cdp_session(page)
    speed = {"downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND}
    line.send("Network.emulateNetworkConditions", {"offline": False, "latency": 200, **speed})


def test_an_initiative_takes_two_pages_and_less_than_a_minute(
    site: str, staff: User, open_window: Window
) -> None:
    page = open_window(staff)
    loads: list[str] = []
    page.on("load", lambda loaded: loads.append(loaded.url))
    slow(page)
    started = time.monotonic()
    page.goto("/records/initiative/new/")
    typist = Typist(page)
    page.locator("[name=title]").focus()
    typist.type("Niger: police training kit")
    typist.press("Tab")
    typist.type("نيج")
    expect(page.locator(".combo [role=option]")).to_have_text(["Niger", "Nigeria"])
    typist.press("Enter")
    expect(page.locator("[name=countries]")).to_have_value("Niger; ")
    typist.type("sen")
    expect(page.locator(".combo [role=option]")).to_have_text(["Senegal"])
    typist.press("Tab")
    expect(page.locator("[name=countries]")).to_have_value("Niger; Senegal")
    typist.press("Space")
    typist.step_to("[name=target_groups]")
    typist.press("Space")
    typist.step_to("[name=starts_on]")
    typist.type("3 2018")
    expect(page.locator("#contributions")).to_contain_text("it would count towards 1.1, 1.2.")
    typist.step_to("main button[name=submit]")
    typist.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Saved and submitted")
    seconds = time.monotonic() - started + typist.keys * SECONDS_A_KEY

    assert len(loads) <= MOST_PAGES, loads
    assert seconds < MOST_SECONDS, (seconds, typist.keys)
    saved = Initiative.objects.get()
    assert (saved.status, str(saved.starts_on)) == (Status.SUBMITTED, "2018-03")
    assert {country.code for country in saved.countries.all()} == {"NE", "SN"}


def test_a_likely_duplicate_shows_while_one_types_and_can_be_saved_all_the_same(
    site: str, staff: User, open_window: Window
) -> None:
    make_record("initiative", entered_by=staff, title="Niger: police training kit")
    page = open_window(staff)
    page.goto("/records/initiative/new/?begin=empty")
    page.get_by_label("What is it called?").fill("Police training kit, Niger")
    page.get_by_label("Whose child protection system").fill("Niger")
    page.get_by_label("When did it start?").fill("mars 2018")
    note = page.locator("#contributions .note")
    expect(note).to_contain_text("It may have been recorded already")
    expect(note.get_by_role("link")).to_have_text("Niger: police training kit")
    note.get_by_role("checkbox").check()
    page.get_by_role("button", name="Save and add another").click()
    expect(page.get_by_role("status").first).to_contain_text("Enter the next one")
    assert Initiative.objects.count() == 2
