"""The view that issues a report: show problems and open items, then ask for confirmation."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from indicators.views.shortcuts import get_user
from reporting.annual_report.calendar import find_due_years
from reporting.annual_report.content.revisions import build_corrected_figures
from reporting.annual_report.drafting.editor import count_commented, count_stories
from reporting.annual_report.drafting.proposal import build_proposal
from reporting.annual_report.drafting.stale_numbers import StaleNumber
from reporting.annual_report.drafting.texts import get_draft, get_next_version, list_coverage
from reporting.annual_report.issuing import (
    OUTDATED,
    IssueRejected,
    describe_number,
    find_correction_problems,
    find_issue_problems,
    find_outstanding_items,
    issue_annual_report,
)
from reporting.annual_report.pdf.tasks import enqueue_pdfs
from reporting.annual_report.snapshot.reader import read_snapshot
from reporting.forms.annual_report import IssueForm
from reporting.models import AnnualReport
from reporting.views.plan_context import asks_for_plan, get_plan_year_or_404
from strategy.dates.periods import Period
from strategy.models import Plan, User


@dataclass(frozen=True)
class ReportKey:
    """The report to issue."""

    plan: Plan
    year: Period
    version: int


@asks_for_plan
@require_http_methods(["GET", "HEAD", "POST"])
def report_issue(request: HttpRequest) -> HttpResponse:
    due = find_due_years(timezone.localdate())
    if "year" not in request.GET and not due:
        return render(request, "reporting/reports/issue.html", {"plan": None})
    key = _get_key(request, due)
    user = get_user(request)
    at = timezone.now()
    checked, stale = _check_report(key, user)
    numbers = [(number.key, describe_number(number)) for number in stale]
    form = IssueForm(request.POST if request.method == "POST" else None, numbers)
    if form.is_valid() and "seen" in checked and form.is_outdated(checked["seen"]):
        form.add_error(None, OUTDATED)
    if form.is_valid() and not checked["problems"]:
        try:
            report = issue_annual_report(
                key.plan,
                key.year.label,
                user,
                at,
                version=key.version,
                accepted_numbers=form.cleaned_data.get("numbers", ()),
                seen=form.cleaned_data["seen"],
            )
        except IssueRejected as refusal:
            checked["problems"] = refusal.problems
        else:
            enqueue_pdfs(report, at)
            return _redirect_to_report(request, report)
    context = {"asked": key, "plan": key.plan, "year": key.year, "due": due, "form": form}
    status = 400 if form.is_bound else 200
    return render(request, "reporting/reports/issue.html", {**context, **checked}, status=status)


def _get_key(request: HttpRequest, due: list[tuple[Plan, Period]]) -> ReportKey:
    if "year" not in request.GET:
        return ReportKey(*due[0], 1)
    plan, year = get_plan_year_or_404(request, request.GET["year"])
    version = request.GET.get("version", "1")
    versions = [str(number) for number in range(1, get_next_version(plan, year.label) + 1)]
    if version not in versions:
        raise Http404(
            _("There is no version %(version)s of an annual report of %(year)s.")
            % {"version": version, "year": year.label}
        )
    return ReportKey(plan, year, int(version))


def _check_report(key: ReportKey, user: User) -> tuple[dict[str, object], tuple[StaleNumber, ...]]:
    """Return problems, missing texts, open items and corrected figures, and the old numbers."""
    plan, label, at = key.plan, key.year.label, timezone.now()
    if problems := find_issue_problems(plan, label, user, at, key.version):
        return {"problems": problems}, ()
    proposal = build_proposal(get_draft(plan, label, key.version), user, at)
    reported = read_snapshot(proposal.rows)
    readings = list_coverage(proposal.written)
    address = reverse("reporting:draft_edit", args=[label, key.version])
    checked: dict[str, object] = {
        "draft_url": f"{address}?{urlencode({'plan': plan.code})}",
        "problems": find_correction_problems(proposal),
        "readings": readings,
        "is_written": all(one.is_written for cells in readings.values() for one in cells),
        "stories": count_stories(proposal.written),
        "priorities": len(proposal.rows.priorities),
        "remarked": count_commented(reported.rollup.targets, proposal.written),
        "matters": find_outstanding_items(plan, label),
        "corrects": reported.report.corrects,
        "corrected": list(build_corrected_figures(reported)),
        "stale": proposal.stale,
        "seen": proposal.digest,
    }
    return checked, proposal.stale


def _redirect_to_report(request: HttpRequest, report: AnnualReport) -> HttpResponse:
    params = {"year": report.year, "version": report.version}
    if report.version == 1:
        messages.success(request, _("The annual report of %(year)s is issued.") % params)
    else:
        messages.success(
            request, _("Version %(version)s of the annual report of %(year)s is issued.") % params
        )
    return redirect(AnnualReport.objects.with_address().get(pk=report.pk))
