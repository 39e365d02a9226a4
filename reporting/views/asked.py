"""Which report or plan an address asks for: found, or not found in words."""

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from reporting.models import AnnualReport
from strategy.dates.periods import Period
from strategy.models import Plan, UnknownYear


def report_asked(request: HttpRequest, year: str, version: int) -> AnnualReport:
    report = AnnualReport.objects.called(year, version, request.GET.get("plan", ""))
    if report is None:
        raise Http404(
            _("There is no version %(version)s of an annual report of %(year)s.")
            % {"version": version, "year": year}
        )
    return report


def plan_and_year_asked(request: HttpRequest, year: str) -> tuple[Plan, Period]:
    """The plan that the address names, else the current one, with its year of that name."""
    code = request.GET.get("plan", "")
    plan = Plan.objects.filter(code=code).first() or Plan.objects.current(timezone.localdate())
    if plan is None or (code and plan.code != code):
        raise Http404(_("There is no plan “%(code)s”.") % {"code": code})
    try:
        return plan, plan.year(year)
    except UnknownYear as error:
        raise Http404(str(error)) from error
