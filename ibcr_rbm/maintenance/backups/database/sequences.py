"""The last key that each table gave: a restored table gives none of them again."""

from collections.abc import Iterable, Mapping

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from ibcr_rbm.maintenance.backups.database.rows import Model


def read_sequences(connection: BaseDatabaseWrapper, tables: Iterable[Model]) -> dict[str, int]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            given = dict(cursor.fetchall())
            names = {model._meta.db_table for model in tables}
            return {name: number for name, number in given.items() if name in names}
        sequences = {}
        for model in _list_counted(tables):
            name = connection.ops.quote_name(model._meta.db_table)
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [name, _get_column(model)])
            cursor.execute(f"SELECT last_value FROM {cursor.fetchone()[0]} WHERE is_called")
            if row := cursor.fetchone():
                sequences[model._meta.db_table] = row[0]
        return sequences


def set_sequences(
    connection: BaseDatabaseWrapper, tables: Iterable[Model], last: Mapping[str, int]
) -> None:
    with connection.cursor() as cursor:
        for model in _list_counted(tables):
            table, column = model._meta.db_table, _get_column(model)
            name = connection.ops.quote_name(table)
            cursor.execute(f"SELECT max({connection.ops.quote_name(column)}) FROM {name}")
            number = max(last.get(table, 0), cursor.fetchone()[0] or 0)
            if not number:
                continue
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence VALUES (%s, %s)", [table, number])
            else:
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [name, column, number]
                )


def _list_counted(tables: Iterable[Model]) -> list[Model]:
    return [model for model in tables if isinstance(model._meta.pk, models.AutoField)]


def _get_column(model: Model) -> str:
    return str(model._meta.pk.column)
