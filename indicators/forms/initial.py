"""The initial values of a new form: empty, unless the user asks for those of a record."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from django.forms.models import model_to_dict

from indicators.counting.registry import RECORD_SOURCES
from indicators.models import Record
from strategy.choices import RecordKind
from strategy.models import User


@dataclass(frozen=True)
class InitialValues:
    """The initial values of a new form, and the record that they are copied from, if any.

    ``is_complete``: the form has all answers of that record, so both count towards the same.
    """

    answers: Mapping[str, object] = field(default_factory=dict)
    copied_from: Record | None = None
    is_complete: bool = False


def copy_record(record: Record) -> InitialValues:
    """Copy the record without its reference, status and evidence."""
    return replace(_copy(record, (*record.COLUMNS, "notes")), is_complete=True)


def copy_last_record(user: User, kind: RecordKind, names: Collection[str]) -> InitialValues:
    """Copy these fields from the record of the kind that the user entered last."""
    record = find_last_record(user, kind)
    return _copy(record, names) if record else InitialValues()


def find_last_record(user: User, kind: RecordKind) -> Record | None:
    records = RECORD_SOURCES[kind].model.objects.visible_to(user).not_withdrawn()
    return records.filter(entered_by=user).order_by("-entered_at", "-pk").first()


def _copy(record: Record, names: Collection[str]) -> InitialValues:
    answers = model_to_dict(record, fields=list(names))
    return InitialValues({name: value for name, value in answers.items() if value}, record)
