"""The start of every view of figures: read the plan and the as-of day from the URL."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from reporting.forms.figures import FigureSelection, FiguresForm
from reporting.models import AnnualReport
from strategy.dates.periods import Period
from strategy.models import Plan, Target, UnknownYear

P = ParamSpec("P")
PlanView = Callable[Concatenate[HttpRequest, FiguresForm, FigureSelection, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def plan_view(view: PlanView[P]) -> View[P]:
    """Decorate a view of figures: an invalid selection renders the form to correct it."""
    return require_safe(_with_selection(view))


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
    target = Target.objects.find_in_plan(selection.plan, code)
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


def get_report_or_404(request: HttpRequest, year: str, version: int) -> AnnualReport:
    report = AnnualReport.objects.called(year, version, request.GET.get("plan", ""))
    if report is None:
        raise Http404(
            _("There is no version %(version)s of an annual report of %(year)s.")
            % {"version": version, "year": year}
        )
    return report


def get_plan_year_or_404(request: HttpRequest, year: str) -> tuple[Plan, Period]:
    """Return the plan named by the URL with its year, else the latest plan that has the year."""
    code = request.GET.get("plan", "")
    plans = list(Plan.objects.filter(code=code) if code else Plan.objects.order_by("-starts_on"))
    plan = next((plan for plan in plans if plan.has_year(year)), next(iter(plans), None))
    if plan is None:
        raise Http404(_("There is no plan “%(code)s”.") % {"code": code})
    try:
        return plan, plan.year(year)
    except UnknownYear as error:
        raise Http404(str(error)) from error
