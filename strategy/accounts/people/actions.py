"""What an administrator does to an account; each action is stored with its author and reason."""

from dataclasses import dataclass
from datetime import date, datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from strategy.models import AccountAction, AccountChange, Office, User
from strategy.models.accounts.changes import AccountFieldChange


@dataclass(frozen=True)
class AccountValues:
    """The fields of an account that an administrator sets."""

    email: str
    first_name: str
    last_name: str
    username: str
    role: str
    office: Office | None
    access_ends_on: date | None
    email_language: str


@dataclass(frozen=True)
class Author:
    """Who acts on an account, when and why."""

    by: User
    at: datetime
    reason: str = ""


@transaction.atomic
def invite_user(values: AccountValues, author: Author) -> User:
    """Create the account of the person; the caller sends the invitation."""
    user = User()
    user.set_unusable_password()
    fields = _set_values(user, values)
    _log(user, AccountAction.INVITED, author, fields)
    return user


@transaction.atomic
def update_user(pk: int, values: AccountValues, author: Author) -> bool:
    """Store the values; return False if they are those of the account."""
    fields = _set_values(_lock(pk), values)
    if fields:
        _log(_lock(pk), AccountAction.CHANGED, author, fields)
    return bool(fields)


@transaction.atomic
def log_invitation(user: User, author: Author) -> None:
    _log(user, AccountAction.INVITATION_SENT, author)


@transaction.atomic
def end_access(pk: int, author: Author) -> None:
    """Close the account: its sessions end with the next request."""
    _set_active(pk, False, AccountAction.ENDED, author)


@transaction.atomic
def restore_access(pk: int, author: Author, today: date) -> None:
    """Open the account again; a last day of access before ``today`` is removed."""
    user = _lock(pk)
    fields: list[AccountFieldChange] = []
    if user.access_ends_on and user.access_ends_on < today:
        fields = [_describe_change("access_ends_on", str(user.access_ends_on), "")]
        user.access_ends_on = None
        user.save(update_fields=["access_ends_on"])
    _set_active(pk, True, AccountAction.RESTORED, author, fields)


@transaction.atomic
def remove_two_factor(pk: int, author: Author) -> None:
    """Remove the second factors, and tell the person: they sign in with the password alone."""
    user = _lock(pk)
    Authenticator.objects.filter(user=user).delete()
    # A lost device is signed out too.
    for session in UserSession.objects.filter(user=user):
        session.end()
    _log(user, AccountAction.TWO_FACTOR_RESET, author)
    transaction.on_commit(lambda: _notify_of_reset(user, author.reason))


def _notify_of_reset(user: User, reason: str) -> None:
    with translation.override(user.email_language):
        context = {"user": user, "reason": reason}
        text = render_to_string("strategy/mail/two_factor_reset.txt", context)
        send_mail(_("Your two-factor sign-in was reset"), text, None, [user.email])


def _lock(pk: int) -> User:
    # Of the account alone: PostgreSQL locks no row of an outer join.
    return User.objects.select_for_update(of=("self",)).get(pk=pk)


def _set_values(user: User, values: AccountValues) -> list[AccountFieldChange]:
    before = _read_values(user) if user.pk else {}
    for name in ("email", "first_name", "last_name", "username", "access_ends_on", "office"):
        setattr(user, name, getattr(values, name))
    user.email_language = values.email_language
    user.save()
    user.groups.set([Group.objects.get(name=values.role)])
    user.__dict__.pop("role", None)
    # A replaced address must not receive a link to set a new password.
    EmailAddress.objects.filter(user=user).exclude(email__iexact=user.email).delete()
    after = _read_values(user)
    return [
        _describe_change(name, before.get(name, ""), text)
        for name, text in after.items()
        if text != before.get(name, "")
    ]


def _read_values(user: User) -> dict[str, str]:
    return {
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "username": user.username,
        "role": user.role.value if user.role else "",
        "office": user.office.code if user.office else "",
        "access_ends_on": str(user.access_ends_on or ""),
        "email_language": user.email_language,
    }


def _describe_change(name: str, before: str, after: str) -> AccountFieldChange:
    return {"field": name, "before": before, "after": after}


def _set_active(
    pk: int,
    is_active: bool,
    action: AccountAction,
    author: Author,
    fields: list[AccountFieldChange] | None = None,
) -> None:
    user = _lock(pk)
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    _log(user, action, author, fields)


def _log(
    user: User,
    action: AccountAction,
    author: Author,
    fields: list[AccountFieldChange] | None = None,
) -> None:
    AccountChange.objects.create(
        user=user,
        action=action,
        at=author.at,
        by=author.by,
        reason=author.reason,
        fields=fields or [],
    )
