"""The application on a local port, as in production: static files by WhiteNoise alone.

Django's own live server adds handlers for static and uploaded files. Without them a page has the
same files, names, headers and compression as in production.
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
from django.db import connection
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer
from whitenoise.compress import Compressor

HOST = "127.0.0.1"

PATIENCE = 60
"""The limit for the last response of a closed window, in seconds."""


class Application(WSGIHandler):
    """The WSGI application without the handlers of Django's live server."""

    def __init__(self, _with_uploads: object) -> None:
        super().__init__()


class CountingServer(ThreadedWSGIServer):
    """A server with a thread per connection, which counts the open connections."""

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
    """Wait for the requests of closed windows, so that nothing else uses the database.

    Closing a window closes its connections, but not a request in progress. Raise AssertionError if
    a request is still open after PATIENCE seconds.
    """
    parts = urlsplit(address)
    # Connections are accepted in order: once this is open, all earlier ones are too.
    with socket.create_connection((str(parts.hostname), int(parts.port or 80))) as last:
        last.shutdown(socket.SHUT_WR)
        last.settimeout(PATIENCE)
        last.recv(1)
    with CountingServer.changed:
        served = CountingServer.changed.wait_for(lambda: not CountingServer.connections, PATIENCE)
    still_open = CountingServer.connections
    assert served, f"{still_open} connections are open although every window is closed"


def storages() -> dict[str, Any]:
    """Static files with hashed names, as in production."""
    return {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "ibcr_rbm.web.static_files.HashedStaticFilesStorage"},
    }


def collect_static_files(folder: Path) -> None:
    """Collect static files; compress only ours: the administration's need ten times longer."""
    with override_settings(STATIC_ROOT=folder, STORAGES=storages()):
        call_command("collectstatic", interactive=False, verbosity=0)
    compressor = Compressor(quiet=True)
    for path in (*folder.glob("*.css"), *folder.glob("js/*.js"), *folder.glob("*.svg")):
        compressor.compress(str(path))


@contextmanager
def run_server(static_root: Path) -> Iterator[str]:
    """The URL of the running application, on the test database."""
    server = LiveServer(HOST, start=False)
    # Else a test in a transaction would close the database to the server.
    assert server.thread.connections_override or connection.vendor != "sqlite"
    server.thread.static_handler = Application
    server.thread.server_class = CountingServer
    # WhiteNoise reads the list of files once, at the start of the application.
    with override_settings(STATIC_ROOT=static_root, STORAGES=storages()):
        server.start()
    try:
        yield server.url
    finally:
        server.stop()
