"""The stored states of a row, each with what changed since the one before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from modeltranslation.fields import TranslationField

from strategy.models import Keyed
from strategy.workbench.rows import RowKind

UNSHOWN = {"id", "number", "created_at", "created_by"}


@dataclass(frozen=True)
class ChangedColumn:
    """A column of a row with its value before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class RowState:
    """A state of a row: when and by whom it was saved, why, and what it changed."""

    at: datetime
    by: str
    reason: str
    is_first: bool
    changes: tuple[ChangedColumn, ...]


def list_states(kind: RowKind, row: Keyed) -> list[RowState]:
    """Return the states of a row, the newest first, in a constant number of queries."""
    model: Any = type(row)
    states_of_row = model.history.filter(id=row.pk).select_related("history_user")
    stored = list(states_of_row.order_by("history_date", "history_id"))
    columns = list_columns(kind)
    names = {
        column.name: {each.pk: str(each) for each in column.related_model._base_manager.all()}
        for column in columns
        if isinstance(column, models.ForeignKey)
    }
    states = []
    for before, state in zip([None, *stored], stored, strict=False):
        changes = tuple(compare_states(columns, names, before, state)) if before else ()
        if before is None or changes or state.history_change_reason:
            by = str(state.history_user) if state.history_user else ""
            reason = state.history_change_reason or ""
            states.append(RowState(state.history_date, by, reason, before is None, changes))
    return states[::-1]


def list_columns(kind: RowKind, *, by_key: bool = False) -> list[models.Field[Any, Any]]:
    """Return the columns whose changes are shown.

    ``by_key``: of two plans, whose rows never name the same rows and have the same keys.
    """
    columns = [column for column in kind.model._meta.fields if column.name not in UNSHOWN]
    columns = [column for column in columns if column.name not in kind.texts]
    if not by_key:
        return columns
    return [column for column in columns if not isinstance(column, models.ForeignKey)]


def compare_states(
    columns: list[models.Field[Any, Any]],
    names: Mapping[str, Mapping[int, str]],
    before: models.Model,
    after: models.Model,
) -> Iterator[ChangedColumn]:
    """Yield the columns that differ; ``names`` has those of rows that foreign keys name."""
    for column in columns:
        old, new = (getattr(state, column.attname) for state in (before, after))
        if (old or "") != (new or ""):
            known = names.get(column.name)
            yield ChangedColumn(
                _label(column), _format(column, old, known), _format(column, new, known)
            )


def _label(column: models.Field[Any, Any]) -> str:
    if not isinstance(column, TranslationField):
        return capfirst(str(column.verbose_name))
    language = get_language_info(column.language)["name_local"]
    return f"{capfirst(str(column.translated_field.verbose_name))} ({language})"


def _format(column: models.Field[Any, Any], value: Any, names: Mapping[int, str] | None) -> str:
    if names is not None:
        return names.get(value, "")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return "; ".join(f"{key}: {part}" for key, part in value.items())
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    if value is None:
        return ""
    return str(dict(column.flatchoices).get(value, value))
