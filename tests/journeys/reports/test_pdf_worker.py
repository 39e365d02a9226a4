"""The worker as a process, killed while it makes a PDF, and nine concurrent downloads."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.pdf.tasks import enqueue_pdfs
from reporting.annual_report.sealing.seals import load_sealed_rows
from reporting.models import AnnualReport
from strategy.choices import Role
from strategy.models import Plan, User
from tests.conftest import client_of
from tests.factories import make_user
from tests.journeys.support.browser import session_of
from tests.journeys.support.killable_server import (
    PATIENCE,
    ROOT,
    Database,
    KillableServer,
    run_killable_server,
)
from tests.support.samples.signing_keys import SIGNING_KEY

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not document.is_available(), reason="Pango is not installed"),
]

NOW = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
OURS = (sys.executable, "manage.py", "db_worker", "--no-startup-delay", "--no-reload")
AS_IT_COMES = """
import django
django.setup()
from django.core.management import call_command
from django_tasks_db.management.commands.db_worker import Command
call_command(Command(), batch=True, reload=False, startup_delay=False)
"""
MEMBERS = 9
BEGUN = "SELECT language FROM reporting_reportpdfjob WHERE started_at IS NOT NULL"
STORED = "SELECT language, sha256, content FROM reporting_reportfile ORDER BY id"
TASKS = "SELECT status FROM django_tasks_database_dbtaskresult ORDER BY enqueued_at"


@pytest.fixture
def report(plan: Plan, officer: User, settings: Any) -> AnnualReport:
    """An issued report whose English PDF is queued."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    issued = issue_annual_report(plan, "2018", officer, NOW)
    enqueue_pdfs(issued, datetime.now(tz=UTC), ["en"])
    return issued


@pytest.fixture
def sessions(db: None) -> list[str]:
    """The sessions of nine members of the board."""
    return [session_of(client_of(make_user(Role.BOARD))) for _member in range(MEMBERS)]


@pytest.fixture
def database(report: AnnualReport, sessions: list[str], tmp_path: Path) -> Database:
    database = Database(tmp_path)
    database.copy()
    return database


@pytest.fixture
def start(database: Database) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start workers on the database, and stop them after the test."""
    started: list[subprocess.Popen[bytes]] = []
    environment = {
        **os.environ,
        "REPORT_SIGNING_KEY": SIGNING_KEY,
        "DATABASE_URL": database.url,
        "DJANGO_SETTINGS_MODULE": "ibcr_rbm.settings",
    }

    def run(command: tuple[str, ...] = OURS, *more: str) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([*command, *more], cwd=ROOT, env=environment))
        return started[-1]

    yield run
    for worker in started:
        with suppress(ProcessLookupError):
            worker.kill()
        worker.wait()


def until(is_so: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.01)


def kill_while_it_makes_one(worker: subprocess.Popen[bytes], database: Database) -> None:
    until(lambda: database.rows(BEGUN))
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert database.rows(TASKS) == [("RUNNING",)], "it struck while the file was made"
    assert database.rows(STORED) == []


def test_what_a_killed_worker_had_begun_the_next_one_makes_once_with_the_same_bytes(
    report: AnnualReport, database: Database, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    kill_while_it_makes_one(start(), database)
    # The control: the original worker finds no task and would never resume this one.
    assert start((sys.executable, "-c", AS_IT_COMES)).wait(PATIENCE) == 0
    assert database.rows(STORED) == []

    # Two at the same time: both may make it.
    both = [start(OURS, "--batch"), start(OURS, "--batch")]
    assert [worker.wait(PATIENCE) for worker in both] == [0, 0]
    [(language, sha256, content)] = database.rows(STORED)
    assert database.rows(TASKS) == [("SUCCESSFUL",)]
    undisturbed = document.render(load_sealed_rows(report), "en")
    assert (language, bytes(content)) == ("en", undisturbed.content)
    assert sha256 == undisturbed.sha256 == hashlib.sha256(content).hexdigest()


def test_a_worker_that_is_told_to_end_finishes_what_it_makes(
    database: Database, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    worker = start()
    until(lambda: database.rows(BEGUN))
    worker.terminate()
    assert worker.wait(PATIENCE) == 0
    assert [row[0] for row in database.rows(STORED)] == ["en"]


def test_one_told_twice_ends_at_once_and_the_next_one_goes_on(
    database: Database, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    worker = start()
    until(lambda: database.rows(BEGUN))
    worker.terminate()
    time.sleep(0.2)
    worker.terminate()
    worker.wait(PATIENCE)
    assert database.rows(STORED) == [], "it struck while the file was made"
    assert database.rows(TASKS) == [("FAILED",)]
    assert start(OURS, "--batch").wait(PATIENCE) == 0
    assert [row[0] for row in database.rows(STORED)] == ["en"]


def at_once(server: KillableServer, sessions: list[str]) -> list[tuple[int, bytes]]:
    """Download the file in all sessions at the same moment; return each response."""
    gate = threading.Barrier(len(sessions))

    def fetched(session: str) -> tuple[int, bytes]:
        request = urllib.request.Request(
            f"{server.address}/reports/2018/1/en.pdf",
            headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"},
        )
        gate.wait()
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read()

    with ThreadPoolExecutor(len(sessions)) as pool:
        return list(pool.map(fetched, sessions))


def test_nine_who_download_at_once_get_the_stored_file_and_have_nothing_made(
    database: Database,
    sessions: list[str],
    start: Callable[..., subprocess.Popen[bytes]],
    static_root: Path,
    tmp_path: Path,
) -> None:
    with run_killable_server(database, static_root, tmp_path) as server:
        server.start()
        early = at_once(server, sessions)
        assert [status for status, _page in early] == [503] * MEMBERS
        assert all(b"data-poll" in page for _status, page in early), "they see how far it is"
        assert database.rows(STORED) == []
        assert start(OURS, "--batch").wait(PATIENCE) == 0
        [(_language, sha256, content)] = database.rows(STORED)
        assert at_once(server, sessions) == [(200, bytes(content))] * MEMBERS
        assert database.rows(STORED) == [("en", sha256, content)]
