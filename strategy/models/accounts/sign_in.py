"""Attempts to sign in that failed, for as long as they count."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SignInFailure(models.Model):
    """A failed attempt, or one that is being checked."""

    account = models.CharField(_("account"), max_length=64)
    """The digest of the account, also of one that does not exist."""
    address = models.CharField(_("address"), max_length=64)
    """The digest of the address; empty from a device that signed in before."""
    at = models.DateTimeField(_("failed at"), db_index=True)

    class Meta:
        indexes = [models.Index(fields=["address", "at"], name="failure_by_address")]
        verbose_name = _("failed sign-in")
        verbose_name_plural = _("failed sign-ins")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
