"""The levels of a strategic plan: plan, priorities with their axes, objectives, indicators."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import ClassVar, Self, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from strategy.dates.periods import Period, reporting_year, year_containing
from strategy.models.keys import Keyed, KeyedManager
from strategy.models.reference import FieldOfActivity
from strategy.text import colon

P = TypeVar("P", bound="PlanPart")


class UnknownYear(LookupError):
    """The label is no reporting year of the plan; the message lists the years."""

    def __init__(self, plan: "Plan", label: str) -> None:
        labels = ", ".join(year.label for year in plan.years)
        super().__init__(
            gettext("The plan %(plan)s has no year “%(year)s”. Its years are %(years)s.")
            % {"plan": plan.code, "year": label, "years": labels}
        )


def find_current_plan(plans: Iterable["Plan"], day: date) -> "Plan | None":
    """Return the plan that started last by ``day``, else the next plan; None without any."""
    by_start = sorted(plans, key=lambda plan: plan.starts_on)
    started = [plan for plan in by_start if plan.starts_on <= day]
    return started[-1] if started else next(iter(by_start), None)


class PlanQuerySet(models.QuerySet["Plan"]):
    def current(self, day: date) -> "Plan | None":
        """Return the plan that started last by ``day``, else the next plan; None if none exists."""
        return find_current_plan(self, day)

    def started(self, day: date) -> "PlanQuerySet":
        """Return the plans that started by ``day``, the latest first."""
        return self.filter(starts_on__lte=day).order_by("-starts_on")

    def with_target(self, code: str) -> "PlanQuerySet":
        return self.filter(priorities__objectives__indicators__targets__code=code).distinct()

    def find_by_code(self, code: str) -> "Plan | None":
        return self.filter(code=code).first()

    def codes(self) -> models.QuerySet["Plan", str]:
        return self.values_list("code", flat=True)


class Plan(Keyed):
    """A strategic plan: its days, its reporting year and the thresholds of its ratings."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=200)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    year_starts_in = models.PositiveSmallIntegerField(
        _("first month of the reporting year"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
        help_text=_("1 is January: years are called 2017. 4 is April: years are called 2017-2018."),
    )
    fields_of_activity = models.ManyToManyField(
        FieldOfActivity, related_name="+", verbose_name=_("fields of activity")
    )
    on_track_from = models.DecimalField(
        _("on track from"),
        max_digits=4,
        decimal_places=3,
        default=Decimal("0.9"),
        help_text=_("Share of the expected value from which a count is on track."),
    )
    at_risk_from = models.DecimalField(
        _("at risk from"),
        max_digits=4,
        decimal_places=3,
        default=Decimal("0.6"),
        help_text=_(
            "Share of the expected value from which a count is at risk, below it off track."
        ),
    )
    too_early_below = models.DecimalField(
        _("too early below"),
        max_digits=4,
        decimal_places=3,
        default=Decimal("0.125"),
        help_text=_("Share of the plan elapsed below which a count behind is too early to rate."),
    )
    level_at_risk_from = models.DecimalField(
        _("a share is at risk from"),
        max_digits=4,
        decimal_places=3,
        default=Decimal("0.8"),
        help_text=_("Share of its minimum from which a share is at risk, below it off track."),
    )
    level_least_records = models.PositiveSmallIntegerField(
        _("fewest records for a share"),
        default=4,
        help_text=_("With fewer records a share is too early to rate."),
    )

    objects: ClassVar = KeyedManager.from_queryset(PlanQuerySet)()

    class Meta:
        ordering = ["starts_on"]
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gt=models.F("starts_on")),
                name="plan_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=models.Q(year_starts_in__range=(1, 12)),
                name="plan_year_starts_in_a_month",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def period(self) -> Period:
        return Period(self.starts_on, self.ends_on, self.code)

    @cached_property
    def years(self) -> tuple[Period, ...]:
        """The reporting years in order; the first and the last are clipped to the plan."""
        year = year_containing(self.starts_on, self.year_starts_in)
        years = []
        while year.starts_on <= self.ends_on:
            years.append(year.clipped(self.period))
            year = reporting_year(year.starts_on.year + 1, self.year_starts_in)
        return tuple(years)

    @property
    def year_before(self) -> Period:
        """The reporting year before the plan: the baseline of a growth."""
        first = year_containing(self.starts_on, self.year_starts_in)
        return reporting_year(first.starts_on.year - 1, self.year_starts_in)

    def year(self, label: str) -> Period:
        """Return the reporting year of that label; raises UnknownYear."""
        for year in self.years:
            if year.label == label:
                return year
        raise UnknownYear(self, label)

    def has_year(self, label: str) -> bool:
        return any(year.label == label for year in self.years)

    def year_at(self, day: date) -> Period:
        """Return the year of ``day``; before the plan the first year, after it the last."""
        started = [year for year in self.years if year.starts_on <= day]
        return started[-1] if started else self.years[0]

    def elapsed(self, as_of: date) -> Decimal:
        """Return the elapsed share of the plan's days at the end of ``as_of``, from 0 to 1."""
        return Decimal(self.period.elapsed_days(as_of)) / self.period.days

    def clean(self) -> None:
        if self.starts_on and self.ends_on and self.ends_on <= self.starts_on:
            raise ValidationError({"ends_on": _("The last day must be after the first day.")})
        if self.at_risk_from >= self.on_track_from:
            raise ValidationError({"at_risk_from": _("“At risk” must begin below “on track”.")})


class PlanPartManager(KeyedManager[P]):
    def of_plan(self, plan: Plan) -> models.QuerySet[P]:
        path = self.model.KEY[0].removesuffix("__code")
        return self.filter(**{path: plan}).select_related(path)


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
