"""Sign-in without sign-up: accounts are created by invitation and may have an end date."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ibcr_rbm.views import too_many_requests
from strategy.accounts.demo import SAMPLE_PASSWORD
from strategy.accounts.sign_in.throttling import (
    DEVICE_AGE,
    SignInAttempt,
    TooManyAttempts,
    count_attempt,
    write_device,
)
from strategy.models import User


class InvitationOnlyAdapter(DefaultAccountAdapter):
    """The adapter of allauth: no sign-up, no sign-in after the last day of access."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt instead of allauth, whose limits lock out others at an address."""
        attempt = SignInAttempt(
            login=credentials.get("username") or credentials.get("email") or "",
            address=self.get_client_ip(request),
            device=request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""),
            at=timezone.now(),
        )
        try:
            self._attempt = count_attempt(attempt)
        except TooManyAttempts as error:
            raise ImmediateHttpResponse(too_many_requests(request, error.wait)) from None

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        # The published password of the sample accounts must open nothing elsewhere.
        if credentials.get("password") == SAMPLE_PASSWORD and not settings.IS_DEMONSTRATION:
            credentials["password"] = ""
        person: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if person is not None:
            self._attempt.delete()
        return person

    def post_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **more)
        cookie = settings.DEVICE_COOKIE_NAME
        response.set_cookie(
            cookie,
            write_device(request.COOKIES.get(cookie, ""), user),
            max_age=DEVICE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response

    def pre_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse | None:
        error = explain_ended_access(user)
        if error:
            messages.error(request, error)
            response: HttpResponse = self.respond_user_inactive(request, user)
            return response
        refusal: HttpResponse | None = super().pre_login(request, user, **more)
        return refusal


def explain_ended_access(user: User) -> str:
    """Return the error for an account after its last day; empty while it is open."""
    last_day = user.access_ends_on
    if last_day is None or user.has_access_on(timezone.localdate()):
        return ""
    return _("Your access ended on %(day)s. Ask the administrator to extend it.") % {
        "day": date_format(last_day)
    }
