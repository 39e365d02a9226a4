"""The screens of figures: the dashboard, the summary table with its files, and a target's page."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from indicators.counting.rules import record_source
from reporting.dashboards.dashboard import build_dashboard
from reporting.dashboards.summary_table import build_summary
from reporting.dashboards.target_detail import build_target_detail
from reporting.exports.summary_files import SUMMARY_FILES
from reporting.forms.figures import FigureSelection, FiguresForm
from reporting.forms.what_if import build_what_if_panel
from reporting.views.plan_context import get_target_or_404, plan_view, render_plan_page
from strategy.accounts.policy import sees_all_offices


@plan_view
def dashboard(request: HttpRequest, form: FiguresForm, selection: FigureSelection) -> HttpResponse:
    page = build_dashboard(selection.plan, selection.as_of, selection.order)
    balances = [build_what_if_panel(balance, request.GET) for balance in page.balances]
    response = render_plan_page(
        request,
        "reporting/dashboards/dashboard.html",
        form,
        selection,
        page=page,
        balances=balances,
    )
    if any(one.has_errors for one in balances):
        response.status_code = 400
    return response


@plan_view
def summary(request: HttpRequest, form: FiguresForm, selection: FigureSelection) -> HttpResponse:
    table = build_summary(selection.plan, selection.as_of)
    return render_plan_page(
        request, "reporting/dashboards/summary.html", form, selection, table=table
    )


@plan_view
def summary_file(
    request: HttpRequest, form: FiguresForm, selection: FigureSelection, extension: str
) -> HttpResponse:
    kind = SUMMARY_FILES[extension]
    table = build_summary(selection.plan, selection.as_of)
    name = f"summary-{selection.plan.code}-{selection.as_of}.{extension}"
    address = request.build_absolute_uri("/")
    response = HttpResponse(kind.write(table, address), content_type=kind.content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@plan_view
def target(
    request: HttpRequest, form: FiguresForm, selection: FigureSelection, code: str
) -> HttpResponse:
    found = get_target_or_404(selection, code)
    user: Any = request.user
    visible = None
    if not sees_all_offices(user):
        visible = record_source(found).model.objects.visible_to(user)
    page = build_target_detail(found, selection.as_of, visible)
    return render_plan_page(request, "reporting/targets/detail.html", form, selection, page=page)
