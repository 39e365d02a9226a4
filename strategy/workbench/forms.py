"""The forms of a plan's rows: their own columns, and their texts in all languages side by side."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _
from modeltranslation.utils import build_localized_fieldname

from strategy.dates.periods import PartialDate
from strategy.dates.plausibility import explain_implausible
from strategy.models import (
    Condition,
    Indicator,
    Keyed,
    Objective,
    Plan,
    Priority,
    ResultLevel,
    Rubric,
    RubricStep,
    Target,
    TargetVersion,
)
from strategy.text import join_plain, normalize_text
from strategy.workbench.fields import CodesField, MilestonesField, NumberField, check_text
from strategy.workbench.rows import KIND_OF_MODEL, LANGUAGES, RowKind

DEFAULT_LANGUAGE = LANGUAGES[0]
RESERVED_CODES = ("new",)
"""Words of URLs in the place of a plan's code."""
LONG_TEXT = 120
"""Characters from which a text has a box of several lines."""


@dataclass(frozen=True)
class TextCell:
    """A text in one language: its control and the language's name."""

    field: forms.BoundField
    language: str


@dataclass(frozen=True)
class TextGroup:
    """A text in all languages."""

    label: str
    hint: str
    cells: tuple[TextCell, ...]


class ListsMatchDimension(forms.BaseModelForm[Any]):
    """Checks the lists of countries of a condition, which its model reads only once it is saved."""

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if "dimension" in values and "codes" in values and "country_lists" in values:
            condition = Condition(dimension=values["dimension"], codes=values["codes"])
            try:
                condition.check_lists(values["country_lists"])
            except ValidationError as error:
                self.add_error(None, error)
        return values


def check_plan_day(day: date, today: date) -> None:
    """Raise ValidationError for a day of a plan that would have too many years for figures."""
    problem = explain_implausible(PartialDate(day.isoformat()), today)
    if problem:
        raise ValidationError(problem)


def explain_outdated(form: forms.BaseModelForm[Any]) -> str:
    """Return the sentence for a form whose row was changed after it was opened."""
    text = gettext(
        "This was changed after you opened it, so nothing is saved. Check your answers, then"
        " save again."
    )
    labels = [str(form.fields[name].label) for name in form.changed_data]
    if labels:
        differing = gettext("Your answers differ from what is stored: %(fields)s.")
        text = f"{text} {differing % {'fields': join_plain(labels)}}"
    return text


