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
from indicators.forms.autosave import typed_answers
from indicators.forms.registry import SCREENS
from indicators.models import Record
from indicators.safeguarding.detection import NOT_A_CHILD
from indicators.views.shortcuts import record_to_edit, token_in, user_of
from indicators.workflow import permissions
from strategy.choices import RecordKind
from strategy.models import User


@require_POST
def keep_answers(request: HttpRequest, kind: RecordKind, reference: str = "") -> HttpResponse:
    """Answers 200 when it is kept, 204 when nothing is left to keep, 422 with the reason else.

    Of a record that was withdrawn or deleted meanwhile it is kept, and 422 says so in time.
    """
    user = user_of(request)
    if not permissions.may_record(user):
        raise PermissionDenied(_("Your account may not enter records, or belongs to no office."))
    try:
        record = record_to_edit(request, kind, reference) if reference else None
        typed = typed_in(request, record) if record else _typed_anew(request, kind)
        kept = autosave.keep(typed, by=user, at=timezone.now())
    except (autosave.NotKept, Http404) as error:
        return _refused(str(error))
    if record and not permissions.may_edit(user, record):
        sentence = _("This record was withdrawn or deleted meanwhile: it cannot be changed.")
        return _refused(sentence)
    return JsonResponse({"kept": True}) if kept else HttpResponse(status=204)


@require_POST
def discard_answers(request: HttpRequest, identifier: uuid.UUID) -> HttpResponse:
    """Throw away what one had begun, and go back to where the button was."""
    if autosave.forget(identifier, by=user_of(request)):
        messages.success(request, _("What you had begun is thrown away."))
    return redirect("my_work")


def typed_in(request: HttpRequest, record: Record) -> autosave.Typed:
    """What the form of the record sent."""
    return _typed(request, record.KIND, record.creation_token, record)


def _typed_anew(request: HttpRequest, kind: RecordKind) -> autosave.Typed:
    token = token_in(request)
    if token is None:
        raise autosave.NotKept(_("This form has no name of its own. Open it again."))
    return _typed(request, kind, token, None)


def _typed(
    request: HttpRequest, kind: RecordKind, token: uuid.UUID, record: Record | None
) -> autosave.Typed:
    asked = SCREENS[kind].form.base_fields
    return autosave.Typed(
        kind,
        token,
        answers_in(request, kind),
        record,
        free=[name for name, field in asked.items() if type(field) is CharField],
        confirmed=request.POST.getlist(NOT_A_CHILD),
    )


def _refused(sentence: str) -> HttpResponse:
    return JsonResponse({"sentence": sentence}, status=422)


def typed_on(request: HttpRequest, kind: RecordKind) -> dict[str, Any]:
    """What the form sent, or what is kept of one and asked for: ``typed``, and names of ``files``.

    It is the person's own: nothing is read of any record.
    """
    answers = answers_in(request, kind) if request.method == "POST" else _kept(request, kind)
    files = [file.name for file in request.FILES.getlist("new_files")]
    return {"typed": typed_answers(kind, answers), "files": files}


def answers_in(request: HttpRequest, kind: RecordKind) -> autosave.Answers:
    """The answers that a form sent; files are none."""
    asked = SCREENS[kind].form.base_fields
    fields = [name for name in asked if not name.endswith("_files")]
    return autosave.answers_of(request.POST, fields)


def _kept(request: HttpRequest, kind: RecordKind) -> autosave.Answers:
    token = token_in(request)
    if token is None or not isinstance(request.user, User):
        return {}
    kept = autosave.kept_of(request.user, timezone.now(), kind=kind, token=token)
    return kept[0].answers if kept else {}
