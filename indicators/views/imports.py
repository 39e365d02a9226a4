"""Imports that were done: the last of them, what each did, and taking one back."""

import uuid
from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from indicators.exchange import previews, undoing
from indicators.exchange.progress import rows_looked_at
from indicators.listing import BadAddress
from indicators.models import ImportRun
from indicators.paging import page_of
from indicators.screens import SCREENS
from indicators.views.access import user_of
from indicators.workflow import WorkflowError
from strategy.choices import RecordKind

SHOWN = timedelta(days=365)
PER_PAGE = 50


@require_GET
def import_runs(request: HttpRequest) -> HttpResponse:
    """What was imported in the last year, the last first."""
    now = timezone.now()
    runs = undoing.recent_runs(now - SHOWN)
    try:
        page = page_of(runs, request.GET.get("page", ""), PER_PAGE)
    except BadAddress as error:
        raise BadRequest(str(error)) from None
    lines = [
        {
            "run": run,
            "screen": SCREENS[RecordKind(run.kind)],
            "may_be_undone": undoing.may_be_undone(run, now),
        }
        for run in page.object_list
    ]
    return render(request, "indicators/import_runs.html", {"page": page, "lines": lines})


@require_http_methods(["GET", "POST"])
def import_run(request: HttpRequest, identifier: uuid.UUID) -> HttpResponse:
    """What one import did; taking it back leaves the records that were edited since."""
    run = get_object_or_404(undoing.all_runs(), uuid=identifier)
    now, user = timezone.now(), user_of(request)
    if request.method == "POST":
        _undo(request, run)
        return redirect("import_run", identifier=run.uuid)
    may_be_undone = undoing.may_be_undone(run, now)
    left = undoing.left_behind(run) if may_be_undone or run.undone_at else []
    total = run.new + run.changed
    preview = previews.preview_of(identifier, user)
    try:
        page = page_of(left, request.GET.get("page", ""), PER_PAGE)
    except BadAddress as error:
        raise BadRequest(str(error)) from None
    context = {
        "run": run,
        "screen": SCREENS[RecordKind(run.kind)],
        "may_be_undone": may_be_undone,
        "until": run.at + undoing.LIFETIME,
        "left": len(left),
        "back": total - len(left),
        "page": page,
        "has_errors": preview is not None and previews.has_errors(preview),
    }
    return render(request, "indicators/import_run.html", context)


@require_GET
def import_progress(request: HttpRequest, identifier: uuid.UUID) -> HttpResponse:
    """How many rows of the person's own file were looked at so far, for the page that waits."""
    answer = JsonResponse({"rows": rows_looked_at(user_of(request), identifier)})
    answer["Cache-Control"] = "no-store"
    return answer


def _undo(request: HttpRequest, run: ImportRun) -> None:
    try:
        left = undoing.undo(run, by=user_of(request), at=timezone.now())
    except WorkflowError as error:
        messages.error(request, str(error))
        return
    if left:
        messages.warning(
            request,
            ngettext(
                "The import was taken back, except for %(number)s record.",
                "The import was taken back, except for %(number)s records.",
                left,
            )
            % {"number": left},
        )
    else:
        messages.success(request, _("The import was taken back."))
