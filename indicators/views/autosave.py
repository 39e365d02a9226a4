"""Keeping what is typed on the server while one types, and throwing it away again."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import CharField
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from indicators.forms import autosave
from indicators.forms.autosave import format_answers
from indicators.forms.registry import RECORD_TYPES
from indicators.models import Record
from indicators.safeguarding.detection import CONFIRMED_FIELD
from indicators.views.shortcuts import record_to_edit, token_in, user_of
from indicators.workflow import permissions
from strategy.accounts.policy import can_record
from strategy.choices import RecordKind
from strategy.models import User


@require_POST
def form_draft_save(request: HttpRequest, kind: RecordKind, reference: str = "") -> HttpResponse:
    """Answers 200 when it is kept, 204 when nothing is left to keep, 422 with the reason else.

    Of a record that was withdrawn or deleted meanwhile it is kept, and 422 says so in time.
    """
    user = user_of(request)
    if not can_record(user):
        raise PermissionDenied(_("Your account may not enter records, or belongs to no office."))
    try:
        record = record_to_edit(request, kind, reference) if reference else None
        typed = read_form_answers(request, record) if record else _typed_anew(request, kind)
        kept = autosave.save_draft(typed, by=user, at=timezone.now())
    except (autosave.DraftRejected, Http404) as error:
        return _refused(str(error))
    if record and not permissions.can_edit(user, record):
        sentence = _("This record was withdrawn or deleted meanwhile: it cannot be changed.")
        return _refused(sentence)
    return JsonResponse({"kept": True}) if kept else HttpResponse(status=204)


@require_POST
def form_draft_discard(request: HttpRequest, identifier: uuid.UUID) -> HttpResponse:
    """Throw away what one had begun, and go back to where the button was."""
    if autosave.discard_draft(identifier, by=user_of(request)):
        messages.success(request, _("What you had begun is thrown away."))
    return redirect("indicators:my_work")


def read_form_answers(request: HttpRequest, record: Record) -> autosave.FormAnswers:
    """What the form of the record sent."""
    return _typed(request, record.KIND, record.creation_token, record)


def _typed_anew(request: HttpRequest, kind: RecordKind) -> autosave.FormAnswers:
    token = token_in(request)
    if token is None:
        raise autosave.DraftRejected(_("This form has no name of its own. Open it again."))
    return _typed(request, kind, token, None)


def _typed(
    request: HttpRequest, kind: RecordKind, token: uuid.UUID, record: Record | None
) -> autosave.FormAnswers:
    asked = RECORD_TYPES[kind].form.base_fields
    return autosave.FormAnswers(
        kind,
        token,
        answers_in(request, kind),
        record,
        free=[name for name, field in asked.items() if type(field) is CharField],
        confirmed=request.POST.getlist(CONFIRMED_FIELD),
    )


def _refused(sentence: str) -> HttpResponse:
    return JsonResponse({"sentence": sentence}, status=422)


def typed_on(request: HttpRequest, kind: RecordKind) -> dict[str, Any]:
    """What the form sent, or what is kept of one and asked for: ``typed``, and names of ``files``.

    It is the person's own: nothing is read of any record.
    """
    answers = answers_in(request, kind) if request.method == "POST" else _kept(request, kind)
    files = [file.name for file in request.FILES.getlist("new_files")]
    return {"typed": format_answers(kind, answers), "files": files}


def answers_in(request: HttpRequest, kind: RecordKind) -> autosave.Answers:
    """The answers that a form sent; files are none."""
    asked = RECORD_TYPES[kind].form.base_fields
    fields = [name for name in asked if not name.endswith("_files")]
    return autosave.parse_answers(request.POST, fields)


def _kept(request: HttpRequest, kind: RecordKind) -> autosave.Answers:
    token = token_in(request)
    if token is None or not isinstance(request.user, User):
        return {}
    kept = autosave.get_drafts(request.user, timezone.now(), kind=kind, token=token)
    return kept[0].answers if kept else {}
