"""The version of the data: while it is equal, every query reads the same.

It is exact, and shared by all processes: a committed change has another version at once, also one
of raw SQL or of another program.

- PostgreSQL: the number of committed transactions that wrote what pages may show (``changes.py``).
  A sequence, or the last number of such a row, would be equal after a commit that another overtook.
  The table's own number and the time when the server started tell a restored database from the one
  before it.
- SQLite: ``PRAGMA data_version`` tells a connection that others have committed, and stays when it
  commits itself. So a connection that never writes watches for the whole process.
"""

import threading

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from strategy.caching.changes import TABLE

DataVersion = tuple[object, ...]

_COUNT_CHANGES = f"""
SELECT '{TABLE}'::regclass::oid, pg_postmaster_start_time(), sum(transactions)::bigint FROM {TABLE}
"""


def read_data_version() -> DataVersion | None:
    """Return None inside a transaction, which also sees what it has not committed.

    Read the version first and the data afterwards: the data is then at least as new as the version.
    """
    if connection.in_atomic_block:
        return None
    if connection.vendor == "sqlite":
        return _watcher.read()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_CHANGES)
        return tuple(cursor.fetchone())


class _Watcher:
    """A connection that sees the commits of all others, shared by the threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: BaseDatabaseWrapper | None = None
        self._file = ""

    def read(self) -> DataVersion:
        with self._lock:
            watching = self._connect()
            with watching.cursor() as cursor:
                cursor.execute("PRAGMA data_version")
                # A number means something on its own connection only.
                return (watching.connection, *cursor.fetchone())

    def _connect(self) -> BaseDatabaseWrapper:
        file = str(connection.settings_dict["NAME"])
        if self._connection is None or file != self._file:
            self._connection, self._file = connections.create_connection(DEFAULT_DB_ALIAS), file
            self._connection.inc_thread_sharing()
        # As Django does at each request: so a database that was restored is opened too.
        self._connection.close_if_unusable_or_obsolete()
        return self._connection


_watcher = _Watcher()
