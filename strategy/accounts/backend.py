"""How a request finds its user."""

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import F

from strategy.accounts.two_factor import HAS_TWO_FACTOR
from strategy.models import User
from strategy.models.accounts.users import find_role


class AccountBackend(AuthenticationBackend):
    """allauth's, which reads role and second factor with the account: every page asks for both."""

    def get_user(self, user_id: int) -> User | None:
        accounts = User.objects.filter(pk=user_id)
        rows = list(accounts.annotate(group_name=F("groups__name"), uses_two_factor=HAS_TWO_FACTOR))
        if not rows or not self.user_can_authenticate(rows[0]):
            return None
        rows[0].role = find_role(row.group_name for row in rows)
        return rows[0]