class RowForm(forms.ModelForm[Keyed]):
    """A row of a plan. The subclass for its kind is made by ``build_form``."""

    kind: ClassVar[RowKind]

    def __init__(self, *args: Any, plan: Plan, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan, self.today = plan, today
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                self._limit_choices(name, field)
            if isinstance(field, forms.DateField):
                field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        for name in self.kind.texts:
            self._prepare_text(name)
        # Issued reports know a target by its code.
        if isinstance(self.instance, Target) and self.instance.pk and not plan.is_draft:
            self.fields["code"].disabled = True

    def _limit_choices(self, name: str, field: forms.ModelChoiceField[Any]) -> None:
        model = self.kind.get_column(name).related_model
        if model in (Priority, Objective, Indicator, ResultLevel, Rubric):
            field.queryset = KIND_OF_MODEL[model].filter_rows(self.plan)
        elif model is Plan:
            field.queryset = Plan.objects.exclude(pk=self.instance.pk)
        if model and name == self.kind.owner:
            field.label = capfirst(str(model._meta.verbose_name))
        if name == "contributes_to":
            field.queryset = Objective.objects.of_plan(self.plan).exclude(pk=self.instance.pk)

    def _prepare_text(self, name: str) -> None:
        column = self.kind.get_column(name)
        is_long = isinstance(column, models.TextField) or (column.max_length or 0) >= LONG_TEXT
        for code in LANGUAGES:
            field = self.fields[build_localized_fieldname(name, code)]
            info = get_language_info(code)
            field.required = code == DEFAULT_LANGUAGE and not column.blank
            field.label = f"{capfirst(str(column.verbose_name))} ({info['name_local']})"
            field.help_text = ""
            field.widget = forms.Textarea(attrs={"rows": 3}) if is_long else forms.TextInput()
            field.widget.attrs |= {"lang": code, "dir": "rtl" if info["bidi"] else "ltr"}

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in self._texts]

    @property
    def _texts(self) -> set[str]:
        return {
            build_localized_fieldname(name, code) for name in self.kind.texts for code in LANGUAGES
        }

    @property
    def text_groups(self) -> list[TextGroup]:
        return [self._build_group(name) for name in self.kind.texts]

    def _build_group(self, name: str) -> TextGroup:
        column = self.kind.get_column(name)
        cells = (
            TextCell(
                self[build_localized_fieldname(name, code)],
                str(get_language_info(code)["name_local"]),
            )
            for code in LANGUAGES
        )
        return TextGroup(capfirst(str(column.verbose_name)), str(column.help_text), tuple(cells))

    def add_error(self, field: str | None, error: Any) -> None:
        """Put the errors of columns that the form does not show above the form."""
        if not hasattr(error, "error_dict"):
            super().add_error(field, error)
            return
        for name, errors in error.error_dict.items():
            is_shown = name in self.fields and name != NON_FIELD_ERRORS
            super().add_error(name if is_shown else None, errors)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        for name, written in list(values.items()):
            if isinstance(written, str):
                values[name] = text = normalize_text(written).strip()
                stored = str(self.get_initial_for_field(self.fields[name], name) or "")
                if error := check_text(text, stored):
                    self.add_error(name, error)
        for name in ("starts_on", "ends_on"):
            if values.get(name):
                try:
                    check_plan_day(values[name], self.today)
                except ValidationError as error:
                    self.add_error(name, error)
        return values

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if self.kind.model is Plan:
            check_new_code(code)
            return code
        rows = self.kind.filter_rows(self.plan)
        if isinstance(self.instance, RubricStep):
            rows = rows.filter(rubric=vars(self.instance)["rubric_id"])
        if rows.filter(code=code).exclude(pk=self.instance.pk).exists():
            raise ValidationError(gettext("This code is used already. Choose another."))
        return code

    def clean_in_force_from(self) -> date:
        day: date = self.cleaned_data["in_force_from"]
        same = TargetVersion.objects.filter(
            target=vars(self.instance)["target_id"], in_force_from=day
        ).exclude(pk=self.instance.pk)
        if same.exists():
            raise ValidationError(gettext("A version is in force from this day already."))
        return day


class ConditionRowForm(ListsMatchDimension, RowForm):
    """A condition of a target."""


NUMBERS = (
    *("minimum", "maximum", "baseline_value", "on_track_from", "at_risk_from"),
    *("too_early_below", "level_at_risk_from"),
)
TICKED = ("fields_of_activity", "country_lists")
MILESTONES_HINT = _(
    "One a line, for example 2018: 10. The value expected by the end of a year, where it"
    " does not grow in a straight line. The last one is the minimum."
)


def build_form(
    kind: RowKind, *, leave_out: Collection[str] = (), only: Collection[str] = ()
) -> type[RowForm]:
    """Return the form of a kind of row with its columns, or with ``only`` some, and its texts."""
    columns = [name for name in only or kind.columns if name not in leave_out]
    texts = [build_localized_fieldname(name, code) for name in kind.texts for code in LANGUAGES]
    attributes = {name: _build_json_field(kind, name) for name in columns if name in JSON_FIELDS}
    base: type[RowForm] = ConditionRowForm if kind.model is Condition else RowForm
    form = forms.modelform_factory(
        kind.model,
        form=type(f"{kind.model.__name__}Form", (base,), {"kind": kind, **attributes}),
        fields=[*columns, *texts],
        field_classes={name: NumberField for name in columns if name in NUMBERS},
        widgets={name: forms.CheckboxSelectMultiple for name in columns if name in TICKED},
    )
    return cast("type[RowForm]", form)


JSON_FIELDS: Mapping[str, type[forms.CharField]] = {
    "codes": CodesField,
    "scopes_without_value": CodesField,
    "milestones": MilestonesField,
}


