"""The steps of a record's life, each a button: submit, approve, return, withdraw, delete, undo."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from indicators.models import Record
from indicators.views.record_detail import detail_page
from indicators.views.shortcuts import deleted_record_or_404, record_or_404, user_of
from indicators.views.work import notify_authors, notify_reviewers
from indicators.workflow import actions, deletion
from strategy.choices import RecordKind
from strategy.models import User

RecordAction = Callable[[Any, User, datetime, int | None, str], Record]

ACTS: Mapping[str, tuple[RecordAction, str | Promise]] = {
    "submit": (
        lambda record, by, at, seen, note: actions.submit(record, by=by, at=at, seen_version=seen),
        _("Submitted. A second person checks it now."),
    ),
    "approve": (
        lambda record, by, at, seen, note: actions.approve(record, by=by, at=at, seen_version=seen),
        _("Approved."),
    ),
    "return": (
        lambda record, by, at, seen, note: actions.return_record(
            record, by=by, at=at, seen_version=seen, note=note
        ),
        _("Returned with your note."),
    ),
    "withdraw": (
        lambda record, by, at, seen, note: actions.withdraw(
            record, by=by, at=at, seen_version=seen, note=note
        ),
        _("Withdrawn. It counts nowhere, and can be restored."),
    ),
    "restore": (
        lambda record, by, at, seen, note: actions.restore(record, by=by, at=at, seen_version=seen),
        _("Restored as a draft."),
    ),
    "delete": (
        lambda record, by, at, seen, note: deletion.delete(record, by=by, at=at, seen_version=seen),
        _("Deleted. My work lists it for 30 days."),
    ),
    "undelete": (
        lambda record, by, at, seen, note: deletion.restore_deleted(record, by=by, at=at),
        _("The deletion is undone."),
    ),
}
"""Act in the address -> what it does, and what is said when it is done."""


@require_POST
def record_action(request: HttpRequest, kind: RecordKind, reference: str, act: str) -> HttpResponse:
    if act not in ACTS:
        raise Http404
    find = deleted_record_or_404 if act == "undelete" else record_or_404
    record = find(request, kind, reference)
    do, said = ACTS[act]
    note = request.POST.get("note", "")
    try:
        do(record, user_of(request), timezone.now(), submitted_version(request), note)
    except actions.ActionDenied as error:
        raise PermissionDenied(str(error)) from None
    except actions.WorkflowError as error:
        return _failed(request, find(request, kind, reference), str(error), note)
    if act == "delete":
        undo = reverse("indicators:record_action", args=[kind, record.reference, "undelete"])
        messages.success(request, str(said), extra_tags=undo)
        return redirect("indicators:record_list", kind)
    if act == "submit":
        notify_reviewers(request)
    elif act == "return":
        notify_authors(request, [record])
    messages.success(request, str(said))
    return redirect("indicators:record_detail", kind, record.reference)


def _failed(request: HttpRequest, record: Record, error: str, note: str) -> HttpResponse:
    """Why nothing was done: on the record's page, or where a deleted one is listed."""
    if record.deleted_at is None:
        return detail_page(request, record, error=error, note=note, status=400)
    messages.error(request, error)
    return redirect("indicators:my_work")


def submitted_version(request: HttpRequest) -> int:
    """The version that the page showed; 0, which is no version, when it is not told."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
