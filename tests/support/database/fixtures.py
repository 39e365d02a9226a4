"""Fixtures in tests: read from their files once, then inserted as rows of the database."""

from dataclasses import dataclass

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction

Row = tuple[str | int | None, ...]


@dataclass(frozen=True)
class TableRows:
    """The rows of a table, as the database holds them, with the statement that inserts one."""

    insert: str
    places: str
    rows: list[Row]

    def build_statement(self) -> str:
        """Return the statement that inserts all rows, their values written in it."""
        with connection.cursor() as cursor:
            values = [cursor.mogrify(self.places, row) for row in self.rows]
        return f"{self.insert} {', '.join(values)}"


_tables: dict[tuple[str, ...], list[TableRows]] = {}
_scripts: dict[tuple[str, ...], str] = {}
"""On PostgreSQL, whose server answers each statement: all of them in one, and the sequences."""


def load_fixtures(*names: str) -> None:
    """Load fixtures of plan and reference data into an otherwise empty database."""
    if names not in _tables:
        call_command("loaddata", *names, verbosity=0)
        _keep_rows(names)
        return
    # In one transaction: a table may come before a table that its rows refer to.
    with transaction.atomic(), connection.cursor() as cursor:
        if names in _scripts:
            cursor.execute(_scripts[names])
            return
        for table in _tables[names]:
            cursor.executemany(f"{table.insert} {table.places}", table.rows)


def _keep_rows(names: tuple[str, ...]) -> None:
    models = [
        model
        for model in apps.get_app_config("strategy").get_models(include_auto_created=True)
        if not model.__name__.startswith(("Historical", "User", "PlanVersion"))
    ]
    tables = [_read_table(model._meta.db_table) for model in models]
    _tables[names] = [table for table in tables if table.rows]
    if connection.vendor == "postgresql":
        inserts = [table.build_statement() for table in _tables[names]]
        # PostgreSQL does not advance its sequences for explicit keys.
        sequences = connection.ops.sequence_reset_sql(no_style(), models)
        _scripts[names] = ";".join([*inserts, *(one.rstrip(";") for one in sequences)])


def _read_table(name: str) -> TableRows:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {name}")
        columns = [connection.ops.quote_name(column[0]) for column in cursor.description]
        rows = cursor.fetchall()
    places = ", ".join("%s" for _ in columns)
    return TableRows(f"INSERT INTO {name} ({', '.join(columns)}) VALUES", f"({places})", rows)
