"""The screens of annual reports: those issued, one of them, its files, and issuing."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from reporting import pdf
from reporting.issue import NotIssued, issue_annual_report, issue_problems, open_matters
from reporting.models import AnnualReport, ReportFile
from reporting.report_annex import counts_of, records_of
from reporting.report_forms import IssueForm
from reporting.reported import Reported, as_reported, now_reads, rows_of
from reporting.rollup import rollup
from reporting.shelf import due_years, shelves
from strategy.models import Plan, UnknownYear
from strategy.periods import Period


@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "reporting/report_list.html",
        {"shelves": shelves(timezone.localdate()), **_files_offered()},
    )


@require_safe
def report_detail(request: HttpRequest, year: str, version: int) -> HttpResponse:
    report = _report(request, year, version)
    reported = as_reported(rows_of(report))
    context = {
        "report": report,
        "reported": reported,
        "now_reads": now_reads(reported, rollup(report.plan, report.as_of)),
        **_files_offered(),
    }
    if code := request.GET.get("target", ""):
        return render(
            request, "reporting/report_target.html", {**context, **_target(reported, code)}
        )
    return render(request, "reporting/report_detail.html", context)


@require_safe
def report_file(request: HttpRequest, year: str, version: int, language: str) -> HttpResponse:
    """The stored bytes; a language whose file is still missing is made at its first download."""
    report = _report(request, year, version)
    try:
        file = _file(report, language)
    except pdf.PangoMissing:
        return render(request, "reporting/report_waits.html", {"report": report}, status=503)
    etag = f'"{file.sha256}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(bytes(file.content), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{file.name}"'
        response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def report_issue(request: HttpRequest) -> HttpResponse:
    """What is still open first; then, confirmed, the report is issued and its PDF made."""
    due = due_years(timezone.localdate())
    if "year" not in request.GET and not due:
        return render(request, "reporting/report_issue.html", {"plan": None})
    plan, year = _plan_and_year(request, due)
    user: Any = request.user
    form = IssueForm(request.POST if request.method == "POST" else None)
    problems = issue_problems(plan, year.label, user, timezone.now())
    if form.is_valid() and not problems:
        try:
            report = issue_annual_report(plan, year.label, user, timezone.now())
        except NotIssued as refusal:
            problems = refusal.problems
        else:
            _say_issued(request, report)
            return redirect("report_detail", report.year, report.version)
    context = {
        "plan": plan,
        "year": year,
        "due": due,
        "form": form,
        "problems": problems,
        "matters": [] if problems else open_matters(plan, year.label),
    }
    status = 400 if form.is_bound else 200
    return render(request, "reporting/report_issue.html", context, status=status)


def _files_offered() -> dict[str, Any]:
    return {"languages": pdf.LANGUAGES, "can_make_pdf": pdf.is_available()}


def _report(request: HttpRequest, year: str, version: int) -> AnnualReport:
    report = AnnualReport.objects.called(year, version, request.GET.get("plan", ""))
    if report is None:
        raise Http404(
            _("There is no version %(version)s of an annual report of %(year)s.")
            % {"version": version, "year": year}
        )
    return report


def _file(report: AnnualReport, language: str) -> ReportFile:
    is_stored = any(file.language == language for file in report.files.all())
    if not is_stored and language not in pdf.LANGUAGES:
        raise Http404(
            _("The report of %(year)s is not there in the language “%(language)s”.")
            % {"year": report.year, "language": language}
        )
    return pdf.file_of(report, language)


def _target(reported: Reported, code: str) -> dict[str, Any]:
    """One reported target with the records behind its number."""
    for line in reported.rolled.targets:
        if line.target.code == code:
            grounds = reported.grounds[code]
            return {"line": line, "count": counts_of(grounds), "records": records_of(grounds)}
    raise Http404(_("This report has no target “%(code)s”.") % {"code": code})


def _plan_and_year(request: HttpRequest, due: list[tuple[Plan, Period]]) -> tuple[Plan, Period]:
    """Those that the address names; else the oldest that is due."""
    if "year" not in request.GET:
        return due[0]
    code, label = request.GET.get("plan", ""), request.GET["year"]
    plan = Plan.objects.filter(code=code).first() or Plan.objects.current(timezone.localdate())
    if plan is None or (code and plan.code != code):
        raise Http404(_("There is no plan “%(code)s”.") % {"code": code})
    try:
        return plan, plan.year(label)
    except UnknownYear as error:
        raise Http404(str(error)) from error


def _say_issued(request: HttpRequest, report: AnnualReport) -> None:
    messages.success(request, _("The annual report of %(year)s is issued.") % {"year": report.year})
    try:
        pdf.add_files(report)
    except pdf.PangoMissing:
        messages.warning(
            request,
            _("Its PDF waits: this server lacks Pango. It can be made later, from what was kept."),
        )
