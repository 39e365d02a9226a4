"""Entering a record and changing it: one form for every kind."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from indicators.counting.contributions import counted_objectives, targets_of
from indicators.forms import autosave, offline
from indicators.forms.base import RecordForm
from indicators.forms.conflicts import EditConflict, find_conflict, merge_answers
from indicators.forms.duplicates import DuplicateMatches, compare_records, find_duplicates
from indicators.forms.initial import InitialValues, initial_from_copy, initial_from_last_record
from indicators.forms.layout import build_contribution_hints, build_form_page, get_stored_values
from indicators.forms.registry import RECORD_TYPES
from indicators.models import FormDraft, Record, Status
from indicators.views.autosave import read_form_answers, read_unsaved_answers
from indicators.views.shortcuts import (
    record_or_404,
    record_to_edit,
    redirect_for_xhr,
    token_in,
    user_of,
)
from indicators.views.work import notify_reviewers
from indicators.workflow import actions, permissions
from indicators.workflow.audit_log import load_history
from indicators.workflow.deletion import UNDO
from indicators.workflow.transitions import Action, can_act
from strategy.accounts.policy import can_record
from strategy.choices import RecordKind
from strategy.countries import CountryNames
from strategy.models import Plan, User

MERGE, OPENED, KEEP = "merge", "opened", "keep:"
"""What the page of a conflict sends: the button, the version opened first, a choice by field."""

IS_ANOTHER = "is_another"
"""Sent by who was shown likely duplicates and says that the record is another one."""

MAX_DRAFTS_LISTED = 5
"""A form lists at most so many drafts of its kind; My work lists them all."""


@require_http_methods(["GET", "HEAD", "POST"])
def record_create(request: HttpRequest, kind: RecordKind) -> HttpResponse:
    user, record = _recorder(request), RECORD_TYPES[kind].model()
    if request.method != "POST":
        initial = _initial(request, user, kind)
        return _page(request, _new_form(request, record, initial), initial)
    made = _made_before(request, user, kind)
    if made is not None:
        is_open = can_act(user, Action.EDIT, made)
        return _changed(request, made, is_again=True) if is_open else closed_page(request, made)
    form = _form(request, record)
    if form.is_valid():
        record.creation_token = form.cleaned_data["creation_token"] or record.creation_token
        if IS_ANOTHER not in request.POST:
            form.duplicates = _likely(form)
        saved = None if form.duplicates else _save(request, form, timezone.now())
        if saved is not None:
            return saved
    return _page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
def record_edit(request: HttpRequest, kind: RecordKind, reference: str) -> HttpResponse:
    record = record_to_edit(request, kind, reference)
    if not can_act(user_of(request), Action.EDIT, record):
        return closed_page(request, record)
    if request.method == "POST":
        return _changed(request, record)
    return _page(request, _form(request, record))


def _changed(request: HttpRequest, record: Any, *, is_again: bool = False) -> HttpResponse:
    """The record as it was typed, saved, or its form with what is to correct or to decide.

    ``is_again`` for the form of a new record that has made it already: the same answers once more
    change nothing, others, after going back to the form, change the record.
    """
    # Before the form writes what was typed into it.
    before = compare_records(record.KIND, get_stored_values(record))
    form = _form(request, record)
    if form.is_valid():
        if MERGE in request.POST:
            form = _merged(request, form)
        if is_again and form.is_valid() and form.drop_stored_files():
            form.cleaned_data["version"] = form.instance.version
        if not form.is_stale and form.is_valid():
            values = form.cleaned_data | form.many
            if IS_ANOTHER not in request.POST and compare_records(record.KIND, values) != before:
                form.duplicates = _likely(form)
            saved = None if form.duplicates else _save(request, form, timezone.now())
            if saved is not None:
                return saved
    return _page(request, form)


def has_changes(request: HttpRequest, record: Any) -> bool:
    """Whether the form that created the record, sent again, differs from it."""
    form = _form(request, record)
    return not (form.is_valid() and form.drop_stored_files())


@require_POST
def record_contributions(request: HttpRequest, kind: RecordKind) -> HttpResponse:
    """What the answers typed so far come to; asked while one types, and nothing is written."""
    _recorder(request)
    form = _form(request, RECORD_TYPES[kind].model())
    form.is_valid()
    if "stored" not in request.GET:
        form.duplicates = _likely(form)
    return render(request, "indicators/records/form/_live_feedback.html", _context(form))


@require_safe
def country_names(request: HttpRequest) -> HttpResponse:
    """Every country by its name in the reader's language, and its other names; kept for a day."""
    answer = JsonResponse(CountryNames().suggested(), safe=False)
    answer["Cache-Control"] = "private, max-age=86400"
    return answer


