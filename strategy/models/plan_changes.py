"""The changes of a plan or of its reference data that can move figures."""

from typing import TypedDict

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from strategy.models.framework import Plan
from strategy.models.targets import Target

ChangedValue = str | int | list[str] | None
"""A value as JSON: a date or a number as text, other rows by their codes."""


class ChangeDetail(TypedDict):
    """One changed field of a row, or a row that was added or removed.

    ``model`` is the model's name, ``row`` the row's key within its plan. ``field`` is empty for a
    whole row: its code is then in ``after`` if it was added, in ``before`` if it was removed.
    """

    model: str
    row: str
    field: str
    before: ChangedValue
    after: ChangedValue


class PlanChange(models.Model):
    """A change that can move figures: when, by whom, why, and from what to what.

    Versions of targets are not here, but corrections of a version are. ``changed_by`` is empty for
    a change by a command. ``targets`` are the targets whose figures it can move, as far as they
    still exist.
    """

    changed_at = models.DateTimeField(_("changed at"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("changed by"),
    )
    reason = models.TextField(_("reason"))
    details: "models.JSONField[list[ChangeDetail], list[ChangeDetail]]" = models.JSONField(
        _("what changed")
    )
    plans = models.ManyToManyField(Plan, related_name="changes", verbose_name=_("plans"))
    targets = models.ManyToManyField(Target, related_name="changes", verbose_name=_("targets"))

    class Meta:
        ordering = ["changed_at", "pk"]
        verbose_name = _("change of a plan")
        verbose_name_plural = _("changes of plans")

    def __str__(self) -> str:
        return f"{self.changed_at:%Y-%m-%d}: {self.reason}"
