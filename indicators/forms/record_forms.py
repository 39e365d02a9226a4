"""The form of each kind: its columns in the order of files, and what only that kind asks."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from indicators.forms.base import RecordForm, field_for
from indicators.models import (
    ActionReport,
    Activity,
    AnnualBudget,
    CountrySupport,
    Decision,
    Event,
    Initiative,
    Network,
    PolicyUpdate,
    Project,
    SectorStrengthened,
    Sponsor,
)
from strategy.choices import RecordKind
from strategy.models import Indicator, Plan

COMMON = ("reference", "notes")


class ProjectForm(RecordForm):
    KIND = RecordKind.PROJECT

    class Meta:
        model = Project
        fields = (*Project.COLUMNS, *COMMON)
        formfield_callback = field_for
        labels = {
            "title": _("What is it called?"),
            "donors": _("Who funds it?"),
            "starts_on": _("When did it start?"),
            "ends_on": _("When did it end?"),
        }


class InitiativeForm(RecordForm):
    KIND = RecordKind.INITIATIVE

    class Meta:
        model = Initiative
        fields = (*Initiative.COLUMNS, *COMMON)
        formfield_callback = field_for
        labels = {
            "title": _("What is it called?"),
            "project": _("Which project is it part of?"),
            "countries": _("Whose child protection system is strengthened?"),
            "fields_of_activity": _("Which fields of activity?"),
            "target_groups": _("Who is it for?"),
            "starts_on": _("When did it start?"),
            "ends_on": _("When did it end?"),
        }
        help_texts = {
            "title": _("The country, then what is done, as in “Niger: police training kit”."),
        }


class ActivityForm(RecordForm):
    KIND = RecordKind.ACTIVITY

    class Meta:
        model = Activity
        fields = (*Activity.COLUMNS, *COMMON)
        formfield_callback = field_for
        labels = {
            "title": _("What is it called?"),
            "initiative": _("Which initiative is it a session of?"),
            "starts_on": _("When did it start?"),
            "ends_on": _("When did it end?"),
        }


class CountrySupportForm(RecordForm):
    KIND = RecordKind.COUNTRY_SUPPORT

    class Meta:
        model = CountrySupport
        fields = (*CountrySupport.COLUMNS, *COMMON)
        formfield_callback = field_for
        labels = {
            "title": _("What is it called?"),
            "country": _("Which country was supported?"),
            "support": _("What kind of support was it?"),
            "authority": _("Which authority was supported?"),
            "starts_on": _("When did the support begin?"),
            "ends_on": _("When did the support end?"),
        }


class DecisionForm(RecordForm):
    KIND = RecordKind.DECISION

    class Meta:
        model = Decision
        fields = (*Decision.COLUMNS, *COMMON)
        formfield_callback = field_for
        labels = {
            "title": _("What was decided?"),
            "instrument": _("What form does the decision take?"),
            "authority": _("Who decided?"),
            "authority_country": _("In which country is that authority?"),
            "countries_concerned": _("Which countries does it concern?"),
            "occurred_on": _("When was it decided?"),
            "contribution": _("What was IBCR’s part in it?"),
        }
        help_texts = {
            "authority": _("The ministry, parliament, court or other public body."),
        }


class NetworkForm(RecordForm):
    KIND = RecordKind.NETWORK

    class Meta:
        model = Network
        fields = (*Network.COLUMNS, *COMMON)
        formfield_callback = field_for
        labels = {
            "title": _("What is the network called?"),
            "support": _("How is it supported?"),
            "starts_on": _("Since when is it supported?"),
            "ends_on": _("Until when was it supported?"),
        }


class EventForm(RecordForm):
    KIND = RecordKind.EVENT

    class Meta:
        model = Event
        fields = (*Event.COLUMNS, *COMMON)
        formfield_callback = field_for
        labels = {
            "title": _("What is it called?"),
            "role": _("What was IBCR’s role?"),
            "kind": _("What kind of event was it?"),
            "occurred_on": _("When was it, or when did it begin?"),
        }


class SectorStrengthenedForm(RecordForm):
    KIND = RecordKind.SECTOR_STRENGTHENED

    class Meta:
        model = SectorStrengthened
        fields = (*SectorStrengthened.COLUMNS, *COMMON)
        formfield_callback = field_for
        labels = {
            "title": _("What strengthens the sector?"),
            "sector": _("Which sector?"),
            "country": _("In which country?"),
            "state": _("Is it in use?"),
            "occurred_on": _("In use since when?"),
        }


class SponsorForm(RecordForm):
    KIND = RecordKind.SPONSOR

    class Meta:
        model = Sponsor
        fields = (*Sponsor.COLUMNS, *COMMON)
        formfield_callback = field_for
        labels = {
            "title": _("What is the sponsor called?"),
            "sponsor_type": _("What kind of sponsor is it?"),
            "first_agreement_on": _("When was the first agreement signed?"),
        }


class AnnualBudgetForm(RecordForm):
    KIND = RecordKind.ANNUAL_BUDGET

    class Meta:
        model = AnnualBudget
        fields = (*AnnualBudget.COLUMNS, *COMMON)
        formfield_callback = field_for
        labels = {
            "year": _("Which year is it for?"),
            "basis": _("Was the amount approved beforehand, or spent?"),
        }


class ActionReportForm(RecordForm):
    KIND = RecordKind.ACTION_REPORT

    class Meta:
        model = ActionReport
        fields = (*ActionReport.COLUMNS, *COMMON)
        formfield_callback = field_for
        labels = {
            "title": _("What is it called?"),
            "filed_under": _("Which actions does it report on?"),
            "year_covered": _("Which year does it cover?"),
            "issued_on": _("When was it issued?"),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Of the plan's indicators those that ask for such a report; what was filed once stays.
        asked = Q(
            targets__record_kind=self.KIND,
            objective__priority__plan=Plan.objects.current(self.today),
        )
        if self.instance.pk:
            asked |= Q(pk__in=self.instance.filed_under.values("pk"))
        filed: Any = self.fields["filed_under"]
        filed.queryset = Indicator.objects.filter(asked).distinct()


class PolicyUpdateForm(RecordForm):
    KIND = RecordKind.POLICY_UPDATE

    class Meta:
        model = PolicyUpdate
        fields = (*PolicyUpdate.COLUMNS, *COMMON)
        formfield_callback = field_for
        labels = {
            "title": _("Which policy is it?"),
            "areas": _("What is it about?"),
            "change": _("What was done with it?"),
            "occurred_on": _("When?"),
        }
