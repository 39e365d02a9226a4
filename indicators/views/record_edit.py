"""Creating and editing records of every kind, with conflicts and possible duplicates."""

from datetime import datetime
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from indicators.counting.contributions import describe_objectives, load_targets
from indicators.forms import autosave, offline
from indicators.forms.base import RecordForm
from indicators.forms.conflicts import EditConflict, find_conflict, merge_answers
from indicators.forms.duplicates import DuplicateMatches, find_duplicates, get_compared_values
from indicators.forms.initial import (
    InitialValues,
    copy_last_record,
    copy_record,
    find_last_record,
    save_copied_fields,
)
from indicators.forms.layout import build_contribution_hints, build_form_page, get_stored_values
from indicators.forms.registry import RECORD_TYPES
from indicators.models import FormDraft, Record, Status
from indicators.views.autosave import read_editor_page, read_form_answers, read_unsaved_answers
from indicators.views.shortcuts import (
    get_form_token,
    get_record_or_404,
    get_record_to_edit,
    get_user,
    redirect_for_xhr,
)
from indicators.views.work import notify_officers, notify_reviewers
from indicators.workflow import actions
from indicators.workflow.audit_log import load_history
from indicators.workflow.deletion import UNDO_PERIOD
from indicators.workflow.reported_years import explain_closed_years
from indicators.workflow.transitions import Action, can_act, can_view
from strategy.accounts.policy import can_record
from strategy.caching.views import cached_by_user, make_form_token, refuse_storage
from strategy.choices import RecordKind
from strategy.countries import CountryNames
from strategy.models import User
from strategy.plan.cache import read_version_once

MERGE, OPENED, KEEP = "merge", "opened", "keep:"
"""The fields of an edit conflict: the button, the version opened first, a choice by field."""

IS_ANOTHER = "is_another"
"""Sent by a user who confirms that the record is none of the possible duplicates."""

MAX_DRAFTS_LISTED = 5
"""A form lists at most so many drafts of its kind; My work lists them all."""


@cached_by_user
@require_http_methods(["GET", "HEAD", "POST"])
@read_version_once()
def record_create(request: HttpRequest, kind: RecordKind) -> HttpResponse:
    user, record = _get_recorder(request), RECORD_TYPES[kind].model()
    if request.method != "POST":
        initial = _get_initial(request, user, kind)
        form = _build_form(request, record, initial=initial)
        form.initial["creation_token"] = make_form_token()
        return _render_form(request, form, initial)
    existing = _find_existing(request, user, kind)
    if existing is not None:
        if can_act(user, Action.EDIT, existing):
            return _edit(request, existing, is_repeated=True)
        return closed_page(request, existing)
    form = _build_form(request, record, request.POST)
    if form.is_valid():
        record.creation_token = form.cleaned_data["creation_token"] or record.creation_token
        response = _save_unless_duplicate(request, form, is_new=True)
        if response is not None:
            return response
    return _render_form(request, form)


@cached_by_user
@require_http_methods(["GET", "HEAD", "POST"])
@read_version_once()
def record_edit(request: HttpRequest, kind: RecordKind, reference: str) -> HttpResponse:
    record = get_record_to_edit(request, kind, reference)
    if not can_act(get_user(request), Action.EDIT, record):
        return closed_page(request, record)
    if request.method == "POST":
        return _edit(request, record)
    return _render_form(request, _build_form(request, record))


def _edit(request: HttpRequest, record: Record, *, is_repeated: bool = False) -> HttpResponse:
    """Save the form of a stored record; ``is_repeated`` where it created the record before."""
    # The form writes the submitted values into the record.
    before = get_compared_values(record.KIND, get_stored_values(record))
    form = _build_form(request, record, request.POST)
    if form.is_valid():
        if MERGE in request.POST:
            form = _merge(request, form)
        if is_repeated and form.is_valid() and form.drop_stored_files():
            form.cleaned_data["version"] = form.instance.version
        if not form.is_stale and form.is_valid():
            values = get_compared_values(record.KIND, form.cleaned_data | form.many)
            response = _save_unless_duplicate(request, form, is_new=values != before)
            if response is not None:
                return response
    return _render_form(request, form)


def has_changes(request: HttpRequest, record: Record) -> bool:
    form = _build_form(request, record, request.POST)
    return not (form.is_valid() and form.drop_stored_files())


@require_POST
@read_version_once()
def record_contributions(request: HttpRequest, kind: RecordKind) -> HttpResponse:
    _get_recorder(request)
    form = _build_form(request, RECORD_TYPES[kind].model(), request.POST)
    form.is_valid()
    if "stored" not in request.GET:
        form.duplicates = _find_duplicates(form)
    return render(request, "indicators/records/form/_live_feedback.html", _build_context(form))


@require_safe
def country_names(request: HttpRequest) -> HttpResponse:
    response = JsonResponse(CountryNames().suggested(), safe=False)
    response["Cache-Control"] = "private, max-age=86400"
    return response


