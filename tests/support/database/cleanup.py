"""Emptying the tables between tests, also those whose rows cannot be deleted."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from django.core.management.color import Style
from django.db import IntegrityError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.operations import BaseDatabaseOperations


@pytest.fixture(scope="session", autouse=True)
def tables_may_be_emptied() -> Iterator[None]:
    """Disable the triggers of issued reports, if there are any, while tables are emptied."""
    operations: type[BaseDatabaseOperations] = type(connection.ops)
    empty = operations.execute_sql_flush
    without_triggers = _without_triggers if connection.vendor == "sqlite" else _with_triggers_off

    def emptied(self: BaseDatabaseOperations, sql_list: Sequence[str]) -> None:
        try:
            empty(self, sql_list)
        except IntegrityError:
            # Issued reports exist.
            with without_triggers(self.connection):
                empty(self, sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "execute_sql_flush", emptied)
        if connection.vendor == "postgresql":
            patch.setattr(operations, "sql_flush", _list_deletions)
        yield


def _list_deletions(
    self: BaseDatabaseOperations, _style: Style, tables: Sequence[str], **_options: bool
) -> list[str]:
    """Return what empties the tables that have rows: TRUNCATE makes new files for each of all."""
    names = [self.quote_name(table) for table in tables]
    with self.connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT {place} WHERE EXISTS (SELECT FROM {name})"
                for place, name in enumerate(names)
            )
        )
        return [f"DELETE FROM {names[place]};" for (place,) in cursor.fetchall()]


@contextmanager
def _without_triggers(database: BaseDatabaseWrapper) -> Iterator[None]:
    with database.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        try:
            yield
        finally:
            for _name, sql in triggers:
                cursor.execute(sql)


@contextmanager
def _with_triggers_off(database: BaseDatabaseWrapper) -> Iterator[None]:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
            " WHERE tgname LIKE '%never_emptied' OR tgname LIKE '%never_goes'"
        )
        triggers = cursor.fetchall()
        for table, name in triggers:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        try:
            yield
        finally:
            for table, name in triggers:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {name}")
