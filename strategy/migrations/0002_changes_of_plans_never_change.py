"""A stored change of a plan is neither altered nor deleted: the database itself says so.

A later migration that alters the table runs ``release`` before and ``protect`` after it: SQLite
drops triggers when it rebuilds a table.
"""

from django.db import migrations

TABLE = "strategy_planchange"
SENTENCE = "A stored change of a plan never changes."
ROW_EVENTS = {"never_changes": "UPDATE", "never_goes": "DELETE"}


def protect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        _protect_on_postgresql(schema_editor.execute)
    else:
        refusal = f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
        for name, event in ROW_EVENTS.items():
            schema_editor.execute(_trigger(name, event, "ROW", refusal))
        # INSERT OR REPLACE deletes a row unseen by the other triggers.
        is_there = f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)"
        schema_editor.execute(_trigger("never_grows", "INSERT", "ROW", f"{is_there} {refusal}"))


def _protect_on_postgresql(execute):
    refusal = f"RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = '23000';"
    has_rows = f"EXISTS (SELECT 1 FROM {TABLE})"
    execute(_function("never_changes", refusal))
    for name, event in ROW_EVENTS.items():
        execute(_trigger(name, event, "ROW", f"EXECUTE FUNCTION {TABLE}_never_changes()"))
    # An empty table may be emptied: no change is lost.
    execute(_function("never_emptied", f"IF {has_rows} THEN {refusal} END IF; RETURN NULL;"))
    call = f"EXECUTE FUNCTION {TABLE}_never_emptied()"
    execute(_trigger("never_emptied", "TRUNCATE", "STATEMENT", call))


def release(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for name in (*ROW_EVENTS, "never_grows", "never_emptied"):
        where = f" ON {TABLE}" if is_postgresql else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_{name}{where}")
    if is_postgresql:
        for name in ("never_changes", "never_emptied"):
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {TABLE}_{name}()")


def _trigger(name, event, each, action):
    return f"CREATE TRIGGER {TABLE}_{name} BEFORE {event} ON {TABLE} FOR EACH {each} {action}"


def _function(name, body):
    return f"CREATE FUNCTION {TABLE}_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"


class Migration(migrations.Migration):
    dependencies = [
        ("strategy", "0001_plan_accounts_and_reference_data"),
    ]

    operations = [migrations.RunPython(protect, release)]
