"""Access by role: the only module that compares roles.

``indicators.workflow.transitions`` adds the rules about one record, ``ibcr_rbm.access_policy`` the
routes that each role may open.
"""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from strategy.choices import Role
from strategy.models import Office, User

Roles = frozenset[Role]
Account = User | AnonymousUser | None
"""The user of a request or of a template's context, also where nobody is signed in."""

RECORDERS: Roles = frozenset({Role.STAFF, Role.MANAGER, Role.OFFICER})
"""The roles that enter, edit and submit records."""
REVIEWERS: Roles = frozenset({Role.MANAGER, Role.OFFICER})
"""The roles that approve and return records, of every office."""
OFFICERS: Roles = frozenset({Role.OFFICER})
FIGURE_READERS: Roles = RECORDERS | {Role.BOARD}
REPORT_READERS: Roles = REVIEWERS | {Role.BOARD}
DATA_ADMINS: Roles = frozenset({Role.OFFICER, Role.ADMIN})
"""The roles that change plans or reference data."""
ACCOUNT_ADMINS: Roles = frozenset({Role.ADMIN})
"""The roles that invite people and change, end or restore their accounts."""
OFFICE_ROLES: Roles = RECORDERS
"""The roles that need an office: it owns the records that they enter."""


def effective_role(user: User) -> Role | None:
    """Return the user's role; a superuser of the command line counts as administrator."""
    return Role.ADMIN if user.role is None and user.is_superuser else user.role


def lacks_office(user: User) -> bool:
    return user.role in OFFICE_ROLES and user.office_id is None


def needs_two_factor(user: User) -> bool:
    """Whether the installation lets the user's role work only with a second factor."""
    return effective_role(user) in settings.TWO_FACTOR_ROLES


def get_rights(user: User) -> tuple[object, ...]:
    """Return what decides which pages a user sees, and what is on those that name nobody."""
    return (effective_role(user), user.office_id)


def can_open_records(user: Account) -> bool:
    return _has_role(user, RECORDERS)


def can_record(user: User) -> bool:
    """Whether the user may enter records, which then belong to the user's office."""
    return can_open_records(user) and not lacks_office(user)


def can_review(user: Account) -> bool:
    return _has_role(user, REVIEWERS)


def sees_all_offices(user: Account) -> bool:
    return _has_role(user, REVIEWERS)


def can_open_office(user: User, office: Office) -> bool:
    """Whether the user may see the records of an office."""
    return sees_all_offices(user) or (can_record(user) and user.office_id == office.pk)


def sees_confidential_records(user: Account) -> bool:
    """Whether the user sees those of other offices too."""
    return _has_role(user, OFFICERS)


def can_issue_reports(user: Account) -> bool:
    return _has_role(user, OFFICERS)


def can_merge_records(user: Account) -> bool:
    return _has_role(user, OFFICERS)


def can_override_ratings(user: Account) -> bool:
    return _has_role(user, OFFICERS)


def _has_role(user: Account, roles: Roles) -> bool:
    return isinstance(user, User) and user.role in roles