def _build_json_field(kind: RowKind, name: str) -> forms.Field:
    column = kind.get_column(name)
    words: dict[str, Any] = {"help_text": column.help_text} if column.help_text else {}
    if name == "milestones":
        words["help_text"] = MILESTONES_HINT
    return JSON_FIELDS[name](required=False, label=capfirst(str(column.verbose_name)), **words)


class CloneForm(forms.Form):
    """A copy of a plan: its code, its titles, and how many years it moves."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    shift = forms.IntegerField(
        label=_("Years to move"),
        min_value=-100,
        max_value=100,
        help_text=_(
            "Every day, milestone and year in the statements moves by so many years. 0 keeps them."
        ),
        widget=forms.NumberInput(attrs={"class": "short"}),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, plan: Plan) -> None:
        super().__init__(data, initial={"shift": len(plan.years)})
        for code in LANGUAGES:
            info = get_language_info(code)
            self.fields[build_localized_fieldname("title", code)] = forms.CharField(
                label=str(info["name_local"]),
                max_length=200,
                required=code == DEFAULT_LANGUAGE,
                widget=forms.TextInput(
                    attrs={"lang": code, "dir": "rtl" if info["bidi"] else "ltr"}
                ),
            )

    @property
    def titles(self) -> dict[str, str]:
        names = (build_localized_fieldname("title", code) for code in LANGUAGES)
        return {name: normalize_text(self.cleaned_data[name]) for name in names}

    @property
    def text_groups(self) -> list[TextGroup]:
        label = capfirst(str(Plan._meta.get_field("title").verbose_name))
        cells = (
            TextCell(self[build_localized_fieldname("title", code)], str(name))
            for code in LANGUAGES
            for name in [get_language_info(code)["name_local"]]
        )
        return [TextGroup(label, "", tuple(cells))]

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        return [self["code"], self["shift"]]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        check_new_code(code)
        return code

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        for name, text in list(values.items()):
            if isinstance(text, str) and (error := check_text(normalize_text(text))):
                self.add_error(name, error)
        return values


class CompareForm(forms.Form):
    """What a plan is compared with: another plan, or itself between two days."""

    other = forms.ModelChoiceField(
        Plan.including_drafts.none(), label=_("Another plan"), required=False, empty_label="–"
    )
    since = forms.DateField(label=_("Or this plan on"), required=False)
    until = forms.DateField(label=_("and on"), required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, plan: Plan, today: date) -> None:
        super().__init__(data)
        self.today = today
        choices = self.fields["other"]
        if isinstance(choices, forms.ModelChoiceField):
            choices.queryset = Plan.including_drafts.exclude(pk=plan.pk)
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors or values.get("other"):
            return values
        for name in ("since", "until"):
            if not values.get(name):
                self.add_error(name, gettext("Choose another plan, or enter two days."))
        return values

    def clean_since(self) -> date | None:
        return self._clean_day("since")

    def clean_until(self) -> date | None:
        return self._clean_day("until")

    def _clean_day(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        if day:
            check_plan_day(day, self.today)
        return day


def check_new_code(code: str) -> None:
    """Raise ValidationError for the code of a plan that another has, or that a URL needs."""
    if code in RESERVED_CODES or Plan.including_drafts.filter(code=code).exists():
        raise ValidationError(gettext("This code is used already. Choose another."))


def make_row(kind: RowKind, owner: Keyed) -> Keyed:
    """Return a new row that belongs to another, the last of its kind there."""
    row = kind.model(**{kind.owner: owner})
    if isinstance(row, TargetVersion):
        row.in_force_from = row.target.plan.starts_on
    set_last_number(kind, row)
    return row


def set_last_number(kind: RowKind, row: Keyed) -> None:
    """Give a new row the number after the last of its owner."""
    if kind.is_ordered:
        siblings = kind.model._base_manager.filter(**{kind.owner: getattr(row, kind.owner)})
        last = siblings.aggregate(last=models.Max("number"))["last"]
        vars(row)["number"] = (last or 0) + 1
