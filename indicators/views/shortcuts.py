"""The one door to a record: who may not see it learns nothing of it."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from indicators.counting.registry import RECORD_SOURCES
from indicators.models import Record, RecordQuerySet
from strategy.choices import RecordKind
from strategy.models import User


def get_user(request: HttpRequest) -> User:
    """Who is signed in; the access policy lets nobody else here."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def get_record_or_404(request: HttpRequest, kind: RecordKind, reference: str) -> Any:
    """The record with all that its values name, or the same answer as for one that is not there."""
    records = RECORD_SOURCES[kind].model.objects.visible_to(get_user(request))
    return _get_or_404(records.with_related(), reference)


def get_record_to_edit(request: HttpRequest, kind: RecordKind, reference: str) -> Any:
    """Return the record of a form, also after its reference was changed or it was deleted."""
    token, user = get_form_token(request), get_user(request)
    if token:
        records = RECORD_SOURCES[kind].model.all_objects.visible_to(user)
        record = records.with_related().filter(creation_token=token).first()
        if record is not None:
            return record
    return get_record_or_404(request, kind, reference)


def get_deleted_record_or_404(request: HttpRequest, kind: RecordKind, reference: str) -> Any:
    """The deleted record that the person might have seen."""
    records = RECORD_SOURCES[kind].model.all_objects.visible_to(get_user(request))
    return _get_or_404(records.deleted(), reference)


def _get_or_404(records: RecordQuerySet[Record], reference: str) -> Record:
    record = records.with_reference(reference).first()
    if record is None:
        raise Http404(
            _("There is no record “%(reference)s” that you may see.") % {"reference": reference}
        )
    return record


XHR_HEADER = "X-Sending"
"""The header of what the script sends."""


def redirect_for_xhr(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """A redirection as it is for a browser; for the script only the address to go to."""
    if XHR_HEADER in request.headers:
        answer.status_code = 201
    return answer


def get_form_token(request: HttpRequest) -> uuid.UUID | None:
    """The name that every form has of its own: sent with it, or asked for to go on with it."""
    try:
        return uuid.UUID(request.POST.get("creation_token") or request.GET.get("draft", ""))
    except ValueError:
        return None
