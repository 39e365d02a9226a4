"""E-mails that wait for the mail server."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class QueuedEmail(models.Model):
    """An e-mail, or the request of one, until it is sent; sent ones are deleted."""

    content = models.TextField(_("content"))
    """Encrypted: links to choose a password are in it."""
    queued_at = models.DateTimeField(_("queued at"))
    next_at = models.DateTimeField(_("next attempt at"), db_index=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        ordering = ["queued_at", "pk"]
        verbose_name = _("waiting e-mail")
        verbose_name_plural = _("waiting e-mails")

    def __str__(self) -> str:
        return f"{self.queued_at:%Y-%m-%d %H:%M}"