def _recorder(request: HttpRequest) -> User:
    """The person, who has to be one who may enter records."""
    user = user_of(request)
    if not can_record(user):
        raise PermissionDenied(_("Your account may not enter records, or belongs to no office."))
    return user


def _initial(request: HttpRequest, user: User, kind: RecordKind) -> InitialValues:
    if "copy" in request.GET:
        return initial_from_copy(record_or_404(request, kind, request.GET["copy"]))
    if request.GET.get("begin") == "empty" or "draft" in request.GET:
        return InitialValues()
    return initial_from_last_record(user, kind, RECORD_TYPES[kind].remembered)


def _new_form(request: HttpRequest, record: Record, initial: InitialValues) -> RecordForm:
    return RECORD_TYPES[record.KIND].form(
        instance=record,
        initial=initial.answers,
        remembered=initial.remembered,
        user=user_of(request),
        today=timezone.localdate(),
    )


def _likely(form: RecordForm) -> DuplicateMatches:
    """What it resembles; a record that is changed, and what the form made before, is none of it."""
    is_new = form.instance.pk is None
    token = form.cleaned_data.get("creation_token") if is_new else form.instance.creation_token
    return find_duplicates(form.KIND, form.cleaned_data, user=form.user, token=token)


def _pressed(request: HttpRequest, name: str) -> bool:
    """Whether this button was pressed, or the one that repeats it after likely duplicates."""
    return name in request.POST or request.POST.get(IS_ANOTHER) == name


def _made_before(request: HttpRequest, user: User, kind: RecordKind) -> Any:
    """The record that the person's form of a new one has made already; None the first time."""
    token = token_in(request)
    made = token and autosave.find_by_creation_token(kind, token, user)
    if made and not permissions.can_view(user, made):
        return record_or_404(request, kind, made.reference)
    return made or None


def _form(request: HttpRequest, record: Record) -> RecordForm:
    if request.method == "POST":
        return _form_with(request, record, request.POST)
    return _form_with(request, record)


def _form_with(request: HttpRequest, record: Record, answers: Any = None) -> RecordForm:
    form_class, user, today = RECORD_TYPES[record.KIND].form, user_of(request), timezone.localdate()
    if answers is None:
        return form_class(instance=record, user=user, today=today)
    return form_class(answers, request.FILES, instance=record, user=user, today=today)


def _merged(request: HttpRequest, form: RecordForm) -> RecordForm:
    """The form with what both people changed; the same form when a choice is still open."""
    conflict = _conflict(request, form)
    if conflict.has_open_choices:
        form.is_stale = True
        return form
    stored: Any = conflict.stored
    return _form_with(
        request, stored, merge_answers(conflict, request.POST, _form_with(request, stored))
    )


def _conflict(request: HttpRequest, form: RecordForm) -> EditConflict:
    """What was typed beside what is stored now; a page that was sent before says what it was."""
    stored = record_or_404(request, form.KIND, form.reference_before)
    opened = request.POST.get(OPENED, "")
    is_number = opened.isascii() and opened.isdecimal() and len(opened) < 10
    version = int(opened) if is_number else form.cleaned_data["version"] or 0
    choices = {
        name.removeprefix(KEEP): str(choice)
        for name, choice in request.POST.items()
        if name.startswith(KEEP)
    }
    return find_conflict(form, stored, version, choices)


def _save(request: HttpRequest, form: RecordForm, at: datetime) -> HttpResponse | None:
    """Save, perhaps submit, and go to the record; None when the form has to say what is wrong."""
    user, was = user_of(request), form.status_before
    try:
        record = actions.save_record(
            form.instance,
            by=user,
            at=at,
            many=form.many,
            evidence=form.evidence,
            seen_version=form.cleaned_data["version"] or 0,
        )
        if _pressed(request, "submit") and can_act(user, Action.SUBMIT, record):
            record = actions.submit(record, by=user, at=at)
    except actions.UniqueValueTaken as error:
        form.add_sentence(error.field, str(error))
        return None
    except actions.ConcurrentEdit:
        form.is_stale = True
        return None
    except actions.ActionDenied as error:
        return _not_allowed(request, form, error)
    autosave.discard_draft(record.creation_token, by=user)
    if record.status == Status.SUBMITTED and was != Status.SUBMITTED:
        notify_reviewers(request)
    if not was and _pressed(request, "another"):
        sentence = _("Saved as a draft: %(record)s. Enter the next one.")
        messages.success(request, sentence % {"record": record})
        answer = redirect("indicators:record_create", record.KIND)
    else:
        messages.success(request, _said(record, was))
        answer = redirect("indicators:record_detail", record.KIND, record.reference)
    return redirect_for_xhr(request, answer)


