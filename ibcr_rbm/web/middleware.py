"""HTML without indents, responses that no cache stores, idle sessions, a server without room."""

import logging
import re
import time
from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from ibcr_rbm.views import cannot_save, too_many_checks
from ibcr_rbm.web.storage_limits import is_storage_full
from indicators.safeguarding.files.check_slots import TooManyChecks
from strategy.models import User

logger = logging.getLogger(__name__)

FOUND = 302
"""The status of a redirect, as after signing out."""
SEEN_AT = "seen_at"
"""The key of a session for the time of its last request, in seconds since 1970."""
UNRECORDED_ROUTES = frozenset({"concern"})
"""The routes that change no session: nothing shows who opened them."""
SEEN_STEPS = 6
"""The time is stored when a sixth of the idle time has passed: a write ends all stored pages."""

INDENT = re.compile(rb"(<(textarea|pre)\b.*?</\2>)|\n\s+", re.DOTALL)
"""An indent, or an element whose spaces are content."""


class MinifyHtmlMiddleware:
    """Removes the indent of each line of a page, except in the user's own text."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, HttpResponse):
            return response
        if response.get("Content-Type", "").startswith("text/html"):
            response.content = INDENT.sub(lambda match: match[1] or b"\n", response.content)
            # Set for the longer page: a client without gzip would wait for the rest.
            if response.has_header("Content-Length"):
                response["Content-Length"] = str(len(response.content))
        return response


class PrivateResponseMiddleware:
    """Lets no cache store what a signed-in user sees; signing out empties the browser's cache.

    A view that sets Cache-Control itself decides. Records that wait on the device are in its own
    storage, which stays.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        session = getattr(request, "session", None)
        # Not read for this: the page of a stranger asks the database nothing more.
        is_signed_in = session is not None and session.accessed and SESSION_KEY in session
        if is_signed_in and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        match = request.resolver_match
        is_sign_out = request.method == "POST" and match and match.view_name == "account_logout"
        if is_sign_out and response.status_code == FOUND:
            response["Clear-Site-Data"] = '"cache"'
        return response


class IdleSessionMiddleware:
    """Signs out a user who sent no request for SESSION_IDLE_SECONDS."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        match = request.resolver_match
        is_unrecorded = match is not None and match.view_name in UNRECORDED_ROUTES
        if is_unrecorded or SESSION_KEY not in request.session:
            return
        now = int(time.time())
        idle = now - request.session.get(SEEN_AT, now - settings.SESSION_IDLE_SECONDS // SEEN_STEPS)
        if idle > settings.SESSION_IDLE_SECONDS:
            logout(request)
            messages.info(request, _("You were signed out because you were away for long."))
        elif idle >= settings.SESSION_IDLE_SECONDS // SEEN_STEPS:
            request.session[SEEN_AT] = now


@receiver(user_logged_in)
def remember_sign_in(request: HttpRequest, **_details: object) -> None:
    request.session[SEEN_AT] = int(time.time())


@receiver(authenticator_added)
def end_other_sessions(
    request: HttpRequest, user: User, authenticator: Authenticator, **_details: object
) -> None:
    """Sign out the sessions that were opened without the second factor."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return
    others = UserSession.objects.filter(user=user)
    for session in others.exclude(session_key=request.session.session_key):
        session.end()


class UnavailableMiddleware:
    """Answers 503 where nothing can be saved, or where other files are being checked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, TooManyChecks):
            return too_many_checks(request)
        if is_storage_full(error):
            logger.error("Nothing can be saved: %s", error)
            return cannot_save(request)
        return None
