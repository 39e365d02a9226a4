"""The version of plans, rules and reference data, by which values computed from them are kept."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class PlanVersionManager(models.Manager["PlanVersion"]):
    def read_token(self) -> str:
        """Return the token; empty before the first row of a plan or of reference data."""
        return self.values_list("token", flat=True).first() or ""


class PlanVersion(models.Model):
    """One row: a random token that the database replaces with every change of a watched table.

    Triggers set it in the transaction of the change (migration ``0003_plan_version``). A rollback
    restores the token together with the rows, so a token never stands for two contents.
    """

    token = models.CharField(_("token"), max_length=40)

    objects: ClassVar = PlanVersionManager()

    class Meta:
        verbose_name = _("version of the plans")
        verbose_name_plural = _("versions of the plans")

    def __str__(self) -> str:
        return self.token
