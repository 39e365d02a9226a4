"""The transitions of a record, each a button: submit, approve, return, withdraw, delete, undo."""

from collections.abc import Callable, Mapping

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
from indicators.views.shortcuts import get_deleted_record_or_404, get_record_or_404, get_user
from indicators.views.work import notify_authors, notify_officers, notify_reviewers
from indicators.workflow import actions, deletion
from indicators.workflow.reported_years import find_citing_reports
from indicators.workflow.transitions import Action, needs_note
from strategy.choices import RecordKind

BUTTONS: Mapping[Action, tuple[Callable[..., Record], str | Promise]] = {
    Action.SUBMIT: (actions.submit, _("Submitted. A second person checks it now.")),
    Action.APPROVE: (actions.approve, _("Approved.")),
    Action.RETURN: (actions.return_record, _("Returned with your note.")),
    Action.WITHDRAW: (actions.withdraw, _("Withdrawn. It counts nowhere, and can be restored.")),
    Action.RESTORE: (actions.restore, _("Restored as a draft.")),
    Action.DELETE: (deletion.delete, _("Deleted. My work lists it for 30 days.")),
    Action.UNDELETE: (deletion.restore_deleted, _("The deletion is undone.")),
}
"""Action -> the function that takes it, and the message of its success."""


@require_POST
def record_action(request: HttpRequest, kind: RecordKind, reference: str, act: str) -> HttpResponse:
    if act not in BUTTONS:
        raise Http404
    action = Action(act)
    find = get_deleted_record_or_404 if action == Action.UNDELETE else get_record_or_404
    record = find(request, kind, reference)
    take_action, message = BUTTONS[action]
    note = request.POST.get("note", "")
    options = {"note": note} if needs_note(action) else {}
    version = actions.parse_version(request.POST.get("version", ""))
    seen = None if action == Action.UNDELETE else version
    try:
        take_action(record, by=get_user(request), at=timezone.now(), seen_version=seen, **options)
    except actions.ActionDenied as error:
        raise PermissionDenied(str(error)) from None
    except actions.WorkflowError as error:
        return _failed_page(request, find(request, kind, reference), str(error), note)
    if action == Action.DELETE:
        undo = reverse("indicators:record_action", args=[kind, record.reference, Action.UNDELETE])
        messages.success(request, str(message), extra_tags=undo)
        return redirect("indicators:record_list", kind)
    if action == Action.SUBMIT:
        notify_reviewers(request)
    elif action == Action.RETURN:
        notify_authors(request, [record])
    elif action == Action.WITHDRAW and find_citing_reports(record):
        notify_officers(request)
    messages.success(request, str(message))
    return redirect("indicators:record_detail", kind, record.reference)


def _failed_page(request: HttpRequest, record: Record, error: str, note: str) -> HttpResponse:
    if record.deleted_at is None:
        return detail_page(request, record, error=error, note=note, status=400)
    messages.error(request, error)
    return redirect("indicators:my_work")
