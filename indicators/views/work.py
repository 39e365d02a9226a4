"""The user's own unfinished records, and the records that others submitted for approval."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from indicators.forms.autosave import get_drafts
from indicators.forms.registry import KIND_GROUPS
from indicators.lists.pagination import paginate
from indicators.lists.work_queue import (
    MAX_OWN_ITEMS,
    WorkItem,
    apply_bulk_action,
    load_deleted_records,
    load_own_items,
    load_review_items,
)
from indicators.models import Record, Status
from indicators.views.shortcuts import get_user
from indicators.workflow import notifications, queues
from indicators.workflow.notifications import wants_mail
from indicators.workflow.transitions import Action
from strategy.accounts.policy import can_record
from strategy.caching.views import cached_by_user
from strategy.plan.cache import read_version_once

PER_PAGE = 20

NOTE, NOTE_ON = "note", "note:"
"""Fields of the review form: the note for all selected records, and the notes on each."""


@require_safe
@read_version_once()
def my_work(request: HttpRequest) -> HttpResponse:
    user = get_user(request)
    now = timezone.now()
    items = load_own_items(user, now, timezone.localdate())
    form_drafts = get_drafts(user, now)
    context = {
        "form_drafts": form_drafts,
        "deleted": load_deleted_records(user, now),
        "returned": _with_status(items, Status.RETURNED),
        "drafts": _with_status(items, Status.DRAFT),
        "submitted": sorted(_with_status(items, Status.SUBMITTED), key=lambda item: -item.days),
        "undated": _with_status(items, Status.APPROVED),
        "is_empty": not items and not form_drafts,
        "wants_mail": wants_mail(user),
        "has_more": len(items) == MAX_OWN_ITEMS,
        "record_groups": KIND_GROUPS if can_record(user) else (),
    }
    return render(request, "indicators/work/my_work.html", context)


@cached_by_user
@require_http_methods(["GET", "HEAD", "POST"])
@read_version_once()
def review(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _render_review(request, {}, {})
    failed = _apply_action(request)
    notes = _get_unused_notes(request, is_done=not failed)
    if failed or notes:
        return _render_review(request, failed, notes)
    return redirect(request.get_full_path())


def _with_status(items: Sequence[WorkItem], status: Status) -> list[WorkItem]:
    return [item for item in items if item.pending.status == status]


def _render_review(
    request: HttpRequest, failed: Mapping[str, str], notes: Mapping[str, str]
) -> HttpResponse:
    user = get_user(request)
    rows = queues.pending_records(user, queues.awaiting_review).order_by("submitted_at", "pk")
    page = paginate(rows, request.GET, PER_PAGE, is_shrinking=True)
    pending_records = queues.build_pending_records(page.object_list)
    items = [
        replace(item, error=failed.get(item.name, ""), note=notes.get(f"{NOTE_ON}{item.name}", ""))
        for item in load_review_items(pending_records, user, timezone.now(), timezone.localdate())
    ]
    links = {item.name: (item.pending.name, item.anchor) for item in items}
    context = {
        "page": page,
        "items": items,
        "failed": failed,
        "failures": [
            (*links.get(name, (name.partition("/")[2], "")), error)
            for name, error in failed.items()
        ],
        "is_chosen": set(request.POST.getlist("record")),
        "note": notes.get(NOTE, ""),
        "own": queues.pending_records(user, queues.awaiting_another_reviewer).count(),
    }
    status = 400 if failed else 200
    return render(request, "indicators/work/review.html", context, status=status)


def _get_unused_notes(request: HttpRequest, *, is_done: bool) -> Mapping[str, str]:
    """Return the entered notes by field name, without the note that was used."""
    key = request.POST.get("act", "").partition(":")[2]
    used = f"{NOTE_ON}{key.rpartition('/')[0]}" if key else NOTE
    return {
        name: str(text)
        for name, text in request.POST.items()
        if (name == NOTE or name.startswith(NOTE_ON))
        and str(text).strip()
        and not (is_done and name == used)
    }


def _apply_action(request: HttpRequest) -> Mapping[str, str]:
    """Approve or return a record by its own button, or all selected; return the failures."""
    act, _colon, single_key = request.POST.get("act", "").partition(":")
    if act not in (Action.APPROVE, Action.RETURN):
        return {"": _("Choose whether to approve or to return.")}
    action = Action(act)
    keys = [single_key] if single_key else request.POST.getlist("record")[:PER_PAGE]
    if not keys:
        return {"": _("Choose at least one record first.")}
    names = [key.rpartition("/")[0] for key in keys]
    fields = {name: f"{NOTE_ON}{name}" if single_key else NOTE for name in names}
    notes = {name: request.POST.get(field, "") for name, field in fields.items()}
    summary = apply_bulk_action(keys, action, notes, by=get_user(request), at=timezone.now())
    if summary.done:
        messages.success(request, _success_message(action, len(summary.done)))
    if action == Action.RETURN:
        notify_authors(request, summary.done)
    return summary.failed


def _success_message(action: Action, number: int) -> str:
    if action == Action.APPROVE:
        message = ngettext(
            "%(number)s record was approved.", "%(number)s records were approved.", number
        )
    else:
        message = ngettext(
            "%(number)s record was returned.", "%(number)s records were returned.", number
        )
    return message % {"number": number}


@require_POST
def notification_preference(request: HttpRequest) -> HttpResponse:
    is_wanted = request.POST.get("wanted") == "yes"
    notifications.set_wanted(get_user(request), is_wanted=is_wanted)
    message = _("You get mail when something waits.") if is_wanted else _("You get no such mail.")
    messages.success(request, message)
    return redirect("indicators:my_work")


def notify_reviewers(request: HttpRequest) -> None:
    by = get_user(request)
    notifications.notify_reviewers(by=by, at=timezone.now(), absolute=request.build_absolute_uri)


def notify_officers(request: HttpRequest) -> None:
    """Notify the other officers of a change of a record that an issued report cites."""
    by = get_user(request)
    notifications.notify_officers(by=by, at=timezone.now(), absolute=request.build_absolute_uri)


def notify_authors(request: HttpRequest, returned: Iterable[Record]) -> None:
    by = get_user(request)
    authors = {record.entered_by_id for record in returned}
    notifications.notify_authors(
        authors, by=by, at=timezone.now(), absolute=request.build_absolute_uri
    )
