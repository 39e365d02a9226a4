"""Issued rows never change, and the database itself says so: an UPDATE of one is an error.

SQLite drops triggers when it rebuilds a table: a migration that alters one of these tables makes
them again (0010 says how; tests/reporting/annual_report/issuing/test_sealed.py finds a table without its
trigger).
"""

from django.db import migrations

TABLES = (
    "reporting_annualreport",
    "reporting_reportedpriority",
    "reporting_reportedobjective",
    "reporting_reportedactual",
    "reporting_reportedevidence",
    "reporting_reportfile",
)
SENTENCE = "An issued report never changes."


def forbid_updates(apps, schema_editor):
    allow_updates(apps, schema_editor)
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION reporting_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = '23000'; END $$"
        )
    for table in TABLES:
        schema_editor.execute(_trigger(table, schema_editor.connection.vendor))


def _trigger(table, vendor):
    head = f"CREATE TRIGGER {table}_never_changes BEFORE UPDATE ON {table} FOR EACH ROW"
    if vendor == "postgresql":
        return f"{head} EXECUTE FUNCTION reporting_never_changes()"
    return f"{head} BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"


def allow_updates(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for table in TABLES:
        where = f" ON {table}" if is_postgresql else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_never_changes{where}")
    if is_postgresql:
        schema_editor.execute("DROP FUNCTION IF EXISTS reporting_never_changes()")


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_annual_reports")]

    operations = [migrations.RunPython(forbid_updates, allow_updates)]
