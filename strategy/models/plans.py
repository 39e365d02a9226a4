"""Strategic plans: their days, their reporting years and the thresholds of their ratings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from strategy.dates.periods import Period, reporting_year, year_containing
from strategy.models.keys import Keyed, KeyedManager
from strategy.models.reference import FieldOfActivity


class SubjectKind(models.TextChoices):
    """What a subject is."""

    PROJECT = "project", _("project")
    COUNTRY = "country", _("country")
    OFFICE = "office", _("office")


@dataclass(frozen=True)
class Subject:
    """A project, a country or an office to whose records figures may be limited.

    ``code`` is the reference of a project, else the code of the country or the office.
    """

    kind: SubjectKind
    code: str


class UnknownYear(LookupError):
    """The label is no reporting year of the plan; the message lists the years."""

    def __init__(self, plan: "Plan", label: str) -> None:
        labels = ", ".join(year.label for year in plan.years)
        super().__init__(
            gettext("The plan %(plan)s has no year “%(year)s”. Its years are %(years)s.")
            % {"plan": plan.code, "year": label, "years": labels}
        )


def find_current_plan(plans: Iterable["Plan"], day: date) -> "Plan | None":
    """Return the plan that pages and commands show first; None without any.

    It is the plan that an officer chose, else the last one begun by ``day`` that has targets, else
    the next one; never a project's own. Load the plans ``with_target_flags``.
    """
    of_bureau = (plan for plan in plans if not plan.project_reference)
    by_start = sorted(of_bureau, key=lambda plan: plan.starts_on)
    chosen = [plan for plan in by_start if plan.is_shown_first]
    candidates = chosen or [plan for plan in by_start if plan.has_targets] or by_start
    started = [plan for plan in candidates if plan.starts_on <= day]
    return started[-1] if started else next(iter(candidates), None)


class PlanQuerySet(models.QuerySet["Plan"]):
    def with_target_flags(self) -> "PlanQuerySet":
        """Return the plans with ``has_targets``: whether a plan asks for anything counted here."""
        same = Plan.including_drafts.filter(pk=models.OuterRef("pk"))
        measured = same.filter(priorities__objectives__indicators__targets__isnull=False)
        # By name, mypy would take the annotation for a second definition.
        return self.annotate(**{"has_targets": models.Exists(measured)})  # noqa: PIE804

    def current(self, day: date) -> "Plan | None":
        """Return the plan shown first on a day; None if none exists."""
        return find_current_plan(self.with_target_flags(), day)

    def started(self, day: date) -> "PlanQuerySet":
        """Return the plans that started by ``day``, the latest first."""
        return self.filter(starts_on__lte=day).order_by("-starts_on")

    def of_project(self, reference: str) -> "PlanQuerySet":
        """Return the plans of a project, the latest first."""
        return self.filter(project_reference__iexact=reference).order_by("-starts_on")

    def find_by_code(self, code: str) -> "Plan | None":
        return self.filter(code=code).first()

    def codes(self) -> models.QuerySet["Plan", str]:
        return self.values_list("code", flat=True)


class PublishedPlanManager(KeyedManager["Plan"]):
    """The plans that everybody sees: pages, figures and commands know no draft."""

    def get_queryset(self) -> PlanQuerySet:
        return PlanQuerySet(self.model, using=self._db).filter(is_draft=False)


class Plan(Keyed):
    """A strategic plan: its days, its reporting year and the thresholds of its ratings."""

    has_targets = True
    """False where the plan was loaded ``with_target_flags`` and has none."""

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
    follows = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="followed_by",
        verbose_name=_("follows"),
        help_text=_("The plan before this one."),
    )
    is_shown_first = models.BooleanField(
        _("shown first"),
        default=False,
        help_text=_(
            "Pages and commands show this plan where none is chosen. Without a choice it is the "
            "last plan begun that has targets."
        ),
    )
    is_outline = models.BooleanField(
        _("public outline"),
        default=False,
        help_text=_(
            "Only what was published of the plan is here. Its pages say so, and no annual report "
            "is due."
        ),
    )
    is_draft = models.BooleanField(
        _("draft"),
        default=False,
        help_text=_("Only M&E officers see a draft, and nothing counts towards it."),
    )
    source = models.CharField(
        _("source"),
        max_length=500,
        blank=True,
        help_text=_("Where the plan was published."),
    )
    project_reference = models.CharField(
        _("project"),
        max_length=40,
        blank=True,
        help_text=_(
            "The reference of the project whose own plan this is: its targets count the records "
            "of this project only. Empty for a plan of the whole Bureau."
        ),
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

    objects: ClassVar = PublishedPlanManager.from_queryset(PlanQuerySet)()
    including_drafts: ClassVar = KeyedManager.from_queryset(PlanQuerySet)()

    class Meta:
        default_manager_name = "including_drafts"
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
            models.CheckConstraint(
                condition=models.Q(is_shown_first=False) | models.Q(project_reference=""),
                name="plan_of_a_project_is_not_shown_first",
                violation_error_message=_("The plan of a project cannot be shown first."),
            ),
            models.UniqueConstraint(
                fields=["is_shown_first"],
                condition=models.Q(is_shown_first=True),
                name="one_plan_is_shown_first",
                violation_error_message=_("Another plan is shown first. Untick it there first."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What the records of its targets must belong to: its project, or nothing."""
        code = self.project_reference
        return (Subject(SubjectKind.PROJECT, code),) if code else ()

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
        if self.follows and self.starts_on and self.follows.starts_on >= self.starts_on:
            raise ValidationError({"follows": _("Choose a plan that begins before this one.")})
        if self.at_risk_from >= self.on_track_from:
            raise ValidationError({"at_risk_from": _("“At risk” must begin below “on track”.")})
