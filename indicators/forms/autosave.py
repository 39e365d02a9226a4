"""Drafts of record forms: unchecked answers, stored until the form is saved or 90 days have passed.

Records are never created or changed here. Files are not stored.
"""

import json
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.db.models import F, Q, QuerySet
from django.forms import ChoiceField, Field
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from indicators.counting.registry import RECORD_SOURCES
from indicators.forms.registry import RECORD_TYPES
from indicators.models import FormDraft, Record
from indicators.safeguarding.detection import (
    CONFIRMED_FIELD,
    find_reference_error,
    unresolved_findings,
)
from indicators.values.display import DisplayField
from indicators.workflow.actions import WorkflowError
from strategy.choices import RecordKind
from strategy.models import User
from strategy.text import join_plain

LIFETIME = timedelta(days=90)
LATE_ARRIVAL = timedelta(days=1)
"""How long what a page typed before it saved its form may still arrive."""

MAX_CHARACTERS = 64 * 1024
MAX_DRAFTS = 100
"""The most drafts of one user."""

HIDDEN_FIELDS = frozenset({"version", "creation_token", "copied"})

Answers = Mapping[str, Sequence[str]]
"""Field -> all its values as a form sends them."""


class DraftRejected(WorkflowError):
    """The draft is not stored; ``str(error)`` is shown to the user."""


@dataclass(frozen=True)
class EditorPage:
    """A page in which a form is open, and the draft that it continues, if any."""

    page: uuid.UUID
    draft: int = 0
    draft_version: int = 0
    is_named: bool = False
    """Whether the page named itself; without a script it has the name of its form."""


@dataclass(frozen=True)
class FormAnswers:
    """The answers of one form; ``record`` is the one that is edited or that the form made.

    ``text_fields`` accept any text; ``confirmed`` are the phrases that the user has marked as not
    a child's.
    """

    kind: RecordKind
    token: uuid.UUID
    answers: Answers
    editor: EditorPage
    record: Record | None = None
    is_new: bool = False
    """Whether it is the form of a new record, which may have made its record before."""
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


def save_draft(form: FormAnswers, *, by: User, at: datetime) -> bool:
    """Store the draft of the form's page; False if the form is empty or saved as typed.

    Raises DraftRejected when a text may identify a child, or when there is too much. The caller
    checks that the user may see the record. A withdrawn or deleted record keeps its draft: it may
    be restored.
    """
    _delete_expired(at)
    own = _select_drafts(form, by).filter(page=form.editor.page)
    if own.filter(saved_at__isnull=False).exists():
        return False
    if _is_empty(form.answers) or _is_saved(form, by, at):
        own.delete()
        return False
    if len(json.dumps(form.answers, ensure_ascii=False)) > MAX_CHARACTERS:
        raise DraftRejected(_("This is too long to be kept while you type. Save it as a draft."))
    _reject_identifiers(form)
    others = FormDraft.objects.filter(owner=by, saved_at=None)
    if others.exclude(token=form.token, page=form.editor.page).count() >= MAX_DRAFTS:
        raise DraftRejected(_("You have begun too many forms. Throw some away under My work."))
    _store(form, by, at)
    return True


def is_page_open(editor: EditorPage, by: User) -> bool:
    """Whether the page sent its form and has not saved it: it then goes on under its name."""
    saved = FormDraft.objects.filter(owner=by, page=editor.page, saved_at__isnull=False)
    return editor.is_named and not saved.exists()


def has_other_drafts(form: FormAnswers, by: User) -> bool:
    """Whether the user typed in the form on another page too."""
    drafts = _select_drafts(form, by).filter(saved_at=None)
    return drafts.exclude(page=form.editor.page).exists()


def discard_saved(form: FormAnswers, *, by: User, at: datetime) -> None:
    """Delete the drafts that a saved form replaces: its page's, and those with its answers.

    What was typed otherwise on another page stays.
    """
    drafts, editor = _select_drafts(form, by), form.editor
    typed = _without_hidden(form.answers)
    same = [draft.pk for draft in drafts if _without_hidden(draft.answers) == typed]
    drafts.filter(_is_of_page(editor) | Q(pk__in=same)).filter(saved_at=None).delete()
    if editor.is_named:
        saved = {"kind": form.kind, "answers": {}, "changed_at": at, "saved_at": at}
        FormDraft.objects.update_or_create(
            owner=by, token=form.token, page=editor.page, defaults=saved
        )


def discard_draft(identifier: int, *, by: User) -> bool:
    count, _by_model = FormDraft.objects.filter(owner=by, pk=identifier).delete()
    return bool(count)


def get_drafts(user: User, at: datetime, **conditions: object) -> list[FormDraft]:
    drafts = FormDraft.objects.filter(owner=user, changed_at__gte=at - LIFETIME, saved_at=None)
    return list(drafts.filter(**conditions))


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
            error = find_reference_error(value) if name == "reference" and value != before else ""
            if error:
                raise DraftRejected(_("Not saved while you type. %(why)s") % {"why": error})
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


def _is_saved(form: FormAnswers, by: User, at: datetime) -> bool:
    """Whether the form of a new record made its record, with the same answers."""
    if form.record is None or not form.is_new:
        return False
    data = MultiValueDict({name: list(values) for name, values in form.answers.items()})
    data.setlist(CONFIRMED_FIELD, list(form.confirmed))
    # The form writes its answers into the record that it is given.
    record = type(form.record).all_objects.get(pk=form.record.pk)
    record_form = RECORD_TYPES[form.kind].form(
        data, None, instance=record, user=by, today=at.date()
    )
    return record_form.is_valid() and record_form.drop_stored_files()


def _select_drafts(form: FormAnswers, by: User) -> QuerySet[FormDraft]:
    return FormDraft.objects.filter(owner=by, token=form.token)


def _is_of_page(editor: EditorPage) -> Q:
    return Q(page=editor.page) | Q(pk=editor.draft, version=editor.draft_version)


def _store(form: FormAnswers, by: User, at: datetime) -> None:
    editor, drafts = form.editor, _select_drafts(form, by)
    values = {
        "kind": form.kind,
        "reference": form.record.reference if form.record else "",
        "answers": form.answers,
        "changed_at": at,
    }
    change = {**values, "page": editor.page, "version": F("version") + 1}
    if drafts.filter(page=editor.page).update(**change):
        return
    # A page goes on with the draft that it shows, unless another page has changed it since.
    if drafts.filter(pk=editor.draft, version=editor.draft_version).update(**change):
        return
    FormDraft.objects.update_or_create(
        owner=by, token=form.token, page=editor.page, defaults=values
    )


def _delete_expired(at: datetime) -> None:
    is_expired = Q(changed_at__lt=at - LIFETIME) | Q(saved_at__lt=at - LATE_ARRIVAL)
    expired = FormDraft.objects.filter(is_expired)
    # To delete nothing is another version of the data nevertheless.
    if expired.exists():
        expired.delete()


def _without_hidden(answers: Answers) -> dict[str, list[str]]:
    return {
        name: list(values)
        for name, values in answers.items()
        if name not in HIDDEN_FIELDS and any(value.strip() for value in values)
    }
