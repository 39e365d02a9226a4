"""Jobs of a worker that renders PDFs in the background."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from reporting.models.drafts import ReportDraft
from reporting.models.issued import AnnualReport


class PdfJob(models.Model):
    """One PDF in one language: requested, started, then stored or failed with an error name."""

    language = models.CharField(_("language"), max_length=5)
    asked_at = models.DateTimeField(_("asked for at"))
    started_at = models.DateTimeField(_("begun at"), null=True)
    failure = models.CharField(_("why it failed"), max_length=100, blank=True)

    class Meta:
        abstract = True


class ReportPdfJob(PdfJob):
    """The job of an issued report's PDF, without meaning once the file is stored."""

    report = models.ForeignKey(AnnualReport, on_delete=models.CASCADE, related_name="requests")

    class Meta:
        ordering = ["report", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "language"], name="one_request_a_file_of_a_report"
            )
        ]

    def __str__(self) -> str:
        return f"{self.report}, {self.language}"


class DraftPdfJob(PdfJob):
    """The preview of a draft as a PDF, for the user who requested it, until it expires."""

    draft = models.ForeignKey(ReportDraft, on_delete=models.CASCADE, related_name="previews")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    content = models.BinaryField(_("PDF"), null=True)
    pages = models.PositiveSmallIntegerField(_("pages"), null=True)

    class Meta:
        ordering = ["draft", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "language", "asked_by"], name="one_preview_an_officer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.draft}, {self.language}"
