"""Who receives e-mail about pending work, and when it was sent last."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class NotificationPreference(models.Model):
    """A user's choice of e-mail; without a row it comes."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("user")
    )
    is_wanted = models.BooleanField(
        _("Tell me by mail"),
        default=True,
        help_text=_("When something waits for me, or came back. At most once a day."),
    )
    told_to_review_at = models.DateTimeField(null=True, editable=False)
    told_of_return_at = models.DateTimeField(null=True, editable=False)
    told_of_cited_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("wish for mail")
        verbose_name_plural = _("wishes for mail")

    def __str__(self) -> str:
        return str(self.user)
