"""What protects reported figures: years closed for entry, and changes of cited records."""

from django.conf import settings
from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from strategy.choices import RecordKind
from strategy.dates.periods import PartialDate, Period


class ClosedYear(models.Model):
    """A reporting year that an officer closed for entry; open again once it is reopened."""

    label = models.CharField(gettext_lazy("year"), max_length=9)
    starts_on = models.DateField()
    ends_on = models.DateField()
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField()
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reopened_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-closed_at", "-pk"]
        verbose_name = gettext_lazy("closed year")
        verbose_name_plural = gettext_lazy("closed years")
        constraints = [
            models.UniqueConstraint(
                fields=["starts_on", "ends_on"],
                condition=models.Q(reopened_at=None),
                name="year_closed_once_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def period(self) -> Period:
        return Period(self.starts_on, self.ends_on, self.label)

    def covers(self, value: object) -> bool:
        """Whether a date may fall in the year; a text is the label of a reporting year."""
        if isinstance(value, PartialDate):
            return value.first <= self.ends_on and value.last >= self.starts_on
        return value == self.label

    @property
    def sentence(self) -> str:
        sentence = _(
            "%(year)s is closed for entry: %(person)s closed it on %(day)s. "
            "An M&E officer can open it again under Records, Closed years."
        )
        return sentence % {
            "year": self.label,
            "person": self.closed_by,
            "day": date_format(self.closed_at, "DATE_FORMAT"),
        }


class CitedChange(models.Model):
    """A change of a record that issued reports cite; the next report restates their figures."""

    record_kind = models.CharField(
        gettext_lazy("kind of record"), max_length=30, choices=RecordKind.choices
    )
    object_id = models.PositiveBigIntegerField()
    reference = models.CharField(gettext_lazy("reference"), max_length=40)
    name = models.CharField(gettext_lazy("record"), max_length=400)
    is_withdrawal = models.BooleanField(default=False)
    reason = models.TextField(gettext_lazy("reason"))
    reports = models.JSONField(default=list)
    """The labels of the years whose reports cite the record."""
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = gettext_lazy("change of a cited record")
        verbose_name_plural = gettext_lazy("changes of cited records")
        indexes = [models.Index(fields=["record_kind", "object_id"], name="changes_of_cited")]

    def __str__(self) -> str:
        return f"{self.reference}: {self.reason}"

    @property
    def kind(self) -> RecordKind:
        return RecordKind(self.record_kind)
