"""The transitions of a record, each a button, and the merging of two records."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from indicators.forms.duplicates import DuplicateSearch, compare_records
from indicators.forms.registry import RECORD_TYPES
from indicators.models import CitedChange, Record, Status
from indicators.values.codes import normalize_reference
from indicators.values.display import display_value, get_label
from indicators.views.record_detail import detail_page
from indicators.views.shortcuts import get_deleted_record_or_404, get_record_or_404, get_user
from indicators.views.work import notify_authors, notify_officers, notify_reviewers
from indicators.workflow import actions, deletion
from indicators.workflow.merging import (
    can_merge,
    find_differences,
    list_merged_columns,
    merge_records,
)
from indicators.workflow.reported_years import find_citing_reports
from indicators.workflow.transitions import Action, needs_note
from strategy.choices import RecordKind
from strategy.text import is_storable

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


THIS, OTHER = "this", "other"

MAX_SHOWN = 80
"""The most characters of a wrong reference that the page shows."""


@require_http_methods(["GET", "HEAD", "POST"])
def record_merge(request: HttpRequest, kind: RecordKind, reference: str) -> HttpResponse:
    record = get_record_or_404(request, kind, reference)
    if not can_merge(get_user(request), record):
        raise PermissionDenied(gettext("A withdrawn record is not merged. Restore it first."))
    answers = request.POST if request.method == "POST" else request.GET
    wanted = normalize_reference(answers.get("with", ""))
    other = _find_other(request, record, wanted)
    if other is None:
        shown = Truncator(wanted).chars(MAX_SHOWN)
        error = gettext("There is no other record “%(reference)s” of this kind that can be merged.")
        return _render_choice(request, record, error % {"reference": shown} if wanted else "")
    if request.method == "POST":
        return _merge(request, record, other)
    return _render_comparison(request, record, other)


def _find_other(request: HttpRequest, record: Record, reference: str) -> Record | None:
    if not reference or not is_storable(reference):
        return None
    user = get_user(request)
    records = type(record).objects.visible_to(user).with_same_reference(reference).with_related()
    other = records.exclude(pk=record.pk).first()
    return other if other is not None and can_merge(user, other) else None


def _merge(request: HttpRequest, record: Record, other: Record) -> HttpResponse:
    for each, name in ((record, THIS), (other, OTHER)):
        each.version = actions.parse_version(request.POST.get(f"version-{name}", ""))
    is_this_kept = request.POST.get("kept") == THIS
    kept, gone = (record, other) if is_this_kept else (other, record)
    side = OTHER if is_this_kept else THIS
    columns = list_merged_columns(type(record))
    taken = [name for name in columns if request.POST.get(f"answer-{name}") == side]
    note, user, now = request.POST.get("note", ""), get_user(request), timezone.now()
    try:
        if request.POST.get("kept") not in (THIS, OTHER):
            raise actions.InvalidTransition(gettext("Choose which record stays."))
        stays = merge_records(kept, gone, taken=taken, note=note, by=user, at=now)
    except actions.ActionDenied as error:
        raise PermissionDenied(str(error)) from None
    except actions.WorkflowError as error:
        record = get_record_or_404(request, record.KIND, record.reference)
        other = get_record_or_404(request, record.KIND, other.reference)
        return _render_comparison(request, record, other, str(error))
    if stays.status == Status.SUBMITTED:
        notify_reviewers(request)
    if CitedChange.objects.filter(by=user, at=now).exists():
        notify_officers(request)
    sentence = gettext("“%(reference)s” was merged into this record.")
    messages.success(request, sentence % {"reference": gone.reference})
    return redirect("indicators:record_detail", stays.KIND, stays.reference)


def _render_choice(request: HttpRequest, record: Record, error: str) -> HttpResponse:
    compared = compare_records([record])
    found = DuplicateSearch(record.KIND, compared, user=get_user(request)).find()
    context = {**_base_context(record, error), "duplicates": found.get(record.pk)}
    status = 400 if error else 200
    return render(request, "indicators/records/merge/choose.html", context, status=status)


def _render_comparison(
    request: HttpRequest, record: Record, other: Record, error: str = ""
) -> HttpResponse:
    different = find_differences(record, other)
    rows = [
        {
            "name": name,
            "label": get_label(type(record), name),
            "this": display_value(record, name),
            "other": display_value(other, name),
            "is_different": name in different,
            "chosen": request.POST.get(f"answer-{name}", THIS),
        }
        for name in list_merged_columns(type(record))
    ]
    context = {
        **_base_context(record, error),
        "other": other,
        "rows": [row for row in rows if row["this"] or row["other"]],
        "kept": request.POST.get("kept", ""),
        "note": request.POST.get("note", ""),
        "evidence": list(record.evidence.all()),
        "other_evidence": list(other.evidence.all()),
    }
    status = 400 if error else 200
    return render(request, "indicators/records/merge/compare.html", context, status=status)


def _base_context(record: Record, error: str) -> Mapping[str, Any]:
    return {
        "record": record,
        "kind": record.KIND,
        "record_type": RECORD_TYPES[record.KIND],
        "error": error,
    }
