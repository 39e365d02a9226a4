"""Eight writers and eight readers at once: no page is older than a change that was committed.

Controls show that the same test finds stale pages where the version is not exact.
``STALE_READS=200000 pytest tests/strategy/caching`` reads for longer.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from strategy.caching import views
from strategy.caching.changes import build_trigger, fold_changes
from strategy.caching.data_version import DataVersion, read_data_version
from strategy.caching.store import PageStore
from strategy.models import User
from tests.support.concurrency import Run

WRITERS = READERS = 8
READS = int(os.environ.get("STALE_READS", "10000"))

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def tables() -> Iterator[None]:
    """A value of each writer, and the numbers of all writes in the order in which they began."""
    key = "integer PRIMARY KEY" if connection.vendor == "sqlite" else "serial PRIMARY KEY"
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE written_value (writer integer, value integer)")
        if connection.vendor == "postgresql":
            cursor.execute(build_trigger("written_value"))
        cursor.execute(f"CREATE TABLE write_number (id {key}, writer integer)")
        for writer in range(WRITERS):
            cursor.execute("INSERT INTO written_value VALUES (%s, 0)", [writer])
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE written_value")
        cursor.execute("DROP TABLE write_number")


def write(writer: int, value: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO write_number (writer) VALUES (%s)", [writer])
        time.sleep(0.001 * (writer % 3))  # so that commits overtake each other
        cursor.execute("UPDATE written_value SET value = %s WHERE writer = %s", [value, writer])


def list_values(_request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM written_value ORDER BY writer")
        return HttpResponse(" ".join(str(value) for (value,) in cursor.fetchall()))


@dataclass
class Traffic:
    """What the writers committed, and what the readers saw."""

    view: Callable[[HttpRequest], HttpResponse]
    committed: list[int] = field(default_factory=lambda: [0] * WRITERS)
    stale: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def act(self, place: int) -> None:
        if place < WRITERS:
            self._write(place)
            return
        if place >= WRITERS + READERS:
            self._fold()
            return
        try:
            self._read()
        finally:
            self.is_over.set()

    def _write(self, writer: int) -> None:
        while not self.is_over.is_set():
            value = self.committed[writer] + 1
            write(writer, value)
            self.committed[writer] = value
            time.sleep(0.03)

    def _fold(self) -> None:
        while not self.is_over.is_set():
            fold_changes()
            time.sleep(0.001)

    def _read(self) -> None:
        request = RequestFactory().get("/values/")
        request.user = User(pk=1, is_superuser=True)
        for _read in range(READS // READERS):
            if self.stale:
                return
            expected = list(self.committed)
            values = [int(text) for text in self.view(request).content.split()]
            if any(seen < known for seen, known in zip(values, expected, strict=True)):
                self.stale.append(f"{values} after {expected}")


def run_traffic(
    view: Callable[[HttpRequest], HttpResponse], at_once: Run, folders: int = 0
) -> list[str]:
    traffic = Traffic(view)
    outcomes = at_once(WRITERS + READERS + folders, traffic.act)
    assert outcomes == [None] * len(outcomes)
    assert min(traffic.committed) > 0
    return traffic.stale


@pytest.mark.parametrize("folders", [0, 1])
def test_no_page_is_stale(folders: int, at_once: Run) -> None:
    if folders and connection.vendor == "sqlite":
        pytest.skip("SQLite has no changes to fold.")
    computed = []

    def count_calls(request: HttpRequest) -> HttpResponse:
        computed.append(1)
        return list_values(request)

    assert run_traffic(views.cached_by_rights(count_calls), at_once, folders) == []
    # Otherwise the store was not asked for much.
    assert len(computed) < READS * 0.9


def test_a_version_that_is_read_after_the_page_serves_stale_pages(at_once: Run) -> None:
    store = PageStore()

    def read_too_late(request: HttpRequest) -> HttpResponse:
        page = store.get(_read_version(), "values")
        if page is None:
            response = list_values(request)
            page = [response.content]
            # Longer than a writer rests: one of them writes during this time.
            time.sleep(0.05)
            version = _read_version()
            store.get(version, "values")
            store.put(version, "values", page)
        return HttpResponse(b"".join(page))

    assert run_traffic(read_too_late, at_once)


def test_the_number_of_the_last_write_serves_stale_pages(
    at_once: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("Writers wait for each other, so none overtakes another.")

    def read_last_number() -> DataVersion:
        with connection.cursor() as cursor:
            cursor.execute("SELECT max(id) FROM write_number")
            return tuple(cursor.fetchone())

    monkeypatch.setattr(views, "read_data_version", read_last_number)
    assert run_traffic(views.cached_by_rights(list_values), at_once)


def _read_version() -> DataVersion:
    version = read_data_version()
    assert version is not None
    return version
