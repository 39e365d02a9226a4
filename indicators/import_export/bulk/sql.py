"""Many rows in one statement, where making an object of each would cost more than writing them.

The rows of history are those that ``indicators.workflow.history.write_history`` makes one by one;
here the database copies them from the records' own tables.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

from indicators.import_export.rows.existing import split_batches
from indicators.models import Record
from strategy.models import User

UPSERTED = 500
"""Rows in one statement that writes over others: every database takes as many values."""


def insert_rows(model: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows of values as the database takes them; making them may ask the database nothing."""
    table, names = _quoted(model._meta.db_table), _listed(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with (
                connection.wrap_database_errors,
                cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
            ):
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"
            cursor.executemany(statement, rows)  # type: ignore[arg-type]


def upsert_rows(model: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write whole rows over those that have their keys; the first column is the key."""
    table, names = _quoted(model._meta.db_table), _listed(columns)
    changed = ", ".join(f"{_quoted(name)} = EXCLUDED.{_quoted(name)}" for name in columns[1:])
    one = f"({', '.join(['%s'] * len(columns))})"
    with connection.cursor() as cursor:
        for some in split_batches(rows, UPSERTED):
            cursor.execute(
                f"INSERT INTO {table} ({names}) VALUES {', '.join([one] * len(some))} "
                f"ON CONFLICT ({_quoted(columns[0])}) DO UPDATE SET {changed}",
                [value for row in some for value in row],
            )


def reserve_keys(model: type[models.Model], number: int) -> list[int]:
    """Keys that nobody else gets, whether they are used in the end or not."""
    if not number:
        return []
    table = model._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, number],
            )
            return [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
        last = found[0] if found else 0
        statement = (
            "UPDATE sqlite_sequence SET seq = %s WHERE name = %s"
            if found
            else "INSERT INTO sqlite_sequence (seq, name) VALUES (%s, %s)"
        )
        cursor.execute(statement, [last + number, table])
    return list(range(last + 1, last + number + 1))


def copy_into_history(
    model: type[Record], keys: Collection[int], *, by: User, at: datetime, sort: str
) -> None:
    """Write one row of history for each of some records as they stand in the database.

    ``sort`` is "+" for new records, "~" for changed ones, "-" for those that are deleted next. One
    statement, and one a many-to-many field, whatever the number of records. No value stands for
    one record alone: finding a place for each of thousands takes a driver long.
    """
    history = model.history.model
    before = history.objects.aggregate(last=models.Max("history_id"))["last"] or 0
    columns = [field.column for field in history.tracked_fields]
    stamp = {
        "history_date": history._meta.get_field("history_date").get_db_prep_value(at, connection),
        "history_type": sort,
        "history_user_id": by.pk,
        "history_change_reason": "",
    }
    is_postgresql = connection.vendor == "postgresql"
    each = "jsonb_array_elements_text(%s::jsonb)" if is_postgresql else "json_each(%s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH changed (key) AS (SELECT CAST(value AS bigint) FROM {each}) "
            f"INSERT INTO {_quoted(history._meta.db_table)} "
            f"({_listed([*columns, *stamp])}) "
            f"SELECT {_listed(columns, of='record')}, %s, %s, %s, %s "
            # SQLite takes CROSS JOIN at its word: each key finds its record, not the other way
            # round, which would read all keys anew for every record.
            f"FROM changed CROSS JOIN {_quoted(model._meta.db_table)} record "
            "WHERE record.id = changed.key ORDER BY record.id",
            [json.dumps(list(keys)), *stamp.values()],
        )
        for field in history._history_m2m_fields:
            kept: Any = getattr(history, field.name).model
            cursor.execute(_copy_of_links(history, kept, field, keys), [before])


def _copy_of_links(history: Any, kept: Any, field: Any, records: Iterable[int]) -> str:
    """The statement that gives new rows of history of these records the links of one column."""
    through = field.remote_field.through._meta
    columns = [column.column for column in through.fields]
    owner = _quoted(through.get_field(field.m2m_field_name()).column)
    keys = ", ".join(f"{key:d}" for key in records)
    return (
        f"INSERT INTO {_quoted(kept._meta.db_table)} ({_listed([*columns, 'history_id'])}) "
        f"SELECT {_listed(columns, of='link')}, past.history_id "
        f"FROM {_quoted(history._meta.db_table)} past "
        f"JOIN {_quoted(through.db_table)} link ON link.{owner} = past.id "
        f"WHERE past.history_id > %s AND past.id IN ({keys}) "
        "ORDER BY past.history_id, link.id"
    )


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _listed(columns: Sequence[str], of: str = "") -> str:
    prefix = f"{of}." if of else ""
    return ", ".join(prefix + _quoted(column) for column in columns)
