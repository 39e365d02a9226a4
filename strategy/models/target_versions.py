"""The versions of a target: what it asks for from a day on, who decided it, and why.

A version may have milestones: the values expected by the ends of reporting years.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modeltranslation.settings import AVAILABLE_LANGUAGES

from strategy.choices import Frequency
from strategy.dates.periods import Period
from strategy.models.framework import PlanPart
from strategy.text import find_numbers, join_plain


@dataclass(frozen=True)
class Milestone:
    """The value expected by the last day of a year, in the target's unit."""

    year: Period
    value: Decimal


def read_milestones(stored: object, years: tuple[Period, ...]) -> tuple[Milestone, ...]:
    """Return the milestones of a column in the order of the years.

    Raises ValidationError for a year that is none of these, and for a value that is no number.
    """
    if not isinstance(stored, Mapping):
        raise ValidationError(gettext("Milestones: write each year with its number."))
    labels = [year.label for year in years]
    for label, text in stored.items():
        if label not in labels:
            message = gettext(
                "Milestones: the plan has no year “%(year)s”. Its years are %(years)s."
            )
            raise ValidationError(message % {"year": label, "years": join_plain(labels)})
        if not _is_amount(text):
            message = gettext("The milestone of %(year)s must be a number of at least 0.")
            raise ValidationError(message % {"year": label})
    return tuple(
        Milestone(year, Decimal(str(stored[year.label]))) for year in years if year.label in stored
    )


def _is_amount(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return False
    return number.is_finite() and number >= 0


def check_milestones(
    milestones: tuple[Milestone, ...], minimum: Decimal | None, frequency: str
) -> None:
    """Raise ValidationError unless the milestones lead to the minimum (counting rules, 4.3)."""
    if not milestones:
        return
    if frequency == Frequency.EVERY_YEAR:
        raise ValidationError(gettext("A target for every year has no milestones."))
    if minimum is None:
        raise ValidationError(gettext("Milestones need a minimum. Enter it, or no milestones."))
    if frequency == Frequency.WHOLE_PLAN:
        _check_order(milestones)
    last = milestones[-1]
    if last.value != minimum:
        message = gettext("The last milestone, that of %(year)s, must equal the minimum.")
        raise ValidationError(message % {"year": last.year.label})


def _check_order(milestones: tuple[Milestone, ...]) -> None:
    for before, after in pairwise(milestones):
        if after.value < before.value:
            message = gettext("The milestone of %(year)s is below that of %(before)s.")
            years = {"year": after.year.label, "before": before.year.label}
            raise ValidationError(message % years)


class TargetVersion(PlanPart):
    """The words and the range of a target from a day on, until a later version is in force.

    The first version is in force from the plan's first day. ``created_at`` and ``created_by`` are
    empty where the version came with the plan.
    """

    KEY = ("target__indicator__objective__priority__plan__code", "target__code", "in_force_from")

    target = models.ForeignKey(
        "strategy.Target",
        on_delete=models.CASCADE,
        related_name="versions",
        verbose_name=_("target"),
    )
    in_force_from = models.DateField(
        _("in force from"), help_text=_("Figures as of this day and later use this version.")
    )
    statement = models.CharField(
        _("statement"), max_length=200, help_text=_("The target in the plan's own words.")
    )
    rule = models.TextField(
        _("counting rule"), help_text=_("The rule in words, shown with the figure.")
    )
    minimum = models.DecimalField(
        _("minimum"),
        max_digits=14,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("The lowest value that meets the target. Empty: no lower bound."),
    )
    maximum = models.DecimalField(
        _("maximum"),
        max_digits=14,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("The highest value that still meets the target. Empty: no upper bound."),
    )
    milestones = models.JSONField(
        _("milestones"),
        default=dict,
        blank=True,
        help_text=_(
            "The value expected by the end of a year, where it does not grow in a straight line."
            " The last one is the minimum."
        ),
    )
    decided_by = models.CharField(
        _("decided by"),
        max_length=200,
        blank=True,
        help_text=_("The person or body that decided it, such as the board of directors."),
    )
    reason = models.TextField(_("reason"), blank=True)
    document = models.CharField(
        _("document"),
        max_length=500,
        blank=True,
        help_text=_("A link to the decision, or where to find it."),
    )
    created_at = models.DateTimeField(_("entered at"), null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("entered by"),
    )

    class Meta:
        ordering = ["target", "in_force_from"]
        verbose_name = _("version of a target")
        verbose_name_plural = _("versions of targets")
        constraints = [
            models.UniqueConstraint(
                fields=["target", "in_force_from"], name="target_version_once_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(minimum__isnull=True)
                | models.Q(maximum__isnull=True)
                | models.Q(maximum__gte=models.F("minimum")),
                name="target_maximum_not_below_minimum",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target}, {self.in_force_from}"

    @property
    def has_target(self) -> bool:
        """Whether there is a range; without one the indicator is measured and not rated."""
        return self.minimum is not None or self.maximum is not None

    @property
    def dated_milestones(self) -> tuple[Milestone, ...]:
        return read_milestones(self.milestones, self.target.plan.years)

    def minimum_at(self, day: date) -> Decimal | None:
        """Return the minimum in force; of a level with milestones the last one that is due.

        Before the first milestone is due nothing is asked of a level: None.
        """
        if self.target.frequency != Frequency.LEVEL or not self.milestones:
            return self.minimum
        due = [each.value for each in self.dated_milestones if each.year.ends_on <= day]
        return due[-1] if due else None

    def is_exceeded_by(self, value: Decimal) -> bool:
        """Whether an unrounded value is above the maximum."""
        return self.maximum is not None and value > self.maximum

    def clean(self) -> None:
        if self.minimum is not None and self.is_exceeded_by(self.minimum):
            raise ValidationError({"maximum": _("The maximum must not be below the minimum.")})
        if self.in_force_from is None:
            return
        plan = self.target.plan
        if self.in_force_from not in plan.period:
            raise ValidationError({"in_force_from": _("Choose a day of the plan.")})
        check_milestones(self.dated_milestones, self.minimum, self.target.frequency)
        for code in AVAILABLE_LANGUAGES:
            self._check_statement(f"statement_{code}")

    def _check_statement(self, column: str) -> None:
        # A statement may also name a year of the plan.
        plan = self.target.plan
        years = range(plan.starts_on.year, plan.ends_on.year + 1)
        accepted = {self.minimum, self.maximum, *(Decimal(year) for year in years)}
        accepted |= {milestone.value for milestone in self.dated_milestones}
        for number in find_numbers(getattr(self, column) or ""):
            if accepted.isdisjoint(number.readings):
                message = gettext("The number %(number)s is no minimum, maximum or milestone.")
                raise ValidationError({column: message % {"number": number.text}})
