"""Operations: sponsors, budgets, reports on actions taken, updates of the Bureau's own policies."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from indicators.models.record import IS_CURRENT, FoldedField, Record, RecordHistory, TitledRecord
from strategy.choices import BudgetBasis, PolicyChange, RecordKind, SponsorType
from strategy.dates.fields import PartialDateField
from strategy.models import Indicator, PolicyArea

YEAR_LABEL = RegexValidator(
    r"^\d{4}(-\d{4})?$", _("Write the year as 2018, or as 2017-2018 for a year that spans two.")
)


class Sponsor(TitledRecord):
    """A funder; new in the year of its first agreement only (3.3)."""

    KIND = RecordKind.SPONSOR
    PREFIX = "SPO"
    COLUMNS = ("title", "sponsor_type", "first_agreement_on", "amount", "currency")

    folded_title = FoldedField(of="title")
    sponsor_type = models.CharField(
        _("kind of sponsor"), max_length=20, choices=SponsorType.choices, blank=True
    )
    first_agreement_on = PartialDateField(
        _("date of the first agreement"), null=True, blank=True, db_index=True
    )
    amount = models.DecimalField(
        _("amount"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, help_text=_("Three letters: CAD, EUR, USD.")
    )

    history = RecordHistory()

    class Meta(TitledRecord.Meta):
        verbose_name = _("sponsor")
        verbose_name_plural = _("sponsors")
        constraints = [
            models.UniqueConstraint(
                fields=["folded_title"], condition=IS_CURRENT, name="sponsor_once_a_name"
            )
        ]


class AnnualBudget(Record):
    """The organisation's budget of one reporting year (3.3)."""

    KIND = RecordKind.ANNUAL_BUDGET
    PREFIX = "BUD"
    COLUMNS = ("year", "amount", "currency", "basis")

    year = models.CharField(
        _("budget year"),
        max_length=9,
        validators=[YEAR_LABEL],
        db_index=True,
        help_text=_("2018, or 2017-2018 for a year that spans two."),
    )
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    currency = models.CharField(
        _("currency"), max_length=3, help_text=_("Three letters: CAD, EUR, USD.")
    )
    basis = models.CharField(_("basis of the amount"), max_length=10, choices=BudgetBasis.choices)

    history = RecordHistory()

    class Meta(Record.Meta):
        verbose_name = _("annual budget")
        verbose_name_plural = _("annual budgets")
        constraints = [
            models.UniqueConstraint(
                fields=["year", "currency", "basis"],
                condition=IS_CURRENT,
                name="budget_once_a_year_currency_and_basis",
            )
        ]

    @property
    def name(self) -> str:
        return f"{self.year}: {self.amount} {self.currency}"


class ActionReport(TitledRecord):
    """A report on actions taken; it counts for the year covered, once issued (3.1, 3.2)."""

    KIND = RecordKind.ACTION_REPORT
    PREFIX = "REP"
    COLUMNS = ("title", "filed_under", "year_covered", "issued_on")

    filed_under = models.ManyToManyField(
        Indicator, blank=True, related_name="+", verbose_name=_("filed under the indicators")
    )
    year_covered = models.CharField(
        _("year covered"),
        max_length=9,
        validators=[YEAR_LABEL],
        blank=True,
        db_index=True,
        help_text=_("2018, or 2017-2018 for a year that spans two."),
    )
    issued_on = PartialDateField(_("date of issue"), null=True, blank=True)

    history = RecordHistory(m2m_fields=[filed_under])

    class Meta(TitledRecord.Meta):
        verbose_name = _("report on actions taken")
        verbose_name_plural = _("reports on actions taken")


class PolicyUpdate(TitledRecord):
    """An update of the organisation's own policies (3.4)."""

    KIND = RecordKind.POLICY_UPDATE
    PREFIX = "POL"
    COLUMNS = ("title", "areas", "change", "occurred_on")

    areas = models.ManyToManyField(
        PolicyArea, blank=True, related_name="+", verbose_name=_("policy areas")
    )
    change = models.CharField(_("kind of update"), max_length=10, choices=PolicyChange.choices)
    occurred_on = PartialDateField(_("date of the update"), null=True, blank=True, db_index=True)

    history = RecordHistory(m2m_fields=[areas])

    class Meta(TitledRecord.Meta):
        verbose_name = _("policy update")
        verbose_name_plural = _("policy updates")
