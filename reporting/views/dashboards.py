"""Views of figures: the dashboard, the summary table, and the pages of targets and subjects."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from indicators.models.reading.confidentiality import Audience
from indicators.values.display import display_fields
from indicators.views.shortcuts import get_record_or_404, get_user
from reporting.dashboards.dashboard import build_dashboard
from reporting.dashboards.subject_page import build_subject_page
from reporting.dashboards.summary_table import build_summary
from reporting.dashboards.target_detail import build_target_detail
from reporting.exports.summary_files import SUMMARY_FILES
from reporting.forms.figures import FigureSelection, FiguresForm
from reporting.forms.what_if import build_what_if_panel
from reporting.views.plan_context import get_target_or_404, plan_view, render_plan_page
from strategy.accounts.policy import can_open_office, sees_all_offices
from strategy.caching.views import cached_by_rights
from strategy.choices import RecordKind
from strategy.models import Country, Office, Subject, SubjectKind

PROJECT_FACTS = frozenset({"title", "direct_people", "indirect_people", "people_basis"})
"""The columns of a project that its page shows outside its facts."""


@cached_by_rights
@plan_view
def dashboard(request: HttpRequest, form: FiguresForm, selection: FigureSelection) -> HttpResponse:
    audience = Audience(get_user(request))
    page = build_dashboard(selection.plan, selection.as_of, selection.order, audience)
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
    selected = get_target_or_404(selection, code)
    context = {"page": build_target_detail(selected, selection.as_of, get_user(request))}
    return render_plan_page(request, "reporting/targets/detail.html", form, selection, context)


@cached_by_rights
@plan_view
def project(
    request: HttpRequest, form: FiguresForm, selection: FigureSelection, reference: str
) -> HttpResponse:
    record = get_record_or_404(request, RecordKind.PROJECT, reference)
    facts = [
        field for field in display_fields(record) if field.text and field.name not in PROJECT_FACTS
    ]
    subject = Subject(SubjectKind.PROJECT, record.reference)
    context = {"name": record.name, "record": record, "facts": facts}
    return _render_subject(request, form, selection, subject, context)


@cached_by_rights
@plan_view
def country(
    request: HttpRequest, form: FiguresForm, selection: FigureSelection, country_code: str
) -> HttpResponse:
    row = get_object_or_404(Country, code=country_code)
    subject = Subject(SubjectKind.COUNTRY, row.code)
    return _render_subject(request, form, selection, subject, {"name": row.name})


@cached_by_rights
@plan_view
def office(
    request: HttpRequest, form: FiguresForm, selection: FigureSelection, office_code: str
) -> HttpResponse:
    row = get_object_or_404(Office.objects.select_related("country"), code=office_code)
    if not can_open_office(get_user(request), row):
        raise Http404(_("There is no such office whose records you may see."))
    subject = Subject(SubjectKind.OFFICE, row.code)
    return _render_subject(request, form, selection, subject, {"name": row.name, "office": row})


def _render_subject(
    request: HttpRequest,
    form: FiguresForm,
    selection: FigureSelection,
    subject: Subject,
    context: dict[str, object],
) -> HttpResponse:
    user = get_user(request)
    context["page"] = build_subject_page(subject, selection.plan, selection.as_of, user)
    context["has_all_offices"] = sees_all_offices(user)
    return render_plan_page(request, "reporting/subjects/page.html", form, selection, context)
