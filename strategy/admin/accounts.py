"""Accounts in the admin: created by invitation, each with one role.

Nobody can raise their own rights: role, end and activity of the own account cannot be changed, and
only a superuser sees superusers. No password is set here: the invited user chooses it.
"""

from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from strategy.accounts.invitations import MAIL_ERRORS, send_invitation
from strategy.accounts.policy import OFFICE_ROLES
from strategy.admin.base import StrictAdmin
from strategy.choices import Role
from strategy.models import User

LOCKED_FOR_SELF = ("role", "access_ends_on", "is_active")
"""The fields that nobody changes on the own account."""


class AccountForm(forms.ModelForm[User]):
    """The form of an account for administrators."""

    editor: User
    """The user who edits; set on a subclass for each request."""

    role = forms.ChoiceField(label=_("Role"), choices=[("", "–"), *Role.choices])

    class Meta:
        model = User
        fields = (
            "email",
            "first_name",
            "last_name",
            "username",
            "role",
            "office",
            "access_ends_on",
            "is_active",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True
        self.fields["username"].required = False
        self.fields["username"].help_text = _("Left empty: the e-mail address.")
        if self.instance.pk:
            self.fields["role"].initial = self.instance.role
        if self.instance == self.editor:
            for name in LOCKED_FOR_SELF:
                self.fields[name].disabled = True

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
        return values


class RoleFilter(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        return list(Role.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


@admin.register(User)
class AccountAdmin(StrictAdmin[User]):
    form = AccountForm
    list_display = ("__str__", "email", "role_name", "office", "access_ends_on", "is_active")
    list_filter = (RoleFilter, "office", "is_active")
    list_select_related = ("office",)
    search_fields = ("username", "email", "first_name", "last_name")
    ordering = ("username",)
    actions = ("send_invitation",)

    @admin.display(description=_("role"))
    def role_name(self, user: User) -> str:
        return str(user.role.label) if user.role else ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        accounts: QuerySet[User] = super().get_queryset(request).prefetch_related("groups")
        is_superuser = isinstance(request.user, User) and request.user.is_superuser
        return accounts if is_superuser else accounts.filter(is_superuser=False)

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[User]]:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"editor": request.user})

    def save_model(self, request: HttpRequest, obj: User, form: AccountForm, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        # A replaced address must not receive a link to set a new password.
        EmailAddress.objects.filter(user=obj).exclude(email__iexact=obj.email).delete()

    def save_related(
        self, request: HttpRequest, form: AccountForm, formsets: object, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        user = form.instance
        user.groups.set([Group.objects.get(name=form.cleaned_data["role"])])
        if not change:
            user.__dict__.pop("role", None)
            self._send_invitations(request, [user])

    @admin.action(description=_("Send the invitation again"), permissions=["change"])
    def send_invitation(self, request: HttpRequest, accounts: QuerySet[User]) -> None:
        self._send_invitations(
            request, [user for user in accounts if user.is_active and user.email]
        )

    def _send_invitations(self, request: HttpRequest, users: list[User]) -> None:
        sent = 0
        for user in users:
            try:
                send_invitation(user, request.build_absolute_uri)
            except MAIL_ERRORS as error:
                text = gettext(
                    "The invitation of %(user)s could not be sent: %(fault)s. Try again."
                )
                self.message_user(request, text % {"user": user, "fault": error}, messages.ERROR)
            else:
                sent += 1
        if sent:
            text = ngettext("%(n)s invitation was sent.", "%(n)s invitations were sent.", sent)
            self.message_user(request, text % {"n": sent}, messages.SUCCESS)
