"""Changes of sealed rows past the triggers, as by a person who owns the database."""

from django.db import connection, models

TRIGGERS = ("never_changes", "never_goes", "never_grows")


def drop_triggers(*tables: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        for model in tables:
            table = model._meta.db_table
            where = f" ON {table}" if connection.vendor == "postgresql" else ""
            for name in TRIGGERS:
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{where}")