def _get_recorder(request: HttpRequest) -> User:
    user = get_user(request)
    if not can_record(user):
        raise PermissionDenied(_("Your account may not enter records, or belongs to no office."))
    return user


def _get_initial(request: HttpRequest, user: User, kind: RecordKind) -> InitialValues:
    if "copy" in request.GET:
        return copy_record(get_record_or_404(request, kind, request.GET["copy"]))
    if request.GET.get("begin") == "last" and "draft" not in request.GET:
        return copy_last_record(user, kind, RECORD_TYPES[kind].repeated)
    return InitialValues()


def _build_form(
    request: HttpRequest,
    record: Record,
    answers: MultiValueDict[str, str] | None = None,
    initial: InitialValues | None = None,
) -> RecordForm:
    return RECORD_TYPES[record.KIND].form(
        answers,
        None if answers is None else request.FILES,
        instance=record,
        initial=initial.answers if initial else None,
        user=get_user(request),
        today=timezone.localdate(),
    )


def _find_duplicates(form: RecordForm) -> DuplicateMatches:
    # Neither the edited record nor the record that this form created is a duplicate.
    is_new = form.instance.pk is None
    token = form.cleaned_data.get("creation_token") if is_new else form.instance.creation_token
    return find_duplicates(form.KIND, form.cleaned_data, user=form.user, token=token)


def _is_pressed(request: HttpRequest, name: str) -> bool:
    return name in request.POST or request.POST.get(IS_ANOTHER) == name


def _find_existing(request: HttpRequest, user: User, kind: RecordKind) -> Record | None:
    token = get_form_token(request)
    record = autosave.find_by_creation_token(kind, token, user) if token else None
    if record and not can_view(user, record):
        return cast(Record, get_record_or_404(request, kind, record.reference))
    return record


def _merge(request: HttpRequest, form: RecordForm) -> RecordForm:
    conflict = _load_conflict(request, form)
    if conflict.has_open_choices:
        form.is_stale = True
        return form
    stored_form = _build_form(request, conflict.stored)
    answers = merge_answers(conflict, request.POST, stored_form)
    return _build_form(request, conflict.stored, answers)


def _load_conflict(request: HttpRequest, form: RecordForm) -> EditConflict:
    # The page of a conflict sends the version that was opened first.
    stored = get_record_or_404(request, form.KIND, form.reference_before)
    opened_version = actions.parse_version(request.POST.get(OPENED, ""))
    version = opened_version or form.cleaned_data["version"] or 0
    choices = {
        name.removeprefix(KEEP): str(choice)
        for name, choice in request.POST.items()
        if name.startswith(KEEP)
    }
    return find_conflict(form, stored, version, choices)


def _save_unless_duplicate(
    request: HttpRequest, form: RecordForm, *, is_new: bool
) -> HttpResponse | None:
    if is_new and IS_ANOTHER not in request.POST:
        form.duplicates = _find_duplicates(form)
    return None if form.duplicates else _save(request, form, timezone.now())


def _save(request: HttpRequest, form: RecordForm, at: datetime) -> HttpResponse | None:
    user, status_before = get_user(request), form.status_before
    try:
        record = actions.save_record(
            form.instance,
            by=user,
            at=at,
            many=form.many,
            evidence=form.evidence,
            seen_version=form.cleaned_data["version"] or 0,
            reason=form.cleaned_data[actions.REASON],
        )
        if _is_pressed(request, "submit") and can_act(user, Action.SUBMIT, record):
            record = actions.submit(record, by=user, at=at)
    except actions.ValueRefused as error:
        form.add_sentence(error.field, str(error))
        return None
    except actions.ConcurrentEdit:
        form.is_stale = True
        return None
    except actions.ActionDenied as error:
        return _render_denied(request, form, error)
    if form.copied_fields or status_before == Status.DRAFT:
        save_copied_fields(record, form.copied_fields)
    autosave.discard_saved(read_form_answers(request, record.KIND, record), by=user, at=at)
    for sentence in form.notices:
        messages.info(request, sentence)
    _notify(request, form, record, at)
    if not status_before and _is_pressed(request, "another"):
        sentence = _("Saved as a draft: %(record)s. Enter the next one.")
        messages.success(request, sentence % {"record": record})
        response = redirect("indicators:record_create", record.KIND)
    else:
        messages.success(request, _saved_message(record, status_before))
        response = redirect("indicators:record_detail", record.KIND, record.reference)
    return redirect_for_xhr(request, response)


def _notify(request: HttpRequest, form: RecordForm, record: Record, at: datetime) -> None:
    if record.status == Status.SUBMITTED and form.status_before != Status.SUBMITTED:
        notify_reviewers(request)
    if form.citing_reports and record.changed_at == at:
        notify_officers(request)


def _render_denied(request: HttpRequest, form: RecordForm, error: Exception) -> HttpResponse:
    # Another user may have closed the record since the check at the view's start.
    if form.reference_before:
        record = get_record_to_edit(request, form.KIND, form.reference_before)
        if not can_act(get_user(request), Action.EDIT, record):
            return closed_page(request, record)
    raise PermissionDenied(str(error)) from None


