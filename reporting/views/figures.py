"""The screens of figures: the dashboard, the summary table with its files, and a target's page."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from indicators.permissions import sees_every_office, visible_records
from reporting.dashboard import dashboard_for
from reporting.forms import Asked, FiguresForm
from reporting.summary import summary_for
from reporting.summary_files import FILES
from reporting.target_detail import target_detail
from strategy.models import Target
from strategy.vocabulary import RecordKind

P = ParamSpec("P")
Screen = Callable[Concatenate[HttpRequest, FiguresForm, Asked, P], HttpResponse]


def _about_a_plan(screen: Screen[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Read the address first: one that means nothing is answered with the form to mend it."""

    @require_safe
    @wraps(screen)
    def view(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        form = FiguresForm(request.GET, today=timezone.localdate())
        if not form.is_valid():
            status = 404 if form.is_only_unknown_plan else 400
            return render(request, "reporting/mend.html", {"form": form}, status=status)
        asked = form.asked()
        if asked is None:
            return render(request, "reporting/no_plan.html")
        return screen(request, form, asked, *args, **kwargs)

    return view


@_about_a_plan
def dashboard(request: HttpRequest, form: FiguresForm, asked: Asked) -> HttpResponse:
    page = dashboard_for(asked.plan, asked.as_of, asked.order)
    return _shown(request, "reporting/dashboard.html", form, asked, page=page)


@_about_a_plan
def summary(request: HttpRequest, form: FiguresForm, asked: Asked) -> HttpResponse:
    table = summary_for(asked.plan, asked.as_of)
    return _shown(request, "reporting/summary.html", form, asked, table=table)


@_about_a_plan
def summary_file(
    request: HttpRequest, form: FiguresForm, asked: Asked, extension: str
) -> HttpResponse:
    kind = FILES[extension]
    table = summary_for(asked.plan, asked.as_of)
    name = f"summary-{asked.plan.code}-{asked.as_of}.{extension}"
    address = request.build_absolute_uri("/")
    response = HttpResponse(kind.content(table, address), content_type=kind.content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@_about_a_plan
def target(request: HttpRequest, form: FiguresForm, asked: Asked, code: str) -> HttpResponse:
    found = Target.objects.with_rules().of_plan(asked.plan).filter(code=code).first()
    if found is None:
        raise Http404(
            _("The plan %(plan)s has no target “%(code)s”.")
            % {"plan": asked.plan.code, "code": code}
        )
    user: Any = request.user
    visible = None
    if not sees_every_office(user):
        visible = visible_records(user, RecordKind(found.record_kind))
    page = target_detail(found, asked.as_of, visible)
    return _shown(request, "reporting/target.html", form, asked, page=page)


def _shown(
    request: HttpRequest, template: str, form: FiguresForm, asked: Asked, **values: Any
) -> HttpResponse:
    return render(request, template, {"figures_form": form, "asked": asked, **values})
