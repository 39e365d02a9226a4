"""The changes of a plan or of its reference data that can move figures, and the plans' version."""

from typing import ClassVar, TypedDict

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from strategy.models.plans import Plan
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


class PlanVersionManager(models.Manager["PlanVersion"]):
    def read_token(self) -> str:
        """Return the token; empty before the first row of a plan or of reference data."""
        return self.values_list("token", flat=True).first() or ""


class PlanVersion(models.Model):
    """One row: a random token that the database replaces with every change of a watched table.

    Triggers set it in the transaction of the change (``strategy.caching.plan_version``). A rollback
    restores the token together with the rows, so a token never stands for two contents.
    """

    token = models.CharField(_("token"), max_length=40)

    objects: ClassVar = PlanVersionManager()

    class Meta:
        verbose_name = _("version of the plans")
        verbose_name_plural = _("versions of the plans")

    def __str__(self) -> str:
        return self.token
