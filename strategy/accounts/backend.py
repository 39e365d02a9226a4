"""How a request finds its user."""

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import F

from strategy.models import User
from strategy.models.accounts.users import find_role


class AccountBackend(AuthenticationBackend):
    """allauth's, which reads the account with its role: every page asks for both."""

    def get_user(self, user_id: int) -> User | None:
        rows = list(User.objects.filter(pk=user_id).annotate(group_name=F("groups__name")))
        if not rows or not self.user_can_authenticate(rows[0]):
            return None
        rows[0].role = find_role(row.group_name for row in rows)
        return rows[0]
