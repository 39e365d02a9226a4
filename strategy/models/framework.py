"""The levels of a plan: priorities with axes, objectives, indicators; and its result levels."""

from typing import ClassVar, Self, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from strategy.models.keys import Keyed, KeyedManager
from strategy.models.plans import Plan
from strategy.text import colon

P = TypeVar("P", bound="PlanPart")


class PlanPartManager(KeyedManager[P]):
    def of_plan(self, plan: Plan) -> models.QuerySet[P]:
        path = self._plan_path
        return self.filter(**{path: plan}).select_related(path)

    def published(self) -> models.QuerySet[P]:
        """Return the rows of the plans that everybody sees."""
        return self.filter(**{f"{self._plan_path}__is_draft": False})

    @property
    def _plan_path(self) -> str:
        return self.model.KEY[0].removesuffix("__code")


class PlanPart(Keyed):
    """A row of a plan; its KEY begins with the plan's code."""

    objects: ClassVar[PlanPartManager[Self]] = PlanPartManager()

    class Meta:
        abstract = True


class Priority(PlanPart):
    """A priority of a plan, the first level of its summary table."""

    KEY = ("plan__code", "number")

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="priorities")
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=300)

    class Meta:
        ordering = ["plan", "number"]
        verbose_name = _("priority")
        verbose_name_plural = _("priorities")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="priority_number_once_a_plan")
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"


class ResultLevel(PlanPart):
    """A level of a plan's results chain in its own words, such as an intermediate outcome.

    The highest level has the lowest number.
    """

    KEY = ("plan__code", "code")

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="levels")
    number = models.PositiveSmallIntegerField(
        _("order"), help_text=_("1 is the highest level, such as the ultimate outcome.")
    )
    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        ordering = ["plan", "number"]
        verbose_name = _("result level")
        verbose_name_plural = _("result levels")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="level_number_once_a_plan"),
            models.UniqueConstraint(fields=["plan", "code"], name="level_code_once_a_plan"),
        ]

    def __str__(self) -> str:
        return self.name


class Rubric(PlanPart):
    """A scale of ordered steps in words, by which indicators of the plan are judged."""

    KEY = ("plan__code", "code")

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="rubrics")
    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        ordering = ["plan", "code"]
        verbose_name = _("rubric")
        verbose_name_plural = _("rubrics")
        constraints = [
            models.UniqueConstraint(fields=["plan", "code"], name="rubric_code_once_a_plan")
        ]

    def __str__(self) -> str:
        return self.name


class RubricStep(PlanPart):
    """A step of a rubric; the lowest step has the lowest number."""

    KEY = ("rubric__plan__code", "rubric__code", "code")

    rubric = models.ForeignKey(Rubric, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField(
        _("order"), help_text=_("1 is the lowest step. A target’s minimum is such a number.")
    )
    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    text = models.TextField(
        _("description"), blank=True, help_text=_("What must be true for this step.")
    )

    class Meta:
        ordering = ["rubric", "number"]
        verbose_name = _("step of a rubric")
        verbose_name_plural = _("steps of rubrics")
        constraints = [
            models.UniqueConstraint(fields=["rubric", "number"], name="step_number_once_a_rubric"),
            models.UniqueConstraint(fields=["rubric", "code"], name="step_code_once_a_rubric"),
        ]

    def __str__(self) -> str:
        return self.name


class Axis(PlanPart):
    """An axis of a priority: the first column of the plan's summary table."""

    KEY = ("priority__plan__code", "priority__number", "number")

    priority = models.ForeignKey(Priority, on_delete=models.CASCADE, related_name="axes")
    number = models.PositiveSmallIntegerField(_("order"))
    title = models.CharField(_("title"), max_length=200)

    class Meta:
        ordering = ["priority", "number"]
        verbose_name = _("axis")
        verbose_name_plural = _("axes")
        constraints = [
            models.UniqueConstraint(
                fields=["priority", "number"], name="axis_number_once_a_priority"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Objective(PlanPart):
    """An objective of a priority, in the plan's own words and with a short title for tables."""

    KEY = ("priority__plan__code", "code")

    priority = models.ForeignKey(Priority, on_delete=models.CASCADE, related_name="objectives")
    number = models.PositiveSmallIntegerField(_("order"))
    code = models.CharField(_("code"), max_length=20)
    statement = models.TextField(_("statement"))
    short_title = models.CharField(_("short title"), max_length=120)
    level = models.ForeignKey(
        ResultLevel,
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="objectives",
        verbose_name=_("result level"),
    )
    contributes_to = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="contributions",
        verbose_name=_("contributes to"),
        help_text=_("The objective of a higher result level that it leads to."),
    )

    class Meta:
        ordering = ["priority", "number"]
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        constraints = [
            models.UniqueConstraint(
                fields=["priority", "code"], name="objective_code_once_a_priority"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.short_title}"


class IndicatorManager(PlanPartManager["Indicator"]):
    """Loads indicators with their plan, which always names them."""

    def get_queryset(self) -> models.QuerySet["Indicator"]:
        return super().get_queryset().select_related("objective__priority__plan")


class Indicator(PlanPart):
    """An indicator of an objective: its row of the performance measurement framework."""

    KEY = ("objective__priority__plan__code", "code")

    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="indicators")
    number = models.PositiveSmallIntegerField(_("order"), default=1)
    code = models.CharField(_("code"), max_length=20)
    statement = models.TextField(_("statement"))
    target_words = models.CharField(
        _("target in words"),
        max_length=300,
        blank=True,
        help_text=_("What the plan asks for, where no figure is calculated for it."),
    )
    rubric = models.ForeignKey(
        Rubric,
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="indicators",
        verbose_name=_("rubric"),
        help_text=_("The steps by which its assessments judge it."),
    )
    baseline = models.CharField(_("baseline"), max_length=300, blank=True)
    data_source = models.CharField(_("data source"), max_length=300, blank=True)
    method = models.CharField(_("collection method"), max_length=300, blank=True)
    collected = models.CharField(_("frequency"), max_length=200, blank=True)
    responsible = models.CharField(_("responsible"), max_length=200, blank=True)

    objects: ClassVar[IndicatorManager] = IndicatorManager()

    class Meta:
        ordering = ["objective", "number"]
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        constraints = [
            models.UniqueConstraint(
                fields=["objective", "code"], name="indicator_code_once_an_objective"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.statement}"

    @property
    def plan(self) -> Plan:
        return self.objective.priority.plan

    @property
    def name_with_plan(self) -> str:
        """Its name with the plan: indicators of other plans may have the same code."""
        return f"{self.plan.code}{colon()} {self}"
