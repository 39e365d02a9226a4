"""Records that name others: by a column, or by references in a text.

Where the others are hidden from who reads, they read "a confidential record" instead.
"""

from collections.abc import Collection, Container, Iterable, Sequence
from typing import Any

from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _

from indicators.models.reading.confidentiality import (
    Audience,
    build_hidden_condition,
    get_confidential_name,
    is_record,
)
from strategy.text import fold_spelling

SEPARATOR = ";"


@deconstructible
class KnownReferences:
    """Rejects references of no record; ``;`` separates them, and ``kinds`` may restrict them."""

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KnownReferences) and self.kinds == other.kinds

    def __hash__(self) -> int:
        return hash(self.kinds)

    def __call__(self, text: str) -> None:
        self.check_for(None, text)

    def check_for(self, audience: Audience | None, text: str) -> None:
        """Reject references of no record and of those hidden from the audience alike."""
        references = split_references(text)
        known = find_references(references, self.kinds)
        hidden = find_hidden_references(references, audience)
        for reference in references:
            if (folded := fold_spelling(reference)) not in known or folded in hidden:
                raise ValidationError(
                    _("There is no record “%(text)s”. Correct the reference, or record it first.")
                    % {"text": reference}
                )


def find_references(references: Iterable[str], kinds: Collection[str] = ()) -> frozenset[str]:
    """Return those of the references, folded, that records have."""
    return _find({model: models.Q() for model in _list_models(kinds)}, references)


def find_hidden_references(references: Iterable[str], audience: Audience | None) -> frozenset[str]:
    """Return those of the references, folded, of records that are hidden from the audience."""
    if audience is None or audience.knows_all:
        return frozenset()
    return _find(
        {model: build_hidden_condition(model, audience) for model in _list_models()}, references
    )


def split_references(text: str) -> list[str]:
    return [part for reference in text.split(SEPARATOR) if (part := " ".join(reference.split()))]


def redact_references(text: str, hidden: Container[str]) -> str:
    """Return a text of references with "a confidential record" instead of those hidden."""
    return f"{SEPARATOR} ".join(
        get_confidential_name() if fold_spelling(reference) in hidden else reference
        for reference in split_references(text)
    )


def find_check(field: "models.Field[Any, Any] | forms.Field") -> KnownReferences | None:
    """Return the check of a column whose text names records by their references."""
    checks = (check for check in field.validators if isinstance(check, KnownReferences))
    return next(checks, None)


def hide_named_records(records: Sequence[models.Model], audience: Audience) -> None:
    """Let records of one kind name a stand-in instead of each record hidden from the audience.

    ``hidden_references`` of each are those in its texts.
    """
    if not records or audience.knows_all:
        return
    texts: list[str] = []
    for field in type(records[0])._meta.concrete_fields:
        if find_check(field):
            texts += (vars(record).get(field.attname, "") for record in records)
        elif isinstance(field, models.ForeignKey) and is_record(field.related_model):
            _hide_parents(records, field, audience)
    references = {reference for text in texts for reference in split_references(text)}
    hidden = find_hidden_references(references, audience)
    for record in records:
        vars(record)["hidden_references"] = hidden


def build_stand_in(model: type[models.Model], key: int) -> models.Model:
    """Return "a confidential record": a row with its key, without reference and other values."""
    stand_in = model(pk=key)
    name = "title" if any(field.name == "title" for field in model._meta.fields) else "year"
    setattr(stand_in, name, get_confidential_name())
    return stand_in


def find_hidden_keys(model: Any, keys: Iterable[int], audience: Audience | None) -> frozenset[int]:
    """Return the keys of records of a kind that are hidden from the audience; of others none."""
    keys = list(keys)
    if not keys or audience is None or audience.knows_all or not is_record(model):
        return frozenset()
    records = model.all_objects.filter(build_hidden_condition(model, audience), pk__in=keys)
    return frozenset(records.values_list("pk", flat=True))


def _hide_parents(records: Sequence[models.Model], field: Any, audience: Audience) -> None:
    keys = {key for record in records if (key := vars(record).get(field.attname))}
    hidden = find_hidden_keys(field.related_model, keys, audience)
    for record in records:
        if (key := vars(record).get(field.attname)) in hidden:
            field.set_cached_value(record, build_stand_in(field.related_model, key))


def _list_models(kinds: Collection[str] = ()) -> list[Any]:
    kinds_of_records: list[Any] = list(
        filter(is_record, apps.get_app_config("indicators").get_models())
    )
    return [model for model in kinds_of_records if not kinds or model.KIND in kinds]


def _find(conditions: dict[Any, models.Q], references: Iterable[str]) -> frozenset[str]:
    folded = [fold_spelling(reference) for reference in references]
    if not folded:
        return frozenset()
    first, *others = (
        model.objects.filter(condition, folded_reference__in=folded)
        .order_by()
        .values_list("folded_reference", flat=True)
        for model, condition in conditions.items()
    )
    return frozenset(first.union(*others))
