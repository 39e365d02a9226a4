"""Fixtures in tests: read from their files once, then inserted as rows of the database."""

from dataclasses import dataclass

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction


@dataclass(frozen=True)
class TableRows:
    """The rows of a table, as the database holds them, with the statement that inserts one."""

    insert: str
    rows: list[tuple[str | int | None, ...]]


_tables: dict[tuple[str, ...], list[TableRows]] = {}
_sequences: list[str] = []
"""Statements that set the sequences: PostgreSQL does not advance them for explicit keys."""


def load_fixtures(*names: str) -> None:
    """Load fixtures of plan and reference data into an otherwise empty database."""
    if names not in _tables:
        call_command("loaddata", *names, verbosity=0)
        _keep_rows(names)
        return
    # In one transaction: a table may come before a table that its rows refer to.
    with transaction.atomic(), connection.cursor() as cursor:
        for table in _tables[names]:
            cursor.executemany(table.insert, table.rows)
        for statement in _sequences:
            cursor.execute(statement)


def _keep_rows(names: tuple[str, ...]) -> None:
    models = [
        model
        for model in apps.get_app_config("strategy").get_models(include_auto_created=True)
        if not model.__name__.startswith(("Historical", "User", "PlanVersion"))
    ]
    _sequences[:] = connection.ops.sequence_reset_sql(no_style(), models)
    tables = [_read_table(model._meta.db_table) for model in models]
    _tables[names] = [table for table in tables if table.rows]


def _read_table(name: str) -> TableRows:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {name}")
        columns = [column[0] for column in cursor.description]
        rows = cursor.fetchall()
    places = ", ".join("%s" for _ in columns)
    return TableRows(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({places})", rows)
