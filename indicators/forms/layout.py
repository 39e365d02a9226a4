"""The layout of a form: its questions in order, fields of one question side by side."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from indicators.counting.contributions import Contribution
from indicators.counting.forecast import forecast_contributions
from indicators.forms.base import RecordForm
from indicators.forms.fields import (
    COUNTRY_LIST,
    CountriesField,
    RecordField,
)
from indicators.forms.registry import RecordType
from indicators.models import Record
from strategy.models import Target


@dataclass(frozen=True)
class FieldGroup:
    """Fields that answer one question."""

    names: tuple[str, ...]
    legend: str | Promise
    hint: str | Promise


REMEDIES = {"countries": "scope"}
"""Question -> the detail that may mend its error."""

_RECORDED = _("As written down. Leave empty what was not recorded; do not work out a difference.")

FIELD_GROUPS = (
    FieldGroup(("amount", "currency"), _("How much?"), ""),
    FieldGroup(
        ("numerator", "denominator"),
        _("Of a survey: how many of those asked?"),
        _("Such as 75 of 100. Fill in these two, or one of the questions above."),
    ),
    FieldGroup(
        ("direct_people", "indirect_people"),
        _("How many people does it reach?"),
        _RECORDED,
    ),
    FieldGroup(
        ("women", "men", "sex_not_recorded"),
        _("How many people were trained?"),
        _RECORDED,
    ),
    FieldGroup(
        ("girls", "boys", "children_sex_not_recorded"),
        _("How many children were consulted or took part?"),
        _RECORDED,
    ),
)


@dataclass(frozen=True)
class FormRow:
    """One question: a field, or several under one legend."""

    fields: Sequence[BoundField]
    legend: str | Promise = ""
    hint: str | Promise = ""

    @property
    def is_group(self) -> bool:
        return len(self.fields) > 1

    @property
    def is_wrong(self) -> bool:
        return any(field.errors for field in self.fields)

    @property
    def first(self) -> BoundField:
        return self.fields[0]


@dataclass(frozen=True)
class Suggestions:
    """The values that a field suggests while the user types."""

    identifier: str
    words: Sequence[tuple[str, str]]
    """Each value with its label."""

    @property
    def are_countries(self) -> bool:
        """Whether these are the countries, which the page fetches from the server when needed."""
        return self.identifier == COUNTRY_LIST


@dataclass(frozen=True)
class FormPage:
    """The first questions, those under "Add details", and the lists of suggestions.

    A section is open where a field in it has an error or an answer.
    """

    questions: Sequence[FormRow]
    details: Sequence[FormRow]
    suggestions: Sequence[Suggestions]
    are_details_open: bool
    is_evidence_open: bool


def build_form_page(form: RecordForm, record_type: RecordType) -> FormPage:
    return FormPage(
        questions=_build_rows(form, record_type.questions),
        details=_build_rows(form, record_type.details),
        suggestions=list(_build_suggestions(form)),
        are_details_open=_is_needed(form, record_type.details) or _has_remedy(form, record_type),
        is_evidence_open=_is_evidence_open(form),
    )


def build_contribution_hints(
    form: RecordForm, targets: Collection[Target], record: Record | None
) -> list[tuple[Contribution, str]]:
    """Forecast the contributions of submitted values, else of ``record``; empty without both.

    Each has the label of the question to answer first, if any.
    """
    if hasattr(form, "cleaned_data"):
        values = form.cleaned_data | form.many
    elif form.is_bound or record is None:
        return []
    else:
        values = get_stored_values(record)
    return [
        (
            forecast.contribution,
            str(form[forecast.unanswered].label) if forecast.unanswered else "",
        )
        for forecast in forecast_contributions(form.KIND, values, targets, form.today)
    ]


def get_stored_values(record: Record) -> dict[str, object]:
    many = {column.name for column in record._meta.many_to_many}
    return {
        name: list(getattr(record, name).all()) if name in many else getattr(record, name)
        for name in record.COLUMNS
    }


def _is_evidence_open(form: RecordForm) -> bool:
    has_files = form.has_lost_files or "remove_files" in form.fields
    return has_files or _is_needed(form, ("links", "new_files"))


def _is_needed(form: RecordForm, names: Sequence[str]) -> bool:
    fields = [form[name] for name in names if name in form.fields]
    return any(field.errors or _is_filled_in(form, field) for field in fields)


def _has_remedy(form: RecordForm, record_type: RecordType) -> bool:
    return any(
        remedy in record_type.details and bool(form.errors.get(name))
        for name, remedy in REMEDIES.items()
    )


def _is_filled_in(form: RecordForm, field: BoundField) -> bool:
    value = field.value()
    if not value or (field.name == "reference" and value == form.reference_before):
        return False
    columns = {column.name: column for column in form.instance._meta.concrete_fields}
    column = columns.get(field.name)
    return column is None or str(value) != str(column.get_default())


def _build_rows(form: RecordForm, names: Sequence[str]) -> list[FormRow]:
    groups = {group.names[0]: group for group in FIELD_GROUPS if set(group.names) <= set(names)}
    grouped = {name for group in groups.values() for name in group.names[1:]}
    rows = []
    for name in names:
        if name in grouped or name not in form.fields:
            continue
        group = groups.get(name)
        if group is None:
            rows.append(FormRow([form[name]]))
            continue
        fields = [form[part] for part in group.names]
        for field in fields:
            # The group has one hint, above all its fields.
            field.help_text = ""
        rows.append(FormRow(fields, group.legend, group.hint))
    return rows


def _build_suggestions(form: RecordForm) -> Iterator[Suggestions]:
    fields = form.fields.values()
    if any(isinstance(field, CountriesField) for field in fields):
        yield Suggestions(COUNTRY_LIST, form.country_names.suggested())
    for field in fields:
        if isinstance(field, RecordField) and field.is_long:
            words = [(record.reference, record.name) for record in field.offered]
            yield Suggestions(field.widget.attrs["list"], words)
