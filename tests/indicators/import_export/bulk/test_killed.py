"""An import killed at any moment saves all of its rows or none, on both databases."""

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from indicators.import_export import importer
from indicators.import_export.bulk import write
from indicators.models import Event, Evidence, ImportedRow, ImportRun
from strategy.models import User
from tests.support.samples.import_files import check

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = "".join(f"E{n},x,organised,conference,https://example.org/{n}\n" for n in range(10))
TEXT = f"reference,title,role,kind,evidence_url\n{ROWS}"

LONG = 60


@pytest.fixture(autouse=True)
def _shared_file(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, officer: User
) -> None:
    """SQLite's test database is in memory: other threads and processes get a copy in a file."""
    monkeypatch.setattr("indicators.import_export.rows.existing.split_batches.__defaults__", (3,))
    if connection.vendor == "sqlite":
        path = tmp_path / "shared.sqlite3"
        with closing(sqlite3.connect(path)) as copy:
            connection.connection.backup(copy)
        monkeypatch.setitem(connections.settings["default"], "NAME", str(path))


def run_on_own_connection(act: Callable[[], Any]) -> Any:
    """Return the result of the call on a database connection of its own."""
    told: list[Any] = []

    def run() -> None:
        try:
            told.append(act())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return told[0]


def count_rows() -> tuple[int, ...]:
    models = (Event, Evidence, ImportRun, ImportedRow, Event.history.model)
    return tuple(model._base_manager.count() for model in models)


def killed(by: User, at_insert: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Import in a process that is killed at its n-th insert; return the events written by then."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        run_on_own_connection(lambda: _import(by, at_insert, writer))
        os._exit(1)  # the import ended before the kill
    os.close(writer)
    struck = os.read(reader, 100)
    os.kill(child, signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    os.close(reader)
    assert os.WIFSIGNALED(status), "it had ended before it was killed"
    return int(struck)


def _import(by: User, at_insert: int, writer: int) -> None:
    insert, seen = write.insert_rows, []

    def insert_and_wait(*args: Any) -> None:
        insert(*args)
        seen.append(1)
        if len(seen) == at_insert:
            os.write(writer, str(Event.objects.count()).encode())
            time.sleep(LONG)

    vars(write)["insert_rows"] = insert_and_wait
    check("event", TEXT, by).write(run=ImportRun(file_name="x.csv", sha256="0" * 64))


@pytest.mark.parametrize("at_insert", [1, 2, 4, 8, 12])
def test_a_kill_leaves_none_of_the_rows(at_insert, officer, monkeypatch):
    before = run_on_own_connection(count_rows)
    assert killed(officer, at_insert, monkeypatch) > 0
    assert run_on_own_connection(count_rows) == before
    run_on_own_connection(lambda: check("event", TEXT, officer).write())
    assert run_on_own_connection(count_rows)[0] == 10


def test_without_the_transaction_some_rows_stay(officer, monkeypatch):
    monkeypatch.setattr(importer.transaction, "atomic", lambda **options: nullcontext())
    struck = killed(officer, 4, monkeypatch)
    assert 0 < struck < 10
    assert 0 < run_on_own_connection(count_rows)[0] < 10
