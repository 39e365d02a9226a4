"""A million records on PostgreSQL: some thousand, multiplied by SQL with their links and evidence.

Without history, which no figure reads. Titles repeat, so that a search finds many records.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Field, ForeignKey, Model

from indicators.models import AnnualBudget, Evidence, Record
from tools.benchmark import pages
from tools.benchmark.data import SHARES

PAGES = (
    *pages.PAGES,
    "/records/initiative/?page=1000",
    "/records/initiative/?q=nothing-like-this",
)


def copy_records(times: int) -> None:
    """Let PostgreSQL copy every record and its links ``times`` times, with keys of their own."""
    for model in SHARES:
        _copy(model, times)
        for field in model._meta.many_to_many:
            through: Any = field.remote_field.through
            _copy(through, times)
    _copy(Evidence, times)


def _copy(model: type[Model], times: int) -> None:
    table, columns = model._meta.db_table, list(_write_columns(model))
    names = ", ".join(f'"{name}"' for name, _value in columns)
    values = ", ".join(value for _name, value in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({names}) SELECT {values}'
            f' FROM "{table}" r, generate_series(1, {times}) n'
        )
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'),"
            f' (SELECT max(id) FROM "{table}"))'
        )


def _write_columns(model: type[Model]) -> Iterator[tuple[str, str]]:
    """Yield each column with the SQL of its value in copy number `n`."""
    for field in model._meta.concrete_fields:
        column = str(field.column)
        own = f'r."{column}"'
        if field.primary_key or _names_record(field):
            yield column, f"{own} + n * 1000000::bigint"
        elif field.get_internal_type() == "UUIDField":
            yield column, "gen_random_uuid()"
        elif field.name.endswith(("reference", "title")):
            yield column, f"{own} || '-' || n"
        else:
            yield column, own


def _names_record(field: "Field[object, object]") -> bool:
    if field.name == "object_id":
        return True
    return isinstance(field, ForeignKey) and issubclass(field.related_model, Record)


def count_records() -> int:
    models: tuple[type[Record], ...] = (*SHARES, AnnualBudget)
    return sum(model.objects.count() for model in models)
