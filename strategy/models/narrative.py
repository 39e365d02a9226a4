"""The plan's text that sets no target: vision, approach, pillars, quality criteria."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from strategy.models.framework import PlanPart
from strategy.models.plans import Plan


class Section(PlanPart):
    """A part of the plan's text that sets no target: vision, mission, principles, approach."""

    KEY = ("plan__code", "code")

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="sections")
    number = models.PositiveSmallIntegerField(_("order"))
    code = models.SlugField(_("code"), max_length=40)
    heading = models.CharField(_("heading"), max_length=200, blank=True)
    text = models.TextField(_("text"), blank=True)

    class Meta:
        ordering = ["plan", "number"]
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        constraints = [
            models.UniqueConstraint(fields=["plan", "code"], name="section_code_once_a_plan")
        ]

    def __str__(self) -> str:
        return self.heading or self.code


class Passage(PlanPart):
    """One item of a section: a principle, a step of the approach, a circle of the system."""

    KEY = ("section__plan__code", "section__code", "number")

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="passages")
    number = models.PositiveSmallIntegerField(_("order"))
    title = models.CharField(_("title"), max_length=300, blank=True)
    text = models.TextField(_("text"), blank=True)

    class Meta:
        ordering = ["section", "number"]
        verbose_name = _("passage")
        verbose_name_plural = _("passages")
        constraints = [
            models.UniqueConstraint(
                fields=["section", "number"], name="passage_number_once_a_section"
            )
        ]

    def __str__(self) -> str:
        return self.title or self.text[:60]


class Pillar(PlanPart):
    """A pillar of action with its intended impact and examples of activities."""

    KEY = ("plan__code", "number")

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="pillars")
    number = models.PositiveSmallIntegerField(_("order"))
    title = models.CharField(_("title"), max_length=200)
    impact = models.TextField(_("impact"))
    examples_heading = models.CharField(_("heading of the examples"), max_length=200, blank=True)
    examples = models.TextField(_("examples"), blank=True, help_text=_("One example a line."))

    class Meta:
        ordering = ["plan", "number"]
        verbose_name = _("pillar of action")
        verbose_name_plural = _("pillars of action")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="pillar_number_once_a_plan")
        ]

    def __str__(self) -> str:
        return self.title


class QualityCriterion(PlanPart):
    """A criterion of a quality programme, with its question."""

    KEY = ("plan__code", "number")

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="quality_criteria")
    number = models.PositiveSmallIntegerField(_("order"))
    name = models.CharField(_("name"), max_length=100)
    question = models.TextField(_("question"))

    class Meta:
        ordering = ["plan", "number"]
        verbose_name = _("quality criterion")
        verbose_name_plural = _("quality criteria")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="criterion_number_once_a_plan")
        ]

    def __str__(self) -> str:
        return self.name
