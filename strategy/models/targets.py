"""The plan's targets, each with the rule of its calculation as data."""

from collections.abc import Iterable
from copy import copy
from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from strategy.choices import (
    CODES,
    COUNTRY_DIMENSIONS,
    DIMENSIONS,
    PERCENTAGES,
    Dimension,
    Frequency,
    Measure,
    NumberColumn,
    RecordKind,
    Scope,
)
from strategy.models.framework import Indicator, PlanPart, PlanPartManager, RubricStep
from strategy.models.measure_rules import (
    check_baseline,
    check_measure,
    check_numbers,
    describe_missing_dimension,
    describe_unknown_codes,
)
from strategy.models.plans import Plan, Subject
from strategy.models.reference import CountryList
from strategy.models.target_versions import TargetVersion

TARGET_CODE = RegexValidator(
    r"^[A-Za-z0-9._-]+\Z", _("Write the code with letters, digits, dots and hyphens only.")
)


class TargetQuerySet(models.QuerySet["Target"]):
    def of_plan(self, plan: Plan) -> "TargetQuerySet":
        return self.filter(indicator__objective__priority__plan=plan)

    def in_plan_order(self) -> "TargetQuerySet":
        return self.order_by(
            "indicator__objective__priority__plan__starts_on",
            "indicator__objective__priority__number",
            "indicator__objective__number",
            "indicator__number",
            "number",
        )

    def with_rules(self) -> "TargetQuerySet":
        """Return the targets with all rows that counting needs, in a constant number of queries."""
        return self.select_related(
            "indicator__objective__priority__plan", "indicator__rubric"
        ).prefetch_related(
            "versions",
            "conditions__country_lists__countries",
            "indicator__objective__priority__plan__fields_of_activity",
            "indicator__rubric__steps",
        )


