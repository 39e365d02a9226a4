"""A server killed while a device sends a hundred records: each record exists exactly once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from strategy.models import Plan, User
from tests.conftest import client_of
from tests.journeys.support.browser import session_of, window
from tests.journeys.support.killable_server import Database, KillableServer, run_killable_server
from tests.journeys.support.offline_steps import at_most, ready_for_no_link, wait_until, waiting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HUNDRED = 100
DIES_AFTER = 37
"""The record that is saved when the server dies, without its response."""
KILLED_FROM = 60
"""The number of saved records when the server is killed again, from outside."""

TYPE_MANY = """async ({count}) => {
  const user = await deviceStorage.getUser();
  for (let number = 2; number <= count; number += 1) {
    const fields = [
      ["creation_token", crypto.randomUUID()], ["version", "1"], ["submit", "yes"],
      ["is_another", "yes"],
      ["title", `Conference ${number}`], ["role", "organised"], ["kind", "conference"],
    ];
    const record = deviceStorage.buildRecord(user.id, "event", fields, "queued");
    await deviceStorage.records.put({ ...record, formUrl: "/records/event/new/" });
  }
}"""
NEW_TOKEN_EACH_TIME = """
  const real = window.fetch;
  window.fetch = (address, options) => {
    const body = options && options.body;
    if (String(address).endsWith("/send/")) body.set("creation_token", crypto.randomUUID());
    return real(address, options);
  };
"""


ANSWER_CUT_ONCE = """
  const real = window.fetch;
  let isCut = false;
  window.fetch = async (address, options) => {
    const answer = await real(address, options);
    if (isCut || !String(address).endsWith("/send/")) return answer;
    isCut = true;
    const body = new ReadableStream({ start: (stream) => stream.error(new TypeError("cut")) });
    return new Response(body, { status: answer.status });
  };
"""
MOST_SECONDS = 600


@pytest.fixture(autouse=True)
def _bounded() -> Iterator[None]:
    with at_most(MOST_SECONDS):
        yield


@pytest.fixture
def session(plan: Plan, staff: User) -> str:
    return session_of(client_of(staff))


@pytest.fixture
def database(session: str, tmp_path: Path) -> Database:
    database = Database(tmp_path)
    database.copy()
    return database


@pytest.fixture
def mortal(database: Database, static_root: Path, tmp_path: Path) -> Iterator[KillableServer]:
    with run_killable_server(database, static_root, tmp_path) as server:
        yield server


def record_conference(page: Page, title: str) -> None:
    page.goto("/records/event/new/")
    page.get_by_label("What is it called?").fill(title)
    page.get_by_label("Organised", exact=True).check()
    page.get_by_label("What kind of event was it?").select_option("conference")
    page.get_by_role("button", name="Save and submit").click()
    page.wait_for_url("**/offline/")


def type_a_hundred(page: Page) -> None:
    """Record offline: one record in the form, the others directly in the form's store."""
    page.context.set_offline(True)
    record_conference(page, "Conference 1")
    page.evaluate(TYPE_MANY, {"count": HUNDRED})
    page.reload()
    expect(page.get_by_role("status")).to_contain_text(
        f"The link is down. They are sent once it is back. ({HUNDRED})"
    )


@pytest.fixture
def device(browser: Browser, mortal: KillableServer, session: str, request: Any) -> Iterator[Page]:
    """A page whose device has stored the pages for recording offline."""
    mortal.start(die_after=DIES_AFTER)
    options: dict[str, Any] = {"service_workers": "allow"}
    with window(browser, mortal.address, session, **options) as page:
        for script in getattr(request, "param", ()):
            page.add_init_script(script)
        page.goto("/my-work/")
        ready_for_no_link(page)
        yield page


def test_a_hundred_records_are_there_once_though_the_server_was_killed_twice(
    device: Page, mortal: KillableServer, database: Database
) -> None:
    type_a_hundred(device)
    device.context.set_offline(False)
    wait_until(device, lambda: mortal.is_dead)
    assert len(database.titles()) == DIES_AFTER
    # The record without a response is still queued.
    assert waiting(device) == HUNDRED - DIES_AFTER + 1

    mortal.start()
    wait_until(device, lambda: len(database.titles()) >= KILLED_FROM)
    mortal.kill()
    written = len(database.titles())
    assert KILLED_FROM <= written < HUNDRED
    assert 0 < waiting(device) <= HUNDRED - written + 1

    mortal.start()
    wait_until(device, lambda: waiting(device) == 0)
    titles = database.titles()
    assert len(titles) == HUNDRED
    assert set(titles) == {f"Conference {number}" for number in range(1, HUNDRED + 1)}


@pytest.mark.parametrize("device", [(NEW_TOKEN_EACH_TIME,)], indirect=True)
def test_with_another_token_each_time_a_record_is_there_twice(
    device: Page, mortal: KillableServer, database: Database
) -> None:
    # The control: the test above would find duplicates if records had no token.
    type_a_hundred(device)
    device.context.set_offline(False)
    wait_until(device, lambda: mortal.is_dead)
    mortal.start()
    wait_until(device, lambda: waiting(device) == 0)
    titles = database.titles()
    assert len(titles) == HUNDRED + 1
    assert len(set(titles)) == HUNDRED


@pytest.mark.parametrize("device", [(ANSWER_CUT_ONCE,)], indirect=True)
def test_an_answer_of_which_only_the_head_arrives_is_asked_for_again(
    device: Page, database: Database
) -> None:
    device.context.set_offline(True)
    record_conference(device, "Conference 1")
    device.context.set_offline(False)
    wait_until(device, lambda: database.titles() == ["Conference 1"])
    wait_until(device, lambda: waiting(device) == 0)
    assert database.titles() == ["Conference 1"]


def test_a_form_saved_when_the_server_is_gone_is_kept_and_sent_later(
    device: Page, mortal: KillableServer, database: Database
) -> None:
    device.goto("/records/event/new/")
    device.get_by_label("What is it called?").fill("Conference nobody answers for")
    device.get_by_label("Organised", exact=True).check()
    device.get_by_label("What kind of event was it?").select_option("conference")
    mortal.kill()
    device.get_by_role("button", name="Save and submit").click()
    device.wait_for_url("**/offline/")
    expect(device.locator("#offline-list")).to_contain_text("Conference nobody answers for")
    assert database.titles() == []
    mortal.start()
    wait_until(device, lambda: waiting(device) == 0)
    assert database.titles() == ["Conference nobody answers for"]
