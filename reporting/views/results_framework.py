"""Views of the logic model, the performance measurement framework, and reports of projects."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from indicators.views.shortcuts import get_record_or_404, get_user
from reporting.annual_report.pdf.document import PangoMissing, is_available, typeset_live
from reporting.dashboards.results_framework import build_results_framework
from reporting.exports.framework_files import FRAMEWORK_FILES, explain_variance
from reporting.exports.project_report import ProjectReport, build_project_report, load_narrative
from reporting.exports.project_report_files import render_report_html, write_report_docx
from reporting.forms.figures import FigureSelection, FiguresForm
from reporting.forms.project_narrative import ProjectNarrativeForm
from reporting.views.plan_context import plan_form_view, plan_view, render_plan_page
from strategy.caching.views import cached_by_rights
from strategy.choices import RecordKind


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


@plan_form_view
def project_report(
    request: HttpRequest, figures: FiguresForm, selection: FigureSelection, reference: str
) -> HttpResponse:
    """Show the texts of a project's report in the user's language, and save them."""
    project = get_record_or_404(request, RecordKind.PROJECT, reference)
    narrative = load_narrative(project, get_language() or "")
    data = request.POST if request.method == "POST" else None
    form = ProjectNarrativeForm(data, instance=narrative)
    if form.is_valid() and form.store(get_user(request), timezone.now()):
        messages.success(request, _("The texts of the report are saved."))
        return redirect(request.get_full_path())
    context = {"record": project, "form": form, "has_pdf": is_available()}
    template = "reporting/project_report/edit.html"
    response = render_plan_page(request, template, figures, selection, context)
    response.status_code = 400 if form.is_bound else 200
    return response


@plan_view
def project_report_file(
    request: HttpRequest,
    form: FiguresForm,
    selection: FigureSelection,
    reference: str,
    report_type: str,
) -> HttpResponse:
    project = get_record_or_404(request, RecordKind.PROJECT, reference)
    user = get_user(request)
    report = build_project_report(project, selection.plan, selection.as_of, user)
    if report_type == "pdf":
        content, content_type = _typeset(report), "application/pdf"
    else:
        content = write_report_docx(report)
        content_type = FRAMEWORK_FILES["docx"].content_type
    response = HttpResponse(content, content_type=content_type)
    name = f"project-{slugify(project.reference)}-{selection.as_of}.{report_type}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _typeset(report: ProjectReport) -> bytes:
    now = timezone.now()
    try:
        return typeset_live(
            render_report_html(report, now.isoformat(timespec="seconds")), now
        ).content
    except PangoMissing as error:
        raise Http404(str(error)) from error
