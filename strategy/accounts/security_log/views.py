"""The page of the security log, and its file."""

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from strategy.accounts.security_log.listing import SecurityFilterForm, select_events, write_csv
from strategy.models import SecurityEvent

PER_PAGE = 50


@require_safe
def security_log(request: HttpRequest) -> HttpResponse:
    form = SecurityFilterForm(request.GET)
    events = select_events(form.cleaned_data) if form.is_valid() else SecurityEvent.objects.none()
    page = Paginator(events, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "strategy/security_log/list.html", {"form": form, "page": page})


@require_safe
def security_log_file(request: HttpRequest) -> StreamingHttpResponse:
    form = SecurityFilterForm(request.GET)
    if not form.is_valid():
        raise BadRequest(
            " ".join(str(error) for errors in form.errors.values() for error in errors)
        )
    response = StreamingHttpResponse(
        write_csv(select_events(form.cleaned_data)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="security-log.csv"'
    return response
