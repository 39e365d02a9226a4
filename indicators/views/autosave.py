"""Autosave of record forms on the server, and the answers of a form that was not saved."""

import uuid
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import CharField
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from indicators.forms import autosave
from indicators.forms.registry import RECORD_TYPES
from indicators.models import Record
from indicators.safeguarding.detection import CONFIRMED_FIELD
from indicators.views.shortcuts import get_form_token, get_record_to_edit, get_user
from indicators.workflow.actions import parse_version
from indicators.workflow.transitions import Action, can_act
from strategy.accounts.policy import can_record
from strategy.choices import RecordKind
from strategy.models import User

FORM_AUTHOR = "form_author"
"""Sent by every form of a record: the user who opened it."""


@require_POST
def form_draft_save(request: HttpRequest, kind: RecordKind, reference: str = "") -> HttpResponse:
    """Return 200 if the draft is stored, 204 if there is nothing to store, 422 with the reason.

    The draft of a withdrawn or deleted record is stored, but the response is still 422.
    """
    user = get_user(request)
    if not can_record(user):
        raise PermissionDenied(_("Your account may not enter records, or belongs to no office."))
    try:
        record = _find_record(request, kind, reference)
        form = read_form_answers(request, kind, record, is_new=not reference)
        is_stored = autosave.save_draft(form, by=user, at=timezone.now())
    except (autosave.DraftRejected, Http404) as error:
        return JsonResponse({"message": str(error)}, status=422)
    if record and not can_act(user, Action.EDIT, record):
        message = _("This record was withdrawn or deleted meanwhile: it cannot be changed.")
        return JsonResponse({"message": message}, status=422)
    if not is_stored:
        return HttpResponse(status=204)
    return JsonResponse({"is_elsewhere": autosave.has_other_drafts(form, user)})


def _find_record(request: HttpRequest, kind: RecordKind, reference: str) -> Record | None:
    """Return the record that the form edits, or the one that it made before."""
    if reference:
        return cast(Record, get_record_to_edit(request, kind, reference))
    token = get_form_token(request)
    return autosave.find_by_creation_token(kind, token, get_user(request)) if token else None


@require_POST
def form_draft_discard(request: HttpRequest, number: int) -> HttpResponse:
    if autosave.discard_draft(number, by=get_user(request)):
        messages.success(request, _("What you had begun is thrown away."))
    return redirect("indicators:my_work")


def read_form_answers(
    request: HttpRequest,
    kind: RecordKind,
    record: Record | None = None,
    *,
    is_new: bool = False,
) -> autosave.FormAnswers:
    token = record.creation_token if record else get_form_token(request)
    if token is None:
        raise autosave.DraftRejected(_("This form has no name of its own. Open it again."))
    fields = RECORD_TYPES[kind].form.base_fields
    return autosave.FormAnswers(
        kind,
        token,
        _read_answers(request, kind),
        read_editor_page(request, token),
        record,
        is_new,
        text_fields=[name for name, field in fields.items() if type(field) is CharField],
        confirmed=request.POST.getlist(CONFIRMED_FIELD),
    )


def read_editor_page(request: HttpRequest, token: uuid.UUID) -> autosave.EditorPage:
    """Return the page that sent a form; one without a script has the form's token as its name."""
    draft, version = (
        parse_version(request.POST.get(name, "")) for name in ("draft", "draft_version")
    )
    try:
        page = uuid.UUID(request.POST.get("form_page", ""))
    except ValueError:
        return autosave.EditorPage(token, draft, version)
    return autosave.EditorPage(page, draft, version, is_named=True)


def read_unsaved_answers(
    request: HttpRequest, kind: RecordKind, *, can_resubmit: bool = False
) -> autosave.UnsavedAnswers:
    """Return the answers that the form sent, else those of the user's draft that the URL names."""
    is_posted = request.method == "POST"
    answers = _read_answers(request, kind) if is_posted else _read_draft(request, kind)
    fields = list(autosave.format_answers(kind, answers))
    sent = request.POST.lists() if can_resubmit and fields else ()
    return autosave.UnsavedAnswers(
        fields,
        [file.name or "" for file in request.FILES.getlist("new_files")],
        [(name, text) for name, texts in sent if name != "csrfmiddlewaretoken" for text in texts],
    )


def _read_answers(request: HttpRequest, kind: RecordKind) -> autosave.Answers:
    names = RECORD_TYPES[kind].form.base_fields
    return autosave.parse_answers(
        request.POST, [name for name in names if not name.endswith("_files")]
    )


def _read_draft(request: HttpRequest, kind: RecordKind) -> autosave.Answers:
    token = get_form_token(request)
    if token is None or not isinstance(request.user, User):
        return {}
    drafts = autosave.get_drafts(request.user, timezone.now(), kind=kind, token=token)
    return drafts[0].answers if drafts else {}
