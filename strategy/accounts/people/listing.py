"""The list of accounts and the filters that it knows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.utils import label_for_field
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from strategy.accounts.two_factor import HAS_TWO_FACTOR
from strategy.choices import Role
from strategy.models import AccountChange, AccountState, Office, User

ANY = ("", _("Any"))
WITH_TWO_FACTOR, WITHOUT_TWO_FACTOR = "on", "off"


@dataclass(frozen=True)
class AccountRow:
    """An account as the pages show it."""

    user: User
    state: AccountState
    has_two_factor: bool


@dataclass(frozen=True)
class FieldText:
    """A changed field in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ChangeText:
    """A change of an account in words."""

    change: AccountChange
    fields: list[FieldText]


class AccountFilterForm(forms.Form):
    """The filters of the list; nothing else of an account can be looked up."""

    q = forms.CharField(label=_("Name or e-mail address"), required=False, max_length=200)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[ANY, *Role.choices])
    office = forms.ModelChoiceField(
        label=_("Office"),
        required=False,
        queryset=Office.objects.all(),
        to_field_name="code",
        empty_label=_("Any"),
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[ANY, *AccountState.choices]
    )
    two_factor = forms.ChoiceField(
        label=_("Two-factor sign-in"),
        required=False,
        choices=[ANY, (WITH_TWO_FACTOR, _("On")), (WITHOUT_TWO_FACTOR, _("Off"))],
    )


def load_accounts(viewer: User) -> QuerySet[User]:
    """Return the accounts that an administrator may see: superusers see each other alone."""
    accounts = User.objects.annotate(uses_two_factor=HAS_TWO_FACTOR)
    accounts = accounts.select_related("office").prefetch_related("groups").order_by("username")
    return accounts if viewer.is_superuser else accounts.filter(is_superuser=False)


def select_accounts(
    accounts: QuerySet[User], values: Mapping[str, Any], today: date
) -> QuerySet[User]:
    """Return the accounts that match the cleaned values of an AccountFilterForm."""
    for word in values["q"].split():
        names = ("username", "email", "first_name", "last_name")
        matches = Q()
        for name in names:
            matches |= Q(**{f"{name}__icontains": word})
        accounts = accounts.filter(matches)
    if values["role"]:
        accounts = accounts.filter(groups__name=values["role"])
    if values["office"]:
        accounts = accounts.filter(office=values["office"])
    if values["two_factor"]:
        is_on = values["two_factor"] == WITH_TWO_FACTOR
        accounts = accounts.filter(HAS_TWO_FACTOR if is_on else ~HAS_TWO_FACTOR)
    return accounts.filter(_in_state(values["state"], today)) if values["state"] else accounts


def build_row(user: User, today: date) -> AccountRow:
    """Return the row of an account that ``load_accounts`` read."""
    return AccountRow(user, user.state_on(today), bool(vars(user)["uses_two_factor"]))


def load_changes(user: User) -> list[ChangeText]:
    """Return what happened to the account, the last first."""
    changes = list(user.account_changes.select_related("by"))
    offices = dict(Office.objects.values_list("code", "name")) if changes else {}
    # A code that names nothing any more is shown as it is.
    words: Mapping[str, Callable[[str], str]] = {
        "role": lambda code: str(dict(Role.choices).get(code, code)),
        "office": lambda code: offices.get(code, code),
        "email_language": lambda code: str(dict(settings.LANGUAGES).get(code, code)),
    }
    return [
        ChangeText(
            change,
            [
                FieldText(
                    str(_("Role") if field["field"] == "role" else _label(field["field"])),
                    words.get(field["field"], str)(field["before"]),
                    words.get(field["field"], str)(field["after"]),
                )
                for field in change.fields
            ],
        )
        for change in changes
    ]


def _label(field: str) -> str:
    label = str(label_for_field(field, User))
    return label[:1].upper() + label[1:]


def _in_state(state: str, today: date) -> Q:
    is_open = Q(is_active=True) & (Q(access_ends_on=None) | Q(access_ends_on__gte=today))
    is_invited = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return {
        AccountState.ENDED: ~is_open,
        AccountState.INVITED: is_open & is_invited,
        AccountState.ACTIVE: is_open & ~is_invited,
    }[AccountState(state)]
