"""The application on a port of this machine, as production serves it: with WhiteNoise alone.

Django's own live server puts helpers for static and uploaded files before the application. Here
there are none, so a page gets exactly the files, names, headers and compression that it will get.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition
from typing import Any
from urllib.parse import urlsplit

from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer
from whitenoise.compress import Compressor

HOST = "127.0.0.1"

PATIENCE = 60
"""Seconds in which the last request of a closed window must have its answer."""


class Application(WSGIHandler):
    """The application itself, whatever Django's live server would put before it."""

    def __init__(self, _with_uploads: object) -> None:
        super().__init__()


class CountingServer(ThreadedWSGIServer):
    """Serves each connection in a thread of its own, and knows which are still open."""

    connections = 0
    changed = Condition()

    def process_request(self, *connection: Any) -> None:
        self._count(1)
        super().process_request(*connection)

    def process_request_thread(self, *connection: Any) -> None:
        try:
            super().process_request_thread(*connection)
        finally:
            self._count(-1)

    @classmethod
    def _count(cls, more: int) -> None:
        with cls.changed:
            cls.connections += more
            cls.changed.notify_all()


def wait_until_served(address: str) -> None:
    """Wait until what closed windows had asked for is done, so that no one else is at the database.

    A window takes its connections with it, but not the request that one of them had brought. Raises
    AssertionError where one is still open after PATIENCE seconds.
    """
    parts = urlsplit(address)
    # Connections are taken up in turn: once this one is, so are all that came before it.
    with socket.create_connection((str(parts.hostname), int(parts.port or 80))) as last:
        last.shutdown(socket.SHUT_WR)
        last.settimeout(PATIENCE)
        last.recv(1)
    with CountingServer.changed:
        served = CountingServer.changed.wait_for(lambda: not CountingServer.connections, PATIENCE)
    still_open = CountingServer.connections
    assert served, f"{still_open} connections are open although every window is closed"


def storages() -> dict[str, Any]:
    """Static files under names with a fingerprint, as in production."""
    return {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }


def collect_static_files(folder: Path) -> None:
    """Collect them, and compress our own; the administration's many would take ten times longer."""
    with override_settings(STATIC_ROOT=folder, STORAGES=storages()):
        call_command("collectstatic", interactive=False, verbosity=0)
    compressor = Compressor(quiet=True)
    for path in (*folder.glob("*.css"), *folder.glob("js/*.js"), *folder.glob("*.svg")):
        compressor.compress(str(path))


@contextmanager
def served(static_root: Path) -> Iterator[str]:
    """The address of the running application; it works on the database of the tests."""
    server = LiveServer(HOST, start=False)
    server.thread.static_handler = Application
    server.thread.server_class = CountingServer
    # WhiteNoise looks once, as the application starts, at what there is.
    with override_settings(STATIC_ROOT=static_root, STORAGES=storages()):
        server.start()
    try:
        yield server.url
    finally:
        server.stop()
