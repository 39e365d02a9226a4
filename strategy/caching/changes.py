"""The changes that count as another version of the data on PostgreSQL.

Each transaction that writes what a stored page may show appends a row; triggers do it, so raw SQL
and other programs count too. ``migrate`` ends with ``create_triggers``: a new table is included.
"""

from collections.abc import Collection, Iterator, Mapping

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "strategy_datachange"
"""The sum of its column is the number of these transactions. No model, or `flush` empties it."""
TRIGGER = "strategy_count_change"

UNSHOWN_TABLES: Mapping[str, str] = {
    "django_session": "Each request reads its own.",
    "usersessions_usersession": "Each sign-in writes its own.",
    "strategy_queuedemail": "No page that shows a waiting e-mail is stored.",
    "strategy_securityevent": "The page of the log is not stored.",
    "strategy_signinfailure": "No page shows an attempt.",
    "maintenance_signoflife": "The page that shows them is not stored.",
    "mfa_authenticator": "No page that shows a second factor is stored.",
    "django_tasks_database_dbtaskresult": "No page that tells of a task is stored.",
}
UNSHOWN_COLUMNS: Mapping[str, Collection[str]] = {
    "strategy_user": ("last_login",),
    # A form is stored for users without drafts of it.
    "indicators_formdraft": ("answers", "page", "version", "changed_at"),
}
"""Table -> columns whose change no stored page shows."""

# A transaction counts once. What is rolled back to a savepoint takes the setting with it.
_COUNT = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (transactions bigint NOT NULL DEFAULT 1);
CREATE OR REPLACE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF current_setting('{TABLE}.counted', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
        INSERT INTO {TABLE} DEFAULT VALUES;
        PERFORM set_config('{TABLE}.counted', pg_current_xact_id()::text, true);
    END IF;
    RETURN NULL;
END $$;
-- For what the migrations have changed.
INSERT INTO {TABLE} DEFAULT VALUES
"""
_FOLD = f"""
WITH counted AS (DELETE FROM {TABLE} RETURNING transactions)
INSERT INTO {TABLE} SELECT coalesce(sum(transactions), 0)::bigint FROM counted
"""


def create_triggers(*, using: str, plan: object = None, **_details: object) -> None:
    """Receive ``post_migrate``, which ``flush`` sends too, without a plan."""
    database = connections[using]
    if database.vendor == "postgresql" and plan is not None:
        with database.cursor() as cursor:
            cursor.execute(";".join([_COUNT, *_build_triggers(database)]))


def build_trigger(table: str) -> str:
    """Return the SQL that counts all changes of a table."""
    return _build_trigger(TRIGGER, "INSERT OR UPDATE OR DELETE OR TRUNCATE", table, "STATEMENT")


def fold_changes() -> None:
    """Make one row of all, with the same sum: so its reader has little to read."""
    if connection.vendor == "postgresql":
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(_FOLD)


def _build_triggers(database: BaseDatabaseWrapper) -> Iterator[str]:
    for table in database.introspection.django_table_names(only_existing=True):
        if table in UNSHOWN_TABLES:
            yield f"DROP TRIGGER IF EXISTS {TRIGGER} ON {table}"
        elif table in UNSHOWN_COLUMNS:
            yield _build_trigger(TRIGGER, "INSERT OR DELETE OR TRUNCATE", table, "STATEMENT")
            shown = _list_shown_columns(database, table)
            old, new = (", ".join(f"{row}.{name}" for name in shown) for row in ("OLD", "NEW"))
            is_shown = f"ROW WHEN (({old}) IS DISTINCT FROM ({new}))"
            yield _build_trigger(f"{TRIGGER}_of_columns", "UPDATE", table, is_shown)
        else:
            yield build_trigger(table)


def _build_trigger(name: str, events: str, table: str, each: str) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER {name} AFTER {events} ON {table}"
        f" FOR EACH {each} EXECUTE FUNCTION {TRIGGER}()"
    )


def _list_shown_columns(database: BaseDatabaseWrapper, table: str) -> list[str]:
    with database.cursor() as cursor:
        columns = database.introspection.get_table_description(cursor, table)
    return [column.name for column in columns if column.name not in UNSHOWN_COLUMNS[table]]
