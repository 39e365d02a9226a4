"""The initial values of a new form: empty, unless the user asks for those of a record."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from django.forms.models import model_to_dict

from indicators.counting.registry import RECORD_SOURCES
from indicators.models import CopiedAnswers, Record, Status
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


def load_copied_fields(record: Record) -> Collection[str]:
    """Return the fields of a record in draft that are still marked as copied."""
    if record.pk is None or record.status != Status.DRAFT:
        return ()
    kept = CopiedAnswers.objects.filter(token=record.creation_token).first()
    return kept.names if kept else ()


def save_copied_fields(record: Record, names: Collection[str]) -> None:
    """Keep the marks of a record in draft; none are left once it is submitted."""
    if record.status == Status.DRAFT and names:
        CopiedAnswers.objects.update_or_create(
            token=record.creation_token, defaults={"names": list(names)}
        )
    else:
        CopiedAnswers.objects.filter(token=record.creation_token).delete()
