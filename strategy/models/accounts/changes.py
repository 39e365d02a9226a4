"""What happened to an account: who did what, when, and why."""

from typing import TypedDict

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountAction(models.TextChoices):
    INVITED = "invited", _("Invited")
    INVITATION_SENT = "invitation_sent", _("Invitation sent again")
    CHANGED = "changed", _("Account changed")
    ENDED = "ended", _("Access ended")
    RESTORED = "restored", _("Access restored")
    TWO_FACTOR_RESET = "two_factor_reset", _("Two-factor sign-in reset")


class AccountFieldChange(TypedDict):
    """A changed field by its name: its text before and after, empty where there was none."""

    field: str
    before: str
    after: str


class AccountChange(models.Model):
    """An action of an administrator on an account."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="account_changes",
        verbose_name=_("account"),
    )
    action = models.CharField(_("action"), max_length=20, choices=AccountAction.choices)
    at = models.DateTimeField(_("changed at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("changed by"),
    )
    reason = models.TextField(_("reason"), blank=True)
    fields: "models.JSONField[list[AccountFieldChange], list[AccountFieldChange]]" = (
        models.JSONField(_("what changed"), default=list)
    )

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("change of an account")
        verbose_name_plural = _("changes of accounts")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}: {self.get_action_display()}"
