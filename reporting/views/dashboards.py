"""Views of figures: the dashboard, the summary table with its files, and the page of a target."""

from django.http import HttpRequest, HttpResponse

from indicators.counting.rules import record_source
from indicators.views.shortcuts import get_user
from reporting.dashboards.dashboard import build_dashboard
from reporting.dashboards.summary_table import build_summary
from reporting.dashboards.target_detail import build_target_detail
from reporting.exports.summary_files import SUMMARY_FILES
from reporting.forms.figures import FigureSelection, FiguresForm
from reporting.forms.what_if import build_what_if_panel
from reporting.views.plan_context import get_target_or_404, plan_view, render_plan_page
from strategy.accounts.policy import sees_all_offices
from strategy.caching.views import cached_by_rights


@cached_by_rights
@plan_view
def dashboard(request: HttpRequest, form: FiguresForm, selection: FigureSelection) -> HttpResponse:
    page = build_dashboard(selection.plan, selection.as_of, selection.order)
    panels = [build_what_if_panel(balance, request.GET) for balance in page.balances]
    context = {"page": page, "panels": panels}
    response = render_plan_page(
        request, "reporting/dashboards/dashboard.html", form, selection, context
    )
    if any(panel.has_errors for panel in panels):
        response.status_code = 400
    return response


@cached_by_rights
@plan_view
def summary(request: HttpRequest, form: FiguresForm, selection: FigureSelection) -> HttpResponse:
    context = {"table": build_summary(selection.plan, selection.as_of)}
    return render_plan_page(request, "reporting/dashboards/summary.html", form, selection, context)


@plan_view
def summary_file(
    request: HttpRequest, form: FiguresForm, selection: FigureSelection, extension: str
) -> HttpResponse:
    kind = SUMMARY_FILES[extension]
    table = build_summary(selection.plan, selection.as_of)
    name = f"summary-{selection.plan.code}-{selection.as_of}.{extension}"
    content = kind.write(table, request.build_absolute_uri("/"))
    response = HttpResponse(content, content_type=kind.content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@cached_by_rights
@plan_view
def target(
    request: HttpRequest, form: FiguresForm, selection: FigureSelection, code: str
) -> HttpResponse:
    selected, user = get_target_or_404(selection, code), get_user(request)
    visible = None
    if not sees_all_offices(user):
        visible = record_source(selected).model.objects.visible_to(user)
    context = {"page": build_target_detail(selected, selection.as_of, visible)}
    return render_plan_page(request, "reporting/targets/detail.html", form, selection, context)
