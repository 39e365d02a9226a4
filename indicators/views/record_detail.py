"""The pages of one record: its values and contributions, its history, its evidence files."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from indicators.counting.contributions import Contribution, find_contributions, load_targets
from indicators.forms.registry import RECORD_TYPES
from indicators.models import Activity, CitedChange, Evidence, Initiative, Record, Status
from indicators.safeguarding.files.uploads import FILE_TYPES, get_extension
from indicators.values.display import describe_reversal, display_fields
from indicators.views.shortcuts import get_record_or_404, get_user
from indicators.workflow.audit_log import changes_since_approval, load_history
from indicators.workflow.merging import can_merge
from indicators.workflow.transitions import available_actions, can_view
from strategy.accounts.policy import can_merge_records, can_record, can_review
from strategy.caching.views import cached_by_user
from strategy.choices import RecordKind
from strategy.models import User
from strategy.plan.cache import read_version_once

PEOPLE = ("women", "men", "sex_not_recorded")
HEADED = ("title", *PEOPLE)
"""The fields that the page shows outside its list of facts."""


@cached_by_user
@require_safe
@read_version_once()
def record_detail(request: HttpRequest, kind: RecordKind, reference: str) -> HttpResponse:
    record = get_record_or_404(request, kind, reference)
    kept = record.merged_into
    if kept is not None and kept.deleted_at is None and kept.reference:
        sentence = _("“%(reference)s” was merged into this record.")
        messages.info(request, sentence % {"reference": record.reference})
        return redirect("indicators:record_detail", kind, kept.reference)
    return detail_page(request, record)


@require_safe
def record_history(request: HttpRequest, kind: RecordKind, reference: str) -> HttpResponse:
    record = get_record_or_404(request, kind, reference)
    context = {"record": record, "record_type": RECORD_TYPES[kind], "changes": load_history(record)}
    return render(request, "indicators/records/history.html", context)


def detail_page(
    request: HttpRequest, record: Any, *, error: str = "", note: str = "", status: int = 200
) -> HttpResponse:
    """Render the page of a record; ``error`` and ``note`` are those of an action that failed."""
    user, kind = get_user(request), record.KIND
    evidence = list(record.evidence.select_related("added_by"))
    actions = available_actions(user, record, has_evidence=bool(evidence))
    fields = list(display_fields(record))
    is_pending_again = record.was_approved and record.status == Status.SUBMITTED
    context = {
        "record": record,
        "kind": kind,
        "record_type": RECORD_TYPES[kind],
        "status": Status(record.status),
        "is_confidential": type(record).objects.hidden_from(None).filter(pk=record.pk).exists(),
        "steps": (Status.DRAFT, Status.SUBMITTED, Status.APPROVED),
        "facts": [field for field in fields if field.text and field.name not in HEADED],
        "missing": [field.label for field in fields if not field.text and field.name not in HEADED],
        "people": [field for field in fields if field.name in PEOPLE],
        "evidence": evidence,
        "contributions": _load_contributions(record),
        "changes": changes_since_approval([record]).get(record.pk, ()) if is_pending_again else (),
        "reversal": describe_reversal(record, timezone.localdate()),
        "actions": {action.value for action in actions},
        "can_record": can_record(user),
        "can_review": can_review(user),
        "cited_changes": CitedChange.objects.filter(
            record_kind=kind, object_id=record.pk
        ).select_related("by")
        if record.was_approved
        else (),
        "merged_records": type(record).objects.visible_to(user).filter(merged_into=record),
        "can_merge": can_merge(user, record),
        "can_restore_merged": can_merge_records(user),
        "child_records": _load_child_records(user, record),
        "error": error,
        "note": note,
    }
    names = [f"indicators/records/{kind}_detail.html", "indicators/records/detail.html"]
    return render(request, names, context, status=status)


def _load_contributions(record: Record) -> Sequence[Contribution]:
    today = timezone.localdate()
    targets = load_targets()
    is_approved = record.status == Status.APPROVED
    contributions = find_contributions(
        record.KIND, [record], targets, today, once_approved=not is_approved
    )
    return contributions.get(record.pk, ())


def _load_child_records(user: User, record: Record) -> Iterable[Record]:
    if record.KIND == RecordKind.PROJECT:
        initiatives = Initiative.objects.visible_to(user).filter(project=record.pk)
        return initiatives.order_by("starts_on", "pk")
    if isinstance(record, Initiative):
        sessions = Activity.objects.visible_to(user).filter(initiative=record)
        return sessions.order_by("starts_on", "pk")
    return ()


@require_safe
def evidence_file(request: HttpRequest, identifier: uuid.UUID) -> HttpResponseBase:
    """Send a file as an attachment; 404 also for evidence that the user may not see."""
    item = Evidence.objects.exclude(file="").filter(uuid=identifier).first()
    record = item.record if item else None
    if (
        item is None
        or not isinstance(record, Record)
        or record.deleted_at is not None
        or not can_view(get_user(request), record)
    ):
        raise Http404(_("There is no such file that you may see."))
    kind = FILE_TYPES.get(get_extension(item.file.name or ""))
    try:
        content = item.file.open("rb")
    except FileNotFoundError:
        raise Http404(_("The file is no longer there. Ask for it to be attached again.")) from None
    response = FileResponse(
        content,
        as_attachment=True,
        filename=item.name,
        content_type=kind.media_type if kind else "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
