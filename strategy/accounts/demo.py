"""The sample accounts of the demonstration: one per role, all with one published password.

Only the demo command creates them; elsewhere nobody can sign in with that password.
"""

from collections.abc import Mapping
from functools import cache

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import Group

from strategy.choices import Role
from strategy.models import Office, User

SAMPLE_PASSWORD = "ibcr-demo"

OFFICES: Mapping[Role, str] = {
    Role.STAFF: "dakar",
    Role.MANAGER: "montreal",
    Role.OFFICER: "montreal",
}
"""The office of each sample account that needs one, by its code in the reference data."""


def make_sample_accounts() -> dict[Role, User]:
    """Create or restore the accounts; a correct password stays, so that nobody is signed out."""
    has_sample_password = cache(lambda encoded: check_password(SAMPLE_PASSWORD, encoded))
    encoded = ""
    accounts = {}
    for role in Role:
        user = User.objects.filter(username=role.value).first() or User(username=role.value)
        if not has_sample_password(user.password):
            encoded = encoded or make_password(SAMPLE_PASSWORD)
            user.password = encoded
        user.email = f"{role.value}@example.org"
        user.office = Office.objects.get(code=OFFICES[role]) if role in OFFICES else None
        user.is_active, user.is_superuser, user.access_ends_on = True, False, None
        user.save()
        user.groups.set([Group.objects.get(name=role.value)])
        accounts[role] = user
    return accounts
