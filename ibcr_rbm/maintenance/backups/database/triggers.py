"""Switching triggers off while rows are put back: what seals a report refuses its rows."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

from ibcr_rbm.maintenance.backups.database.rows import Model


@contextmanager
def stop_triggers(connection: BaseDatabaseWrapper, tables: Iterable[Model]) -> Iterator[None]:
    """Switch the triggers off inside a transaction, and on again at the end."""
    disable = _drop_on_sqlite if connection.vendor == "sqlite" else _disable_on_postgresql
    with disable(connection, list(tables)):
        yield


@contextmanager
def _drop_on_sqlite(connection: BaseDatabaseWrapper, tables: list[Model]) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
        yield
        for _name, sql in triggers:
            cursor.execute(sql)


@contextmanager
def _disable_on_postgresql(connection: BaseDatabaseWrapper, tables: list[Model]) -> Iterator[None]:
    names = [connection.ops.quote_name(model._meta.db_table) for model in tables]
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        yield
        # A table with a reference that is still to be checked cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in names:
            cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
