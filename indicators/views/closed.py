"""A record that was withdrawn or deleted while somebody changed it.

Who did it, when and why is said; what was typed is shown, and kept until the record is back.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from indicators import keeping
from indicators.changes import changes_of
from indicators.deleting import UNDO
from indicators.screens import SCREENS
from indicators.views.access import user_of
from indicators.views.keeping import typed_in
from indicators.views.typed import typed_on


def closed_page(request: HttpRequest, record: Any) -> HttpResponse:
    """409 in place of saving; where nothing was typed the record is refused as any other.

    Whoever may see the record may bring it back: the page has that button, and none that saves.
    """
    at, not_kept = timezone.now(), ""
    shown = typed_on(request, record.KIND)
    if not shown["typed"]:
        raise _refusal(record)
    if request.method == "POST":
        try:
            keeping.keep(typed_in(request, record), by=user_of(request), at=at)
        except keeping.NotKept as error:
            not_kept = str(error)
    until = record.deleted_at and record.deleted_at + UNDO
    context = {
        **shown,
        "record": record,
        "screen": SCREENS[record.KIND],
        "act": changes_of(record)[0],
        "until": until,
        "is_over": until is not None and until < at,
        "not_kept": not_kept,
    }
    return render(request, "indicators/record_closed.html", context, status=409)


def _refusal(record: Any) -> Exception:
    if record.deleted_at is not None:
        return Http404()
    return PermissionDenied(_("A withdrawn record is not changed. Restore it first."))
