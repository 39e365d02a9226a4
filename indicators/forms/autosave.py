"""What is typed and not saved yet: kept for who types it, unchecked, until it is saved or old.

A record is never made or changed here; that stays with ``workflow``. Files are not kept.
"""

import json
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.forms import ChoiceField, Field
from django.utils.translation import gettext as _

from indicators.counting.registry import RECORD_SOURCES
from indicators.display import DisplayField
from indicators.forms.registry import RECORD_TYPES, RecordType
from indicators.models import FormDraft, Record
from indicators.safeguarding.detection import unresolved_findings
from indicators.workflow.actions import WorkflowError
from strategy.choices import RecordKind
from strategy.models import User
from strategy.text import join_plain

LIFETIME = timedelta(days=90)
LONGEST = 64 * 1024
"""The most letters of one form: more than any honest one."""
MOST = 100
"""The most forms that one person has begun."""

NOT_TYPED = frozenset({"version", "creation_token"})
"""Answers that the form gives by itself."""

Answers = Mapping[str, Sequence[str]]


class DraftRejected(WorkflowError):
    """What was typed is not kept; the text says why."""


@dataclass(frozen=True)
class FormAnswers:
    """The answers of one form as they stand now; ``record`` is the one that is changed, if any.

    ``free`` are the fields that take any text, ``confirmed`` the phrases that the person has ticked
    as not a child's.
    """

    kind: RecordKind
    token: uuid.UUID
    answers: Answers
    record: Record | None = None
    free: Collection[str] = ()
    confirmed: Collection[str] = ()


def parse_answers(posted: Mapping[str, Any], fields: Collection[str]) -> Answers:
    """What was sent for the fields of a form, or for parts of them (``field_part``)."""
    return {
        name: [value.replace("\0", "") for value in posted.getlist(name)]  # type: ignore[attr-defined]
        for name in posted
        if any(name == field or name.startswith(f"{field}_") for field in fields)
    }


def save_draft(typed: FormAnswers, *, by: User, at: datetime) -> FormDraft | None:
    """Keep the answers in place of those kept before for this form; None where nothing is left.

    Nothing is left to keep when nothing is typed, or when the person has saved the form meanwhile.
    Raises DraftRejected when the text may tell who a child is, or when there is too much. Whoever
    asks
    has looked whether the person may see the record; one that was withdrawn or deleted meanwhile
    may come back, and its form then offers what was typed.
    """
    FormDraft.objects.filter(changed_at__lt=at - LIFETIME).delete()
    if not _is_anything_typed(typed.answers) or _is_saved(typed, by):
        discard_draft(typed.token, by=by)
        return None
    if len(json.dumps(typed.answers, ensure_ascii=False)) > LONGEST:
        raise DraftRejected(_("This is too long to be kept while you type. Save it as a draft."))
    _refuse_identity(typed)
    others = FormDraft.objects.filter(owner=by).exclude(token=typed.token)
    if others.count() >= MOST:
        raise DraftRejected(_("You have begun too many forms. Throw some away under My work."))
    kept, _is_new = FormDraft.objects.update_or_create(
        owner=by,
        token=typed.token,
        defaults={
            "kind": typed.kind,
            "reference": typed.record.reference if typed.record else "",
            "answers": typed.answers,
            "changed_at": at,
        },
    )
    return kept


def discard_draft(token: uuid.UUID, *, by: User) -> bool:
    """Throw away what the person typed in this form; whether there was anything."""
    gone, _by_model = FormDraft.objects.filter(owner=by, token=token).delete()
    return bool(gone)


def get_drafts(user: User, at: datetime, **which: Any) -> Sequence[FormDraft]:
    """What the person has begun, changed last first; nobody sees another's."""
    fresh = FormDraft.objects.filter(owner=user, changed_at__gte=at - LIFETIME)
    return list(fresh.filter(**which))


def find_by_creation_token(kind: RecordKind, token: uuid.UUID, by: User) -> Record | None:
    """The record that the person made with the token, if there is one."""
    records = RECORD_SOURCES[kind].model._base_manager
    found: Record | None = records.filter(creation_token=token, entered_by=by).first()
    return found


def _is_anything_typed(answers: Answers) -> bool:
    return any(
        value.strip()
        for name, values in answers.items()
        if name not in NOT_TYPED
        for value in values
    )


def _refuse_identity(typed: FormAnswers) -> None:
    """Raise DraftRejected where a text may tell who a child is, in whatever field it stands."""
    for name, values in typed.answers.items():
        before = getattr(typed.record, name, "") if typed.record else ""
        for value in values:
            text = _as_text(name, value, is_free=name in typed.free)
            for finding in unresolved_findings(text, typed.confirmed, str(before or "")):
                sentence = _("Not saved while you type. %(why)s") % {"why": finding.sentence}
                raise DraftRejected(sentence)


def _as_text(name: str, value: str, *, is_free: bool) -> str:
    """What of an answer people wrote: dates, amounts and codes are nobody’s numbers."""
    if name in NOT_TYPED or name == "reference":
        return ""
    if name == "links":
        return " ".join(part for part in value.split() if not {".", "/"} & set(part))
    return value if is_free or any(letter.isalpha() for letter in value) else ""


def _is_saved(typed: FormAnswers, by: User) -> bool:
    """Whether the person saved this very form before these answers arrived."""
    if typed.record is None:
        return find_by_creation_token(typed.kind, typed.token, by) is not None
    text = "".join(typed.answers.get("version", ()))
    seen = int(text[:9]) if text.isdecimal() else 0
    history: Any = type(typed.record).history.model  # type: ignore[attr-defined]
    # What others did meanwhile, and what one did without the form, saved nothing of it.
    saves = history.objects.filter(history_user=by, changed_at=F("history_date"))
    return bool(saves.filter(id=typed.record.pk, version__gt=seen).exists())


def format_answers(kind: RecordKind, answers: Mapping[str, Sequence[str]]) -> list[DisplayField]:
    """The questions that were answered, in the order of the form."""
    return list(_answered(RECORD_TYPES[kind], answers))


def _answered(screen: RecordType, answers: Mapping[str, Sequence[str]]) -> Iterator[DisplayField]:
    for name in (*screen.questions, "links", *screen.details):
        field = screen.form.base_fields[name]
        given = [value for value in answers.get(name, ()) if value.strip()]
        if given:
            yield DisplayField(name, str(field.label), join_plain(_words(field, given)))


def _words(field: Field, given: Sequence[str]) -> Sequence[str]:
    """The words of what was chosen; what was typed as it stands."""
    if not isinstance(field, ChoiceField):
        return given
    choices: Any = field.choices
    words = {str(value): str(label) for value, label in choices}
    return [words.get(one, one) for one in given]
