"""The view that compares an uploaded PDF with the issued report, without storing it."""

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from reporting.annual_report.sealing.keys import SIGNATURE_SIZE
from reporting.annual_report.verification.compare import verify
from reporting.annual_report.verification.result import list_differing_figures
from reporting.forms.annual_report import VerifyForm

MAX_PER_HOUR = 30
"""The limit of files per user and hour: each is read and compared within the request."""


@require_http_methods(["GET", "HEAD", "POST"])
def report_verify(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _render_form(request, VerifyForm(), 200)
    form = VerifyForm(request.POST, request.FILES)
    if form.is_valid() and _exceeds_limit(request):
        form.add_error("file", _("You have checked many files. Wait an hour, then go on."))
    if not form.is_valid():
        return _render_form(request, form, 400)
    signature = form.cleaned_data["signature"]
    found = verify(
        form.cleaned_data["file"].read(),
        signature.read(SIGNATURE_SIZE + 1) if signature else b"",
    )
    context = {
        "found": found,
        "name": form.cleaned_data["file"].name,
        "differing": list_differing_figures(found),
    }
    return _render_form(request, VerifyForm(), 200, **context)


def _render_form(
    request: HttpRequest, form: VerifyForm, status: int, **context: object
) -> HttpResponse:
    return render(
        request, "reporting/reports/verify.html", {"form": form, **context}, status=status
    )


def _exceeds_limit(request: HttpRequest) -> bool:
    hour = timezone.now().strftime("%Y-%m-%d %H")
    key = f"verified-{request.user.pk}-{hour}".replace(" ", "-")
    number = int(cache.get(key, 0)) + 1
    cache.set(key, number, 3600)
    return number > MAX_PER_HOUR
