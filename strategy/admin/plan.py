"""The rows of a plan: levels, targets with the conditions of their rules, texts.

A rule is checked before it is saved, as ``check_plan`` checks it, and its changes have a history.
Problems that only the whole plan shows are messages after saving.
"""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any, TypeVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import floatformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modeltranslation.admin import TranslationStackedInline, TranslationTabularInline
from simple_history.admin import SimpleHistoryAdmin
from simple_history.utils import update_change_reason

from strategy.admin.figure_changes import FigureAdmin
from strategy.models import (
    Axis,
    Condition,
    Indicator,
    Keyed,
    Objective,
    Passage,
    Pillar,
    Plan,
    Priority,
    QualityCriterion,
    ResultLevel,
    Rubric,
    RubricStep,
    Section,
    Target,
    TargetVersion,
)
from strategy.plan.validation import validate_relations
from strategy.workbench.fields import CodesField, MilestonesField
from strategy.workbench.forms import MILESTONES_HINT, ListsMatchDimension, check_plan_day
from strategy.workbench.views.previews import read_reason

K = TypeVar("K", bound=Keyed)

Formsets = Sequence[forms.BaseModelFormSet[Any, Any]]


class PlanRowAdmin(FigureAdmin[K]):
    """A row of a plan; after saving, messages name the problems of the whole plan."""

    def save_related(
        self, request: HttpRequest, form: forms.ModelForm[K], formsets: Formsets, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        plan_code, *_own = form.instance.natural_key()
        for problem in validate_relations(Plan.including_drafts.get(code=plan_code)):
            text = _("The plan is not well formed: %(problem)s") % {"problem": problem}
            self.message_user(request, text, messages.WARNING)


class TrackedAdmin(SimpleHistoryAdmin, PlanRowAdmin[K]):
    """A row with a history of its changes."""

    object_history_list_template = "admin/history_list.html"

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        view = super().history_form_view
        return self.preview_change(
            request, partial(view, request, object_id, version_id, extra_context)
        )


class PlanForm(forms.ModelForm[Plan]):
    """A plan of plausible years: one to the year 9999 would have too many figures."""

    def clean_starts_on(self) -> date:
        return self._check_day("starts_on")

    def clean_ends_on(self) -> date:
        return self._check_day("ends_on")

    def _check_day(self, name: str) -> date:
        day: date = self.cleaned_data[name]
        check_plan_day(day, timezone.localdate())
        return day


@admin.register(Plan)
class PlanAdmin(TrackedAdmin[Plan]):
    form = PlanForm
    list_display = ("title", "code", "starts_on", "ends_on", "is_shown_first", "is_outline")
    filter_horizontal = ("fields_of_activity",)


class AxisInline(TranslationTabularInline[Axis, Priority]):
    model = Axis
    extra = 0


@admin.register(Priority)
class PriorityAdmin(PlanRowAdmin[Priority]):
    list_display = ("title", "number", "plan")
    list_filter = ("plan",)
    inlines = (AxisInline,)


@admin.register(Objective)
class ObjectiveAdmin(TrackedAdmin[Objective]):
    list_display = ("code", "short_title", "priority")
    list_display_links = ("code", "short_title")
    list_filter = ("priority__plan",)
    list_select_related = ("priority",)


@admin.register(ResultLevel)
class ResultLevelAdmin(PlanRowAdmin[ResultLevel]):
    list_display = ("name", "number", "plan")
    list_filter = ("plan",)


class RubricStepInline(TranslationStackedInline[RubricStep, Rubric]):
    model = RubricStep
    extra = 0


@admin.register(Rubric)
class RubricAdmin(PlanRowAdmin[Rubric]):
    list_display = ("name", "code", "plan")
    list_display_links = ("name", "code")
    list_filter = ("plan",)
    inlines = (RubricStepInline,)


@admin.register(Indicator)
class IndicatorAdmin(TrackedAdmin[Indicator]):
    list_display = ("code", "statement", "objective")
    list_display_links = ("code", "statement")
    list_filter = ("objective__priority__plan",)
    list_select_related = ("objective",)


class ConditionForm(ListsMatchDimension, forms.ModelForm[Condition]):
    """A condition, checked with the lists of countries that the form has."""

    codes = CodesField(required=False, label=gettext_lazy("Codes"))
    scopes_without_value = CodesField(
        required=False,
        label=gettext_lazy("Scopes that need no value"),
        help_text=Condition._meta.get_field("scopes_without_value").help_text,
    )

    class Meta:
        model = Condition
        fields = (
            "number",
            "dimension",
            "test",
            "country_lists",
            "codes",
            "scopes_without_value",
            "is_numerator",
        )


class ConditionFormSet(forms.BaseInlineFormSet[Condition, Target, forms.ModelForm[Condition]]):
    """The conditions of one target, which may be new and have no key yet."""

    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            if not form.has_changed() or form in self.deleted_forms or form.errors:
                continue
            try:
                form.instance.check_against(self.instance)
            except ValidationError as error:
                form.add_error(None, error)


class ConditionInline(admin.StackedInline[Condition, Target]):
    model = Condition
    form = ConditionForm
    formset = ConditionFormSet
    filter_horizontal = ("country_lists",)
    extra = 0


class FirstVersionForm(forms.ModelForm[TargetVersion]):
    """The first version of a new target, in force from the plan's first day."""

    milestones = MilestonesField(
        required=False,
        label=gettext_lazy("Milestones"),
        help_text=MILESTONES_HINT,
    )

    class Meta:
        model = TargetVersion
        fields = (
            "statement",
            "rule",
            "minimum",
            "maximum",
            "milestones",
            "decided_by",
            "reason",
            "document",
        )


class FirstVersionFormSet(
    forms.BaseInlineFormSet[TargetVersion, Target, forms.ModelForm[TargetVersion]]
):
    def full_clean(self) -> None:
        """Give the version its day first, without which it is not checked against its plan."""
        if self.instance.indicator_id is not None:
            for form in self.forms:
                form.instance.in_force_from = self.instance.plan.starts_on
        super().full_clean()


class FirstVersionInline(TranslationStackedInline[TargetVersion, Target]):
    model = TargetVersion
    form = FirstVersionForm
    formset = FirstVersionFormSet
    verbose_name = gettext_lazy("first version")
    min_num = 1
    max_num = 1
    can_delete = False


@admin.register(Target)
class TargetAdmin(TrackedAdmin[Target]):
    """A target and its rule. Its versions are shown only: its page in the product changes them."""

    list_display = (
        "code",
        "statement",
        "record_kind",
        "measure",
        "frequency",
        "minimum_text",
        "maximum_text",
    )
    list_filter = ("indicator__objective__priority__plan", "record_kind")
    inlines = (FirstVersionInline, ConditionInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Target]:
        return super().get_queryset(request).prefetch_related("versions")

    def get_inlines(self, request: HttpRequest, obj: Target | None) -> Any:
        return self.inlines if obj is None else (ConditionInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Target | None = None) -> Any:
        # Issued reports know a target by its code: with another one nothing would be restated.
        return () if obj is None else ("code", "versions_text")

    @admin.display(description=gettext_lazy("statement"))
    def statement(self, target: Target) -> str:
        return target.version_at(timezone.localdate()).statement

    @admin.display(description=gettext_lazy("minimum"))
    def minimum_text(self, target: Target) -> str:
        return floatformat(target.version_at(timezone.localdate()).minimum, -4)

    @admin.display(description=gettext_lazy("maximum"), empty_value="–")
    def maximum_text(self, target: Target) -> str | None:
        maximum = target.version_at(timezone.localdate()).maximum
        return None if maximum is None else floatformat(maximum, -4)

    @admin.display(description=gettext_lazy("versions"))
    def versions_text(self, target: Target) -> str:
        """List the versions, which the target's page changes."""
        return "\n".join(
            _("From %(day)s: %(statement)s")
            % {
                "day": date_format(version.in_force_from, "DATE_FORMAT"),
                "statement": version.statement,
            }
            for version in target.all_versions
        )

    def save_related(
        self, request: HttpRequest, form: forms.ModelForm[Target], formsets: Formsets, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        # The conditions are part of the target's rule: its history names them.
        if any(formset.has_changed() for formset in formsets):
            conditions = form.instance.conditions.prefetch_related("country_lists")
            text = "; ".join(_format_condition(condition) for condition in conditions)
            words = (read_reason(request), _("Conditions: %(text)s") % {"text": text})
            update_change_reason(form.instance, "\n".join(filter(None, words)))


def _format_condition(condition: Condition) -> str:
    codes = [*(countries.code for countries in condition.country_lists.all()), *condition.codes]
    words = (condition.get_dimension_display(), condition.get_test_display(), ", ".join(codes))
    return " ".join(str(word) for word in words)


class PassageInline(TranslationStackedInline[Passage, Section]):
    model = Passage
    extra = 0


@admin.register(Section)
class SectionAdmin(PlanRowAdmin[Section]):
    list_display = ("heading", "code", "number", "plan")
    list_display_links = ("heading", "code")
    list_filter = ("plan",)
    inlines = (PassageInline,)


@admin.register(Pillar)
class PillarAdmin(PlanRowAdmin[Pillar]):
    list_display = ("title", "number", "plan")
    list_filter = ("plan",)


@admin.register(QualityCriterion)
class QualityCriterionAdmin(PlanRowAdmin[QualityCriterion]):
    list_display = ("name", "number", "plan")
    list_filter = ("plan",)
