"""What the installation noted of its own work."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class Work(models.TextChoices):
    """Work that leaves a sign of life."""

    WORKER = "worker", _("Worker")
    BACKUP = "backup", _("Last backup")
    CHECK = "check", _("Last check of a backup")
    DAILY = "daily", _("Daily work")


class SignOfLife(models.Model):
    """When a kind of work was last done."""

    work = models.CharField(_("work"), max_length=10, choices=Work.choices, primary_key=True)
    at = models.DateTimeField(_("at"))
    detail = models.TextField(_("detail"), blank=True)

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")

    def __str__(self) -> str:
        return f"{self.work} {self.at:%Y-%m-%d %H:%M}"


def remember_work(work: Work, at: datetime, detail: str = "") -> None:
    SignOfLife.objects.update_or_create(work=work, defaults={"at": at, "detail": detail})
