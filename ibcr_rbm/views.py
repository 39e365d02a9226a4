"""The pages of the project itself: its health, and what is said when something may not be done."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import BadRequest
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from indicators.views.typed import typed_on


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
    is_form = found is not None and found.view_name in ("record_create", "record_edit")
    return typed_on(request, found.kwargs["kind"]) if found and is_form else {}


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
