"""Keeping what is typed on the server while one types, and throwing it away again."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import CharField
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from indicators import keeping, permissions
from indicators.identity import NOT_A_CHILD
from indicators.models import Record
from indicators.screens import SCREENS
from indicators.views.access import record_or_404, user_of
from strategy.vocabulary import RecordKind


@require_POST
def keep_answers(request: HttpRequest, kind: RecordKind, reference: str = "") -> HttpResponse:
    """Answers 200 when it is kept, 204 when nothing is left to keep, 422 with the reason else."""
    user = user_of(request)
    if not permissions.may_record(user):
        raise PermissionDenied(_("Your account may not enter records, or belongs to no office."))
    record = record_or_404(request, kind, reference) if reference else None
    token = record.creation_token if record else token_in(request)
    if token is None:
        return _refused(_("This form has no name of its own. Open it again."))
    typed = _typed(request, kind, token, record)
    try:
        kept = keeping.keep(typed, by=user, at=timezone.now())
    except keeping.NotKept as error:
        return _refused(str(error))
    return JsonResponse({"kept": True}) if kept else HttpResponse(status=204)


@require_POST
def discard_answers(request: HttpRequest, identifier: uuid.UUID) -> HttpResponse:
    """Throw away what one had begun, and go back to where the button was."""
    if keeping.forget(identifier, by=user_of(request)):
        messages.success(request, _("What you had begun is thrown away."))
    return redirect("my_work")


def _typed(
    request: HttpRequest, kind: RecordKind, token: uuid.UUID, record: Record | None
) -> keeping.Typed:
    asked = SCREENS[kind].form.base_fields
    fields = [name for name in asked if not name.endswith("_files")]
    return keeping.Typed(
        kind,
        token,
        keeping.answers_of(request.POST, fields),
        record,
        free=[name for name, field in asked.items() if type(field) is CharField],
        confirmed=request.POST.getlist(NOT_A_CHILD),
    )


def token_in(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("creation_token", ""))
    except ValueError:
        return None


def _refused(sentence: str) -> HttpResponse:
    return JsonResponse({"sentence": sentence}, status=422)
