"""The application on a port of this machine, as production serves it: with WhiteNoise alone.

Django's own live server puts helpers for static and uploaded files before the application. Here
there are none, so a page gets exactly the files, names, headers and compression that it will get.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer
from whitenoise.compress import Compressor

HOST = "127.0.0.1"


class Application(WSGIHandler):
    """The application itself, whatever Django's live server would put before it."""

    def __init__(self, _with_uploads: object) -> None:
        super().__init__()


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
    for path in (*folder.glob("*.css"), *folder.glob("*.js"), *folder.glob("*.svg")):
        compressor.compress(str(path))


@contextmanager
def served(static_root: Path) -> Iterator[str]:
    """The address of the running application; it works on the database of the tests."""
    server = LiveServer(HOST, start=False)
    server.thread.static_handler = Application
    # WhiteNoise looks once, as the application starts, at what there is.
    with override_settings(STATIC_ROOT=static_root, STORAGES=storages()):
        server.start()
    try:
        yield server.url
    finally:
        server.stop()
