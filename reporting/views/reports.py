"""Views of issued annual reports and their PDFs."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from reporting.annual_report.calendar import build_calendars
from reporting.annual_report.content.annex import build_cited_record, build_record_counts
from reporting.annual_report.content.revisions import (
    build_corrected_figures,
    describe_difference,
)
from reporting.annual_report.pdf import document
from reporting.annual_report.pdf.tasks import enqueue_pdfs, has_all_pdfs, has_worker
from reporting.annual_report.snapshot.reader import (
    IssuedReportData,
    find_changed_rows,
    load_rows,
    read_snapshot,
)
from reporting.figures.rollup import build_rollup
from reporting.models import AnnualReport
from reporting.views.plan_context import asks_for_plan, get_report_or_404
from strategy.caching.views import cached_by_rights, refuse_storage

RECORDS_PER_PAGE = 200


@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "reporting/reports/list.html",
        {"shelves": build_calendars(timezone.localdate()), **_get_worker_status()},
    )


@asks_for_plan
@cached_by_rights
@require_safe
def report_detail(request: HttpRequest, year: str, version: int) -> HttpResponse:
    report, code = get_report_or_404(request, year, version), request.GET.get("target", "")
    rows = load_rows(report, citing=[code] if code else [])
    reported, today = read_snapshot(rows), build_rollup(report.plan, report.as_of)
    changed = find_changed_rows(reported, today)
    context = {
        "report": report,
        "reported": reported,
        "corrected": list(build_corrected_figures(reported)),
        "next_version": report.version + 1,
        "changed": changed,
        **_get_worker_status(),
    }
    if code:
        target = _build_target_context(reported, code, request.GET.get("page", ""))
        if code in changed:
            context["causes"] = list(describe_difference(rows, today, code))
        return render(request, "reporting/reports/target.html", {**context, **target})
    if not has_all_pdfs(report):
        # The page tells how long the worker has taken.
        refuse_storage()
    return render(request, "reporting/reports/detail.html", context)


@asks_for_plan
@require_safe
def report_file(request: HttpRequest, year: str, version: int, language: str) -> HttpResponse:
    """Send the stored PDF; without one, show its progress with status 503."""
    report = get_report_or_404(request, year, version)
    file = report.files.filter(language=language).first()
    if file is None:
        return _render_pending(request, report, language)
    etag = f'"{file.sha256}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(bytes(file.content), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{file.name}"'
        response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response


@asks_for_plan
@require_safe
def report_signature(request: HttpRequest, year: str, version: int, language: str) -> HttpResponse:
    """Send the 64 bytes of the PDF's Ed25519 signature, as other programs read them."""
    report = get_report_or_404(request, year, version)
    file = report.files.filter(language=language).exclude(signature="").first()
    if file is None:
        raise Http404(_("This PDF has no signature."))
    response = HttpResponse(bytes.fromhex(file.signature), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{file.name}.sig"'
    patch_cache_control(response, private=True, no_cache=True)
    return response


@asks_for_plan
@require_http_methods(["GET", "HEAD", "POST"])
def report_files(request: HttpRequest, year: str, version: int) -> HttpResponse:
    """Show the progress of a report's files as a partial; a POST enqueues missing files."""
    report = get_report_or_404(request, year, version)
    if request.method == "POST":
        enqueue_pdfs(report, timezone.now())
        return redirect(report)
    return render(
        request, "reporting/reports/_files.html", {"report": report, **_get_worker_status()}
    )


def _render_pending(request: HttpRequest, report: AnnualReport, language: str) -> HttpResponse:
    if language not in document.LANGUAGES:
        raise Http404(
            _("The report of %(year)s is not there in the language “%(language)s”.")
            % {"year": report.year, "language": language}
        )
    context = {"report": report, **_get_worker_status()}
    response = render(request, "reporting/reports/pdf_pending.html", context, status=503)
    response["Retry-After"] = "10"
    return response


def _get_worker_status() -> dict[str, object]:
    now = timezone.now()
    return {"now": now, "has_worker": has_worker(now)}


def _build_target_context(reported: IssuedReportData, code: str, page: str) -> dict[str, object]:
    for row in reported.rollup.targets:
        if row.target.code == code:
            basis = reported.basis_by_target[code]
            citations = Paginator(basis.citations, RECORDS_PER_PAGE).get_page(page)
            return {
                "line": row,
                "counts": build_record_counts(basis),
                "page": citations,
                "records": [build_cited_record(citation) for citation in citations.object_list],
            }
    raise Http404(_("This report has no target “%(code)s”.") % {"code": code})
