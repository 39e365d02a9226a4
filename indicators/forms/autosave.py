"""Drafts of record forms: unchecked answers, stored until the form is saved or 90 days have passed.

Records are never created or changed here. Files are not stored.
"""

import json
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.db.models import F
from django.forms import ChoiceField, Field
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from simple_history.utils import get_history_model_for_model

from indicators.counting.registry import RECORD_SOURCES
from indicators.forms.registry import RECORD_TYPES
from indicators.models import FormDraft, Record
from indicators.safeguarding.detection import unresolved_findings
from indicators.values.display import DisplayField
from indicators.workflow.actions import WorkflowError
from strategy.choices import RecordKind
from strategy.models import User
from strategy.text import join_plain

LIFETIME = timedelta(days=90)
MAX_CHARACTERS = 64 * 1024
MAX_DRAFTS = 100
"""The most drafts of one user."""

HIDDEN_FIELDS = frozenset({"version", "creation_token", "copied"})

Answers = Mapping[str, Sequence[str]]
"""Field -> all its values as a form sends them."""


class DraftRejected(WorkflowError):
    """The draft is not stored; ``str(error)`` is shown to the user."""


@dataclass(frozen=True)
class FormAnswers:
    """The answers of one form; ``record`` is the one that is edited, if any.

    ``text_fields`` accept any text; ``confirmed`` are the phrases that the user has marked as not
    a child's.
    """

    kind: RecordKind
    token: uuid.UUID
    answers: Answers
    record: Record | None = None
    text_fields: Collection[str] = ()
    confirmed: Collection[str] = ()


@dataclass(frozen=True)
class UnsavedAnswers:
    """The answers of a form that was not saved: to be read, copied or sent again.

    ``resubmit_fields`` are the names and values to send again.
    """

    fields: Sequence[DisplayField] = ()
    file_names: Sequence[str] = ()
    resubmit_fields: Sequence[tuple[str, str]] = ()


def parse_answers(posted: MultiValueDict[str, str], fields: Collection[str]) -> Answers:
    """Return the values of the fields and of their parts (``field_part``), without NUL."""
    return {
        name: [value.replace("\0", "") for value in posted.getlist(name)]
        for name in posted
        if any(name == field or name.startswith(f"{field}_") for field in fields)
    }


def save_draft(form: FormAnswers, *, by: User, at: datetime) -> FormDraft | None:
    """Replace the form's draft; None if the form is empty or saved already.

    Raises DraftRejected when a text may identify a child, or when there is too much. The caller
    checks that the user may see the record. A withdrawn or deleted record keeps its draft: it may
    be restored.
    """
    FormDraft.objects.filter(changed_at__lt=at - LIFETIME).delete()
    if _is_empty(form.answers) or _is_saved(form, by):
        discard_draft(form.token, by=by)
        return None
    if len(json.dumps(form.answers, ensure_ascii=False)) > MAX_CHARACTERS:
        raise DraftRejected(_("This is too long to be kept while you type. Save it as a draft."))
    _reject_identifiers(form)
    if FormDraft.objects.filter(owner=by).exclude(token=form.token).count() >= MAX_DRAFTS:
        raise DraftRejected(_("You have begun too many forms. Throw some away under My work."))
    draft, _is_new = FormDraft.objects.update_or_create(
        owner=by,
        token=form.token,
        defaults={
            "kind": form.kind,
            "reference": form.record.reference if form.record else "",
            "answers": form.answers,
            "changed_at": at,
        },
    )
    return draft


def discard_draft(token: uuid.UUID, *, by: User) -> bool:
    count, _by_model = FormDraft.objects.filter(owner=by, token=token).delete()
    return bool(count)


def get_drafts(user: User, at: datetime, **conditions: object) -> list[FormDraft]:
    return list(FormDraft.objects.filter(owner=user, changed_at__gte=at - LIFETIME, **conditions))


def find_by_creation_token(kind: RecordKind, token: uuid.UUID, by: User) -> Record | None:
    """Return the record that the user created with the token, even if withdrawn or deleted."""
    return RECORD_SOURCES[kind].model.all_objects.with_creation_token(token, by).first()


def format_answers(kind: RecordKind, answers: Answers) -> Iterator[DisplayField]:
    record_type = RECORD_TYPES[kind]
    for name in (*record_type.questions, "links", *record_type.details):
        field = record_type.form.base_fields[name]
        values = [value for value in answers.get(name, ()) if value.strip()]
        if values:
            yield DisplayField(name, str(field.label), join_plain(_choice_labels(field, values)))


def _choice_labels(field: Field, values: Sequence[str]) -> Sequence[str]:
    if not isinstance(field, ChoiceField):
        return values
    choices = cast("Iterable[tuple[object, object]]", field.choices)
    labels = {str(value): str(label) for value, label in choices}
    return [labels.get(value, value) for value in values]


def _is_empty(answers: Answers) -> bool:
    return not any(
        value.strip()
        for name, values in answers.items()
        if name not in HIDDEN_FIELDS
        for value in values
    )


def _reject_identifiers(form: FormAnswers) -> None:
    for name, values in form.answers.items():
        before = getattr(form.record, name, "") if form.record else ""
        for value in values:
            text = _free_text(name, value, is_text=name in form.text_fields)
            for finding in unresolved_findings(text, form.confirmed, str(before or "")):
                sentence = _("Not saved while you type. %(why)s") % {"why": finding.sentence}
                raise DraftRejected(sentence)


def _free_text(name: str, value: str, *, is_text: bool) -> str:
    # Dates, amounts, codes and URLs identify nobody, though their digits may look so.
    if name in HIDDEN_FIELDS or name == "reference":
        return ""
    if name == "links":
        return " ".join(part for part in value.split() if not {".", "/"} & set(part))
    return value if is_text or any(character.isalpha() for character in value) else ""


def _is_saved(form: FormAnswers, by: User) -> bool:
    if form.record is None:
        return find_by_creation_token(form.kind, form.token, by) is not None
    text = "".join(form.answers.get("version", ()))
    version = int(text[:9]) if text.isdecimal() else 0
    history = get_history_model_for_model(type(form.record))
    # Ignore changes by other users and changes without this form.
    saves = history.objects.filter(history_user=by, changed_at=F("history_date"))
    return bool(saves.filter(id=form.record.pk, version__gt=version).exists())