def _not_allowed(request: HttpRequest, form: RecordForm, error: Exception) -> HttpResponse:
    """What the look before did not see: somebody closed the record in the same instant."""
    if form.reference_before:
        record = record_to_edit(request, form.KIND, form.reference_before)
        if not can_act(user_of(request), Action.EDIT, record):
            return closed_page(request, record)
    raise PermissionDenied(str(error)) from None


def _said(record: Record, was: str) -> str:
    if record.status == Status.SUBMITTED and was == Status.APPROVED:
        return _("Saved. It stopped counting, and waits to be approved again.")
    if record.status == Status.SUBMITTED and was == Status.SUBMITTED:
        return _("Saved. It still waits for a second person.")
    if record.status == Status.SUBMITTED:
        return _("Saved and submitted. A second person checks it now.")
    if record.status == Status.APPROVED:
        return _("Nothing was changed.")
    return _("Saved.") if was else _("Saved as a draft.")


def _page(
    request: HttpRequest, form: RecordForm, initial: InitialValues | None = None
) -> HttpResponse:
    kind = form.KIND
    conflict = _conflict(request, form) if form.is_stale else None
    form_drafts = [] if request.method == "POST" else _load_drafts(request, form)
    context = _context(form, initial) | {
        "page": build_form_page(form, RECORD_TYPES[kind]),
        "initial": initial,
        "pressed": next((one for one in ("submit", "another") if _pressed(request, one)), ""),
        "form_drafts": form_drafts,
        "can_record_offline": kind in offline.KINDS,
        "conflict": conflict,
        "act": load_history(conflict.stored)[0] if conflict else None,
        "is_merge": MERGE in request.POST,
    }
    if conflict:
        form.set_version(conflict.stored.version)
    names = [f"indicators/records/{kind}_form.html", "indicators/records/form.html"]
    return render(request, names, context, status=_status(form))


def _context(form: RecordForm, initial: InitialValues | None = None) -> dict[str, Any]:
    """The form, and what the record would count towards."""
    targets = targets_of(Plan.objects.current(form.today))
    copied_from = initial.copied_from if initial else None
    hints = build_contribution_hints(
        form, targets, form.instance if form.instance.pk else copied_from
    )
    return {
        "form": form,
        "screen": RECORD_TYPES[form.KIND],
        "targets": [target for target in targets if target.record_kind == form.KIND],
        "contribution_hints": hints,
        "counted": counted_objectives([one.answer for one in hints]),
    }


def _load_drafts(request: HttpRequest, form: RecordForm) -> list[FormDraft]:
    """Return the user's drafts of this form; none once the form shows one of them."""
    drafts = autosave.get_drafts(
        user_of(request), timezone.now(), kind=form.KIND, reference=form.reference_before
    )
    for draft in drafts:
        if str(draft.token) == request.GET.get("draft"):
            form.show_draft(draft.answers)
            return []
    return drafts[:MAX_DRAFTS_LISTED]


def _status(form: RecordForm) -> int:
    if form.is_stale or form.duplicates:
        return 409
    return 400 if form.errors else 200


def closed_page(request: HttpRequest, record: Any) -> HttpResponse:
    """409 instead of saving; without answers the record is refused as on any other page.

    Users who may see the record may restore it: the page has that button, and none that saves.
    """
    now, rejection = timezone.now(), ""
    unsaved = read_unsaved_answers(request, record.KIND)
    if not unsaved.fields:
        raise _refusal(record)
    if request.method == "POST":
        try:
            autosave.save_draft(
                read_form_answers(request, record.KIND, record), by=user_of(request), at=now
            )
        except autosave.DraftRejected as error:
            rejection = str(error)
    until = record.deleted_at and record.deleted_at + UNDO
    is_over = until is not None and until < now
    context = {
        "heading": record.name,
        "alert": _("This record was deleted meanwhile. Nothing of yours was saved to it.")
        if until
        else _("This record was withdrawn meanwhile. Nothing of yours was saved to it."),
        "unsaved": unsaved,
        "is_stored": not rejection and not is_over,
        "record": record,
        "screen": RECORD_TYPES[record.KIND],
        "act": load_history(record)[0],
        "until": until,
        "is_over": is_over,
        "rejection": rejection,
    }
    return render(request, "indicators/records/closed.html", context, status=409)


def _refusal(record: Any) -> Exception:
    if record.deleted_at is not None:
        return Http404()
    return PermissionDenied(_("A withdrawn record is not changed. Restore it first."))
