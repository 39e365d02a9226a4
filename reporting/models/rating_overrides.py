"""Ratings set by officers, in addition to those of the rule."""

from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from strategy.choices import RATED
from strategy.models import Plan, Target

ORDER_OF_VALIDITY = ("valid_from", "made_at", "pk")


def _is_active_on(plan: Plan, as_of: date) -> models.Q:
    day = min(as_of, plan.ends_on)
    return models.Q(
        target__indicator__objective__priority__plan=plan,
        withdrawn_at=None,
        valid_from__range=(plan.year_at(day).starts_on, day),
    )


class RatingOverrideQuerySet(models.QuerySet["RatingOverride"]):
    def active_on(self, plan: Plan, as_of: date) -> "RatingOverrideQuerySet":
        """The overrides of a plan as of a day, at most its last; the last one of a target wins."""
        return self.filter(_is_active_on(plan, as_of)).order_by(*ORDER_OF_VALIDITY)

    def with_activity(self, plan: Plan, as_of: date) -> "RatingOverrideQuerySet":
        """Add ``is_active``: whether the override is one of those active on the day."""
        return self.annotate(**{"is_active": _is_active_on(plan, as_of)})  # noqa: PIE804


RATING_CHOICES = [(rating.value, rating.label) for rating in RATED]


class RatingOverride(models.Model):
    """A rating that an M&E officer set for one target in one reporting year, with the reason.

    It applies to figures from ``valid_from`` to the end of that reporting year. The override with
    the last ``valid_from`` wins, the newest of those from one day: an officer who rates an earlier
    day replaces no later rating unseen. Rows are never edited or deleted: an override is
    withdrawn, or another one replaces it.
    """

    is_active = False
    """Whether it is active on a day; loaded ``with_activity``."""

    target = models.ForeignKey(
        Target, on_delete=models.PROTECT, related_name="overrides", verbose_name=_("target")
    )
    rating = models.CharField(_("rating"), max_length=12, choices=RATING_CHOICES)
    reason = models.TextField(_("reason"))
    valid_from = models.DateField(_("valid from"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("set by"),
    )
    made_at = models.DateTimeField(_("set at"))
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)

    objects = RatingOverrideQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("rating set by an officer")
        verbose_name_plural = _("ratings set by officers")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(rating__in=[each.value for each in RATED]),
                name="override_has_a_rating",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="override_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None, withdrawn_by=None)
                | models.Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="override_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target.code}, {self.valid_from}: {self.rating}"
