"""The page of what protects reported figures: closed years, and changes of cited records."""

from collections import Counter

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
from strategy.dates.periods import Period
from strategy.models import Plan

CLOSE, REOPEN = "close", "reopen"

MAX_CHANGES = 200
"""The most changes that the page lists, the newest first."""


@require_http_methods(["GET", "HEAD", "POST"])
def reported_years(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        _close_or_reopen(request)
        return redirect("indicators:reported_years")
    closed = {year.period: year for year in load_closed_years()}
    today = timezone.localdate()
    begun = [year for year in _list_years() if year.starts_on <= today]
    labels = Counter(year.label for year in begun)
    context = {
        "years": [(year, closed.get(year), labels[year.label] > 1) for year in reversed(begun)],
        "history": ClosedYear.objects.select_related("closed_by", "reopened_by"),
        "changes": CitedChange.objects.select_related("by")[:MAX_CHANGES],
    }
    return render(request, "indicators/work/reported_years.html", context)


def _close_or_reopen(request: HttpRequest) -> None:
    user, now = get_user(request), timezone.now()
    act, first_and_last = request.POST.get("act"), request.POST.get("year", "")
    closed = [year.period for year in load_closed_years()]
    years = {f"{year.starts_on}/{year.ends_on}": year for year in [*closed, *_list_years()]}
    year = years.get(first_and_last)
    if year and act == CLOSE:
        waiting = count_waiting(close_year(year, by=user, at=now))
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
    elif year and act == REOPEN:
        reopen_year(year, by=user, at=now)
        message = _("%(year)s is open for entry again.")
    else:
        raise BadRequest(_("There is no such year in any plan."))
    messages.success(request, message % {"year": year.label})


def _list_years() -> list[Period]:
    """Return the reporting years of all plans; plans may share a label but not its days."""
    years = {year for plan in Plan.objects.all() for year in plan.years}
    return sorted(years, key=lambda year: (year.starts_on, year.ends_on))
