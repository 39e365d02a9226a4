"""A second, empty database that the tests use as their own for a while."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.db.utils import load_backend

from tests.support.database.template import build_file, build_on_server, digest_of_migrations


@contextmanager
def empty_database(vendor: str, path: Path) -> Iterator[None]:
    """Make a migrated database without rows the default one."""
    config = dict(connections.settings["default"])
    name = f"built_{digest_of_migrations()}"
    if vendor == "sqlite":
        shutil.copy(build_file(name), path)
        config |= {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}
        config["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20}
        config["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON;"
        with _use(config):
            yield
        return
    build_on_server(name)
    with connection._nodb_cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS elsewhere")
        cursor.execute(f"CREATE DATABASE elsewhere TEMPLATE {name}")
    with _use({**config, "NAME": "elsewhere"}):
        yield
    with connection._nodb_cursor() as cursor:
        cursor.execute("DROP DATABASE elsewhere")


@contextmanager
def _use(config: dict[str, Any]) -> Iterator[None]:
    before = connections["default"]
    other = load_backend(config["ENGINE"]).DatabaseWrapper(config, "default")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connections.settings, "default", config)
        connections["default"] = other
        try:
            yield
        finally:
            with suppress(Exception):
                other.close()
            connections["default"] = before
