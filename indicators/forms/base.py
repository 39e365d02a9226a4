"""What the forms of all kinds share: the fields that each column gets, evidence, and the checks."""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _

from indicators.forms.duplicates import DuplicateMatches
from indicators.forms.fields import (
    TEXT_LENGTH,
    AmountField,
    CountriesField,
    CountryField,
    FilesField,
    LinksField,
    PartialDateFormField,
    PeopleField,
    RecordField,
    YearField,
)
from indicators.models import Record
from indicators.models.operations import YEAR_LABEL
from indicators.models.validation import MOST_PEOPLE, TOO_LONG, validate_values
from indicators.safeguarding.detection import CONFIRMED_FIELD, Finding, unresolved_findings
from indicators.safeguarding.uploads import get_file_name
from indicators.workflow.actions import is_stored
from indicators.workflow.evidence import EvidenceEdit
from strategy.choices import RecordKind
from strategy.countries import CountryNames
from strategy.dates.fields import PartialDateField
from strategy.models import Country, User

MAX_RADIO_BUTTONS = 4
"""Up to so many choices are shown side by side, more in a list that opens."""

REQUIRED: Mapping[str, Any] = {
    "title": _("Enter the title"),
    "country": _("Enter the country"),
    "countries": _("Enter the country"),
    "authority": _("Enter the authority that decided"),
    "authority_country": _("Enter the country of the authority that decided"),
    "contribution": _("Write what the Bureau did that led to the decision"),
    "support": _("Choose the kind of support"),
    "instrument": _("Choose the form of the decision"),
    "role": _("Choose the Bureau’s role"),
    "kind": _("Choose the kind of event"),
    "sector": _("Choose the sector"),
    "state": _("Choose whether it is in use yet"),
    "scope": _("Choose the scope"),
    "initiative": _("Choose the initiative that the session belongs to"),
    "year": _("Enter the year"),
    "amount": _("Enter the amount"),
    "currency": _("Enter the currency"),
    "basis": _("Choose whether the amount was approved or spent"),
    "change": _("Choose the kind of update"),
}
"""What is said at a question that has to be answered and was not."""


OPTIONS: Sequence[tuple[Callable[[], dict[str, Any]], type[models.Field]]] = (  # type: ignore[type-arg]
    (lambda: {"form_class": PartialDateFormField}, PartialDateField),
    (lambda: {"form_class": AmountField}, models.DecimalField),
    (lambda: {"form_class": PeopleField, "max_value": MOST_PEOPLE}, models.PositiveIntegerField),
    (
        lambda: {"widget": forms.Textarea(attrs={"rows": 3}), "validators": [TEXT_LENGTH]},
        models.TextField,
    ),
)
"""How the columns of a type are asked for."""


def field_for(column: Any, **options: Any) -> forms.Field | None:
    """The question for one column."""
    target = column.remote_field.model if column.remote_field else None
    if target is Country:
        return _related(column, CountriesField if column.many_to_many else CountryField, options)
    if target is not None and issubclass(target, Record):
        return _related(column, RecordField, options)
    if column.many_to_many:
        options["widget"] = forms.CheckboxSelectMultiple
    if column.choices and len(column.choices) <= MAX_RADIO_BUTTONS:
        options["widget"] = forms.RadioSelect
    if YEAR_LABEL in column.validators:
        options["form_class"] = YearField
    for options_of, column_type in OPTIONS:
        if isinstance(column, column_type):
            options |= options_of()
    field: forms.Field | None = column.formfield(**options)
    _without_dashes(column, field)
    return field


def _related(column: Any, form_class: type[forms.Field], options: Mapping[str, Any]) -> forms.Field:
    hints = [column.help_text] if column.help_text else []
    if column.many_to_many:
        hints.append(_("Several: put ; between them."))
    return form_class(
        required=not column.blank,
        label=options.get("label") or capfirst(column.verbose_name),
        help_text=format_lazy(" ".join(["{}"] * len(hints)), *hints),
    )


def _without_dashes(column: Any, field: forms.Field | None) -> None:
    """An empty choice says what it means, and is no radio button where one must choose."""
    if isinstance(field, forms.ModelMultipleChoiceField) or field is None:
        return
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = str(_("Choose")) if field.required else str(_("Not known"))
    elif column.choices and isinstance(field, forms.TypedChoiceField):
        chosen = [(value, label) for value, label in column.choices if value != ""]
        if not field.required:
            chosen.insert(0, ("", _("Not known")))
        elif not isinstance(field.widget, forms.RadioSelect):
            chosen.insert(0, ("", _("Choose")))
        field.choices = chosen


