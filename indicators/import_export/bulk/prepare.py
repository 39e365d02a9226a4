"""Drafts converted to rows of the database, before the transaction that writes them.

Other users wait only for the writing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any

from django.db import connection, models

from indicators.import_export.rows.drafts import RowDraft
from indicators.import_export.rows.existing import split_batches
from indicators.models import Record

_STORABLE = (str, int, NoneType)
"""Types that the database accepts without conversion, for any field of a record."""


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Drafts that are all new or all existing, and their rows: the key, then ``list_fields``."""

    is_new: bool
    drafts: Sequence[RowDraft]
    rows: Sequence[Sequence[object]]


def list_fields(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    """Return the fields of the model's own table, without its key."""
    return [field for field in model._meta.concrete_fields if not field.primary_key]


def list_column_names(model: type[models.Model]) -> list[str]:
    """Return the columns of the model's own table, its key first."""
    return ["id", *(str(field.column) for field in list_fields(model))]


def prepare_batches(model: type[Record], drafts: Sequence[RowDraft]) -> list[RowBatch]:
    """Return the drafts in batches; new records have a key and get a reference here."""
    columns = list_fields(model)
    prepared = []
    for is_new in (True, False):
        for batch in split_batches(draft for draft in drafts if draft.is_new is is_new):
            for draft in batch if is_new else ():
                draft.record.reference = draft.record.reference or model.new_reference()
            rows = [prepare_row(draft.record.pk, draft.record, columns) for draft in batch]
            prepared.append(RowBatch(is_new, batch, rows))
    return prepared


def prepare_row(
    key: int, instance: models.Model, columns: "Sequence[models.Field[Any, Any]]"
) -> tuple[object, ...]:
    values = ((column, getattr(instance, column.attname)) for column in columns)
    return (
        key,
        *(
            value if type(value) in _STORABLE else column.get_db_prep_save(value, connection)
            for column, value in values
        ),
    )
