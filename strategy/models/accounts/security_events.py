"""The security log: what was done that matters to security, by whom and from where."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SecurityAction(models.TextChoices):
    SIGNED_IN = "signed_in", _("Signed in")
    SIGNED_OUT = "signed_out", _("Signed out")
    SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
    REFUSED = "refused", _("Refused")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    TWO_FACTOR_CHANGED = "two_factor_changed", _("Two-factor sign-in changed")
    ACCOUNT_CHANGED = "account_changed", _("Account changed")
    PLAN_CHANGED = "plan_changed", _("Plan changed")
    APPROVED = "approved", pgettext_lazy("act", "Approved")
    IMPORTED = "imported", _("Records imported")
    EXPORTED = "exported", _("Data exported")
    DOWNLOADED = "downloaded", _("File downloaded")
    REPORT_ISSUED = "report_issued", _("Report issued")
    BACKED_UP = "backed_up", _("Backup made")


class SecurityEvent(models.Model):
    """An entry: no title, password, token or text of an e-mail is in it."""

    at = models.DateTimeField(_("time"), db_index=True)
    action = models.CharField(_("action"), max_length=20, choices=SecurityAction.choices)
    # An entry outlives its account.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("account"),
    )
    by_id: int | None
    address = models.GenericIPAddressField(_("network address"), null=True)
    request_id = models.CharField(_("request"), max_length=32, blank=True)
    """Empty for a command."""
    subject = models.CharField(_("what it concerns"), max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("entry of the security log")
        verbose_name_plural = _("security log")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {self.get_action_display()}"
