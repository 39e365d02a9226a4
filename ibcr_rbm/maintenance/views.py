"""Whether the installation can work: for a load balancer, a collector of metrics and people."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ibcr_rbm.maintenance.status.findings import find_state, is_ready
from ibcr_rbm.maintenance.status.metrics import build_metrics


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Return 200 when pages can be served, else 503; a stranger learns no more."""
    if is_ready():
        return HttpResponse("ready\n", content_type="text/plain")
    return HttpResponse("not ready\n", status=503, content_type="text/plain")


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return figures for Prometheus to who sends METRICS_TOKEN; 404 to everyone else."""
    given = request.headers.get("Authorization", "")
    expected = f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN or not constant_time_compare(given, expected):
        raise Http404
    return HttpResponse(build_metrics(timezone.now()), content_type="text/plain; version=0.0.4")


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    findings = find_state(timezone.now())
    problems = [finding for finding in findings if finding.problem]
    context = {"findings": findings, "problems": problems}
    return render(request, "strategy/status.html", context)
