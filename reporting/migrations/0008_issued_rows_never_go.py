"""Issued rows never go, and the database itself says so: a DELETE of one is an error too.

SQLite drops triggers when it rebuilds a table: 0010 says what a later migration that alters one
does.
"""

from importlib import import_module

from django.db import migrations

changes = import_module("reporting.migrations.0002_issued_rows_never_change")


def seal_rows(apps, schema_editor):
    open_rows(apps, schema_editor)
    changes.forbid_updates(apps, schema_editor)
    forbid_deletes(apps, schema_editor)


def open_rows(apps, schema_editor):
    allow_deletes(apps, schema_editor)
    changes.allow_updates(apps, schema_editor)


def forbid_deletes(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    refusal = (
        "EXECUTE FUNCTION reporting_never_changes()"
        if is_postgresql
        else f"BEGIN SELECT RAISE(ABORT, '{changes.SENTENCE}'); END"
    )
    for table in changes.TABLES:
        schema_editor.execute(
            f"CREATE TRIGGER {table}_never_goes BEFORE DELETE ON {table} FOR EACH ROW {refusal}"
        )


def allow_deletes(apps, schema_editor):
    for table in changes.TABLES:
        where = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_never_goes{where}")


class Migration(migrations.Migration):
    dependencies = [("reporting", "0007_files_asked_for")]

    operations = [migrations.RunPython(forbid_deletes, allow_deletes)]
