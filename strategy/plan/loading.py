"""Rows kept in files: reference data, roles and plans, read all or nothing.

A file may be read again. What is there already stays as people left it, unless it is refreshed.
Django's ``loaddata`` would overwrite it, and names neither the row nor the remedy in its errors.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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

FAULTS = (
    DataError,
    DeserializationError,
    FieldDoesNotExist,
    IntegrityError,
    MultipleObjectsReturned,
    ObjectDoesNotExist,
    TypeError,
    ValueError,
)
"""What Django raises on a row that it cannot make anything of."""


class FixtureFault(ValueError):
    """A row that cannot be kept; its text names the file, the row and what is wrong."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")


@dataclass
class LoadedFile:
    """What reading a file did: rows new, changed, and left as they were."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    is_skipped: bool = False

    def __str__(self) -> str:
        if self.is_skipped:
            return _("%(name)s: is there already, left as it is") % {"name": self.name}
        return f"{self.name}: " + ", ".join(
            f"{word} {self.counts[word]}" for word in ("new", "changed", "unchanged", "kept")
        )


def load_file(path: Path, *, refresh: bool = False) -> LoadedFile:
    """Read a file of rows into the database, all or nothing; FixtureFault names the bad row.

    With ``refresh`` rows that differ are overwritten, else they are kept. Rows that are not in the
    file are never touched.
    """
    loaded = LoadedFile(path.name)
    with transaction.atomic(), translation.override("en"):
        for number, row in enumerate(read_rows(path), start=1):
            place = _place(path, number, row)
            try:
                with transaction.atomic():
                    loaded.counts[_keep(row, path.name, refresh)] += 1
            except ValidationError as error:
                raise FixtureFault(place, _sentence(error)) from error
            except FAULTS as error:
                raise FixtureFault(place, _misread(error)) from error
    return loaded


def load_plan(path: Path, *, refresh: bool = False) -> LoadedFile:
    """Read a file that holds plans; a plan that is there already is the officers' own.

    Unless refreshed, such a file is not read at all: a row that an officer removed stays removed.
    FixtureFault also where the rows are fine one by one and the plan that they make is not.
    """
    codes = [
        row["fields"].get("code") for row in read_rows(path) if row["model"] == "strategy.plan"
    ]
    if not refresh and Plan.objects.filter(code__in=codes).exists():
        return LoadedFile(path.name, is_skipped=True)
    with transaction.atomic():
        loaded = load_file(path, refresh=refresh)
        for plan in Plan.objects.filter(code__in=codes):
            for problem in validate_plan(plan):
                if not problem.is_warning:
                    raise FixtureFault(path.name, str(problem))
    return loaded


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file; FixtureFault where it is no list of rows."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise FixtureFault(path.name, str(error)) from error
    if not isinstance(rows, list) or not all(_is_row(row) for row in rows):
        raise FixtureFault(path.name, _("The file must be a list of rows with model and fields."))
    return rows


def _is_row(row: object) -> bool:
    return (
        isinstance(row, dict)
        and isinstance(row.get("model"), str)
        and isinstance(row.get("fields"), dict)
    )


def _place(path: Path, number: int, row: Mapping[str, Any]) -> str:
    fields = row["fields"]
    owners = ("target", "indicator", "objective", "section", "priority", "plan")
    named = (fields.get(name) for name in ("code", "name", "number"))
    owner = next((fields[name] for name in owners if name in fields), "")
    words = [*(owner if isinstance(owner, list) else [owner]), next((n for n in named if n), "")]
    key = " ".join(str(word) for word in words if word != "")
    return f"{path.name}, row {number} ({row['model']} {key})"


def _read(row: Mapping[str, Any]) -> DeserializedObject:
    return next(iter(serializers.deserialize("python", [row])))


def _keep(row: Mapping[str, Any], source: str, refresh: bool) -> str:
    """Save a row, and say whether it was new, changed, unchanged or kept as people left it."""
    read = _read(row)
    written, many = read.object, read.m2m_data or {}
    written.full_clean(validate_unique=False, validate_constraints=False)
    current = models.QuerySet(model=type(written)).filter(pk=written.pk).first()
    if current is None:
        _save(written, many, source)
        return "new"
    differing = [name for name in row["fields"] if _differs(current, written, name, many)]
    if not differing:
        return "unchanged"
    if not refresh:
        return "kept"
    for name in differing:
        if name not in many:
            setattr(current, name, getattr(written, name))
    _save(current, {name: rows for name, rows in many.items() if name in differing}, source)
    return "changed"


def _differs(kept: models.Model, written: models.Model, name: str, many: Mapping[str, Any]) -> bool:
    if name in many:
        return set(getattr(kept, name).values_list("pk", flat=True)) != set(many[name])
    return bool(getattr(kept, name) != getattr(written, name))


def _save(row: Any, many: Mapping[str, Iterable[Any]], source: str) -> None:
    """Save a row and what it lists, with the name of the file as reason in its history."""
    row._change_reason = source
    row.save()
    for name, rows in many.items():
        getattr(row, name).set(rows)


def _misread(error: Exception) -> str:
    """What Django says of a row, with the remedy where a row that it points to is missing."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ValidationError):
            return _sentence(cause)
        if isinstance(cause, ObjectDoesNotExist):
            return _("There is no %(model)s %(key)s. Correct it, or put that row before it.") % {
                "model": type(cause).__qualname__.partition(".")[0],
                "key": str(error).partition("field_value was ")[2].strip("'"),
            }
        cause = cause.__context__
    return str(error)


def _sentence(error: ValidationError) -> str:
    """What a validation says, each sentence with the field that it is about."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    said = error.message_dict
    return " ".join(
        f"{'' if name == NON_FIELD_ERRORS else name + ': '}{' '.join(said[name])}" for name in said
    )
