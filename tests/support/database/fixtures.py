"""Fixtures in tests: read from their files once, then inserted as database rows."""

import copy
from collections.abc import Iterable

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model
from django.db.models.base import ModelState

_rows: dict[tuple[str, ...], list[list[Model]]] = {}


def load_fixtures(*names: str) -> None:
    """Load fixtures of plan and reference data into an otherwise empty database."""
    if names not in _rows:
        call_command("loaddata", *names, verbosity=0)
        _rows[names] = [list(model._base_manager.all()) for model in _models()]
        return
    # In one transaction: a table may come before a table that its rows refer to.
    with transaction.atomic():
        for rows in _rows[names]:
            if rows:
                type(rows[0])._base_manager.bulk_create([_unsaved(row) for row in rows])
    _move_sequences_on(type(rows[0]) for rows in _rows[names] if rows)


def _models() -> list[type[Model]]:
    models = apps.get_app_config("strategy").get_models(include_auto_created=True)
    return [m for m in models if not m.__name__.startswith(("Historical", "User"))]


def _unsaved(row: Model) -> Model:
    again = copy.copy(row)
    again._state = ModelState()
    return again


def _move_sequences_on(models: Iterable[type[Model]]) -> None:
    """Set the sequences: PostgreSQL does not advance them for explicit keys."""
    statements = connection.ops.sequence_reset_sql(no_style(), list(models))
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
