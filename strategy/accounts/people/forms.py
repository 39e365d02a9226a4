"""Forms about an account: invitation and change, and the reason of an action."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import Group
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from strategy.accounts.people.actions import AccountValues
from strategy.accounts.policy import OFFICE_ROLES
from strategy.choices import Role
from strategy.models import User

LOCKED_FOR_SELF = ("role", "access_ends_on")
"""The fields that nobody changes on the own account."""


def refuse_child_identity(text: str) -> None:
    find_text_error: Callable[[str], str] = import_string(settings.TEXT_CHECKER)
    if error := find_text_error(text):
        raise forms.ValidationError(error)


def make_reason_field() -> forms.CharField:
    return forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea({"rows": 3}),
        max_length=1000,
        error_messages={"required": _("Write the reason.")},
        validators=[refuse_child_identity],
    )


class AccountReasonForm(forms.Form):
    reason = make_reason_field()


class InvitationForm(forms.ModelForm[User]):
    """A new account. The invited person chooses the password; nobody sets it here."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=[("", "–"), *Role.choices],
        error_messages={"required": _("Choose a role.")},
    )
    email_language = forms.ChoiceField(
        label=_("Language of e-mails"),
        choices=settings.LANGUAGES,
        error_messages={"required": _("Choose a language.")},
    )

    class Meta:
        model = User
        fields = (
            "email",
            "first_name",
            "last_name",
            "role",
            "office",
            "access_ends_on",
            "email_language",
            "username",
        )
        widgets = {"access_ends_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, today: date | None = None, **kwargs: Any) -> None:
        """Build the form; ``today`` is that of a new account, which needs days of access."""
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["email"].required = True
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].error_messages["required"] = _("Enter the e-mail address.")
        self.fields["username"].required = False
        self.fields["username"].help_text = _("Left empty: the e-mail address.")

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(
                gettext("There is an account with this address. Use another.")
            )
        return email

    def clean_username(self) -> str:
        """Default to the e-mail address; names must not differ by capitals alone."""
        username: str = self.cleaned_data["username"] or self.cleaned_data.get("email", "")
        if User.objects.filter(username__iexact=username).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(gettext("This user name is taken. Choose another."))
        return username

    def clean_role(self) -> str:
        role: str = self.cleaned_data["role"]
        if not Group.objects.filter(name=role).exists():
            raise forms.ValidationError(
                gettext("The roles are not loaded: run manage.py bootstrap.")
            )
        return role

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("role") in OFFICE_ROLES and not values.get("office"):
            self.add_error(
                "office", gettext("Name the office: this role enters or approves records.")
            )
        last = values.get("access_ends_on")
        if last and self.today and last < self.today:
            text = gettext("This day has passed: the person could not sign in. Leave it empty.")
            self.add_error("access_ends_on", text)
        return values

    @property
    def values(self) -> AccountValues:
        """The account as the valid form describes it."""
        data = self.cleaned_data
        return AccountValues(**{name: data[name] for name in AccountValues.__dataclass_fields__})


class AccountForm(InvitationForm):
    """A change of an account, with its reason."""

    reason = make_reason_field()

    def __init__(self, *args: Any, editor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = self.instance.role
        if self.instance == editor:
            for name in LOCKED_FOR_SELF:
                self.fields[name].disabled = True
