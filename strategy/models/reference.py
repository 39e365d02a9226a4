"""Reference data: the countries, lists and codes that plans and records refer to."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, TruncDate
from django.utils.translation import gettext_lazy as _

from strategy.models.keys import Keyed, KeyedManager


class Coded(Keyed):
    """A row that files, URLs and conditions name by its code."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        abstract = True
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Country(Keyed):
    """A country or territory of ISO 3166-1, with its other names."""

    code = models.CharField(
        _("code"), max_length=2, unique=True, help_text=_("Two letters, ISO 3166-1 alpha-2.")
    )
    numeric = models.CharField(
        _("number"),
        max_length=3,
        help_text=_("Three digits, ISO 3166-1 numeric: the key of the map."),
    )
    name = models.CharField(_("name"), max_length=200)
    aliases = models.JSONField(
        _("other names"),
        default=list,
        blank=True,
        help_text=_("Names that imported files may also use, in any language."),
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[A-Z]{2}$"), name="country_code_is_two_capitals"
            )
        ]

    def __str__(self) -> str:
        return self.name


class RestrictedContextManager(KeyedManager["RestrictedContext"]):
    def in_force(self) -> models.QuerySet["RestrictedContext"]:
        """Return those of today, by the database's clock."""
        today = TruncDate(Now())
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=today), starts_on__lte=today)


class RestrictedContext(Keyed):
    """Days on which the records of a country are confidential."""

    KEY = ("country__code", "starts_on")

    country = models.ForeignKey(
        Country, on_delete=models.PROTECT, related_name="+", verbose_name=_("country")
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(
        _("last day"), null=True, blank=True, help_text=_("Empty: until further notice.")
    )

    objects: ClassVar[RestrictedContextManager] = RestrictedContextManager()

    class Meta:
        ordering = ["country", "starts_on"]
        verbose_name = _("restricted context")
        verbose_name_plural = _("restricted contexts")
        constraints = [
            models.UniqueConstraint(
                fields=["country", "starts_on"], name="restricted_context_begins_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="restricted_context_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return str(self.country)


class CountryList(Coded):
    """A named list of countries that targets refer to; dated, with its source."""

    source = models.CharField(_("source"), max_length=300, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    is_confirmed = models.BooleanField(
        _("confirmed"),
        default=True,
        help_text=_("Unticked: the list is printed with the words “to confirm”."),
    )
    countries = models.ManyToManyField(Country, related_name="+", verbose_name=_("countries"))

    class Meta(Coded.Meta):
        verbose_name = _("list of countries")
        verbose_name_plural = _("lists of countries")


class NumberedWord(Coded):
    """A row of a list with an order."""

    number = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        abstract = True
        ordering = ["number", "code"]


class FieldOfActivity(NumberedWord):
    """A theme of the Bureau's work: the plan's section "Our fields of activity"."""

    text = models.TextField(_("description"), blank=True)

    class Meta(NumberedWord.Meta):
        verbose_name = _("field of activity")
        verbose_name_plural = _("fields of activity")


class TargetGroup(NumberedWord):
    """A group of people who work with children: the plan's direct targets."""

    class Meta(NumberedWord.Meta):
        verbose_name = _("target group")
        verbose_name_plural = _("target groups")


class Capability(NumberedWord):
    """A kind of initiative, after the plan's examples of technical capabilities."""

    class Meta(NumberedWord.Meta):
        verbose_name = _("kind of initiative")
        verbose_name_plural = _("kinds of initiative")


class Sector(NumberedWord):
    """A sector of a child protection system (objective 1.3)."""

    class Meta(NumberedWord.Meta):
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")


class PolicyArea(NumberedWord):
    """An area of the organisation's own policies (objective 3.4)."""

    class Meta(NumberedWord.Meta):
        verbose_name = _("policy area")
        verbose_name_plural = _("policy areas")


class PartnerType(NumberedWord):
    """A kind of partner: the plan's list of advocacy partners."""

    class Meta(NumberedWord.Meta):
        verbose_name = _("kind of partner")
        verbose_name_plural = _("kinds of partner")


class Feature(NumberedWord):
    """A feature that projects or partners may have, such as a strategy for after the project."""

    class Meta(NumberedWord.Meta):
        verbose_name = _("feature")
        verbose_name_plural = _("features")
