"""Fixture files of reference data, roles and plans, each read completely or not at all.

A file may be read again: existing rows keep what users changed, unless they are refreshed. Django's
``loaddata`` would overwrite them, and its errors name neither the row nor the remedy.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict, TypeGuard

from django.core import serializers
from django.core.exceptions import (
    NON_FIELD_ERRORS,
    FieldDoesNotExist,
    MultipleObjectsReturned,
    ObjectDoesNotExist,
    ValidationError,
)
from django.core.serializers.base import DeserializationError, DeserializedObject
from django.db import DataError, IntegrityError, models, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from strategy.models import Plan
from strategy.plan.validation import validate_plan

ROW_ERRORS = (
    DataError,
    DeserializationError,
    FieldDoesNotExist,
    IntegrityError,
    MultipleObjectsReturned,
    ObjectDoesNotExist,
    TypeError,
    ValueError,
)
"""Django's errors for a row that it cannot read."""

OWNERS = ("target", "indicator", "objective", "section", "priority", "rubric", "plan")
"""The fields that name a row's owner, the nearest first."""


class FixtureError(ValueError):
    """A row that cannot be saved; the text names the file, the row and the reason."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")


class FixtureRow(TypedDict):
    """A row as Django's JSON fixtures write it."""

    model: str
    fields: dict[str, object]


@dataclass
class LoadedFile:
    """The result of reading a file: how many rows are new, changed, unchanged or left as edited."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    is_skipped: bool = False

    @property
    def has_news(self) -> bool:
        return self.is_skipped or bool(set(self.counts) - {"unchanged"})

    def __str__(self) -> str:
        if self.is_skipped:
            return _("%(name)s: is there already, left as it is") % {"name": self.name}
        words = [word for word in ("new", "changed", "kept") if self.counts[word]]
        return f"{self.name}: " + ", ".join(f"{word} {self.counts[word]}" for word in words)


def load_file(path: Path, *, refresh: bool = False, reason: str = "") -> LoadedFile:
    """Save all rows of a file, or none: raises FixtureError for the first bad row.

    With ``refresh`` rows that differ are overwritten; their history has the file and the reason.
    Rows that the file does not name stay.
    """
    return load_rows(read_rows(path), path.name, refresh=refresh, reason=reason)


def load_rows(
    rows: Iterable[FixtureRow], name: str, *, refresh: bool = False, reason: str = ""
) -> LoadedFile:
    """Save all rows, or none, as ``load_file`` does; ``name`` is where they come from."""
    loaded = LoadedFile(name)
    source = f"{name}: {reason}" if reason else name
    with transaction.atomic(), translation.override("en"):
        for number, row in enumerate(rows, start=1):
            place = _format_place(name, number, row)
            try:
                with transaction.atomic():
                    loaded.counts[_save_row(row, source, refresh)] += 1
            except ValidationError as error:
                raise FixtureError(place, _format_validation(error)) from error
            except ROW_ERRORS as error:
                raise FixtureError(place, _explain(error)) from error
    return loaded


def load_plan(path: Path, *, refresh: bool = False, reason: str = "") -> LoadedFile:
    """Load a file of plans, unless its plan exists: a row that an officer removed stays removed.

    Raises FixtureError also where the rows are valid and the plan that they make is not.
    """
    codes = [
        row["fields"].get("code") for row in read_rows(path) if row["model"] == "strategy.plan"
    ]
    plans = Plan.including_drafts.filter(code__in=codes)
    if not refresh and plans.exists():
        return LoadedFile(path.name, is_skipped=True)
    with transaction.atomic():
        loaded = load_file(path, refresh=refresh, reason=reason)
        for problem in [
            problem for plan in plans.filter(is_draft=False) for problem in validate_plan(plan)
        ]:
            if not problem.is_warning:
                raise FixtureError(path.name, str(problem))
    return loaded


def read_rows(path: Path) -> list[FixtureRow]:
    """Return the rows of a file; raises FixtureError if it is no list of rows."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise FixtureError(path.name, str(error)) from error
    if not _are_rows(rows):
        raise FixtureError(path.name, _("The file must be a list of rows with model and fields."))
    return rows


def _are_rows(rows: object) -> TypeGuard[list[FixtureRow]]:
    return isinstance(rows, list) and all(
        isinstance(row, dict)
        and isinstance(row.get("model"), str)
        and isinstance(row.get("fields"), dict)
        for row in rows
    )


def _format_place(name: str, number: int, row: FixtureRow) -> str:
    fields = row["fields"]
    owner = next((fields[owner] for owner in OWNERS if owner in fields), "")
    own = next((fields[own] for own in ("code", "name", "number") if fields.get(own)), "")
    words = [*(owner if isinstance(owner, list) else [owner]), own]
    key = " ".join(str(word) for word in words if word != "")
    return f"{name}, row {number} ({row['model']} {key})"


def _deserialize(row: FixtureRow) -> DeserializedObject:
    return next(iter(serializers.deserialize("python", [row])))


def _save_row(row: FixtureRow, source: str, refresh: bool) -> str:
    deserialized = _deserialize(row)
    written, many = deserialized.object, deserialized.m2m_data or {}
    written.full_clean(validate_unique=False, validate_constraints=False)
    stored = models.QuerySet(model=type(written)).filter(pk=written.pk).first()
    if stored is None:
        _save(written, many, source)
        return "new"
    differing = [name for name in row["fields"] if _differs(stored, written, name, many)]
    if not differing:
        return "unchanged"
    if not refresh:
        return "kept"
    for name in differing:
        if name not in many:
            setattr(stored, name, getattr(written, name))
    _save(stored, {name: keys for name, keys in many.items() if name in differing}, source)
    return "changed"


ManyKeys = Mapping[str, Iterable[object]]
"""The primary keys of the rows that a many-to-many field names."""


def _differs(stored: models.Model, written: models.Model, name: str, many: ManyKeys) -> bool:
    if name in many:
        return set(getattr(stored, name).values_list("pk", flat=True)) != set(many[name])
    return bool(getattr(stored, name) != getattr(written, name))


def _save(row: models.Model, many: ManyKeys, source: str) -> None:
    vars(row)["_change_reason"] = source
    row.save()
    for name, keys in many.items():
        getattr(row, name).set(keys)


def _explain(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ValidationError):
            return _format_validation(cause)
        if isinstance(cause, ObjectDoesNotExist):
            return _("There is no %(model)s %(key)s. Correct it, or put that row before it.") % {
                "model": type(cause).__qualname__.partition(".")[0],
                "key": str(error).partition("field_value was ")[2].strip("'"),
            }
        cause = cause.__context__
    return str(error)


def _format_validation(error: ValidationError) -> str:
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(
        f"{'' if name == NON_FIELD_ERRORS else name + ': '}{' '.join(sentences)}"
        for name, sentences in error.message_dict.items()
    )
