"""The start of every view of figures: read the plan and the as-of day from the URL."""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from indicators.counting.contributions import find_targets
from reporting.forms.figures import FigureSelection, FiguresForm
from reporting.models import AnnualReport
from strategy.dates.periods import Period
from strategy.models import Plan, Target, UnknownYear
from strategy.plan.cache import read_version_once

P = ParamSpec("P")
PlanView = Callable[Concatenate[HttpRequest, FiguresForm, FigureSelection, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def plan_view(view: PlanView[P]) -> View[P]:
    """Decorate a view of figures: an invalid selection renders the form to correct it."""
    return require_safe(read_version_once()(_with_selection(view)))


def plan_form_view(view: PlanView[P]) -> View[P]:
    """Decorate a view of figures that also has a form of its own."""
    return require_http_methods(["GET", "HEAD", "POST"])(_with_selection(view))


def _with_selection(view: PlanView[P]) -> View[P]:
    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        form = FiguresForm(request.GET, today=timezone.localdate())
        if not form.is_valid():
            status = 404 if form.is_plan_unknown else 400
            return render(
                request, "reporting/shared/invalid_selection.html", {"form": form}, status=status
            )
        selection = form.get_selection(str(kwargs.get("code", "")))
        if selection is None:
            return render(request, "reporting/shared/no_plan.html")
        return view(request, form, selection, *args, **kwargs)

    return wrapper


def get_target_or_404(selection: FigureSelection, code: str) -> Target:
    target = find_targets(code).get(selection.plan)
    if target is None:
        raise Http404(
            _("The plan %(plan)s has no target “%(code)s”.")
            % {"plan": selection.plan.code, "code": code}
        )
    return target.as_of(selection.as_of)


def render_plan_page(
    request: HttpRequest,
    template: str,
    figures: FiguresForm,
    selection: FigureSelection,
    context: Mapping[str, object],
) -> HttpResponse:
    return render(request, template, {"figures_form": figures, "selection": selection, **context})


class SeveralPlans(Exception):
    """The URL names no plan, and several plans have what it asks for."""

    def __init__(self, year: str, plans: Sequence[Plan]) -> None:
        super().__init__(year, plans)
        self.year, self.plans = year, plans


def asks_for_plan(view: View[P]) -> View[P]:
    """Decorate a view of a year: where several plans have it, answer 300 with a link to each."""

    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except SeveralPlans as choice:
            plans = [(plan, _build_url(request, plan)) for plan in choice.plans]
            context = {"year": choice.year, "plans": plans}
            return render(request, "reporting/reports/choose_plan.html", context, status=300)

    return wrapper


def _build_url(request: HttpRequest, plan: Plan) -> str:
    query = request.GET.copy()
    query["plan"] = plan.code
    return f"{request.path}?{query.urlencode()}"


def get_report_or_404(request: HttpRequest, year: str, version: int) -> AnnualReport:
    """Return the report in the URL. Raises SeveralPlans; views that use it are asks_for_plan."""
    reports = list(AnnualReport.objects.called(year, version, request.GET.get("plan", "")))
    if not reports:
        raise Http404(
            _("There is no version %(version)s of an annual report of %(year)s.")
            % {"version": version, "year": year}
        )
    if len(reports) > 1:
        raise SeveralPlans(year, [report.plan for report in reports])
    return reports[0]


def get_plan_year_or_404(request: HttpRequest, year: str) -> tuple[Plan, Period]:
    """Return the plan and the year in the URL. Raises SeveralPlans, as get_report_or_404 does."""
    code = request.GET.get("plan", "")
    plans = list(Plan.objects.filter(code=code) if code else Plan.objects.order_by("-starts_on"))
    with_year = [plan for plan in plans if plan.has_year(year)]
    if len(with_year) > 1:
        raise SeveralPlans(year, with_year)
    plan = next(iter(with_year or plans), None)
    if plan is None:
        raise Http404(_("There is no plan “%(code)s”.") % {"code": code})
    try:
        return plan, plan.year(year)
    except UnknownYear as error:
        raise Http404(str(error)) from error
