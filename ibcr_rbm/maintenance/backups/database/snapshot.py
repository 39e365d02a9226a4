"""A connection that sees the database as it is at one moment, while others write."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

ALIAS = "backup"
"""The name of the connection, for querysets."""

BEGIN = {
    "postgresql": "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
    # With a log of writes (WAL), a reader keeps what it saw first, and no writer waits for it.
    "sqlite": "BEGIN DEFERRED",
}


@contextmanager
def read_snapshot() -> Iterator[BaseDatabaseWrapper]:
    connection = connections[DEFAULT_DB_ALIAS].copy(ALIAS)
    connections[ALIAS] = connection
    try:
        with connection.cursor() as cursor:
            cursor.execute(BEGIN[connection.vendor])
            # The moment is that of the first reading.
            cursor.execute("SELECT count(*) FROM django_migrations")
            try:
                yield connection
            finally:
                # Also after an error: Django leaves a database in memory open.
                cursor.execute("ROLLBACK")
    finally:
        connection.close()
        del connections[ALIAS]
