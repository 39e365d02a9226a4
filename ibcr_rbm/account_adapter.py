"""Accounts are made by invitation: nobody signs up, and an account may have an end date."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from strategy.accounts.demo import SAMPLE_PASSWORD
from strategy.models import User


class InvitationOnlyAdapter(DefaultAccountAdapter):
    """Signing in without signing up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """The person whose password this is; outside the demonstration its own opens nothing."""
        if credentials.get("password") == SAMPLE_PASSWORD and not settings.IS_DEMONSTRATION:
            credentials["password"] = ""
        person: AbstractBaseUser | None = super().authenticate(request, **credentials)
        return person

    def pre_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse | None:
        """Nothing, or the answer to a person who may not come in any more."""
        ended = find_access_end(user)
        if ended:
            messages.error(request, ended)
            answer: HttpResponse = self.respond_user_inactive(request, user)
            return answer
        refusal: HttpResponse | None = super().pre_login(request, user, **more)
        return refusal


def find_access_end(user: User) -> str:
    """The sentence for an account that is past its last day; empty while it is open."""
    last_day = user.access_ends_on
    if last_day is None or user.has_access_on(timezone.localdate()):
        return ""
    return _("Your access ended on %(day)s. Ask the administrator to extend it.") % {
        "day": date_format(last_day)
    }
