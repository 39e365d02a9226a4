"""Operations: sponsors, budgets, reports on actions taken, updates of the Bureau's own policies."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from indicators.models.record import IS_CURRENT, FoldedField, Record, RecordHistory, TitledRecord
from indicators.models.references import KnownReferences
from strategy.choices import BudgetBasis, PolicyChange, RecordKind, SponsorType
from strategy.dates.fields import PartialDateField
from strategy.models import Country, Feature, Indicator, PartnerType, PolicyArea

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


class Partner(TitledRecord):
    """An organisation or a group that the Bureau works with; one record per partner."""

    KIND = RecordKind.PARTNER
    PREFIX = "PAR"
    COLUMNS = (
        *("title", "partner_type", "countries", "starts_on", "ends_on"),
        *("projects", "features"),
    )

    folded_title = FoldedField(of="title")
    partner_type = models.ForeignKey(
        PartnerType,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("kind of partner"),
    )
    countries = models.ManyToManyField(
        Country, blank=True, related_name="+", verbose_name=_("countries")
    )
    starts_on = PartialDateField(_("partner since"), null=True, blank=True, db_index=True)
    ends_on = PartialDateField(_("partner until"), null=True, blank=True)
    projects = models.CharField(
        _("projects"),
        max_length=500,
        blank=True,
        validators=[KnownReferences(RecordKind.PROJECT.value)],
        help_text=_("References of the projects together, with ; between them."),
    )
    features = models.ManyToManyField(
        Feature, blank=True, related_name="+", verbose_name=_("features")
    )

    history = RecordHistory(m2m_fields=[countries, features])

    class Meta(TitledRecord.Meta):
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        constraints = [
            models.UniqueConstraint(
                fields=["folded_title"], condition=IS_CURRENT, name="partner_once_a_name"
            )
        ]


class TeamYear(Record):
    """The team in one year: board, staff, interns and volunteers; one record per year."""

    KIND = RecordKind.TEAM_YEAR
    PREFIX = "TEA"
    COLUMNS = (
        *("year", "board_members", "board_countries", "staff", "interns"),
        *("volunteers", "volunteer_countries"),
    )

    year = models.CharField(
        _("year"),
        max_length=9,
        validators=[YEAR_LABEL],
        db_index=True,
        help_text=_("2018, or 2017-2018 for a year that spans two."),
    )
    board_members = models.PositiveIntegerField(_("board members"), null=True, blank=True)
    board_countries = models.PositiveIntegerField(
        _("countries of board members"), null=True, blank=True
    )
    staff = models.PositiveIntegerField(
        _("staff"), null=True, blank=True, help_text=_("Employees in the year, in all offices.")
    )
    interns = models.PositiveIntegerField(_("interns"), null=True, blank=True)
    volunteers = models.PositiveIntegerField(_("volunteers"), null=True, blank=True)
    volunteer_countries = models.PositiveIntegerField(
        _("countries of volunteers"),
        null=True,
        blank=True,
        help_text=_("Countries of their missions."),
    )

    history = RecordHistory()

    class Meta(Record.Meta):
        verbose_name = _("team of a year")
        verbose_name_plural = _("teams by year")
        constraints = [
            models.UniqueConstraint(fields=["year"], condition=IS_CURRENT, name="team_once_a_year")
        ]

    @property
    def name(self) -> str:
        return self.year
