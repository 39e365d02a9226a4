"""The form of each kind: its columns in the order of files, and what only that kind asks."""

from typing import Any

from django.core.exceptions import ValidationError
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
from strategy.models import Indicator, Plan
from strategy.vocabulary import RecordKind

COMMON = ("reference", "notes")


class ProjectForm(RecordForm):
    KIND = RecordKind.PROJECT

    class Meta:
        model = Project
        fields = (*Project.COLUMNS, *COMMON)
        formfield_callback = field_for


class InitiativeForm(RecordForm):
    KIND = RecordKind.INITIATIVE

    class Meta:
        model = Initiative
        fields = (*Initiative.COLUMNS, *COMMON)
        formfield_callback = field_for


class ActivityForm(RecordForm):
    KIND = RecordKind.ACTIVITY

    class Meta:
        model = Activity
        fields = (*Activity.COLUMNS, *COMMON)
        formfield_callback = field_for


class CountrySupportForm(RecordForm):
    KIND = RecordKind.COUNTRY_SUPPORT

    class Meta:
        model = CountrySupport
        fields = (*CountrySupport.COLUMNS, *COMMON)
        formfield_callback = field_for


class DecisionForm(RecordForm):
    KIND = RecordKind.DECISION

    class Meta:
        model = Decision
        fields = (*Decision.COLUMNS, *COMMON)
        formfield_callback = field_for


class NetworkForm(RecordForm):
    KIND = RecordKind.NETWORK

    class Meta:
        model = Network
        fields = (*Network.COLUMNS, *COMMON)
        formfield_callback = field_for


class EventForm(RecordForm):
    KIND = RecordKind.EVENT

    class Meta:
        model = Event
        fields = (*Event.COLUMNS, *COMMON)
        formfield_callback = field_for


class SectorStrengthenedForm(RecordForm):
    KIND = RecordKind.SECTOR_STRENGTHENED

    class Meta:
        model = SectorStrengthened
        fields = (*SectorStrengthened.COLUMNS, *COMMON)
        formfield_callback = field_for


class SponsorForm(RecordForm):
    KIND = RecordKind.SPONSOR

    class Meta:
        model = Sponsor
        fields = (*Sponsor.COLUMNS, *COMMON)
        formfield_callback = field_for
        labels = {"title": _("Name of the sponsor")}


class AnnualBudgetForm(RecordForm):
    KIND = RecordKind.ANNUAL_BUDGET

    class Meta:
        model = AnnualBudget
        fields = (*AnnualBudget.COLUMNS, *COMMON)
        formfield_callback = field_for

    def validate_constraints(self) -> None:
        """A second budget of one year is refused at the year, in words."""
        try:
            self.instance.validate_constraints(exclude=self._get_validation_exclusions())
        except ValidationError:
            self.add_error(
                "year",
                _("There is a budget for this year, currency and basis already. Change that one."),
            )


class ActionReportForm(RecordForm):
    KIND = RecordKind.ACTION_REPORT

    class Meta:
        model = ActionReport
        fields = (*ActionReport.COLUMNS, *COMMON)
        formfield_callback = field_for

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
