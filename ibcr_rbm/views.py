"""The pages of the project itself: its health, and what is said when something may not be done."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import BadRequest
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from indicators.views.autosave import typed_on
from strategy.choices import Role

FIRST_PAGES: Mapping[Role, str] = {
    Role.STAFF: "indicators:my_work",
    Role.MANAGER: "indicators:review",
    Role.OFFICER: "reporting:dashboard",
    Role.BOARD: "reporting:report_list",
    Role.ADMIN: "admin:index",
}
"""Where the work of each role begins, by the name of the route."""


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the server answers and reaches its database; nothing else is told."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database does not answer\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, with the sentence of who raised BadRequest; other reasons are not for the visitor."""
    explanation = str(exception) if isinstance(exception, BadRequest) else ""
    return render(request, "400.html", {"explanation": explanation}, status=400)


def _typed_in(request: HttpRequest) -> dict[str, Any]:
    """What the form of a record sent and nobody will save; it is shown once more, to be copied."""
    found = request.resolver_match
    is_form = found is not None and found.view_name in (
        "indicators:record_create",
        "indicators:record_edit",
    )
    return typed_on(request, found.kwargs["kind"]) if found and is_form else {}


def _to_send_again(request: HttpRequest) -> dict[str, Any]:
    """What was typed, and ``again``: the fields as they were sent. Empty if nothing was typed."""
    shown = _typed_in(request) if request.method == "POST" else {}
    if not shown.get("typed"):
        return {}
    sent = [(name, value) for name, values in request.POST.lists() for value in values]
    return {**shown, "again": [one for one in sent if one[0] != "csrfmiddlewaretoken"]}


def signed_out(request: HttpRequest) -> HttpResponse | None:
    """401 for the form of a record that arrives after its session has ended: it can be sent again.

    None where nothing was typed, so that nothing is lost.
    """
    context = _to_send_again(request)
    return render(request, "401.html", context, status=401) if context else None


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without the proof that it is ours, such as one from before signing in.

    It can be sent again only where the browser says that a page of this site sent it: what another
    site made up is neither shown nor offered.
    """
    is_ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    context = _to_send_again(request) if is_ours else {}
    return render(request, "403_csrf.html", context, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, with the sentence of who raised it; what Django says of addresses is for developers."""
    is_said = type(exception) is Http404 and exception.args
    explanation = str(exception) if is_said else ""
    context = {"explanation": explanation, **_typed_in(request)}
    return render(request, "404.html", context, status=404)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with the sentence that says who may, when the one who refused gave it."""
    context = {"explanation": str(exception), **_typed_in(request)}
    return render(request, "403.html", context, status=403)


def method_not_allowed(request: HttpRequest, allowed: Iterable[str]) -> HttpResponse:
    """405: an address of a form was opened as a page, or a page was sent a form."""
    explanation = _("This address only works from the button or the link that leads to it.")
    answer = render(request, "400.html", {"explanation": explanation}, status=405)
    answer["Allow"] = ", ".join(allowed)
    return answer


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    role = getattr(request.user, "role", None)
    return redirect(FIRST_PAGES[role or Role.ADMIN])
