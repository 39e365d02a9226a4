"""The page of what protects reported figures: closed years, and changes of cited records."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from indicators.models import CitedChange, ClosedYear
from indicators.views.shortcuts import get_user
from indicators.workflow.reported_years import (
    close_year,
    count_waiting,
    load_closed_years,
    reopen_year,
)
from strategy.models import Plan

CLOSE, REOPEN = "close", "reopen"

MAX_CHANGES = 200
"""The most changes that the page lists, the newest first."""


@require_http_methods(["GET", "HEAD", "POST"])
def reported_years(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        _close_or_reopen(request)
        return redirect("indicators:reported_years")
    closed = {year.label: year for year in load_closed_years()}
    today = timezone.localdate()
    years = {year.label: year for plan in Plan.objects.all() for year in plan.years}
    begun = sorted(year.label for year in years.values() if year.starts_on <= today)
    context = {
        "years": [(label, closed.get(label)) for label in reversed(begun)],
        "history": ClosedYear.objects.select_related("closed_by", "reopened_by"),
        "changes": CitedChange.objects.select_related("by")[:MAX_CHANGES],
    }
    return render(request, "indicators/work/reported_years.html", context)


def _close_or_reopen(request: HttpRequest) -> None:
    user, now = get_user(request), timezone.now()
    act, label = request.POST.get("act"), request.POST.get("year", "")
    years = {year.label: year for plan in Plan.objects.all() for year in plan.years}
    closed = {year.label for year in load_closed_years()}
    if act == CLOSE and label in years:
        waiting = count_waiting(close_year(years[label], by=user, at=now))
        message = _("%(year)s is closed for entry.")
        if waiting:
            sentence = ngettext(
                "%(count)d record of it waits for review, and cannot be approved until you open "
                "the year again.",
                "%(count)d records of it wait for review, and cannot be approved until you open "
                "the year again.",
                waiting,
            )
            messages.warning(request, sentence % {"count": waiting})
    elif act == REOPEN and label in closed | years.keys():
        reopen_year(label, by=user, at=now)
        message = _("%(year)s is open for entry again.")
    else:
        raise BadRequest(_("There is no such year in any plan."))
    messages.success(request, message % {"year": label})
