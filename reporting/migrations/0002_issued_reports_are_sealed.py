"""Issued reports are sealed, and the database itself says so.

Rows of an issued report cannot be updated or deleted. No row is added once the report has its seal;
only files are. SQLite's INSERT OR REPLACE, which deletes a row unseen by triggers, and PostgreSQL's
TRUNCATE of a table with rows are errors too.

A later migration that alters one of the tables runs ``unseal`` before and ``seal`` after it: SQLite
drops triggers when it rebuilds a table. A test finds a table without its triggers.
"""

from django.db import migrations

SEALS = "reporting_reportseal"
FILES = "reporting_reportfile"
TABLES = (
    "reporting_annualreport",
    "reporting_reportedpriority",
    "reporting_reportedobjective",
    "reporting_reportedactual",
    "reporting_reportedevidence",
    FILES,
    SEALS,
)
SENTENCE = "An issued report never changes."
TRIGGERS = ("never_changes", "never_goes", "never_grows", "never_emptied")

_OF_PRIORITY = "SELECT report_id FROM reporting_reportedpriority WHERE id = "
_OF_OBJECTIVE = f"{_OF_PRIORITY}(SELECT priority_id FROM reporting_reportedobjective WHERE id = "
_OF_ACTUAL = f"{_OF_OBJECTIVE}(SELECT objective_id FROM reporting_reportedactual WHERE id = "
REPORT_OF = {
    "reporting_reportedpriority": "NEW.report_id",
    "reporting_reportedobjective": f"({_OF_PRIORITY}NEW.priority_id)",
    "reporting_reportedactual": f"({_OF_OBJECTIVE}NEW.objective_id))",
    "reporting_reportedevidence": f"({_OF_ACTUAL}NEW.actual_id)))",
}
"""SQL for the report of a new row, for the tables that take no row of a sealed report."""


def seal(apps, schema_editor):
    unseal(apps, schema_editor)
    vendor = schema_editor.connection.vendor
    statements = _on_postgresql() if vendor == "postgresql" else _on_sqlite()
    for statement in statements:
        schema_editor.execute(statement)


def unseal(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for table in TABLES:
        for name in TRIGGERS:
            where = f" ON {table}" if is_postgresql else ""
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{where}")
            if is_postgresql:
                schema_editor.execute(f"DROP FUNCTION IF EXISTS {table}_{name}()")
    if is_postgresql:
        schema_editor.execute("DROP FUNCTION IF EXISTS reporting_never_changes()")


def _on_sqlite():
    refusal = f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
    for table in TABLES:
        yield _trigger(table, "never_changes", "UPDATE", refusal)
        yield _trigger(table, "never_goes", "DELETE", refusal)
        conditions = [f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"]
        if table in REPORT_OF:
            conditions.append(_is_sealed(table))
        if table == FILES:
            conditions.append(
                f"EXISTS (SELECT 1 FROM {table}"
                " WHERE report_id = NEW.report_id AND language = NEW.language)"
            )
        yield _trigger(table, "never_grows", "INSERT", f"WHEN {' OR '.join(conditions)} {refusal}")


def _on_postgresql():
    yield _function("reporting_never_changes", _exception())
    for table in TABLES:
        for name, event in (("never_changes", "UPDATE"), ("never_goes", "DELETE")):
            yield _trigger(table, name, event, "EXECUTE FUNCTION reporting_never_changes()")
    for table in REPORT_OF:
        name = f"{table}_never_grows"
        yield _function(name, f"IF {_is_sealed(table)} THEN {_exception()} END IF; RETURN NEW;")
        yield _trigger(table, "never_grows", "INSERT", f"EXECUTE FUNCTION {name}()")
    for table in TABLES:
        # An empty table may be emptied: no report is lost.
        name = f"{table}_never_emptied"
        has_rows = f"EXISTS (SELECT 1 FROM {table})"
        yield _function(name, f"IF {has_rows} THEN {_exception()} END IF; RETURN NULL;")
        yield (
            f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )


def _trigger(table, name, event, action):
    return f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} FOR EACH ROW {action}"


def _function(name, body):
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
    )


def _exception():
    return f"RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = '23000';"


def _is_sealed(table):
    return f"EXISTS (SELECT 1 FROM {SEALS} WHERE report_id = {REPORT_OF[table]})"


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_annual_reports")]

    operations = [migrations.RunPython(seal, unseal)]
