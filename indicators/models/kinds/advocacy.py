"""Advocacy: support to countries, decisions of public authorities, networks, events."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from indicators.models.kinds.programming import Project
from indicators.models.record import IS_CURRENT, FoldedField, RecordHistory, TitledRecord
from strategy.choices import (
    CountrySupportType,
    EventKind,
    EventRole,
    Instrument,
    NetworkSupportType,
    RecordKind,
)
from strategy.dates.fields import PartialDateField
from strategy.dates.parsing import parse_partial_date
from strategy.models import Country

DONE = "[x]"
"""The mark of a step that is done, at its beginning; a step without it is still to do."""


def validate_steps(text: str) -> None:
    """Reject a line without a date and what is done."""
    for number, line in enumerate(text.splitlines(), 1):
        day, colon, step = line.strip().removeprefix(DONE).partition(":")
        if not line.strip() or (colon and step.strip() and _is_date(day)):
            continue
        raise ValidationError(
            gettext(
                "Line %(number)s is no step. Write a date, a colon and what is done, "
                "as in “[x] 2018-03: Meeting with the ministry”; [x] says that it is done."
            )
            % {"number": number}
        )


def _is_date(text: str) -> bool:
    try:
        parse_partial_date(text.strip())
    except ValueError:
        return False
    return True


class CountrySupport(TitledRecord):
    """Advocacy, institutional or technical support to a country's authorities (2.1)."""

    KIND = RecordKind.COUNTRY_SUPPORT
    PREFIX = "SUP"
    COLUMNS = ("title", "country", "support", "authority", "starts_on", "ends_on", "summary")

    country = models.ForeignKey(
        Country, on_delete=models.PROTECT, related_name="+", verbose_name=_("country supported")
    )
    support = models.CharField(
        _("kind of support"), max_length=15, choices=CountrySupportType.choices
    )
    authority = models.CharField(
        _("authority supported"),
        max_length=250,
        blank=True,
        help_text=_("The ministry, court, police or other public body."),
    )
    starts_on = PartialDateField(_("start of the support"), null=True, blank=True, db_index=True)
    ends_on = PartialDateField(_("end of the support"), null=True, blank=True)
    summary = models.TextField(_("summary"), blank=True)

    history = RecordHistory()

    class Meta(TitledRecord.Meta):
        verbose_name = _("support to a country")
        verbose_name_plural = _("support to countries")


class AdvocacyStrategy(TitledRecord):
    """Planned advocacy for one change, with its steps."""

    KIND = RecordKind.ADVOCACY_STRATEGY
    PREFIX = "STR"
    COLUMNS = (
        *("title", "countries", "context", "change_sought", "authority", "steps"),
        *("techniques", "amount", "currency", "starts_on", "ends_on"),
    )

    countries = models.ManyToManyField(
        Country, blank=True, related_name="+", verbose_name=_("countries")
    )
    context = models.TextField(_("context"), blank=True)
    change_sought = models.TextField(_("change sought"))
    authority = models.CharField(
        _("authority to convince"),
        max_length=250,
        blank=True,
        help_text=_("The ministry, court, police or other public body."),
    )
    steps = models.TextField(
        _("steps"),
        blank=True,
        validators=[validate_steps],
        help_text=_(
            "One step a line: its date, a colon, what is done. Write [x] before a step that is "
            "done, as in “[x] 2018-03: Meeting with the ministry”."
        ),
    )
    techniques = models.TextField(_("techniques"), blank=True)
    amount = models.DecimalField(
        _("amount"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, help_text=_("Three letters: CAD, EUR, USD.")
    )
    starts_on = PartialDateField(_("start date"), null=True, blank=True, db_index=True)
    ends_on = PartialDateField(_("end date"), null=True, blank=True)

    history = RecordHistory(m2m_fields=[countries])

    class Meta(TitledRecord.Meta):
        verbose_name = _("advocacy strategy")
        verbose_name_plural = _("advocacy strategies")


class Decision(TitledRecord):
    """A dated, documented act of a public authority (2.1 and 2.2, by the authority)."""

    KIND = RecordKind.DECISION
    PREFIX = "DEC"
    COLUMNS = (
        "title",
        "instrument",
        "authority",
        "authority_country",
        "countries_concerned",
        "occurred_on",
        "contribution",
        "reversed_on",
        "strategy",
        "project",
    )

    instrument = models.CharField(
        _("form of the decision"), max_length=12, choices=Instrument.choices
    )
    authority = models.CharField(_("deciding authority"), max_length=250)
    authority_country = models.ForeignKey(
        Country,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("country of the deciding authority"),
    )
    countries_concerned = models.ManyToManyField(
        Country, blank=True, related_name="+", verbose_name=_("countries concerned")
    )
    occurred_on = PartialDateField(_("date of the decision"), null=True, blank=True, db_index=True)
    contribution = models.TextField(
        _("IBCR's contribution"), help_text=_("What the Bureau did that led to the decision.")
    )
    reversed_on = PartialDateField(
        _("date of the reversal"),
        null=True,
        blank=True,
        help_text=_("If the decision was reversed later. It still counts, and is flagged."),
    )
    strategy = models.ForeignKey(
        AdvocacyStrategy,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name=_("advocacy strategy that it followed from"),
    )
    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name=_("project"),
        help_text=_("The project whose work led to it, if there is one."),
    )

    history = RecordHistory(m2m_fields=[countries_concerned])

    class Meta(TitledRecord.Meta):
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")

    def is_reversed_by(self, day: date) -> bool:
        """Whether it is sure on a day that the decision no longer stands."""
        return self.reversed_on is not None and self.reversed_on.last <= day


class Network(TitledRecord):
    """A lasting group of organisations that the Bureau supports (2.3); one record per network."""

    KIND = RecordKind.NETWORK
    PREFIX = "NET"
    COLUMNS = ("title", "support", "countries", "starts_on", "ends_on")

    folded_title = FoldedField(of="title")
    support = models.CharField(
        _("form of support"), max_length=12, choices=NetworkSupportType.choices, blank=True
    )
    countries = models.ManyToManyField(
        Country, blank=True, related_name="+", verbose_name=_("countries")
    )
    starts_on = PartialDateField(_("supported since"), null=True, blank=True, db_index=True)
    ends_on = PartialDateField(_("supported until"), null=True, blank=True)

    history = RecordHistory(m2m_fields=[countries])

    class Meta(TitledRecord.Meta):
        verbose_name = _("network")
        verbose_name_plural = _("networks")
        constraints = [
            models.UniqueConstraint(
                fields=["folded_title"], condition=IS_CURRENT, name="network_once_a_name"
            )
        ]


class Event(TitledRecord):
    """An event on children's rights, with the Bureau's part in it (2.3)."""

    KIND = RecordKind.EVENT
    PREFIX = "EVT"
    COLUMNS = ("title", "role", "kind", "country", "place", "occurred_on", "ends_on")

    role = models.CharField(_("IBCR's role"), max_length=12, choices=EventRole.choices)
    kind = models.CharField(_("kind of event"), max_length=12, choices=EventKind.choices)
    country = models.ForeignKey(
        Country,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("host country"),
    )
    place = models.CharField(_("place"), max_length=200, blank=True)
    occurred_on = PartialDateField(_("date, or first day"), null=True, blank=True, db_index=True)
    ends_on = PartialDateField(_("last day, if several"), null=True, blank=True)

    history = RecordHistory()

    class Meta(TitledRecord.Meta):
        verbose_name = _("event")
        verbose_name_plural = _("events")
