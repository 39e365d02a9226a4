"""The steps of a record's life, taken from its page: submit, approve, return, cancel, restore."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from indicators import workflow
from indicators.models import Record
from indicators.views.access import record_or_404, user_of
from indicators.views.records import detail_page
from strategy.models import User
from strategy.vocabulary import RecordKind

Act = Callable[[Any, User, datetime, int | None, str], Record]

ACTS: Mapping[str, tuple[Act, str | Promise]] = {
    "submit": (
        lambda record, by, at, seen, note: workflow.submit(record, by=by, at=at, seen_version=seen),
        _("Submitted. A second person checks it now."),
    ),
    "approve": (
        lambda record, by, at, seen, note: workflow.approve(
            record, by=by, at=at, seen_version=seen
        ),
        _("Approved."),
    ),
    "return": (
        lambda record, by, at, seen, note: workflow.return_(
            record, by=by, at=at, seen_version=seen, note=note
        ),
        _("Returned with your note."),
    ),
    "cancel": (
        lambda record, by, at, seen, note: workflow.cancel(
            record, by=by, at=at, seen_version=seen, note=note
        ),
        _("Cancelled. It counts nowhere, and can be restored."),
    ),
    "restore": (
        lambda record, by, at, seen, note: workflow.restore(
            record, by=by, at=at, seen_version=seen
        ),
        _("Restored as a draft."),
    ),
}
"""Act in the address -> what it does, and what is said when it is done."""


@require_POST
def record_action(request: HttpRequest, kind: RecordKind, reference: str, act: str) -> HttpResponse:
    if act not in ACTS:
        raise Http404
    record = record_or_404(request, kind, reference)
    do, said = ACTS[act]
    note = request.POST.get("note", "")
    try:
        do(record, user_of(request), timezone.now(), seen_version(request), note)
    except workflow.NotAllowed as error:
        raise PermissionDenied(str(error)) from None
    except workflow.WorkflowError as error:
        fresh = record_or_404(request, kind, reference)
        return detail_page(request, fresh, error=str(error), note=note, status=400)
    messages.success(request, str(said))
    return redirect("record_detail", kind, record.reference)


def seen_version(request: HttpRequest) -> int:
    """The version that the page showed; 0, which is no version, when it is not told."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
