"""SQL for many rows, where creating an object for each would cost more than writing it.

The rows of history equal those that ``indicators.workflow.history.write_history`` writes; here the
database copies them from the tables of the records.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

from indicators.import_export.rows.existing import split_batches
from indicators.models import Evidence, HistoryAction, Record
from strategy.models import User

_SORTS = {HistoryAction.CREATED: "+", HistoryAction.DELETED: "-"}

UPSERTED = 500
"""Rows in one upsert: every database accepts as many values."""


def insert_rows(model: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of prepared values; the iterable must not query the database."""
    table, names = _quote_name(model._meta.db_table), _join_columns(columns)
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
            cursor.executemany(statement, rows)  # type: ignore[arg-type]  # It accepts iterators too.


def upsert_rows(model: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Replace whole rows by their keys; the first column is the key."""
    table, names = _quote_name(model._meta.db_table), _join_columns(columns)
    assignments = ", ".join(
        f"{_quote_name(name)} = EXCLUDED.{_quote_name(name)}" for name in columns[1:]
    )
    marks = f"({', '.join(['%s'] * len(columns))})"
    with connection.cursor() as cursor:
        for batch in split_batches(rows, UPSERTED):
            cursor.execute(
                f"INSERT INTO {table} ({names}) VALUES {', '.join([marks] * len(batch))} "
                f"ON CONFLICT ({_quote_name(columns[0])}) DO UPDATE SET {assignments}",
                [value for row in batch for value in row],
            )


def reserve_keys(model: type[models.Model], number: int) -> list[int]:
    """Return new keys, which no other transaction gets."""
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
        row = cursor.fetchone()
        last = row[0] if row else 0
        statement = (
            "UPDATE sqlite_sequence SET seq = %s WHERE name = %s"
            if row
            else "INSERT INTO sqlite_sequence (seq, name) VALUES (%s, %s)"
        )
        cursor.execute(statement, [last + number, table])
    return list(range(last + 1, last + number + 1))


def copy_into_history(
    model: type[Record],
    keys: Collection[int],
    *,
    by: User,
    at: datetime,
    act: HistoryAction,
) -> None:
    """Copy these records into their history; those that are deleted next before that."""
    history = model.history.model
    last_row = history.objects.aggregate(last=models.Max("history_id"))["last"] or 0
    stamp = {**_build_stamp(history, act, by, at), "history_change_reason": "", "act": act}
    columns = [field.column for field in history.tracked_fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_with_keys()} INSERT INTO {_quote_name(history._meta.db_table)} "
            f"({_join_columns([*columns, *stamp])}) "
            f"SELECT {_join_columns(columns, of='record')}, {_join_marks(stamp)} "
            # For SQLite CROSS JOIN fixes the order: a look-up of each key, not of all keys for
            # every record.
            f"FROM changed CROSS JOIN {_quote_name(model._meta.db_table)} record "
            "WHERE record.id = changed.key ORDER BY record.id",
            # One JSON parameter: thousands of parameters are slow.
            [json.dumps(list(keys)), *stamp.values()],
        )
        for field in history._history_m2m_fields:
            cursor.execute(_build_links_statement(history, field, keys), [last_row])


def copy_evidence_into_history(
    model: type[Record], keys: Collection[int], *, by: User, at: datetime, act: HistoryAction
) -> None:
    """Copy these items of evidence into their history, with the versions of their records."""
    history = Evidence.history.model
    stamp = _build_stamp(history, act, by, at)
    columns = [field.column for field in history.tracked_fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_with_keys()} INSERT INTO {_quote_name(history._meta.db_table)} "
            f"({_join_columns([*columns, *stamp, 'record_version'])}) "
            f"SELECT {_join_columns(columns, of='item')}, {_join_marks(stamp)}, record.version "
            f"FROM changed CROSS JOIN {_quote_name(Evidence._meta.db_table)} item "
            f"JOIN {_quote_name(model._meta.db_table)} record ON record.id = item.object_id "
            "WHERE item.id = changed.key ORDER BY item.id",
            [json.dumps(list(keys)), *stamp.values()],
        )


def _build_stamp(history: Any, act: HistoryAction, by: User, at: datetime) -> dict[str, Any]:
    day = history._meta.get_field("history_date").get_db_prep_value(at, connection)
    return {
        "history_date": day,
        "history_type": _SORTS.get(act, "~"),
        "history_user_id": by.pk,
    }


def _with_keys() -> str:
    is_postgresql = connection.vendor == "postgresql"
    each = "jsonb_array_elements_text(%s::jsonb)" if is_postgresql else "json_each(%s)"
    return f"WITH changed (key) AS (SELECT CAST(value AS bigint) FROM {each})"


def _join_marks(values: Collection[object]) -> str:
    return ", ".join(["%s"] * len(values))


def _build_links_statement(history: Any, field: Any, records: Iterable[int]) -> str:
    link_history: Any = getattr(history, field.name).model
    through = field.remote_field.through._meta
    columns = [column.column for column in through.fields]
    owner = _quote_name(through.get_field(field.m2m_field_name()).column)
    keys = ", ".join(f"{key:d}" for key in records)
    return (
        f"INSERT INTO {_quote_name(link_history._meta.db_table)} "
        f"({_join_columns([*columns, 'history_id'])}) "
        f"SELECT {_join_columns(columns, of='link')}, past.history_id "
        f"FROM {_quote_name(history._meta.db_table)} past "
        f"JOIN {_quote_name(through.db_table)} link ON link.{owner} = past.id "
        f"WHERE past.history_id > %s AND past.id IN ({keys}) "
        "ORDER BY past.history_id, link.id"
    )


def _quote_name(name: str) -> str:
    return connection.ops.quote_name(name)


def _join_columns(columns: Sequence[str], of: str = "") -> str:
    prefix = f"{of}." if of else ""
    return ", ".join(prefix + _quote_name(column) for column in columns)
