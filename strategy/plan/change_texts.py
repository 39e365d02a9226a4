"""The changes of plans in words."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.apps import apps
from django.db import models
from django.db.models import DateField, DecimalField, Field, ManyToManyField
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from strategy.models import ChangeDetail, ChangedValue, Keyed, PlanChange, TargetVersion
from strategy.text import join_plain

Names = Mapping[str, Mapping[str, str]]
"""Model -> the names of the rows that many-to-many fields name by code."""

DASH = "–"

ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
"""They keep a code in one piece between words from right to left."""


@dataclass(frozen=True)
class DescribedChange:
    """A change of a plan with a sentence for each detail."""

    change: PlanChange
    sentences: tuple[str, ...]

    @property
    def is_correction(self) -> bool:
        """Whether the change corrects versions of targets and nothing else."""
        name = TargetVersion._meta.model_name
        return all(detail["model"] == name for detail in self.change.details)


def describe_changes(changes: Iterable[PlanChange]) -> tuple[DescribedChange, ...]:
    """Return the changes in words, in a constant number of queries."""
    stored = list(changes)
    names = _load_names(detail for change in stored for detail in change.details)
    return tuple(
        DescribedChange(change, tuple(_describe_all(change.details, names))) for change in stored
    )


def describe_details(details: Iterable[ChangeDetail]) -> list[str]:
    stored = list(details)
    return list(_describe_all(stored, _load_names(stored)))


def _load_names(details: Iterable[ChangeDetail]) -> Names:
    codes: dict[str, set[str]] = defaultdict(set)
    for detail in details:
        field = _find_field(detail)
        if isinstance(field, ManyToManyField):
            found = (*_list(detail["before"]), *_list(detail["after"]))
            codes[field.related_model._meta.label].update(found)
    return {
        label: {str(row.natural_key()[0]): str(row) for row in _load_rows(label, found)}
        for label, found in codes.items()
    }


def _load_rows(label: str, codes: Iterable[str]) -> models.QuerySet[Keyed]:
    return models.QuerySet(model=apps.get_model(label)).filter(code__in=codes)


def _find_field(detail: ChangeDetail) -> Field[object, object] | None:
    model = apps.get_model("strategy", detail["model"])
    return model._meta.get_field(detail["field"]) if detail["field"] else None


def _list(value: ChangedValue) -> list[str]:
    return value if isinstance(value, list) else []


def _describe_all(details: Iterable[ChangeDetail], names: Names) -> Iterator[str]:
    for detail in details:
        yield from _describe(detail, names)


def _describe(detail: ChangeDetail, names: Names) -> Iterator[str]:
    model, field = apps.get_model("strategy", detail["model"]), _find_field(detail)
    key = f"{ISOLATE}{detail['row']}{POP_ISOLATE}" if get_language_bidi() else detail["row"]
    row = f"{model._meta.verbose_name} {key}"
    if field is None:
        text = _("Removed: %(row)s") if detail["after"] is None else _("Added: %(row)s")
        yield text % {"row": row}
        return
    place = _("%(row)s, %(field)s") % {"row": row, "field": field.verbose_name}
    before, after = detail["before"], detail["after"]
    if isinstance(before, list) or isinstance(after, list):
        related = field.related_model
        known = names.get(related._meta.label, {}) if related else {}
        old, new = _list(before), _list(after)
        for text, codes in (
            (_("%(place)s: added %(values)s"), [code for code in new if code not in old]),
            (_("%(place)s: removed %(values)s"), [code for code in old if code not in new]),
        ):
            if codes:
                values = join_plain(known.get(code, code) for code in codes)
                yield text % {"place": place, "values": values}
        return
    yield _("%(place)s: %(after)s instead of %(before)s") % {
        "place": place,
        "after": _format(field, after),
        "before": _format(field, before),
    }


def _format(field: Field[object, object], value: ChangedValue) -> str:
    if value is None:
        return DASH
    if isinstance(field, DateField):
        return date_format(date.fromisoformat(str(value)), "DATE_FORMAT")
    if isinstance(field, DecimalField):
        return number_format(str(value), use_l10n=True)
    return str(dict(field.flatchoices).get(value, value))
