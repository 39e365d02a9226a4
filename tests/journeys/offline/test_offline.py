"""Recording offline: records are stored on the device, sent once, and private to the user."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from strategy.choices import Role
from strategy.models import Plan, User
from tests.conftest import client_of
from tests.factories import make_record, make_user
from tests.journeys.support.browser import session_of, window
from tests.journeys.support.killable_server import (
    Database,
    KillableServer,
    run_killable_server,
)
from tests.journeys.support.offline_steps import (
    load_stored,
    ready_for_no_link,
    wait_until,
    waiting,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

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
  const { id } = await deviceStorage.getUser();
  found.push(["queue", JSON.stringify(await deviceStorage.records.load(id))]);
  found.push(["stores", JSON.stringify([{ ...localStorage }, { ...sessionStorage }])]);
  return found;
}"""


@pytest.fixture
def session(plan: Plan, staff: User) -> str:
    return session_of(client_of(staff))


@pytest.fixture
def session_of_a_colleague(plan: Plan) -> str:
    """Return the session of another user of the office, who has recorded something."""
    colleague = make_user(Role.STAFF, "niamey")
    for kind in ("initiative", "project"):
        make_record(kind, title=SECRET, entered_by=colleague)
    return session_of(client_of(colleague))


@pytest.fixture(scope="module")
def database_of_module(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Database:
    return Database(tmp_path_factory.mktemp("offline"))


@pytest.fixture(scope="module")
def server_of_module(
    database_of_module: Database, static_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KillableServer]:
    """A server for all tests of this module, each with its own content of the database."""
    folder = tmp_path_factory.mktemp("evidence")
    with run_killable_server(database_of_module, static_root, folder) as server:
        yield server


@pytest.fixture
def database(session: str, session_of_a_colleague: str, database_of_module: Database) -> Database:
    database_of_module.copy()
    return database_of_module


@pytest.fixture
def page(
    database: Database, session: str, browser: Browser, server_of_module: KillableServer
) -> Iterator[Page]:
    """A page of a user whose device has stored the pages for recording."""
    if server_of_module.is_dead:
        server_of_module.start()
    options: dict[str, Any] = {
        "service_workers": "allow",
        "allowed": frozenset({400, 409, 412, 422}),
    }
    with window(browser, server_of_module.address, session, **options) as page:
        page.goto("/records/initiative/")
        ready_for_no_link(page)
        yield page


def status(page: Page) -> Any:
    return page.locator("form .form-draft")


def begun(database: Database) -> str:
    """Return all unsaved forms on the server."""
    return str(database.rows("SELECT answers FROM indicators_formdraft"))


def record_event(page: Page, title: str, date: str = "2018-09") -> None:
    page.goto("/records/event/new/")
    page.get_by_label("What is it called?").fill(title)
    page.get_by_label("Organised", exact=True).check()
    page.get_by_label("What kind of event was it?").select_option("conference")
    page.locator("[name=occurred_on]").fill(date)
    page.get_by_role("button", name="Save and submit").click()
    page.wait_for_url("**/offline/")


def record_event_online(page: Page, title: str) -> None:
    page.goto("/records/event/new/")
    page.get_by_label("What is it called?").fill(title)
    page.get_by_label("Organised", exact=True).check()
    page.get_by_label("What kind of event was it?").select_option("conference")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved as a draft")


def test_what_is_recorded_without_a_link_is_sent_once_when_it_is_back(
    page: Page, database: Database
) -> None:
    page.goto("/records/decision/new/")
    page.get_by_label("What was decided?").fill("Decree on interview")
    expect(status(page)).to_have_text("Saved")
    assert "Decree on interview" in begun(database)
    page.context.set_offline(True)
    page.get_by_label("What was decided?").fill("Decree on interview rooms")
    expect(status(page)).to_have_text("Saved on this device, not yet sent (1)")

    record_event(page, "Conference on child witnesses")
    record_event(page, "A day that is none", "2018-99")
    items = page.get_by_role("main").locator("#offline-list > li")
    expect(items).to_have_count(3)
    expect(items.nth(0)).to_contain_text("Begun, not saved")
    expect(items.nth(1)).to_contain_text("Waits to be sent")
    items.nth(1).get_by_role("link", name="Change").click()
    expect(page.get_by_label("What is it called?")).to_have_value("Conference on child witnesses")
    page.get_by_label("What is it called?").fill("Conference on children as witnesses")
    page.get_by_role("button", name="Save and submit").click()
    page.wait_for_url("**/offline/")
    assert waiting(page) == 3
    assert database.titles() == []

    page.context.set_offline(False)
    wait_until(page, lambda: waiting(page) == 1)
    sent = database.rows("SELECT title, status FROM indicators_event")
    assert sent == [("Conference on children as witnesses", "submitted")]
    assert "Decree on interview rooms" in begun(database)
    assert database.titles("decision") == []
    expect(items).to_have_count(1)
    expect(items).to_contain_text("“2018-99” does not exist in the calendar.")

    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "event-not-sent.csv"
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert text.splitlines() == [
        "title,role,kind,occurred_on,confidential",
        "A day that is none,Organised,Conference,2018-99,No",
    ]

    items.get_by_role("link", name="Change").click()
    expect(page.get_by_label("What is it called?")).to_have_value("A day that is none")
    page.locator("[name=occurred_on]").fill("2018-09-28")
    page.get_by_role("button", name="Save and submit").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved and submitted")
    wait_until(page, lambda: waiting(page) == 0)
    assert len(database.titles()) == 2
    page.goto("/offline/")
    expect(page.get_by_role("status")).to_have_text("Everything is sent.")


def test_a_record_that_may_be_there_already_says_so_and_leads_to_it(
    page: Page, database: Database
) -> None:
    for _number in range(2):
        page.context.set_offline(True)
        record_event(page, "Conference on child witnesses")
        page.context.set_offline(False)
        item = page.locator("#offline-list > li")
        if _number == 0:
            wait_until(page, lambda: waiting(page) == 0)
    expect(item).to_contain_text("It may have been recorded already, so it was not saved.")
    (reference,) = (row[0] for row in database.rows("SELECT reference FROM indicators_event"))
    link = item.get_by_role("link", name="Open the record that may be the same")
    expect(link).to_have_attribute("href", f"/records/event/{reference}/")
    assert "Conference" not in str(load_stored(page, "records")[0]["duplicateUrls"])
    item.get_by_role("button", name="Save all the same").click()
    wait_until(page, lambda: waiting(page) == 0)
    sent = database.rows("SELECT title, status FROM indicators_event")
    assert sent == [("Conference on child witnesses", "submitted")] * 2


def test_what_a_user_typed_waits_for_that_user_when_another_signs_in(
    page: Page, database: Database, session: str, session_of_a_colleague: str
) -> None:
    page.goto("/records/event/new/")
    page.get_by_label("What is it called?").fill("Conference of the first user")
    page.get_by_label("Organised", exact=True).check()
    page.get_by_label("What kind of event was it?").select_option("conference")
    site = page.evaluate("location.origin")
    other = page.context.new_page()
    cookie = {"name": "sessionid", "value": session_of_a_colleague, "url": site}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    other.goto("/my-work/")
    page.get_by_role("button", name="Save and submit").click()
    page.wait_for_url("**/offline/")
    expect(page.get_by_text("Records of another account wait on this device too.")).to_be_visible()
    assert database.titles() == []
    (stored,) = load_stored(page, "records")
    assert (stored["title"], stored["status"]) == ("Conference of the first user", "queued")
    cookie["value"] = session
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto("/my-work/")
    wait_until(page, lambda: waiting(page) == 0)
    authors = database.rows(
        "SELECT strategy_user.username FROM indicators_event "
        "JOIN strategy_user ON strategy_user.id = entered_by_id"
    )
    assert authors == [("aissa",)]


def test_two_windows_without_a_link_keep_both_texts(page: Page, database: Database) -> None:
    record_event_online(page, "Conference")
    edit = page.url + "edit/"
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(edit)
        tab.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    page.context.set_offline(True)
    for tab, name, text in ((page, "notes", "Of the first"), (other, "place", "Of the second")):
        tab.locator(f"[name={name}]").fill(text)
        expect(status(tab)).to_contain_text("Saved on this device")
    expect(status(other)).to_contain_text("in another window or on another device")
    for tab in (page, other):
        tab.goto("/offline/")
    assert len(load_stored(page, "records")) == 2
    page.context.set_offline(False)
    wait_until(page, lambda: waiting(page) == 0)
    assert "Of the first" in begun(database)
    assert "Of the second" in begun(database)
    page.goto(edit)
    expect(page.get_by_role("link", name="Go on with it")).to_have_count(2)


def test_the_pages_for_no_link_stay_until_new_ones_are_complete(page: Page) -> None:
    old = page.evaluate("deviceStorage.findPages().then(({ edition }) => edition)")
    fails = """async () => {
      const fill = async (cache) => { await cache.put("/offline/", new Response("")); throw 1; };
      await deviceStorage.replacePages("newer", fill).catch(() => {});
    }"""
    page.evaluate(fails)
    assert page.evaluate("deviceStorage.findPages().then(({ edition }) => edition)") == old
    page.context.set_offline(True)
    page.goto("/records/event/new/")
    expect(page.get_by_label("What is it called?")).to_be_visible()
    page.context.set_offline(False)
    whole = "deviceStorage.replacePages('newer', (cache) => cache.put('/x', new Response('')))"
    page.evaluate(whole)
    assert page.evaluate("deviceStorage.findPages().then(({ edition }) => edition)") == "newer"
    names = page.evaluate("caches.keys()")
    assert len([name for name in names if name.startswith("ibcr-pages-")]) == 1


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
    forms = {f"/offline/{kind}/" for kind in ("initiative", "event", "decision", "network")}
    assert pages == {"/offline/", "/offline/edition", "queue", "stores", *forms}
    assert SECRET not in json.dumps(stored, ensure_ascii=False)
    page.context.set_offline(False)
    wait_until(page, lambda: waiting(page) == 0)


def test_signing_out_asks_and_another_account_gets_nothing_of_it(
    page: Page, database: Database, session_of_a_colleague: str
) -> None:
    page.context.set_offline(True)
    record_event(page, "Conference that stays", "2018-99")
    page.context.set_offline(False)
    expect(page.locator("#offline-list")).to_contain_text("To be corrected")
    page.goto("/my-work/")
    expect(page.get_by_role("link", name="Not yet sent (1)")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("Before you sign out.")).to_be_visible()
    page.get_by_role("link", name="Stay signed in").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Leave them here and sign out").click()
    page.wait_for_url("**/accounts/login/")

    site = page.evaluate("location.origin")
    cookie = {"name": "sessionid", "value": session_of_a_colleague, "url": site}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto("/my-work/")
    assert waiting(page) == 0
    page.goto("/offline/")
    expect(page.get_by_text("Records of another account wait on this device too.")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text("Conference that stays")
    assert database.titles() == []

    page.goto("/my-work/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")


def test_deleting_them_signs_out(page: Page, database: Database) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.context.set_offline(True)
    record_event(page, "Conference for nobody", "2018-99")
    page.context.set_offline(False)
    expect(page.locator("#offline-list")).to_contain_text("To be corrected")
    page.goto("/my-work/")
    page.get_by_role("button", name="Sign out").click()
    delete = page.get_by_role("button", name="Delete them and sign out")
    expect(delete).to_be_visible()
    assert len(load_stored(page, "records")) == 1
    delete.click()
    page.wait_for_url("**/accounts/login/")
    assert len(load_stored(page, "records")) == 0
    assert database.titles() == []


def test_what_is_saved_and_may_tell_who_a_child_is_stays_here_until_it_is_corrected_or_deleted(
    page: Page, database: Database
) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.context.set_offline(True)
    record_event(page, "Day with Awa, 9 years old")
    page.context.set_offline(False)
    item = page.locator("#offline-list > li")
    expect(item).to_contain_text("“Awa, 9 years old” looks like a name with an age.")
    expect(page.get_by_text("is kept nowhere else")).to_be_visible()
    assert (database.titles(), begun(database)) == ([], "[]")
    item.get_by_role("link", name="Change").click()
    expect(page.get_by_label("What is it called?")).to_have_value("Day with Awa, 9 years old")
    page.goto("/offline/")
    item.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_have_text("Everything is sent.")
    assert len(load_stored(page, "records")) == 0
    assert (database.titles(), begun(database)) == ([], "[]")


def test_what_is_begun_and_may_tell_who_a_child_is_waits_on_the_device_to_be_corrected(
    page: Page, database: Database
) -> None:
    page.context.set_offline(True)
    page.goto("/records/network/new/")
    page.get_by_label("What is the network called?").fill("Friends of Awa, 9 years old")
    expect(status(page)).to_have_text("Saved on this device, not yet sent (1)")
    page.goto("/offline/")
    page.context.set_offline(False)
    item = page.locator("#offline-list > li")
    expect(item).to_contain_text("Not saved while you type. “Awa, 9 years old”")
    assert begun(database) == "[]"
    item.get_by_role("link", name="Change").click()
    expect(page.get_by_label("What is the network called?")).to_have_value(
        "Friends of Awa, 9 years old"
    )
    page.get_by_label("What is the network called?").fill("Friends of children")
    typed = "offline.loadRecords().then(([one]) => one.title)"
    wait_until(page, lambda: page.evaluate(typed) == "Friends of children")
    page.goto("/my-work/")
    wait_until(page, lambda: waiting(page) == 0)
    assert "Friends of children" in begun(database)
