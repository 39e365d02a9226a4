"""The form of each kind of record: the columns in the order of files, labelled as questions."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from indicators.forms.base import RecordForm, field_for
from indicators.models import (
    ActionReport,
    Activity,
    AdvocacyStrategy,
    AnnualBudget,
    Assessment,
    CountrySupport,
    Decision,
    Evaluation,
    Event,
    Initiative,
    Lesson,
    Network,
    Partner,
    PolicyUpdate,
    Project,
    Recommendation,
    Record,
    SectorStrengthened,
    Sponsor,
    TeamYear,
)
from indicators.values.plans import explain_other_plan, explain_other_rubric
from strategy.choices import RecordKind
from strategy.models import Indicator, Plan, RubricStep


class ActionReportForm(RecordForm):
    """A form that offers the indicators of every plan that count such reports."""

    def set_choices(self) -> None:
        super().set_choices()
        offered = Q(targets__record_kind=self.KIND)
        if isinstance(self.instance, ActionReport) and self.instance.pk:
            offered |= Q(pk__in=self.instance.filed_under.values("pk"))
        field = cast("forms.ModelMultipleChoiceField[Indicator]", self.fields["filed_under"])
        field.queryset = Indicator.objects.published().filter(offered).distinct()

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        chosen = {indicator.plan for indicator in values.get("filed_under") or ()}
        year = values.get("year_covered") or ""
        if error := explain_other_plan(year, chosen, Plan.objects.all() if chosen else ()):
            self.add_error("filed_under", error)
        return values


class AssessmentForm(RecordForm):
    """A form that offers the indicators and the rubrics of every published plan."""

    def set_choices(self) -> None:
        super().set_choices()
        indicators = Indicator.objects.published()
        steps = RubricStep.objects.published().select_related("rubric")
        cast("forms.ModelChoiceField[Indicator]", self.fields["indicator"]).queryset = indicators
        cast("forms.ModelChoiceField[RubricStep]", self.fields["step"]).queryset = steps

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        indicator, step = values.get("indicator"), values.get("step")
        if indicator and step and step.rubric_id != indicator.rubric_id:
            self.add_error("step", explain_other_rubric())
        return values


def _build_form(
    model: type[Record],
    labels: dict[str, Any],
    help_texts: dict[str, Any] | None = None,
    base: type[RecordForm] = RecordForm,
) -> type[RecordForm]:
    form = forms.modelform_factory(
        model,
        form=base,
        fields=(*model.COLUMNS, "reference", "notes", "confidential"),
        formfield_callback=field_for,
        labels=labels,
        help_texts=help_texts,
    )
    record_form = cast(type[RecordForm], form)
    record_form.KIND = model.KIND
    return record_form


_FORMS: Sequence[type[RecordForm]] = (
    _build_form(
        Project,
        {
            "title": _("What is it called?"),
            "donors": _("Who funds it?"),
            "starts_on": _("When did it start?"),
            "ends_on": _("When did it end?"),
        },
    ),
    _build_form(
        Initiative,
        {
            "title": _("What is it called?"),
            "project": _("Which project is it part of?"),
            "countries": _("Whose child protection system is strengthened?"),
            "fields_of_activity": _("Which fields of activity?"),
            "target_groups": _("Who is it for?"),
            "starts_on": _("When did it start?"),
            "ends_on": _("When did it end?"),
        },
        {
            "title": _("The country, then what is done, as in “Niger: police training kit”."),
        },
    ),
    _build_form(
        Activity,
        {
            "title": _("What is it called?"),
            "initiative": _("Which initiative is it a session of?"),
            "starts_on": _("When did it start?"),
            "ends_on": _("When did it end?"),
        },
    ),
    _build_form(
        CountrySupport,
        {
            "title": _("What is it called?"),
            "country": _("Which country was supported?"),
            "support": _("What kind of support was it?"),
            "authority": _("Which authority was supported?"),
            "starts_on": _("When did the support begin?"),
            "ends_on": _("When did the support end?"),
        },
    ),
    _build_form(
        Decision,
        {
            "title": _("What was decided?"),
            "instrument": _("What form does the decision take?"),
            "authority": _("Who decided?"),
            "authority_country": _("In which country is that authority?"),
            "countries_concerned": _("Which countries does it concern?"),
            "occurred_on": _("When was it decided?"),
            "contribution": _("What was IBCR’s part in it?"),
        },
        {
            "authority": _("The ministry, parliament, court or other public body."),
        },
    ),
    _build_form(
        Network,
        {
            "title": _("What is the network called?"),
            "support": _("How is it supported?"),
            "starts_on": _("Since when is it supported?"),
            "ends_on": _("Until when was it supported?"),
        },
    ),
    _build_form(
        Event,
        {
            "title": _("What is it called?"),
            "role": _("What was IBCR’s role?"),
            "kind": _("What kind of event was it?"),
            "occurred_on": _("When was it, or when did it begin?"),
        },
    ),
    _build_form(
        SectorStrengthened,
        {
            "title": _("What strengthens the sector?"),
            "sector": _("Which sector?"),
            "country": _("In which country?"),
            "state": _("Is it in use?"),
            "occurred_on": _("In use since when?"),
        },
    ),
    _build_form(
        Sponsor,
        {
            "title": _("What is the sponsor called?"),
            "sponsor_type": _("What kind of sponsor is it?"),
            "first_agreement_on": _("When was the first agreement signed?"),
        },
    ),
    _build_form(
        AnnualBudget,
        {
            "year": _("Which year is it for?"),
            "basis": _("Was the amount approved beforehand, or spent?"),
        },
    ),
    _build_form(
        ActionReport,
        {
            "title": _("What is it called?"),
            "filed_under": _("Which actions does it report on?"),
            "year_covered": _("Which year does it cover?"),
            "issued_on": _("When was it issued?"),
        },
        base=ActionReportForm,
    ),
    _build_form(
        PolicyUpdate,
        {
            "title": _("Which policy is it?"),
            "areas": _("What is it about?"),
            "change": _("What was done with it?"),
            "occurred_on": _("When?"),
        },
    ),
    _build_form(
        Evaluation,
        {
            "title": _("What is it called?"),
            "project": _("Which project was evaluated?"),
            "level": _("What level of evaluation is it?"),
            "conducted_by": _("Who conducted it?"),
            "completed_on": _("When was it completed?"),
        },
    ),
    _build_form(
        Recommendation,
        {
            "title": _("What is recommended?"),
            "evaluation": _("Which evaluation does it come from?"),
            "addressed_to": _("Who has to answer it?"),
            "response": _("What is the response?"),
            "action": _("What will be done?"),
            "due_on": _("By when?"),
            "done_on": _("When was it done?"),
        },
    ),
    _build_form(
        Lesson,
        {
            "title": _("What is the lesson, in one sentence?"),
            "year": _("In which year was it learned?"),
            "level": _("What level of learning is it?"),
            "learned": _("What was learned?"),
            "state": _("Was it applied?"),
            "applied_in": _("Where was it applied?"),
        },
    ),
    _build_form(
        Partner,
        {
            "title": _("What is the partner called?"),
            "partner_type": _("What kind of partner is it?"),
            "starts_on": _("Since when is it a partner?"),
            "ends_on": _("Until when was it a partner?"),
            "projects": _("Which projects are done together?"),
        },
    ),
    _build_form(
        AdvocacyStrategy,
        {
            "title": _("What is it called?"),
            "countries": _("Which countries is it for?"),
            "change_sought": _("What should change?"),
            "authority": _("Which authority has to be convinced?"),
            "starts_on": _("When did it start?"),
            "ends_on": _("When did it end?"),
        },
    ),
    _build_form(TeamYear, {"year": _("Which year is it for?")}),
    _build_form(
        Assessment,
        {
            "indicator": _("Which indicator is assessed?"),
            "assessed_on": _("Which day does it describe?"),
            "step": _("Which step of its rubric is true?"),
            "justification": _("What is it based on?"),
        },
        base=AssessmentForm,
    ),
)

RECORD_FORMS: Mapping[RecordKind, type[RecordForm]] = {form.KIND: form for form in _FORMS}
