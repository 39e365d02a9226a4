"""Uploaded files that wait for confirmation."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from strategy.choices import RecordKind


class ImportPreview(models.Model):
    """One uploaded file of records and its effect, stored for its owner until confirmed.

    ``table`` and ``rows`` are JSON in text columns: PostgreSQL's JSON refuses NUL, which a file
    may hold. An unconfirmed preview is deleted after an hour.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("sent by"),
    )
    kind = models.CharField(_("kind of record"), max_length=30, choices=RecordKind.choices)
    file_name = models.CharField(_("name of the file"), max_length=200)
    sha256 = models.CharField(_("fingerprint of the file"), max_length=64)
    table = models.TextField(_("rows of the file as they were read"))
    outcome = models.JSONField(_("what the file would do"))
    rows = models.TextField(_("what each row would do"))
    digest = models.CharField(_("fingerprint of what it would do"), max_length=64)
    created_at = models.DateTimeField(_("sent at"), db_index=True)
    imported_at = models.DateTimeField(
        _("imported at"),
        null=True,
        blank=True,
        help_text=_("When its good rows were imported; those in error are kept for a day."),
    )

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("preview of an import")
        verbose_name_plural = _("previews of imports")

    def __str__(self) -> str:
        return self.file_name
