"""What officers write for a report that is not issued yet, text by text and language by language.

A text that has no row reads as it does in the version that the draft corrects; in the draft of a
first version it is empty. Once its version is issued, a draft stays as it is.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from reporting.models.sections import NarrativeSection
from strategy.models import Plan

MAX_TEXT_LENGTH = 20_000
"""The limit of one text in characters, about eight pages."""
MAX_STORY_WORDS = 120


class DraftTextType(models.TextChoices):
    """The type of a text: a section, a priority's story, a comment on a figure or a correction."""

    SUMMARY = NarrativeSection.SUMMARY.value, NarrativeSection.SUMMARY.label
    CHANGED = NarrativeSection.CHANGED.value, NarrativeSection.CHANGED.label
    RISKS = NarrativeSection.RISKS.value, NarrativeSection.RISKS.label
    LESSONS = NarrativeSection.LESSONS.value, NarrativeSection.LESSONS.label
    DECISIONS = NarrativeSection.DECISIONS.value, NarrativeSection.DECISIONS.label
    STORY = "story", _("What changed for children and systems")
    COMMENT = "comment", _("Comment")
    CORRECTION = "correction", _("Why it is corrected")
    REASON = "reason", _("Why this figure changed")


PLACED_TEXT_TYPES = (DraftTextType.STORY, DraftTextType.COMMENT, DraftTextType.REASON)
"""The types of texts of one target, or of one priority."""


class ReportDraft(models.Model):
    """The version of a year's report that officers are writing together."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="report_drafts")
    year = models.CharField(_("year"), max_length=9)
    version = models.PositiveSmallIntegerField(_("version"), default=1)

    class Meta:
        ordering = ["plan", "year", "version"]
        verbose_name = _("draft of a report")
        verbose_name_plural = _("drafts of reports")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "year", "version"], name="one_draft_a_plan_year_and_version"
            ),
            models.CheckConstraint(
                condition=models.Q(version__gte=1), name="draft_version_counts_from_1"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan.code} {self.year}, {self.version}"


class NarrativeText(models.Model):
    """A text in one language; ``version`` counts its edits.

    ``target`` is the code of a target, or the number of the priority that a story is of.
    """

    draft = models.ForeignKey(ReportDraft, on_delete=models.CASCADE, related_name="texts")
    part = models.CharField(_("part"), max_length=10, choices=DraftTextType.choices)
    target = models.CharField(_("code of the target"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=5)
    text = models.TextField(_("text"), blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("last changed by"),
    )
    changed_at = models.DateTimeField(_("last changed at"))

    class Meta:
        ordering = ["draft", "pk"]
        verbose_name = _("text of a draft")
        verbose_name_plural = _("texts of drafts")
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "part", "target", "language"], name="one_text_a_place_and_language"
            ),
            models.CheckConstraint(
                condition=(models.Q(part__in=PLACED_TEXT_TYPES) & ~models.Q(target=""))
                | (~models.Q(part__in=PLACED_TEXT_TYPES) & models.Q(target="")),
                name="text_is_of_a_target_or_a_section",
            ),
            models.CheckConstraint(
                condition=models.Q(part__in=DraftTextType.values), name="text_has_a_part"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.target} {self.language}".replace("  ", " ")


class EarlierText(models.Model):
    """An earlier version of a text. Saves by the same user in a short time are one change."""

    current = models.ForeignKey(NarrativeText, on_delete=models.CASCADE, related_name="earlier")
    text = models.TextField(_("text"), blank=True)
    version = models.PositiveIntegerField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("changed by"),
    )
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        ordering = ["current", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["current", "version"], name="earlier_text_once")
        ]

    def __str__(self) -> str:
        return f"{self.current}, {self.version}"
