"""The home page, the health check and the error pages."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from indicators.forms.autosave import UnsavedAnswers
from indicators.views.autosave import FORM_AUTHOR, read_unsaved_answers
from strategy.choices import Role

FIRST_PAGES: Mapping[Role, str] = {
    Role.STAFF: "indicators:my_work",
    Role.MANAGER: "indicators:review",
    Role.OFFICER: "reporting:dashboard",
    Role.BOARD: "reporting:report_list",
    Role.ADMIN: "strategy:people",
}
"""Role -> the route of its home page."""

RECORD_FORMS = ("indicators:record_create", "indicators:record_edit")
STORING_FORMS = (*RECORD_FORMS, "indicators:form_draft_save", "indicators:offline_send")
"""The routes that store what a user typed under that user's name."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    role = getattr(request.user, "role", None)
    return redirect(FIRST_PAGES[role or Role.ADMIN])


@require_safe
def concern(request: HttpRequest) -> HttpResponse:
    """Show the independent channel; nothing is stored of who opens the page or its link."""
    channel = settings.CONCERN_URL
    context = {"channel": channel, "name": channel.partition(":")[2].removeprefix("//")}
    response = render(request, "strategy/concern.html", context)
    response["Cache-Control"] = "no-store"
    return response


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Return 200 when the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database does not answer\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 400; only the message of a BadRequest is shown."""
    explanation = str(exception) if isinstance(exception, BadRequest) else ""
    return _render_bad_request(request, 400, explanation)


def method_not_allowed(request: HttpRequest, allowed: Iterable[str]) -> HttpResponse:
    """Return 405 for a form's URL opened as a page, or a form sent to a page."""
    explanation = _("This address only works from the button or the link that leads to it.")
    response = _render_bad_request(request, 405, explanation)
    response["Allow"] = ", ".join(allowed)
    return response


def session_expired(request: HttpRequest) -> HttpResponse | None:
    """Return 401 with the form's answers, which can be sent again; None for an empty form."""
    if request.method != "POST":
        return None
    unsaved = _read_unsaved(request, can_resubmit=True)
    if not unsaved.fields:
        return None
    advice = _(
        "Who stays away for long is signed out. Nothing is lost: leave this page open, "
        "sign in in a new window, then come back here and save."
    )
    context = {"alert": _("What you typed is not saved yet."), "unsaved": unsaved}
    return _render_error(request, 401, _("You are signed out"), [advice], **context)


def refuse_other_author(request: HttpRequest) -> HttpResponse | None:
    """Return 412 for a form that another account opened; its answers can be sent again."""
    match = request.resolver_match
    if request.method != "POST" or match is None or match.view_name not in STORING_FORMS:
        return None
    author = request.POST.get(FORM_AUTHOR)
    if not author or author == str(request.user.pk):
        return None
    advice = _(
        "Another account opened this form, and you are signed in with yours now. Leave this page "
        "open, let its author sign in in a new window, then come back here and save."
    )
    unsaved = _read_unsaved(request, can_resubmit=True)
    context = {"alert": _("Nothing was saved."), "unsaved": unsaved}
    return _render_error(
        request, 412, _("This form belongs to another account"), [advice], **context
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return 403 for a form without a valid CSRF token, such as one from before signing in."""
    # Only the answers of a form of this site are shown and can be sent again.
    is_same_origin = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    unsaved = _read_unsaved(request, can_resubmit=True) if is_same_origin else UnsavedAnswers()
    advice = (
        _("What you typed is below. Look whether it is yours, then save it.")
        if unsaved.fields
        else _(
            "Go back with your browser, copy what you typed, load the page again and send it once "
            "more. If that fails, allow cookies for this site."
        )
    )
    explanation = _(
        "The page had been open for too long, or you signed in again in another window. "
        "Nothing was saved."
    )
    title = _("The form was not sent")
    return _render_error(request, 403, title, [explanation, advice], unsaved=unsaved)


def too_many_requests(request: HttpRequest, wait: timedelta = timedelta(minutes=1)) -> HttpResponse:
    """Return 429 with the time to wait, in the header and in words."""
    minutes = -(-wait // timedelta(minutes=1))
    sentence = ngettext(
        "Try again in %(minutes)d minute.", "Try again in %(minutes)d minutes.", minutes
    )
    advice = _("If you forgot your password, ask for a link to choose another.")
    title = _("Too many attempts")
    sentences = [sentence % {"minutes": minutes}, advice]
    response = _render_error(request, 429, title, sentences)
    response["Retry-After"] = str(-(-wait // timedelta(seconds=1)))
    return response


def too_many_checks(request: HttpRequest) -> HttpResponse:
    """Return 503 with the form: the files of others are being checked."""
    advice = _(
        "The server is checking the files of others. Wait half a minute, then send it again."
    )
    return _render_unavailable(request, _("Try again in half a minute"), advice, 30)


def cannot_save(request: HttpRequest) -> HttpResponse:
    """Return 503 with the form: the disk or the database takes nothing more."""
    advice = _(
        "The server has no room left. You can go on reading. Leave this page open, tell your "
        "administrator, and send it again later."
    )
    return _render_unavailable(request, _("Nothing can be saved now"), advice, 600)


def _render_unavailable(
    request: HttpRequest, title: str, advice: str, seconds: int
) -> HttpResponse:
    unsaved = _read_unsaved(request, can_resubmit=True)
    context = {"alert": _("Nothing was saved."), "unsaved": unsaved, "is_unavailable": True}
    response = _render_error(request, 503, title, [advice], **context)
    response["Retry-After"] = str(seconds)
    return response


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    advice = _(
        "What each account may see depends on its role. If you need this page for your work, ask "
        "the M&E officer, and say which address you tried."
    )
    context = {
        "heading": _("This page is not open to your account"),
        "unsaved": _read_unsaved(request),
    }
    return _render_error(request, 403, _("Not open to you"), [str(exception), advice], **context)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 404 with the message of a view; Django's own message is for developers."""
    reason = str(exception) if type(exception) is Http404 and exception.args else ""
    advice = _(
        "If you typed the address, check that it is complete. If you followed a link, the record "
        "may belong to another office, or may have another reference now."
    )
    context = {"heading": _("There is no such page"), "unsaved": _read_unsaved(request)}
    return _render_error(request, 404, _("Page not found"), [reason, advice], **context)


def _render_bad_request(request: HttpRequest, status: int, explanation: str) -> HttpResponse:
    advice = _("Nothing was changed. Check the address, or go back and choose the values again.")
    title = _("The request was not understood")
    return _render_error(request, status, title, [explanation, advice])


def _render_error(
    request: HttpRequest, status: int, title: str, sentences: list[str], **more: object
) -> HttpResponse:
    context = {"title": title, "sentences": sentences, **more}
    return render(request, "error.html", context, status=status)


def _read_unsaved(request: HttpRequest, *, can_resubmit: bool = False) -> UnsavedAnswers:
    match = request.resolver_match
    if match is None or match.view_name not in RECORD_FORMS:
        return UnsavedAnswers()
    return read_unsaved_answers(request, match.kwargs["kind"], can_resubmit=can_resubmit)