def _saved_message(record: Record, status_before: str) -> str:
    if record.status == Status.SUBMITTED and status_before == Status.APPROVED:
        return _("Saved. It stopped counting, and waits to be approved again.")
    if record.status == Status.SUBMITTED and status_before == Status.SUBMITTED:
        return _("Saved. It still waits for a second person.")
    if record.status == Status.SUBMITTED:
        return _("Saved and submitted. A second person checks it now.")
    if record.status == Status.APPROVED:
        return _("Nothing was changed.")
    return _("Saved.") if status_before else _("Saved as a draft.")


def _render_form(
    request: HttpRequest, form: RecordForm, initial: InitialValues | None = None
) -> HttpResponse:
    kind = form.KIND
    conflict = _load_conflict(request, form) if form.is_stale else None
    form_drafts, editor = _load_drafts(request, form)
    context = _build_context(form, initial) | {
        "page": build_form_page(form, RECORD_TYPES[kind]),
        "initial": initial,
        "has_last_record": _has_last_record(form, initial),
        "pressed": next((name for name in ("submit", "another") if _is_pressed(request, name)), ""),
        "form_drafts": form_drafts,
        "editor": editor,
        "is_page_open": editor and autosave.is_page_open(editor, form.user),
        "can_record_offline": kind in offline.KINDS,
        "conflict": conflict,
        "act": load_history(conflict.stored)[0] if conflict else None,
        "closed": set() if form.is_bound else explain_closed_years(form.instance),
        "is_merge": MERGE in request.POST,
    }
    if conflict:
        form.set_version(conflict.stored.version)
    names = [f"indicators/records/{kind}_form.html", "indicators/records/form.html"]
    if form_drafts or editor:
        # A draft expires at an hour of the day.
        refuse_storage()
    return render(request, names, context, status=_get_status(form))


def _has_last_record(form: RecordForm, initial: InitialValues | None) -> bool:
    """Whether the form of a new record can offer the answers of the user's last record."""
    if initial is None or initial.copied_from or not RECORD_TYPES[form.KIND].repeated:
        return False
    return find_last_record(form.user, form.KIND) is not None


def _build_context(form: RecordForm, initial: InitialValues | None = None) -> dict[str, object]:
    targets = load_targets()
    copied_from = initial.copied_from if initial and initial.is_complete else None
    hints = build_contribution_hints(
        form, targets, form.instance if form.instance.pk else copied_from
    )
    return {
        "form": form,
        "record_type": RECORD_TYPES[form.KIND],
        "targets": [target for target in targets if target.record_kind == form.KIND],
        "contribution_hints": hints,
        "counted": describe_objectives(
            (contribution for contribution, _question in hints), targets
        ),
    }


def _load_drafts(
    request: HttpRequest, form: RecordForm
) -> tuple[list[FormDraft], autosave.EditorPage | None]:
    """Return the user's drafts of this form, and the page that sent it or that it continues."""
    if request.method == "POST":
        return [], read_editor_page(request, form.instance.creation_token)
    drafts = autosave.get_drafts(
        get_user(request), timezone.now(), kind=form.KIND, reference=form.reference_before
    )
    token, number = request.GET.get("draft"), request.GET.get("text")
    for draft in drafts:
        if str(draft.token) == token and number in (None, str(draft.pk)):
            form.show_draft(draft.answers)
            others = [other for other in drafts if other.token == draft.token and other != draft]
            return others, autosave.EditorPage(draft.page, draft.pk, draft.version)
    return drafts[:MAX_DRAFTS_LISTED], None


def _get_status(form: RecordForm) -> int:
    if form.is_stale or form.duplicates:
        return 409
    return 400 if form.errors else 200


def closed_page(request: HttpRequest, record: Record) -> HttpResponse:
    """Return 409 with the answers; without answers refuse the record as any other page does."""
    now, rejection = timezone.now(), ""
    unsaved = read_unsaved_answers(request, record.KIND)
    if not unsaved.fields:
        raise _refusal(record)
    if request.method == "POST":
        try:
            autosave.save_draft(
                read_form_answers(request, record.KIND, record), by=get_user(request), at=now
            )
        except autosave.DraftRejected as error:
            rejection = str(error)
    until = record.deleted_at and record.deleted_at + UNDO_PERIOD
    is_over = until is not None and until < now
    context = {
        "heading": record.name,
        "alert": _("This record was deleted meanwhile. Nothing of yours was saved to it.")
        if until
        else _("This record was withdrawn meanwhile. Nothing of yours was saved to it."),
        "unsaved": unsaved,
        "is_stored": not rejection and not is_over,
        "record": record,
        "record_type": RECORD_TYPES[record.KIND],
        "act": load_history(record)[0],
        "until": until,
        "is_over": is_over,
        "rejection": rejection,
    }
    return render(request, "indicators/records/closed.html", context, status=409)


def _refusal(record: Record) -> Exception:
    if record.deleted_at is not None:
        return Http404()
    return PermissionDenied(_("A withdrawn record is not changed. Restore it first."))
