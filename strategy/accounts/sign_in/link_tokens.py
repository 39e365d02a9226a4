"""The links to choose a password: an invitation lives for days, a forgotten password one hour."""

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.http import base36_to_int

from strategy.models import User


class AccountLinkTokens(PasswordResetTokenGenerator):
    """Tokens whose life depends on the account; a change of password or address ends them."""

    def check_token(self, user: User | None, token: str | None) -> bool:
        # Django's own limit is that of an invitation.
        if user is None or not token or not super().check_token(user, token):
            return False
        made_at = base36_to_int(token.partition("-")[0])
        age = self._num_seconds(self._now()) - made_at
        return user.is_invited or age <= settings.RESET_LINK_SECONDS
