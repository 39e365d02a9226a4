"""Nothing is added to an issued report, and the database itself says so; nor are its tables emptied.

An INSERT of a row of a report that has its seal is an error; only files are still added. A seal
itself never changes and never goes. SQLite's INSERT OR REPLACE, which takes away a row that no
trigger sees, is an error too, and so is PostgreSQL's TRUNCATE of a table that holds rows.

A later migration that alters one of the tables runs ``open_rows`` before it and ``seal_rows`` after
it: SQLite drops triggers when it rebuilds a table (tests/reporting/annual_report/issuing/test_sealed.py finds
those gone).
"""

from importlib import import_module

from django.db import migrations

changes = import_module("reporting.migrations.0002_issued_rows_never_change")
goes = import_module("reporting.migrations.0008_issued_rows_never_go")

SEALS = "reporting_reportseal"
FILES = "reporting_reportfile"
TABLES = (*changes.TABLES, SEALS)

_OF_PRIORITY = "SELECT report_id FROM reporting_reportedpriority WHERE id = "
_OF_OBJECTIVE = f"{_OF_PRIORITY}(SELECT priority_id FROM reporting_reportedobjective WHERE id = "
_OF_ACTUAL = f"{_OF_OBJECTIVE}(SELECT objective_id FROM reporting_reportedactual WHERE id = "
REPORT_OF = {
    "reporting_reportedpriority": "NEW.report_id",
    "reporting_reportedobjective": f"({_OF_PRIORITY}NEW.priority_id)",
    "reporting_reportedactual": f"({_OF_OBJECTIVE}NEW.objective_id))",
    "reporting_reportedevidence": f"({_OF_ACTUAL}NEW.actual_id)))",
}
"""Which report a new row of a table is of, for the tables to whose rows none is added."""


def seal_rows(apps, schema_editor):
    open_rows(apps, schema_editor)
    goes.seal_rows(apps, schema_editor)
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for event, name in (("UPDATE", "never_changes"), ("DELETE", "never_goes")):
        refusal = "EXECUTE FUNCTION reporting_never_changes()" if is_postgresql else _refusal()
        schema_editor.execute(
            f"CREATE TRIGGER {SEALS}_{name} BEFORE {event} ON {SEALS} FOR EACH ROW {refusal}"
        )
    if is_postgresql:
        _forbid_on_postgresql(schema_editor)
    else:
        _forbid_on_sqlite(schema_editor)


def open_rows(apps, schema_editor):
    _allow(schema_editor)
    goes.open_rows(apps, schema_editor)


def seal_what_is_issued(apps, schema_editor):
    schema_editor.execute(
        f"INSERT INTO {SEALS} (report_id) SELECT id FROM reporting_annualreport ORDER BY id"
    )
    if schema_editor.connection.vendor == "postgresql":
        # A table whose references are still to be checked takes no trigger.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    seal_rows(apps, schema_editor)


def leave_what_was_sealed_before(apps, schema_editor):
    open_rows(apps, schema_editor)
    schema_editor.execute(f"DELETE FROM {SEALS}")
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    goes.seal_rows(apps, schema_editor)


def _refusal():
    return f"BEGIN SELECT RAISE(ABORT, '{changes.SENTENCE}'); END"


def _is_sealed(table):
    return f"EXISTS (SELECT 1 FROM {SEALS} WHERE report_id = {REPORT_OF[table]})"


def _forbid_on_sqlite(schema_editor):
    for table in TABLES:
        conditions = [f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"]
        if table in REPORT_OF:
            conditions.append(_is_sealed(table))
        if table == FILES:
            conditions.append(
                f"EXISTS (SELECT 1 FROM {table}"
                " WHERE report_id = NEW.report_id AND language = NEW.language)"
            )
        schema_editor.execute(
            f"CREATE TRIGGER {table}_never_grows BEFORE INSERT ON {table} FOR EACH ROW"
            f" WHEN {' OR '.join(conditions)} {_refusal()}"
        )


def _forbid_on_postgresql(schema_editor):
    for table in REPORT_OF:
        schema_editor.execute(
            _function(f"{table}_never_grows", f"IF {_is_sealed(table)}", "RETURN NEW;")
        )
        schema_editor.execute(
            f"CREATE TRIGGER {table}_never_grows BEFORE INSERT ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_never_grows()"
        )
    for table in TABLES:
        # An empty table may be emptied: no report is lost.
        schema_editor.execute(
            _function(
                f"{table}_never_emptied", f"IF EXISTS (SELECT 1 FROM {table})", "RETURN NULL;"
            )
        )
        schema_editor.execute(
            f"CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_never_emptied()"
        )


def _function(name, condition, end):
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {condition} THEN"
        f" RAISE EXCEPTION '{changes.SENTENCE}' USING ERRCODE = '23000'; END IF; {end} END $$"
    )


def _allow(schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for table in TABLES:
        for name in ("never_grows", "never_emptied"):
            where = f" ON {table}" if is_postgresql else ""
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{where}")
            if is_postgresql:
                schema_editor.execute(f"DROP FUNCTION IF EXISTS {table}_{name}()")
    for name in ("never_changes", "never_goes"):
        where = f" ON {SEALS}" if is_postgresql else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {SEALS}_{name}{where}")


class Migration(migrations.Migration):
    dependencies = [("reporting", "0009_seals_of_issued_reports")]

    operations = [migrations.RunPython(seal_what_is_issued, leave_what_was_sealed_before)]
