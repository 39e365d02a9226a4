"""The version of the data: while it is equal, every query reads the same.

It is exact, and shared by all processes: a committed change has another version at once, also one
of raw SQL or of another program. A change that was rolled back costs at most a page computed again.

- PostgreSQL: the snapshot of a query, which names the transactions that it sees. A commit always
  adds to them, and none ever leaves. A row that each writing transaction appends would do the same
  with a trigger on every table; a sequence would not, for commits overtake each other. The time
  when the server started tells a restored database from the one before it.
- SQLite: ``PRAGMA data_version`` tells a connection that others have committed, and stays when it
  commits itself. So a connection that never writes watches for the whole process.
"""

import threading

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

DataVersion = tuple[object, ...]


def read_data_version() -> DataVersion | None:
    """Return None inside a transaction, which also sees what it has not committed.

    Read the version first and the data afterwards: the data is then at least as new as the version.
    """
    if connection.in_atomic_block:
        return None
    if connection.vendor == "sqlite":
        return _watcher.read()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text, pg_postmaster_start_time()")
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
