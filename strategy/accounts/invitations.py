"""Invitations by e-mail: the invited user chooses the password, nobody else knows it."""

from collections.abc import Callable

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from strategy.models import User


def send_invitation(user: User, build_url: Callable[[str], str]) -> None:
    """Send the link to choose a password, in the account's language.

    ``build_url`` puts the host before a path.
    """
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    path = reverse(
        "account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key}
    )
    context = {
        "user": user,
        "link": build_url(path),
        "page": build_url(reverse("account_login")),
        "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
    }
    with translation.override(user.email_language):
        text = render_to_string("strategy/mail/invitation.txt", context)
        send_mail(_("Your account for the results of IBCR"), text, None, [user.email])
