"""Offices and user accounts; a user's role is the name of a group."""

from collections.abc import Iterable
from datetime import date

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from strategy.choices import Role
from strategy.models.reference import Coded, Country


class Office(Coded):
    """A place where staff work; a record belongs to the office of the user who entered it."""

    country = models.ForeignKey(
        Country, on_delete=models.PROTECT, related_name="+", verbose_name=_("country")
    )
    is_active = models.BooleanField(_("open"), default=True)

    class Meta(Coded.Meta):
        ordering = ["name"]
        verbose_name = _("office")
        verbose_name_plural = _("offices")


class AccountState(models.TextChoices):
    INVITED = "invited", _("Invited")
    ACTIVE = "active", _("Active")
    ENDED = "ended", _("Ended")


class User(AbstractUser):
    """An account, created by invitation, with an optional last day of access."""

    office = models.ForeignKey(
        Office,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        verbose_name=_("office"),
        help_text=_("Everyone who enters or approves records needs one."),
    )
    access_ends_on = models.DateField(
        _("access ends on"),
        null=True,
        blank=True,
        help_text=_("The last day on which this person can sign in. Empty: no end."),
    )
    email_language = models.CharField(_("language of e-mails"), max_length=5, default="en")

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @cached_property
    def role(self) -> Role | None:
        """The role of the user's group, the first of several; None without one."""
        return find_role(group.name for group in self.groups.all())

    @property
    def is_invited(self) -> bool:
        """Whether the person has not chosen a password yet."""
        return not self.has_usable_password()

    def state_on(self, day: date) -> AccountState:
        if not self.has_access_on(day):
            return AccountState.ENDED
        return AccountState.INVITED if self.is_invited else AccountState.ACTIVE

    def has_access_on(self, day: date) -> bool:
        return self.is_active and (self.access_ends_on is None or day <= self.access_ends_on)


def find_role(group_names: Iterable[str]) -> Role | None:
    """Return the first role that one of the groups gives; None if none does."""
    names = set(group_names)
    return next((role for role in Role if role.value in names), None)
