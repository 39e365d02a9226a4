"""The page of a form: its questions in order, answers that belong together side by side."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from indicators.counting.contributions import Contribution
from indicators.counting.forecast import forecast_contributions
from indicators.forms.base import RecordForm
from indicators.forms.fields import (
    COUNTRY_LIST,
    CountriesField,
    CountryField,
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


FIELD_GROUPS = (
    FieldGroup(("amount", "currency"), _("How much?"), ""),
    FieldGroup(
        ("women", "men", "sex_not_recorded"),
        _("How many people were trained?"),
        _("As written down. Leave empty what was not recorded; do not work out a difference."),
    ),
)


@dataclass(frozen=True)
class FormRow:
    """What is asked at one place: one field, or several under one legend."""

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
    """A list of words that a field suggests while one types."""

    identifier: str
    words: Sequence[tuple[str, str]]
    """What is put into the field, and what is shown beside it."""

    @property
    def are_countries(self) -> bool:
        """Whether it is the long list that a page with a link to the server fetches when asked."""
        return self.identifier == COUNTRY_LIST


@dataclass(frozen=True)
class FormPage:
    """The questions asked at once, those under "Add details", and the lists of suggestions.

    What may be added stands open where an answer in it is in error or filled in.
    """

    questions: Sequence[FormRow]
    details: Sequence[FormRow]
    suggestions: Sequence[Suggestions]
    are_details_open: bool
    is_evidence_open: bool


def build_form_page(form: RecordForm, screen: RecordType) -> FormPage:
    return FormPage(
        questions=_questions(form, screen.questions),
        details=_questions(form, screen.details),
        suggestions=list(_suggestions(form)),
        are_details_open=_is_needed(form, screen.details),
        is_evidence_open=_is_evidence_open(form),
    )


@dataclass(frozen=True)
class ContributionHint:
    """What one target would say to the record, or the question to be answered before it can."""

    answer: Contribution
    unanswered: str


def build_contribution_hints(
    form: RecordForm, targets: Collection[Target], record: Record | None
) -> list[ContributionHint]:
    """What the targets would say to what was sent, else to ``record``; none without either."""
    is_read = hasattr(form, "cleaned_data")
    if not is_read and (form.is_bound or record is None):
        return []
    values = form.cleaned_data | form.many if is_read else get_stored_values(record)
    return [
        ContributionHint(one.answer, str(form[one.unanswered].label) if one.unanswered else "")
        for one in forecast_contributions(form.KIND, values, targets, form.today)
    ]


def get_stored_values(record: Any) -> dict[str, Any]:
    """The record's values by column, as its form gives them."""
    many = {column.name for column in record._meta.many_to_many}
    return {
        name: list(getattr(record, name).all()) if name in many else getattr(record, name)
        for name in record.COLUMNS
    }


def _is_evidence_open(form: RecordForm) -> bool:
    has_files = form.has_lost_files or "remove_files" in form.fields
    return has_files or _is_needed(form, ("links", "new_files"))


def _is_needed(form: RecordForm, names: Sequence[str]) -> bool:
    """Whether an answer to one of these questions is in error, or other than it begins with."""
    asked = [form[name] for name in names if name in form.fields]
    return any(field.errors or _is_filled_in(form, field) for field in asked)


def _is_filled_in(form: RecordForm, field: BoundField) -> bool:
    value = field.value()
    if not value or (field.name == "reference" and value == form.reference_before):
        return False
    columns = {column.name: column for column in form.instance._meta.concrete_fields}
    column = columns.get(field.name)
    return column is None or str(value) != str(column.get_default())


def _questions(form: RecordForm, names: Sequence[str]) -> list[FormRow]:
    questions, done = [], set()
    for name in names:
        if name in done or name not in form.fields:
            continue
        group = next(
            (one for one in FIELD_GROUPS if one.names[0] == name and set(one.names) <= set(names)),
            None,
        )
        done |= set(group.names if group else (name,))
        if group is None:
            questions.append(FormRow([form[name]]))
            continue
        for part in group.names:
            # The hint stands once, above them all.
            form[part].help_text = ""
        questions.append(FormRow([form[part] for part in group.names], group.legend, group.hint))
    return questions


def _suggestions(form: RecordForm) -> Any:
    fields: Mapping[str, Any] = form.fields
    if any(isinstance(field, CountriesField | CountryField) for field in fields.values()):
        yield Suggestions(COUNTRY_LIST, form.country_names.suggested())
    for field in fields.values():
        if isinstance(field, RecordField) and field.is_long:
            words = [(record.reference, record.name) for record in field.offered]
            yield Suggestions(field.widget.attrs["list"], words)