class RecordForm(forms.ModelForm):  # type: ignore[type-arg]
    """The questions about one record, with its evidence; saving is the workflow's."""

    KIND: ClassVar[RecordKind]

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    creation_token = forms.UUIDField(required=False, widget=forms.HiddenInput)
    links = LinksField(
        required=False,
        label=_("Links"),
        help_text=_("The address of a page or a document, one a line."),
    )
    new_files = FilesField(
        required=False,
        label=_("Files"),
        help_text=_(
            "PDF, Word, Excel, PNG or JPEG, up to 10 MB each. Several at once if you like."
        ),
    )
    remove_files = forms.MultipleChoiceField(
        required=False,
        label=_("Take away these files"),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        *args: Any,
        user: User,
        today: date,
        as_last_time: Collection[str] = (),
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.user, self.today = user, today
        self.is_stale = False
        self.likely = DuplicateMatches()
        """Records that may be the same as this one; a person says whether they are."""
        self.to_confirm: list[Finding] = []
        """Phrases that are kept only once a person says that they are not a child's."""
        self.status_before = self.instance.status if self.instance.pk else ""
        self.reference_before = self.instance.reference
        self.country_names = CountryNames()
        self._meet_the_record()
        for name, field in self.fields.items():
            if isinstance(field, CountriesField | CountryField):
                field.names = self.country_names
            if isinstance(field, RecordField):
                self._offer_records(name, field)
            if isinstance(field, forms.CharField):
                field.error_messages["max_length"] = TOO_LONG
            if name in REQUIRED:
                field.error_messages["required"] = REQUIRED[name]
            if name in as_last_time:
                field.help_text = format_lazy("{} {}", _("As last time."), field.help_text)
        self.fields["reference"].error_messages["unique"] = _(
            "Another record has this reference. Choose another, or leave it empty."
        )

    def _meet_the_record(self) -> None:
        record = self.instance
        items = list(record.evidence.all()) if record.pk else []
        files = [(str(item.uuid), item.name) for item in items if item.file]
        self.fields["remove_files"].choices = files  # type: ignore[attr-defined]
        if not files:
            del self.fields["remove_files"]
        self.initial["links"] = [item.url for item in items if item.url]
        self.initial["version"] = record.version
        self.initial["creation_token"] = record.creation_token

    def _offer_records(self, name: str, field: RecordField) -> None:
        model: type[Record] = self._meta.model._meta.get_field(name).related_model
        field.choose_from(model.objects.visible_to(self.user), f"{name}-list")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for name, sentence in validate_values(self.KIND, values).items():
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, sentence)
        self._keep_no_child(values)
        return values

    def _keep_no_child(self, values: Mapping[str, Any]) -> None:
        """Refuse what tells who a child is; ask about what may, unless it was stored before."""
        for name, text in list(values.items()):
            if name == "reference" or not isinstance(text, str):
                continue
            before = getattr(self.instance, name, "") if self.instance.pk else ""
            for finding in unresolved_findings(text, before=before):
                is_confirmed = not finding.is_refused and finding.phrase in self.confirmed
                if not finding.is_refused:
                    self.to_confirm.append(finding)
                if not is_confirmed and name in self.fields:
                    self.add_error(name, finding.sentence)

    @property
    def confirmed(self) -> Sequence[str]:
        """The phrases that the person has ticked as not a child's."""
        posted: Any = self.data
        return posted.getlist(CONFIRMED_FIELD) if hasattr(posted, "getlist") else ()

    @property
    def many(self) -> dict[str, Sequence[models.Model]]:
        """Many-to-many field -> the rows chosen."""
        names = [field.name for field in self._meta.model._meta.many_to_many]
        return {name: list(self.cleaned_data[name]) for name in names if name in self.cleaned_data}

    @property
    def evidence(self) -> EvidenceEdit:
        return EvidenceEdit(
            links=self.cleaned_data["links"],
            files=self.cleaned_data["new_files"],
            removed=[uuid.UUID(one) for one in self.cleaned_data.get("remove_files", ())],
        )

    @property
    def has_lost_files(self) -> bool:
        """Whether files were sent and nothing was saved: a browser does not keep them."""
        is_shown_again = bool(self.errors) or self.is_stale or bool(self.likely)
        return bool(self.files) and is_shown_again

    def show_draft(self, answers: Mapping[str, Sequence[str]]) -> None:
        """Show the unchecked answers of a draft, without errors."""
        self.data = MultiValueDict({name: list(values) for name, values in answers.items()})
        self.is_bound, self._errors = True, ErrorDict()

    def take_version(self, version: int) -> None:
        """Saving again is meant for this version: what it says has been seen now."""
        posted: Any = self.data
        data = posted.copy()
        data["version"] = str(version)
        self.data = data

    def leave_what_is_there(self) -> bool:
        """Of a form that is sent once more add no file twice; whether all of it is there."""
        there = {item.name for item in self.instance.evidence.all()}
        files = [one for one in self.cleaned_data["new_files"] if get_file_name(one) not in there]
        self.cleaned_data["new_files"] = files
        return is_stored(self.instance, many=self.many, evidence=self.evidence)

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def add_sentence(self, field: str, sentence: str) -> None:
        """Say at a field, or above all of them, what saving came to."""
        self.add_error(field if field in self.fields else None, ValidationError(sentence))
