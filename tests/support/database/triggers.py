"""Changes of sealed rows past the triggers, as by a person who owns the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from django.apps import apps
from django.db import connection, models

TRIGGERS = ("never_changes", "never_goes", "never_grows")


def drop_triggers(*tables: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        for model in tables:
            table = model._meta.db_table
            where = f" ON {table}" if connection.vendor == "postgresql" else ""
            for name in TRIGGERS:
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{where}")


@contextmanager
def migration_undone(name: str) -> Iterator[None]:
    """Undo what a migration's functions did to the database, and do it again at the end.

    ``migrate`` would also undo each later migration and render its models, for a minute.
    """
    operations = import_module(name).Migration.operations
    with connection.schema_editor() as editor:
        for operation in reversed(operations):
            operation.reverse_code(apps, editor)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            for operation in operations:
                operation.code(apps, editor)
