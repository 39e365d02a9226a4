"""An issued report as pages in the browser and as data files, from the sealed rows."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from reporting.annual_report.content.data_files import DATA
from reporting.annual_report.content.pages import build_context
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from reporting.views.plan_context import asks_for_plan, get_report_or_404
from strategy.caching.views import cached_by_rights


@asks_for_plan
@cached_by_rights
@require_safe
def report_web(request: HttpRequest, year: str, version: int) -> HttpResponse:
    report = get_report_or_404(request, year, version)
    context = build_context(read_snapshot(load_rows(report)), for_pdf=False)
    return render(request, "reporting/annual_report/web/report.html", context)


@asks_for_plan
@cached_by_rights
@require_safe
def report_method(request: HttpRequest, year: str, version: int) -> HttpResponse:
    reported = read_snapshot(load_rows(get_report_or_404(request, year, version)))
    context = build_context(reported, for_pdf=False)
    return render(request, "reporting/annual_report/web/method.html", context)


@asks_for_plan
@require_safe
def report_data(request: HttpRequest, year: str, version: str, data: str) -> HttpResponse:
    report = get_report_or_404(request, year, int(version))
    rows, kind = load_rows(report), DATA[data]
    content = kind.content(rows, read_snapshot(rows), request.build_absolute_uri("/"))
    response = HttpResponse(content, content_type=kind.content_type)
    version_in_name = "" if report.version == 1 else f"-v{report.version}"
    name = f"ibcr-annual-report-{report.year}{version_in_name}-{data}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    patch_cache_control(response, private=True, no_cache=True)
    return response
