"""The test database, migrated once: each worker, of this run and of later ones, has a copy.

Run as a program, it copies the database to a new SQLite file, whose path is its argument.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import django
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

FOLDER = settings.BASE_DIR / "var" / "tests"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any
) -> Iterator[None]:
    """Before pytest-django makes the database of the tests; its ``migrate`` has nothing to do."""
    name = f"built_{digest_of_migrations()}"
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(connection.creation._get_test_db_name(), uri=True)) as memory:
            with closing(sqlite3.connect(build_file(name))) as built:
                built.backup(memory)
            yield  # the database in memory exists while a connection to it is open
    else:
        with django_db_blocker.unblock():
            build_on_server(name)
        connection.settings_dict["TEST"]["TEMPLATE"] = name
        yield


def digest_of_migrations() -> str:
    digest = hashlib.sha256(django.__version__.encode())
    for app in apps.get_app_configs():
        paths = sorted(Path(app.path, "migrations").glob("*.py"))
        # ``migrate`` ends with their triggers.
        paths += sorted(Path(app.path, "caching").glob("*.py"))
        for path in paths:
            digest.update(f"{app.label} {path.name}".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def build_file(name: str) -> Path:
    path = FOLDER / f"{name}.sqlite3"
    with hold_lock():
        if not path.exists():
            for older in FOLDER.glob("*.sqlite3*"):
                older.unlink()
            unfinished = path.with_stem("unfinished")
            migrate(f"sqlite:///{unfinished}")
            unfinished.rename(path)
    return path


def build_on_server(name: str) -> None:
    url = urlsplit(os.environ["DATABASE_URL"])
    with hold_lock(), connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'built\\_%'")
        there = {row[0] for row in cursor.fetchall()}
        if name not in there:
            for older in (*there, "unfinished"):
                cursor.execute(f"DROP DATABASE IF EXISTS {older}")
            cursor.execute("CREATE DATABASE unfinished")
            migrate(urlunsplit(url._replace(path="/unfinished")))
            cursor.execute(f"ALTER DATABASE unfinished RENAME TO {name}")


@contextmanager
def hold_lock() -> Iterator[None]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def migrate(address: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        check=True,
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": address},
    )


if __name__ == "__main__":
    django.setup()
    shutil.copy(build_file(f"built_{digest_of_migrations()}"), sys.argv[1])