class Target(PlanPart):
    """A target: what is counted, and how.

    Its statement, its rule in words and its range are those of ``version``: the version in force on
    a day. A target has it once it is bound to that ``day`` by ``as_of``.
    """

    version: TargetVersion
    day: date
    bound_subjects: tuple[Subject, ...] = ()
    """What its records must belong to by ``within``."""
    KEY = ("indicator__objective__priority__plan__code", "code")

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="targets")
    number = models.PositiveSmallIntegerField(_("order"), default=1)
    code = models.CharField(_("code"), max_length=40, validators=[TARGET_CODE])
    name = models.CharField(_("name"), max_length=80, help_text=_("What is counted, for tables."))
    unit = models.CharField(_("unit"), max_length=40, help_text=_("The unit of the value, or %."))
    record_kind = models.CharField(_("kind of record"), max_length=30, choices=RecordKind.choices)
    measure = models.CharField(_("measure"), max_length=20, choices=Measure.choices)
    dimension = models.CharField(
        _("dimension"),
        max_length=30,
        choices=Dimension.choices,
        blank=True,
        help_text=_(
            "What is told apart: the values counted, or the parts whose shares are compared."
        ),
    )
    column = models.CharField(
        _("number of a record"),
        max_length=30,
        choices=NumberColumn.choices,
        blank=True,
        help_text=_("The number of each record that is added up, compared or read."),
    )
    base_column = models.CharField(
        _("base"),
        max_length=30,
        choices=NumberColumn.choices,
        blank=True,
        help_text=_("Of a ratio: the number of each record that is the whole."),
    )
    frequency = models.CharField(_("how often"), max_length=20, choices=Frequency.choices)
    due_months = models.PositiveSmallIntegerField(
        _("months until due"),
        default=0,
        validators=[MaxValueValidator(120)],
        help_text=_(
            "Months after a year's last day within which what that year asks for may come."
        ),
    )
    baseline_value = models.DecimalField(
        _("baseline value"),
        max_digits=14,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_(
            "The value before the plan, in the unit of the target. Its source, or the reason why"
            " there is none, is text of the indicator."
        ),
    )
    baseline_on = models.DateField(
        _("day of the baseline"),
        null=True,
        blank=True,
        help_text=_("The last day that the baseline covers."),
    )

    objects: ClassVar = PlanPartManager.from_queryset(TargetQuerySet)()

    class Meta:
        ordering = ["indicator", "number"]
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "code"], name="target_code_once_an_indicator"
            ),
            models.CheckConstraint(
                condition=models.Q(measure__in=Measure.values), name="target_measure_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(record_kind__in=RecordKind.values), name="target_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(frequency__in=Frequency.values), name="target_frequency_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def plan(self) -> Plan:
        return self.indicator.objective.priority.plan

    @property
    def is_yearly(self) -> bool:
        return self.frequency == Frequency.EVERY_YEAR

    @property
    def is_level(self) -> bool:
        return self.frequency == Frequency.LEVEL

    @property
    def is_percentage(self) -> bool:
        return self.measure in PERCENTAGES

    @property
    def has_unit(self) -> bool:
        """Whether its unit follows a value in words."""
        return not self.is_percentage and not self.is_judged

    @property
    def has_fraction(self) -> bool:
        """Whether its figure is a numerator over a denominator, both shown with it."""
        return self.measure in (Measure.SHARE, Measure.RATIO)

    @property
    def is_judged(self) -> bool:
        """Whether its figure is a step of its indicator's rubric, shown as the step's words."""
        return self.measure == Measure.JUDGED

    @cached_property
    def steps(self) -> tuple[RubricStep, ...]:
        """The steps of its rubric, the lowest first; empty for a target that is not judged."""
        rubric = self.indicator.rubric if self.is_judged else None
        return tuple(rubric.steps.all()) if rubric else ()

    def find_step(self, number: Decimal) -> RubricStep | None:
        """Return the step with a number; None in a rubric without that step."""
        return next((step for step in self.steps if step.number == number), None)

    @property
    def number_columns(self) -> tuple[str, ...]:
        """The numbers that its measure calculates with: none, one, or a ratio's two."""
        return tuple(column for column in (self.column, self.base_column) if column)

    @property
    def scope_conditions(self) -> list["Condition"]:
        """The conditions that a record must meet to count."""
        return [each for each in self.conditions.all() if not each.is_numerator]

    @property
    def numerator_conditions(self) -> list["Condition"]:
        """The further conditions that the records of a share's numerator meet."""
        return [each for each in self.conditions.all() if each.is_numerator]

    @cached_property
    def all_versions(self) -> tuple[TargetVersion, ...]:
        """The versions from the first on; without a query if loaded ``with_rules``.

        A target without any, which the plan's checks refuse, has one that sets no target.
        """
        versions = tuple(self.versions.all())
        return versions or (TargetVersion(target=self, in_force_from=self.plan.starts_on),)

    def version_at(self, day: date) -> TargetVersion:
        """Return the version in force on a day; before the plan the first."""
        in_force = [version for version in self.all_versions if version.in_force_from <= day]
        return in_force[-1] if in_force else self.all_versions[0]

    def as_of(self, day: date) -> "Target":
        """Return a copy with the version in force on a day."""
        target = copy(self)
        target.bind(day)
        return target

    def bind(self, day: date) -> None:
        """Use the version in force on a day for the statement, the rule and the range."""
        self.version, self.day = self.version_at(day), day

    def within(self, subject: Subject) -> "Target":
        """Return a copy that counts only the records of a subject."""
        target = copy(self)
        target.bound_subjects = (*self.bound_subjects, subject)
        return target

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What its records must belong to: the plan's project, and what it is bound to."""
        return (*self.plan.subjects, *self.bound_subjects)

    @property
    def statement(self) -> str:
        return self.version.statement

    @property
    def rule(self) -> str:
        return self.version.rule

    @property
    def minimum(self) -> Decimal | None:
        """The minimum on that day; see ``TargetVersion.minimum_at``."""
        return self.version.minimum_at(self.day)

    @property
    def maximum(self) -> Decimal | None:
        return self.version.maximum

    @property
    def has_bounds(self) -> bool:
        """Whether anything is asked on that day."""
        return self.minimum is not None or self.maximum is not None

    def is_met_by(self, value: Decimal) -> bool:
        """Whether an unrounded value is in the range, both bounds included."""
        is_reached = self.minimum is None or value >= self.minimum
        return is_reached and not self.is_exceeded_by(value)

    def is_exceeded_by(self, value: Decimal) -> bool:
        return self.version.is_exceeded_by(value)

    def clean(self) -> None:
        if self.record_kind not in RecordKind.values:
            return
        offered = DIMENSIONS[RecordKind(self.record_kind)]
        needs = self.measure in (Measure.DISTINCT, Measure.SMALLEST_SHARE)
        if needs and not self.dimension:
            raise ValidationError({"dimension": _("This measure needs a dimension.")})
        if self.dimension and self.dimension not in offered:
            raise ValidationError(
                {"dimension": describe_missing_dimension(self.record_kind, self.dimension)}
            )
        check_measure(self.measure, self.frequency, self.record_kind)
        check_numbers(self.measure, self.record_kind, self.column, self.base_column)
        if self.indicator_id is not None:
            check_baseline(
                self.measure, self.baseline_value, self.baseline_on, self.plan.years[0].ends_on
            )


class Condition(PlanPart):
    """A condition that a record must satisfy to count: a value inside or outside a set."""

    KEY = ("target__indicator__objective__priority__plan__code", "target__code", "number")

    class Test(models.TextChoices):
        INSIDE = "inside", _("at least one value inside")
        OUTSIDE = "outside", _("at least one value outside")

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="conditions")
    number = models.PositiveSmallIntegerField(_("order"), default=1)
    dimension = models.CharField(_("dimension"), max_length=30, choices=Dimension.choices)
    test = models.CharField(_("test"), max_length=10, choices=Test.choices, default=Test.INSIDE)
    country_lists = models.ManyToManyField(
        CountryList, blank=True, related_name="+", verbose_name=_("lists of countries")
    )
    codes = models.JSONField(_("codes"), default=list, blank=True)
    scopes_without_value = models.JSONField(
        _("scopes that need no value"),
        default=list,
        blank=True,
        help_text=_(
            "A record that names no value counts all the same when its scope is one of these."
        ),
    )
    is_numerator = models.BooleanField(
        _("numerator of a share"),
        default=False,
        help_text=_(
            "Of a share: the records in its scope that also meet this condition are its numerator."
        ),
    )

    class Meta:
        ordering = ["target", "number"]
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        constraints = [
            models.UniqueConstraint(
                fields=["target", "number"], name="condition_number_once_a_target"
            )
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.dimension} {self.test}"

    @cached_property
    def values(self) -> tuple[str, ...]:
        lists = self.country_lists.all()
        countries = {country.code for each in lists for country in each.countries.all()}
        return tuple(sorted({*self.codes, *countries}))

    def clean(self) -> None:
        if self.target_id is not None:
            self.check_against(self.target)

    def check_against(self, target: Target) -> None:
        """Raise ValidationError if the condition does not fit a target, which may be unsaved."""
        if target.record_kind not in RecordKind.values:
            return
        if self.is_numerator and target.measure != Measure.SHARE:
            raise ValidationError(
                {"is_numerator": _("Only a share has a numerator. Remove the mark.")}
            )
        for name in ("codes", "scopes_without_value"):
            _check_list_of_codes(name, getattr(self, name))
        kind = RecordKind(target.record_kind)
        if self.dimension not in DIMENSIONS[kind]:
            raise ValidationError({"dimension": describe_missing_dimension(kind, self.dimension)})
        known = CODES.get(Dimension(self.dimension))
        unknown = sorted(set(self.codes) - known) if known else []
        if unknown:
            reason = describe_unknown_codes(self.dimension, unknown, known or ())
            raise ValidationError({"codes": reason})
        bad = sorted(set(self.scopes_without_value) - set(Scope.values))
        if bad or (self.scopes_without_value and Dimension.SCOPE not in DIMENSIONS[kind]):
            raise ValidationError(
                {"scopes_without_value": describe_unknown_codes("scope", bad, Scope.values)}
            )

    def clean_lists(self) -> None:
        """Validate the lists of countries, which ``clean`` cannot read before the row is saved."""
        self.check_lists(self.country_lists.all())

    def check_lists(self, lists: Iterable[CountryList]) -> None:
        countries = [country for each in lists for country in each.countries.all()]
        if countries and self.dimension not in COUNTRY_DIMENSIONS:
            raise ValidationError(
                {"country_lists": _("Only a condition on countries may name lists of countries.")}
            )
        if not countries and not self.codes:
            raise ValidationError({"codes": _("Name at least one code or list of countries.")})


def _check_list_of_codes(name: str, codes: object) -> None:
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise ValidationError({name: _("Write a list of codes.")})
