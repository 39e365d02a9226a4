"""Rows of tables as lines of JSON, the same from SQLite and from PostgreSQL."""

import json
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any, cast

from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

UNSAVED = {
    "maintenance.SignOfLife": "They are of this installation.",
    "sessions.Session": "Who is signed in signs in again.",
    "usersessions.UserSession": "It lists those sessions.",
    "strategy.PlanVersion": "A token of what is kept in memory: a restore makes another.",
}
"""Models without rows in a backup, with the reason."""

MAX_CHUNK_BYTES = 4_000_000
MAX_CHUNK_ROWS = 20_000
READ_AT_ONCE = 500

Model = type[models.Model]
Line = list[Any]


def list_models(apps: Apps = installed_apps) -> list[Model]:
    """Return the models of all tables that a backup holds."""
    found = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.label not in UNSAVED
    ]
    return sorted(found, key=lambda model: model._meta.label)


def list_fields(model: Model) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def find_model(apps: Apps, label: str) -> Model:
    app, name = label.split(".")
    return apps.get_model(app, name)


def read_chunks(model: Model, using: str) -> Iterator[tuple[bytes, list[Line]]]:
    """Yield the rows of a table as lines of JSON, with the values of the lines."""
    fields = list(model._meta.concrete_fields)
    queryset: QuerySet[models.Model] = QuerySet(model, using=using)
    rows = queryset.order_by("pk").values_list(*list_fields(model))
    lines: list[bytes] = []
    values: list[Line] = []
    size = 0
    for row in rows.iterator(chunk_size=READ_AT_ONCE):
        value = [_write_value(field, value) for field, value in zip(fields, row, strict=True)]
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        lines.append(line)
        values.append(value)
        size += len(line)
        if size > MAX_CHUNK_BYTES or len(lines) >= MAX_CHUNK_ROWS:
            yield b"\n".join(lines), values
            lines, values, size = [], [], 0
    if lines:
        yield b"\n".join(lines), values


def insert_rows(
    connection: BaseDatabaseWrapper, model: Model, names: Sequence[str], content: bytes
) -> None:
    """Insert the rows of a chunk as they were, past the model's own saving."""
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    fields = [by_name[name] for name in names]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join("%s" for _ in fields)
    rows = [
        [
            _read_value(field, value, connection)
            for field, value in zip(fields, json.loads(line), strict=True)
        ]
        for line in content.split(b"\n")
    ]
    with connection.cursor() as cursor:
        table = quote(model._meta.db_table)
        cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)


def _write_value(field: models.Field[Any, Any], value: object) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    # Only this attribute is read: a whole instance of the model would cost far more.
    holder = SimpleNamespace(**{str(field.attname): value})
    return field.value_to_string(cast(models.Model, holder))


def _read_value(
    field: models.Field[Any, Any], value: object, connection: BaseDatabaseWrapper
) -> Any:
    return field.get_db_prep_save(field.to_python(value), connection=connection)
