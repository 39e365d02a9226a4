"""The initial values of a new form: those of a copied record, or of the user's last record."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.forms.models import model_to_dict

from indicators.counting.registry import RECORD_SOURCES
from indicators.models import Record
from strategy.choices import RecordKind
from strategy.models import User


@dataclass(frozen=True)
class InitialValues:
    """The initial values of a new form, and the record that they are copied from, if any."""

    answers: Mapping[str, object] = field(default_factory=dict)
    copied_from: Record | None = None

    @property
    def remembered(self) -> Collection[str]:
        return () if self.copied_from else self.answers


def initial_from_copy(record: Record) -> InitialValues:
    """Copy the record without its reference, status and evidence."""
    return InitialValues(model_to_dict(record, fields=(*record.COLUMNS, "notes")), record)


def initial_from_last_record(user: User, kind: RecordKind, names: Collection[str]) -> InitialValues:
    """Copy these fields from the record of the kind that the user entered last."""
    if not names:
        return InitialValues()
    records = RECORD_SOURCES[kind].model.objects.visible_to(user).not_withdrawn()
    last = records.filter(entered_by=user).order_by("-entered_at", "-pk").first()
    if last is None:
        return InitialValues()
    answers = model_to_dict(last, fields=list(names))
    return InitialValues({name: value for name, value in answers.items() if value})
