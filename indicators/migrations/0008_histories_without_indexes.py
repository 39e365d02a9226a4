"""Histories lose the indexes by which nobody asks, where an earlier installation made them.

Each was written anew at every change of a record. 0001 and 0005 no longer make them.
"""

from collections.abc import Iterator
from typing import Any

from django.db import migrations


def drop_others(apps: Any, schema_editor: Any) -> None:
    for name in list(_others(apps, schema_editor.connection)):
        schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")


def _others(apps: Any, connection: Any) -> Iterator[str]:
    """The names of the indexes that the histories have and do not need."""
    for model in apps.get_app_config("indicators").get_models():
        if not model._meta.model_name.startswith("historical"):
            continue
        needed = [[field.column] for field in model._meta.fields if field.db_index]
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, model._meta.db_table)
        for name, told in found.items():
            if told["index"] and not told["unique"] and told["columns"] not in needed:
                yield name


class Migration(migrations.Migration):
    dependencies = [("indicators", "0007_rows_of_previews_packed")]

    operations = [migrations.RunPython(drop_others, migrations.RunPython.noop)]
