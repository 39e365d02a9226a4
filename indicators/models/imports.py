"""Files of records: those that wait for confirmation, and those imported, with their records."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from strategy.choices import RecordKind


class UploadedRecords(models.Model):
    """A file of records that one user sent, and that nobody else sees."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("sent by"),
    )
    kind = models.CharField(_("kind of record"), max_length=30, choices=RecordKind.choices)
    file_name = models.CharField(_("name of the file"), max_length=200)
    created_at = models.DateTimeField(_("sent at"), db_index=True)

    class Meta:
        abstract = True
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.file_name


class ImportPreview(UploadedRecords):
    """One uploaded file of records and its effect, stored for its owner until confirmed.

    ``table`` and ``rows`` are JSON in text columns: PostgreSQL's JSON refuses NUL, which a file
    may hold. An unconfirmed preview is deleted after an hour.
    """

    sha256 = models.CharField(_("fingerprint of the file"), max_length=64)
    table = models.TextField(_("rows of the file as they were read"))
    outcome = models.JSONField(_("what the file would do"))
    rows = models.TextField(_("what each row would do"))
    imported_at = models.DateTimeField(
        _("imported at"),
        null=True,
        blank=True,
        help_text=_("When its good rows were imported; those in error are kept for a day."),
    )

    class Meta(UploadedRecords.Meta):
        verbose_name = _("preview of an import")
        verbose_name_plural = _("previews of imports")


class ImportUpload(UploadedRecords):
    """An uploaded file whose questions wait for the answers of its owner, for an hour.

    ``content`` is encrypted with a key that only the owner's browser has: the file was not yet
    searched for identifiers of children.
    """

    content = models.BinaryField(_("encrypted file"))
    answers = models.JSONField(_("answers about the file"), default=dict)

    class Meta(UploadedRecords.Meta):
        verbose_name = _("file with open questions")
        verbose_name_plural = _("files with open questions")


class ImportRun(models.Model):
    """One imported file of records: its owner, its time, and its numbers of records.

    ``uuid`` is the identifier of the confirmed preview. ``left_out`` counts rows in error, which
    were not imported. ``undone_at`` is set even when some records could not be restored.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("imported by"),
    )
    kind = models.CharField(_("kind of record"), max_length=30, choices=RecordKind.choices)
    file_name = models.CharField(_("name of the file"), max_length=200)
    sha256 = models.CharField(_("fingerprint of the file"), max_length=64)
    at = models.DateTimeField(_("imported at"), db_index=True)
    new = models.PositiveIntegerField(_("new records"), default=0)
    changed = models.PositiveIntegerField(_("changed records"), default=0)
    unchanged = models.PositiveIntegerField(_("rows that changed nothing"), default=0)
    left_out = models.PositiveIntegerField(_("rows in error, left out"), default=0)
    undone_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("taken back by"),
    )

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.file_name


class ImportedRow(models.Model):
    """One record that an import created or changed, with its version after the import.

    ``is_taken_back`` means that the record was deleted or restored when the import was undone.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    object_id = models.PositiveBigIntegerField(_("record"))
    version = models.PositiveIntegerField(_("version after the import"))
    is_new = models.BooleanField(_("made by the import"))
    is_taken_back = models.BooleanField(_("taken back"), default=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("imported record")
        verbose_name_plural = _("imported records")
        constraints = [
            models.UniqueConstraint(fields=["run", "object_id"], name="imported_once_by_a_run")
        ]

    def __str__(self) -> str:
        return f"{self.run}: {self.object_id}"
