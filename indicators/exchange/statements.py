"""Many rows in one statement, where making an object of each would cost more than writing them.

The rows of history are those that ``indicators.history.write_history`` makes one by one; here the
database copies them from the records' own tables.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

from indicators.models import Record
from strategy.models import User


def insert_links(through: Any, columns: tuple[str, str], pairs: Sequence[tuple[int, int]]) -> None:
    """Link the records of a many-to-many field: pairs of keys for its two columns, in order."""
    values = ", ".join(["(%s, %s)"] * len(pairs))
    table = _quoted(through._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({_listed(columns)}) VALUES {values}",
            [key for pair in pairs for key in pair],
        )


def copy_into_history(
    records: Sequence[Record],
    reasons: Mapping[int, str],
    *,
    by: User,
    at: datetime,
    is_new: bool,
) -> None:
    """Write one row of history for each of the records as they stand in the database.

    ``reasons`` gives, by key, what is kept beside a change. One statement, and one a many-to-many
    field, whatever the number of records.
    """
    history: Any = type(records[0]).history.model  # type: ignore[attr-defined]
    before = history.objects.aggregate(last=models.Max("history_id"))["last"] or 0
    columns = [field.column for field in history.tracked_fields]
    stamp = {
        "history_date": history._meta.get_field("history_date").get_db_prep_value(at, connection),
        "history_type": "+" if is_new else "~",
        "history_user_id": by.pk,
    }
    values = ", ".join(["(%s, %s)"] * len(records))
    named = [part for record in records for part in (record.pk, reasons.get(record.pk, ""))]
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH changed (key, reason) AS (VALUES {values}) "
            f"INSERT INTO {_quoted(history._meta.db_table)} "
            f"({_listed([*columns, *stamp, 'history_change_reason'])}) "
            f"SELECT {_listed(columns, of='record')}, %s, %s, %s, changed.reason "
            f"FROM changed JOIN {_quoted(type(records[0])._meta.db_table)} record "
            "ON record.id = changed.key ORDER BY record.id",
            [*named, *stamp.values()],
        )
        for field in history._history_m2m_fields:
            kept: Any = getattr(history, field.name).model
            cursor.execute(
                _copy_of_links(history, kept, field, len(records)),
                [before, *(record.pk for record in records)],
            )


def _copy_of_links(history: Any, kept: Any, field: Any, number: int) -> str:
    """The statement that gives new rows of history, of so many records, the links of one column."""
    through = field.remote_field.through._meta
    columns = [column.column for column in through.fields]
    owner = _quoted(through.get_field(field.m2m_field_name()).column)
    keys = ", ".join(["%s"] * number)
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
