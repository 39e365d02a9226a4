"""What officers write in the report of a project for its donor, in one language."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from indicators.models import Project


class ProjectNarrative(models.Model):
    """The texts of a project's report in one language; ``version`` counts their edits."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="narratives")
    language = models.CharField(_("language"), max_length=5)
    context = models.TextField(_("context"), blank=True)
    progress = models.TextField(_("progress towards the outcomes"), blank=True)
    equality = models.TextField(_("gender equality"), blank=True)
    lessons = models.TextField(_("lessons"), blank=True)
    risks = models.TextField(_("risks"), blank=True)
    finance = models.TextField(_("finance"), blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("last changed by"),
    )
    changed_at = models.DateTimeField(_("last changed at"))

    class Meta:
        ordering = ["project", "language"]
        verbose_name = _("text of a project report")
        verbose_name_plural = _("texts of project reports")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "language"], name="one_narrative_a_project_and_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.project.reference} {self.language}"
