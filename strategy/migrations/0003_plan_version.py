"""The version of plans, rules and reference data: triggers replace its token at every change.

A later migration that alters one of the tables runs ``unwatch`` before and ``watch`` after it:
SQLite drops triggers when it rebuilds a table. A test finds a table without its triggers.
"""

from django.db import migrations, models

TABLES = (
    "strategy_axis",
    "strategy_capability",
    "strategy_condition",
    "strategy_condition_country_lists",
    "strategy_country",
    "strategy_countrylist",
    "strategy_countrylist_countries",
    "strategy_fieldofactivity",
    "strategy_indicator",
    "strategy_objective",
    "strategy_passage",
    "strategy_pillar",
    "strategy_plan",
    "strategy_plan_fields_of_activity",
    "strategy_policyarea",
    "strategy_priority",
    "strategy_qualitycriterion",
    "strategy_section",
    "strategy_sector",
    "strategy_target",
    "strategy_targetgroup",
    "strategy_targetversion",
)
EVENTS = ("insert", "update", "delete")
FUNCTION = "strategy_set_plan_version"
NEW_TOKEN = {
    "sqlite": (
        "INSERT OR REPLACE INTO strategy_planversion (id, token) VALUES (1, hex(randomblob(16)))"
    ),
    "postgresql": (
        "INSERT INTO strategy_planversion (id, token) VALUES (1, gen_random_uuid())"
        " ON CONFLICT (id) DO UPDATE SET token = EXCLUDED.token"
    ),
}


def watch(apps, schema_editor, tables=TABLES):
    unwatch(apps, schema_editor, tables)
    vendor = schema_editor.connection.vendor
    statements = _on_postgresql(tables) if vendor == "postgresql" else _on_sqlite(tables)
    for statement in statements:
        schema_editor.execute(statement)
    # Rows may have changed without the triggers.
    schema_editor.execute(NEW_TOKEN[vendor])


def unwatch(apps, schema_editor, tables=TABLES):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {FUNCTION}() CASCADE")
        return
    for table in tables:
        for event in EVENTS:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_version_{event}")


def _on_sqlite(tables):
    # SQLite has no trigger for a statement: each changed row sets the token again.
    for table in tables:
        for event in EVENTS:
            yield (
                f"CREATE TRIGGER {table}_version_{event} AFTER {event.upper()} ON {table}"
                f" BEGIN {NEW_TOKEN['sqlite']}; END"
            )


def _on_postgresql(tables):
    yield (
        f"CREATE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" {NEW_TOKEN['postgresql']}; RETURN NULL; END $$"
    )
    for table in tables:
        for event in (*EVENTS, "truncate"):
            yield (
                f"CREATE TRIGGER {table}_version_{event} AFTER {event.upper()} ON {table}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()"
            )


class Migration(migrations.Migration):
    dependencies = [("strategy", "0002_changes_of_plans_never_change")]

    operations = [
        migrations.CreateModel(
            name="PlanVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.CharField(max_length=40, verbose_name="token")),
            ],
            options={
                "verbose_name": "version of the plans",
                "verbose_name_plural": "versions of the plans",
            },
        ),
        migrations.RunPython(watch, unwatch),
    ]
