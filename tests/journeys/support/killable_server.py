"""The application in its own process, which tests can kill and restart."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

ROOT = Path(__file__).resolve().parents[3]
HOST = "127.0.0.1"
GUNICORN = (
    sys.executable,
    "-m",
    "gunicorn",
    "--threads=4",
    "--log-level=error",
    "--no-control-socket",
)
PATIENCE = 120
"""The limit for a server's first response, in seconds."""


class KillableServer:
    """Gunicorn on its own port and in its own process group."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = {**os.environ, **environment}
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self, die_after: int = 0) -> None:
        """Start the server and return after its first response."""
        self.process = subprocess.Popen(
            [*GUNICORN, "--bind", f"{HOST}:{self.port}", "tests.journeys.support.crash_server"],
            cwd=ROOT,
            env={**self.environment, "DIE_AFTER": str(die_after)},
            start_new_session=True,
        )
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > end or self.is_dead:
                raise RuntimeError("the server does not start")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    @property
    def is_dead(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def kill(self) -> None:
        """Send SIGKILL to all its processes, without any clean-up."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Database:
    """The test database as another process sees it; on SQLite a copy in a file."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "shared.sqlite3"

    def copy(self) -> None:
        """Make the file a copy of the test database as it is now; a server may have it open."""
        if connection.vendor == "sqlite":
            connection.ensure_connection()
            with closing(sqlite3.connect(self.file)) as copy:
                connection.connection.backup(copy)

    @property
    def url(self) -> str:
        if connection.vendor == "sqlite":
            return f"sqlite:///{self.file}"
        whole = urlsplit(os.environ["DATABASE_URL"])
        return urlunsplit(whole._replace(path=f"/{connection.settings_dict['NAME']}"))

    def titles(self, kind: str = "event") -> list[str]:
        """Return the titles of all saved records of the kind."""
        return [row[0] for row in self.rows(f"SELECT title FROM indicators_{kind} ORDER BY id")]

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(self.file, timeout=30)) as reading:
                return list(reading.execute(question))
        with connection.cursor() as cursor:
            cursor.execute(question)
            return list(cursor.fetchall())


@contextmanager
def run_killable_server(
    database: Database, static_root: Path, folder: Path
) -> Iterator[KillableServer]:
    """Return the application in its own process, not yet started, on that database."""
    server = KillableServer(
        {
            "DATABASE_URL": database.url,
            "STATIC_ROOT": str(static_root),
            "MEDIA_ROOT": str(folder / "evidence"),
        }
    )
    try:
        yield server
    finally:
        server.kill()
