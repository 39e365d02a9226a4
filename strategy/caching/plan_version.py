"""The triggers that replace the token of the plan version at every change of a plan or a word.

``migrate`` ends with ``create_plan_triggers``: a new table is included, and one that SQLite has
rebuilt, which drops its triggers.
"""

from collections.abc import Iterable, Iterator, Mapping

from django.apps import apps
from django.db import connections

UNWATCHED = (
    "strategy_account",
    "strategy_queuedemail",
    "strategy_securityevent",
    "strategy_signinfailure",
    "strategy_historical",
    "strategy_office",
    "strategy_planchange",
    "strategy_planversion",
    "strategy_user",
)
"""Tables, by their beginnings, on which no kept value depends."""

EVENTS: Mapping[str, tuple[str, ...]] = {
    "sqlite": ("insert", "update", "delete"),
    "postgresql": ("insert", "update", "delete", "truncate"),
}
NEW_TOKEN: Mapping[str, str] = {
    "sqlite": (
        "INSERT OR REPLACE INTO strategy_planversion (id, token) VALUES (1, hex(randomblob(16)))"
    ),
    "postgresql": (
        "INSERT INTO strategy_planversion (id, token) VALUES (1, gen_random_uuid())"
        " ON CONFLICT (id) DO UPDATE SET token = EXCLUDED.token"
    ),
}
FUNCTION = "strategy_set_plan_version"


def create_plan_triggers(*, using: str, plan: object = None, **_details: object) -> None:
    """Receive ``post_migrate``, which ``flush`` sends too, without a plan."""
    if plan is None:
        return
    database = connections[using]
    existing = set(database.introspection.table_names())
    tables = [table for table in list_watched_tables() if table in existing]
    if "strategy_planversion" not in existing:
        return
    build = _build_on_postgresql if database.vendor == "postgresql" else _build_on_sqlite
    with database.cursor() as cursor:
        for statement in build(tables):
            cursor.execute(statement)
        # Rows may have changed without the triggers.
        cursor.execute(NEW_TOKEN[database.vendor])


def list_watched_tables() -> list[str]:
    models = apps.get_app_config("strategy").get_models(include_auto_created=True)
    tables = sorted(model._meta.db_table for model in models)
    return [table for table in tables if not table.startswith(UNWATCHED)]


def build_trigger_name(table: str, event: str) -> str:
    return f"{table}_version_{event}"


def _build_on_sqlite(tables: Iterable[str]) -> Iterator[str]:
    # SQLite has no trigger for a statement: each changed row sets the token again.
    for table in tables:
        for event in EVENTS["sqlite"]:
            yield (
                f"CREATE TRIGGER IF NOT EXISTS {build_trigger_name(table, event)}"
                f" AFTER {event.upper()} ON {table} BEGIN {NEW_TOKEN['sqlite']}; END"
            )


def _build_on_postgresql(tables: Iterable[str]) -> Iterator[str]:
    yield (
        f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql"
        f" SET search_path FROM CURRENT AS $$ BEGIN {NEW_TOKEN['postgresql']}; RETURN NULL; END $$"
    )
    for table in tables:
        for event in EVENTS["postgresql"]:
            yield (
                f"CREATE OR REPLACE TRIGGER {build_trigger_name(table, event)}"
                f" AFTER {event.upper()} ON {table}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()"
            )
