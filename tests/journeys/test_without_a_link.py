"""Recording while the link is down, and what becomes of it: kept, sent once, and nobody else's."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from indicators.models import Decision, Event, KeptAnswers, Status
from strategy.models import User
from strategy.vocabulary import Role
from tests.conftest import client_of
from tests.factories import make_record, make_user
from tests.journeys.conftest import Window
from tests.journeys.unlinked import ready_for_no_link, wait_until, waiting
from tests.journeys.windows import session_of

pytestmark = pytest.mark.browser

SECRET = "Nobody's but a colleague's"

EVERYTHING_STORED = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request);
      found.push([new URL(request.url).pathname, await answer.text()]);
    }
  }
  for (const { id } of [await queue.who()]) {
    found.push(["queue", JSON.stringify(await queue.of(id))]);
  }
  found.push(["stores", JSON.stringify([{ ...localStorage }, { ...sessionStorage }])]);
  return found;
}"""


@pytest.fixture
def page(site: str, staff: User, open_window: Window) -> Page:
    """A window of somebody who was here once, whose device has the pages for recording."""
    make_record("initiative", title=SECRET, entered_by=make_user(Role.STAFF, "niamey"))
    make_record("project", title=SECRET, entered_by=make_user(Role.STAFF, "niamey"))
    page = open_window(staff, service_workers="allow", allowed=frozenset({400}))
    page.goto("/records/initiative/")
    ready_for_no_link(page)
    return page


def status(page: Page) -> Any:
    return page.locator("form [role=status]")


def record_event(page: Page, title: str, date: str = "2018-09") -> None:
    page.goto("/records/event/new/")
    page.get_by_label("What is it called?").fill(title)
    page.get_by_label("Organised", exact=True).check()
    page.get_by_label("What kind of event was it?").select_option("conference")
    page.locator("[name=occurred_on]").fill(date)
    page.get_by_role("button", name="Save and submit").click()
    page.wait_for_url("**/unsent/")


def test_what_is_recorded_without_a_link_is_sent_once_when_it_is_back(page: Page) -> None:
    page.goto("/records/decision/new/")
    page.get_by_label("What was decided?").fill("Decree on interview")
    expect(status(page)).to_have_text("Saved")
    assert KeptAnswers.objects.get().title == "Decree on interview"
    page.context.set_offline(True)
    page.get_by_label("What was decided?").fill("Decree on interview rooms")
    expect(status(page)).to_have_text("Saved on this device, not yet sent (1)")

    record_event(page, "Conference on child witnesses")
    record_event(page, "A day that is none", "2018-99")
    items = page.get_by_role("main").locator("#unsent-list > li")
    expect(items).to_have_count(3)
    expect(items.nth(0)).to_contain_text("Begun, not saved")
    expect(items.nth(1)).to_contain_text("Waits to be sent")
    items.nth(1).get_by_role("link", name="Change").click()
    expect(page.get_by_label("What is it called?")).to_have_value("Conference on child witnesses")
    page.get_by_label("What is it called?").fill("Conference on children as witnesses")
    page.get_by_role("button", name="Save and submit").click()
    page.wait_for_url("**/unsent/")
    assert waiting(page) == 3
    assert not Event.objects.exists()

    page.context.set_offline(False)
    wait_until(page, lambda: waiting(page) == 1)
    event = Event.objects.get()
    assert (event.title, event.status) == ("Conference on children as witnesses", Status.SUBMITTED)
    assert KeptAnswers.objects.get().title == "Decree on interview rooms"
    assert not Decision.objects.exists()
    expect(items).to_have_count(1)
    expect(items).to_contain_text("“2018-99” does not exist in the calendar.")

    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "event-not-sent.csv"
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert text.splitlines() == [
        "title,role,kind,occurred_on",
        "A day that is none,Organised,Conference,2018-99",
    ]

    items.get_by_role("link", name="Change").click()
    expect(page.get_by_label("What is it called?")).to_have_value("A day that is none")
    page.locator("[name=occurred_on]").fill("2018-09-28")
    page.get_by_role("button", name="Save and submit").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved and submitted")
    wait_until(page, lambda: waiting(page) == 0)
    assert Event.objects.count() == 2
    page.goto("/unsent/")
    expect(page.get_by_role("status")).to_have_text("Everything is sent.")


def test_no_record_of_anyone_else_is_stored_on_the_device(page: Page) -> None:
    for address in ("/my-work/", "/records/", "/records/initiative/new/", "/dashboard/"):
        page.goto(address)
    page.goto("/records/initiative/")
    expect(page.get_by_role("main")).to_contain_text(SECRET)
    page.context.set_offline(True)
    record_event(page, "Conference of mine")
    stored = dict(page.evaluate(EVERYTHING_STORED))
    assert "Conference of mine" in stored["queue"]
    pages = {path for path in stored if not path.startswith("/static/")}
    forms = {f"/unsent/{kind}/" for kind in ("initiative", "event", "decision", "network")}
    assert pages == {"/unsent/", "/unsent/edition", "queue", "stores", *forms}
    assert SECRET not in json.dumps(stored, ensure_ascii=False)
    page.context.set_offline(False)
    wait_until(page, lambda: waiting(page) == 0)


def test_signing_out_asks_and_another_account_gets_nothing_of_it(page: Page, site: str) -> None:
    page.context.set_offline(True)
    record_event(page, "Conference that stays", "2018-99")
    page.context.set_offline(False)
    expect(page.locator("#unsent-list")).to_contain_text("To be corrected")
    page.goto("/my-work/")
    expect(page.get_by_role("link", name="Not yet sent (1)")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("Before you sign out.")).to_be_visible()
    page.get_by_role("link", name="Stay signed in").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Leave them here and sign out").click()
    page.wait_for_url("**/accounts/login/")

    colleague = session_of(client_of(make_user(Role.STAFF, "niamey")))
    page.context.add_cookies([{"name": "sessionid", "value": colleague, "url": site}])
    page.goto("/my-work/")
    assert waiting(page) == 0
    page.goto("/unsent/")
    expect(page.get_by_text("Records of another account wait on this device too.")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text("Conference that stays")
    assert not Event.objects.exists()

    page.goto("/my-work/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")


def test_deleting_them_signs_out(page: Page) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.context.set_offline(True)
    record_event(page, "Conference for nobody", "2018-99")
    page.context.set_offline(False)
    expect(page.locator("#unsent-list")).to_contain_text("To be corrected")
    page.goto("/my-work/")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Delete them and sign out").click()
    page.wait_for_url("**/accounts/login/")
    assert not Event.objects.exists()
