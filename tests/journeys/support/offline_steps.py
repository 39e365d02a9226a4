"""Steps of a user without a network, and the data stored on the device."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page

PATIENCE = 180
"""The limit of every wait, in seconds."""

WAITING = """() => Promise.race([
  offline.loadRecords().then((all) => all.length),
  new Promise((_done, fail) => setTimeout(() => fail(new Error("the device is silent")), 60000)),
])"""

STORED = """(store) => new Promise((resolve) => {
  const opening = indexedDB.open("ibcr-drafts");
  opening.onsuccess = () => {
    const loading = opening.result.transaction(store).objectStore(store).getAll();
    loading.onsuccess = () => {
      opening.result.close();
      resolve(loading.result);
    };
  };
})"""


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Raise TimeoutError after `seconds`, also inside a call that never returns."""

    def fail(_signal: int, _frame: object) -> None:
        raise TimeoutError(f"it took more than {seconds} s")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def wait_until(page: Page, has_happened: Callable[[], bool]) -> None:
    """Run the page's events until the condition is true."""
    end = time.monotonic() + PATIENCE
    while not has_happened():
        assert time.monotonic() < end, f"it did not happen on {page.url}"
        page.wait_for_timeout(20)


def ready_for_no_link(page: Page) -> None:
    """Wait until the device has stored the pages for recording offline."""
    wait_until(page, lambda: bool(page.evaluate("caches.match('/offline/edition').then(Boolean)")))


def waiting(page: Page) -> int:
    """Return the number of the user's queued records on the device."""
    number: int = page.evaluate(WAITING)
    return number


def load_stored(page: Page, store: str) -> list[dict[str, Any]]:
    """Return a store of the device, of every user, read without the site's scripts."""
    stored: list[dict[str, Any]] = page.evaluate(STORED, store)
    return stored
