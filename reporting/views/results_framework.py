"""Views of the logic model and the performance measurement framework, with their files."""

from django.http import HttpRequest, HttpResponse

from reporting.dashboards.results_framework import build_results_framework
from reporting.exports.framework_files import FRAMEWORK_FILES, explain_variance
from reporting.forms.figures import FigureSelection, FiguresForm
from reporting.views.plan_context import plan_view, render_plan_page
from strategy.caching.views import cached_by_rights


@cached_by_rights
@plan_view
def logic_model(
    request: HttpRequest, form: FiguresForm, selection: FigureSelection
) -> HttpResponse:
    context = {"framework": build_results_framework(selection.plan, selection.as_of)}
    template = "reporting/framework/logic_model.html"
    return render_plan_page(request, template, form, selection, context)


@cached_by_rights
@plan_view
def framework(request: HttpRequest, form: FiguresForm, selection: FigureSelection) -> HttpResponse:
    context = {
        "framework": build_results_framework(selection.plan, selection.as_of),
        "variance_note": explain_variance(),
    }
    template = "reporting/framework/framework.html"
    return render_plan_page(request, template, form, selection, context)


@plan_view
def framework_file(
    request: HttpRequest, form: FiguresForm, selection: FigureSelection, file_type: str
) -> HttpResponse:
    kind = FRAMEWORK_FILES[file_type]
    content = kind.write(build_results_framework(selection.plan, selection.as_of))
    name = f"framework-{selection.plan.code}-{selection.as_of}.{file_type}"
    response = HttpResponse(content, content_type=kind.content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
