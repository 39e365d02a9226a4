"""What a new form begins with: the answers of a record that is copied, or those used last time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.forms.models import model_to_dict

from indicators.counting.registry import RECORD_SOURCES
from indicators.models import Record
from strategy.choices import RecordKind
from strategy.models import User


@dataclass(frozen=True)
class InitialValues:
    """The answers that a new form has before anyone types, and where they come from."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    copied_from: Record | None = None

    @property
    def as_last_time(self) -> Collection[str]:
        """The fields that are filled in as they were last time."""
        return () if self.copied_from else self.answers


def initial_from_copy(record: Record) -> InitialValues:
    """All that the record says; not its reference, its status or what proves it."""
    return InitialValues(model_to_dict(record, fields=(*record.COLUMNS, "notes")), record)


def initial_from_last_record(user: User, kind: RecordKind, names: Collection[str]) -> InitialValues:
    """What the person answered to these questions in the record of the kind entered last."""
    if not names:
        return InitialValues()
    records = RECORD_SOURCES[kind].model.objects.visible_to(user).not_withdrawn()
    last = records.filter(entered_by=user).order_by("-entered_at", "-pk").first()
    if last is None:
        return InitialValues()
    answers = model_to_dict(last, fields=list(names))
    return InitialValues({name: value for name, value in answers.items() if value})
