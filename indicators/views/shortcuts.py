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
    """Return the signed-in user; the access policy admits nobody else."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def get_record_or_404(request: HttpRequest, kind: RecordKind, reference: str) -> Any:
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
    """Return 201 instead of a redirect to the upload script; the header has the URL."""
    if XHR_HEADER in request.headers:
        answer.status_code = 201
    return answer


def get_form_token(request: HttpRequest) -> uuid.UUID | None:
    """Return the form's creation token, or the one in the URL that continues a draft."""
    try:
        return uuid.UUID(request.POST.get("creation_token") or request.GET.get("draft", ""))
    except ValueError:
        return None
