"""A gunicorn with the settings of production, and the processor time that it costs."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from tools.benchmark.load.people import HOST, ask

NOTHING = "wsgiref.simple_server:demo_app"
APPLICATION = "ibcr_rbm.wsgi"


@dataclass
class Server:
    """A gunicorn that runs, with the processes whose processor time its pages cost."""

    process: subprocess.Popen[bytes]
    port: int
    roots: set[int]

    def read_processor_time(self) -> float:
        return read_family_time({self.process.pid, *self.roots})


@contextmanager
def start_server(application: str, environment: Mapping[str, str]) -> Iterator[Server]:
    """Serve the application with two workers of four threads on a free port."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    options = ("--workers", "2", "--threads", "4", "--timeout", "120", "--no-control-socket")
    command = [sys.executable, "-m", "gunicorn", application, *options]
    command += ["--bind", f"{HOST}:{port}", "--log-level", "error"]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)
    try:
        _wait_for(port, process)
        yield Server(process, port, find_database_server())
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            if asyncio.run(ask(port, "GET", "/healthz", "", b"")).status == 200:
                return
        except (OSError, IndexError):
            time.sleep(0.2)
    raise RuntimeError("The server did not start: the reason is above.")


def find_database_server() -> set[int]:
    """Return the process of a PostgreSQL server on this machine; nothing for SQLite."""
    if connection.vendor != "postgresql":
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    return {_read_processes()[backend][0]} if backend in _read_processes() else set()


def read_family_time(roots: set[int]) -> float:
    """Return the processor time of processes and of all that they started, in seconds."""
    processes, ticks = _read_processes(), 0
    for process in processes:
        line = process
        while line not in roots and line in processes:
            line = processes[line][0]
        if line in roots:
            ticks += processes[process][1]
    return ticks / os.sysconf("SC_CLK_TCK")


def _read_processes() -> dict[int, tuple[int, int]]:
    """Return of each process its parent, and its ticks with those of its ended children."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            values = path.read_text(encoding="latin-1").rpartition(")")[2].split()
        except OSError:
            continue
        found[int(path.parent.name)] = int(values[1]), sum(int(value) for value in values[11:15])
    return found


def make_environment(folder: Path) -> dict[str, str]:
    """Return the environment of production, with the database of this process."""
    name = str(connection.settings_dict["NAME"])
    address = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    return {
        **os.environ,
        "DATABASE_URL": address,
        "PRODUCTION": "1",
        "SECRET_KEY": settings.SECRET_KEY,
        "ALLOWED_HOSTS": HOST,
        "EMAIL_URL": "dummymail://",
        "TWO_FACTOR_ROLES": "",
        "REPORT_SIGNING_KEY": settings.REPORT_SIGNING_KEY,
        "STATIC_ROOT": str(folder / "static"),
        "MEDIA_ROOT": str(folder / "evidence"),
    }
