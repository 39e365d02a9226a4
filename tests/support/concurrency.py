"""Concurrent calls: threads that start at the same time."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection, connections

Run = Callable[[int, Callable[[int], object]], list[object]]


@pytest.fixture
def at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a function in several threads at the same time; return each result or error.

    SQLite's test database is in memory, where connections do not wait for each other. The threads
    therefore use a copy in a file.
    """

    def run(number: int, act: Callable[[int], object]) -> list[object]:
        _to_file(tmp_path / "shared.sqlite3", monkeypatch)
        start = threading.Barrier(number)
        outcomes: list[object] = [None] * number

        def one(place: int) -> None:
            start.wait()
            try:
                outcomes[place] = act(place)
            except Exception as error:  # noqa: BLE001 - told to the test
                outcomes[place] = error
            finally:
                connection.close()

        threads = [threading.Thread(target=one, args=(place,)) for place in range(number)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return outcomes

    return run


def _to_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "sqlite" or path.exists():
        return
    connection.ensure_connection()
    with closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)
        # As `migrate` leaves it: threads that change the mode at the same time do not wait for
        # each other.
        copy.execute("PRAGMA journal_mode=WAL")
    monkeypatch.setitem(connections.settings["default"], "NAME", str(path))


def kinds(outcomes: list[object]) -> Counter[str]:
    return Counter(type(outcome).__name__ for outcome in outcomes)
