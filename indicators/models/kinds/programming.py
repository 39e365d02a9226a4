"""Programming: projects, the initiatives that they group, their sessions, sectors strengthened."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from indicators.models.record import RecordHistory, TitledRecord
from strategy.choices import Marker, PeopleBasis, RecordKind, Scope, SectorState
from strategy.dates.fields import PartialDateField
from strategy.models import Capability, Country, Feature, FieldOfActivity, Sector, TargetGroup


class Project(TitledRecord):
    """A funded undertaking that groups initiatives; never counted."""

    KIND = RecordKind.PROJECT
    PREFIX = "PRJ"
    COLUMNS = (
        *("title", "donors", "amount", "currency", "starts_on", "ends_on"),
        *("direct_people", "indirect_people", "people_basis"),
        *("gender_equality", "child_participation", "features"),
    )

    donors = models.CharField(
        _("donors"), max_length=500, blank=True, help_text=_("Several: put ; between them.")
    )
    amount = models.DecimalField(
        _("amount"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, help_text=_("Three letters: CAD, EUR, USD.")
    )
    starts_on = PartialDateField(_("start date"), null=True, blank=True)
    ends_on = PartialDateField(_("end date"), null=True, blank=True)
    direct_people = models.PositiveIntegerField(
        _("people reached directly"),
        null=True,
        blank=True,
        help_text=_("As published or written down; never a sum or a difference of others."),
    )
    indirect_people = models.PositiveIntegerField(
        _("people reached indirectly"), null=True, blank=True
    )
    people_basis = models.CharField(
        _("basis of these numbers"), max_length=10, choices=PeopleBasis.choices, blank=True
    )
    gender_equality = models.CharField(
        _("gender equality"), max_length=15, choices=Marker.choices, blank=True
    )
    child_participation = models.CharField(
        _("participation of children"), max_length=15, choices=Marker.choices, blank=True
    )
    features = models.ManyToManyField(
        Feature, blank=True, related_name="+", verbose_name=_("features")
    )

    history = RecordHistory(m2m_fields=[features])

    class Meta(TitledRecord.Meta):
        verbose_name = _("project")
        verbose_name_plural = _("projects")


class Initiative(TitledRecord):
    """One capacity-building process for one national target group (rule 1.1)."""

    KIND = RecordKind.INITIATIVE
    PREFIX = "INI"
    COLUMNS = (
        "title",
        "project",
        "scope",
        "countries",
        "fields_of_activity",
        "kinds",
        "target_groups",
        "starts_on",
        "ends_on",
        "summary",
    )

    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="initiatives",
        verbose_name=_("project"),
    )
    scope = models.CharField(
        _("scope"), max_length=10, choices=Scope.choices, default=Scope.COUNTRY
    )
    countries = models.ManyToManyField(
        Country,
        blank=True,
        related_name="+",
        verbose_name=_("target countries"),
        help_text=_("Whose system is strengthened; not where a workshop takes place."),
    )
    fields_of_activity = models.ManyToManyField(
        FieldOfActivity,
        blank=True,
        related_name="+",
        verbose_name=_("fields of activity"),
        help_text=_("None if it cuts across all: it then stays out of the balance of the fields."),
    )
    kinds = models.ManyToManyField(
        Capability, blank=True, related_name="+", verbose_name=_("kinds of initiative")
    )
    target_groups = models.ManyToManyField(
        TargetGroup, blank=True, related_name="+", verbose_name=_("target groups")
    )
    starts_on = PartialDateField(_("start date"), null=True, blank=True, db_index=True)
    ends_on = PartialDateField(_("end date"), null=True, blank=True)
    summary = models.TextField(_("summary"), blank=True)

    history = RecordHistory(m2m_fields=[countries, fields_of_activity, kinds, target_groups])

    class Meta(TitledRecord.Meta):
        verbose_name = _("initiative")
        verbose_name_plural = _("initiatives")


class Activity(TitledRecord):
    """A session of an initiative; never counted, it gives the people trained."""

    KIND = RecordKind.ACTIVITY
    PREFIX = "ACT"
    COLUMNS = (
        "title",
        "initiative",
        "kind",
        "country",
        "place",
        "starts_on",
        "ends_on",
        "women",
        "men",
        "sex_not_recorded",
        "girls",
        "boys",
        "children_sex_not_recorded",
    )

    initiative = models.ForeignKey(
        Initiative,
        on_delete=models.PROTECT,
        related_name="activities",
        verbose_name=_("initiative"),
    )
    kind = models.ForeignKey(
        Capability,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("kind of activity"),
    )
    country = models.ForeignKey(
        Country,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("host country"),
    )
    place = models.CharField(_("place"), max_length=200, blank=True)
    starts_on = PartialDateField(_("start date"), null=True, blank=True, db_index=True)
    ends_on = PartialDateField(_("end date"), null=True, blank=True)
    women = models.PositiveIntegerField(
        _("women"),
        null=True,
        blank=True,
        help_text=_("Adult women trained. Empty: not recorded."),
    )
    men = models.PositiveIntegerField(
        _("men"), null=True, blank=True, help_text=_("Adult men trained. Empty: not recorded.")
    )
    sex_not_recorded = models.PositiveIntegerField(
        _("sex not recorded"),
        null=True,
        blank=True,
        help_text=_("People trained whose sex was not written down; never a difference."),
    )
    girls = models.PositiveIntegerField(
        _("girls"),
        null=True,
        blank=True,
        help_text=_("Girls consulted or taking part, as a number only. Empty: not recorded."),
    )
    boys = models.PositiveIntegerField(
        _("boys"),
        null=True,
        blank=True,
        help_text=_("Boys consulted or taking part, as a number only. Empty: not recorded."),
    )
    children_sex_not_recorded = models.PositiveIntegerField(
        _("children, sex not recorded"),
        null=True,
        blank=True,
        help_text=_("Children whose sex was not written down; never a difference."),
    )

    history = RecordHistory()

    class Meta(TitledRecord.Meta):
        verbose_name = _("activity")
        verbose_name_plural = _("activities")


class SectorStrengthened(TitledRecord):
    """A product that strengthens a sector of a protection system (objective 1.3)."""

    KIND = RecordKind.SECTOR_STRENGTHENED
    PREFIX = "SEC"
    COLUMNS = ("title", "sector", "country", "region", "state", "initiative", "occurred_on")

    sector = models.ForeignKey(
        Sector, on_delete=models.PROTECT, related_name="+", verbose_name=_("sector")
    )
    country = models.ForeignKey(
        Country, on_delete=models.PROTECT, related_name="+", verbose_name=_("country")
    )
    region = models.CharField(_("province or region"), max_length=100, blank=True)
    state = models.CharField(
        _("stage"),
        max_length=12,
        choices=SectorState.choices,
        default=SectorState.IN_PROGRESS,
        help_text=_("In use: a course is open, a tool is adopted. Only then does it count."),
    )
    initiative = models.ForeignKey(
        Initiative,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("initiative"),
    )
    occurred_on = PartialDateField(_("in use since"), null=True, blank=True, db_index=True)

    history = RecordHistory()

    class Meta(TitledRecord.Meta):
        verbose_name = _("sector strengthened")
        verbose_name_plural = _("sectors strengthened")
