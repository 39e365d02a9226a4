"""The base of record forms: their fields, evidence, and checks that need the whole form."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
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
    CurrencyField,
    FilesField,
    IndicatorField,
    IndicatorsField,
    LinksField,
    PartialDateFormField,
    PeopleField,
    RecordField,
    ReferencesField,
    RubricStepField,
    YearField,
    load_country_names,
)
from indicators.forms.initial import load_copied_fields
from indicators.models import Record
from indicators.models.kinds.learning import CRITERIA
from indicators.models.kinds.operations import YEAR_LABEL
from indicators.models.references import find_check
from indicators.models.validation import TOO_LONG, validate_values
from indicators.safeguarding.detection import (
    CONFIRMED_FIELD,
    NOTE_LENGTH,
    Finding,
    find_reference_error,
    unresolved_findings,
)
from indicators.safeguarding.files.uploads import get_file_name
from indicators.values.codes import CURRENCY, normalize_reference
from indicators.workflow.actions import find_taken_value, is_stored
from indicators.workflow.evidence import EvidenceEdit
from indicators.workflow.reported_years import find_citing_reports
from strategy.choices import RecordKind
from strategy.dates.fields import PartialDateField
from strategy.dates.periods import PartialDate
from strategy.dates.plausibility import is_unusual
from strategy.models import Country, Indicator, RubricStep, User
from strategy.text import UNSTORABLE, has_unseen, is_storable, join_plain, normalize_text

if TYPE_CHECKING:
    RecordModelForm = forms.ModelForm[Record]
else:
    # Django's form class takes no type arguments when the application runs.
    RecordModelForm = forms.ModelForm

MAX_RADIO_BUTTONS = 4

RARE_DATE = "rare_date"
"""The name of the tick boxes that confirm dates of rare years; the value of each is the date."""

REQUIRED = {
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
    "level": _("Choose the level"),
    "learned": _("Write what was learned"),
    "change_sought": _("Write what should change"),
    "indicator": _("Choose the indicator"),
    "justification": _("Write what the assessment is based on"),
    **dict.fromkeys(CRITERIA, _("Choose how far the criterion is met, or “Not assessed”")),
}
"""Field -> the error where its answer is missing."""

COLUMN_OPTIONS: "Sequence[tuple[type[models.Field[Any, Any]], Mapping[str, object]]]" = (
    (PartialDateField, {"form_class": PartialDateFormField, "max_length": None}),
    (models.DecimalField, {"form_class": AmountField}),
    (models.PositiveIntegerField, {"form_class": PeopleField}),
    (
        models.TextField,
        {"widget": forms.Textarea(attrs={"rows": 3}), "validators": [TEXT_LENGTH]},
    ),
)
"""Type of a column -> the options of its form field."""


def field_for(column: Any, **options: Any) -> forms.Field | None:
    target = column.remote_field.model if column.remote_field else None
    if target is Country:
        form_class = CountriesField if column.many_to_many else CountryField
        return _related_field(column, form_class, options)
    if target is not None and issubclass(target, Record):
        return _related_field(column, RecordField, options)
    if target is Indicator:
        options["form_class"] = IndicatorsField if column.many_to_many else IndicatorField
    if target is RubricStep:
        steps = RubricStep.objects.select_related("rubric")
        options |= {"form_class": RubricStepField, "queryset": steps}
    if column.many_to_many:
        options["widget"] = forms.CheckboxSelectMultiple
    if column.choices and len(column.choices) <= MAX_RADIO_BUTTONS:
        options["widget"] = forms.RadioSelect
    field: forms.Field | None = column.formfield(**options, **_find_options(column))
    _name_empty_choice(column, field)
    return field


def _find_options(column: Any) -> Mapping[str, object]:
    if YEAR_LABEL in column.validators:
        return {"form_class": YearField}
    if find_check(column):
        return {"form_class": ReferencesField}
    if column.name == CURRENCY:
        return {"form_class": CurrencyField, "max_length": None}
    found = (options for kind, options in COLUMN_OPTIONS if isinstance(column, kind))
    return next(found, {})


def _related_field(
    column: Any, form_class: type[forms.Field], options: Mapping[str, Any]
) -> forms.Field:
    hints = [column.help_text] if column.help_text else []
    if column.many_to_many:
        hints.append(_("Several: put ; between them."))
    return form_class(
        required=not column.blank,
        label=options.get("label") or capfirst(column.verbose_name),
        help_text=format_lazy(" ".join(["{}"] * len(hints)), *hints),
    )


def _name_empty_choice(column: Any, field: forms.Field | None) -> None:
    if isinstance(field, forms.ModelMultipleChoiceField) or field is None:
        return
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = _("Choose") if field.required else _("Not known")
    elif column.choices and isinstance(field, forms.TypedChoiceField):
        choices = [(value, label) for value, label in column.choices if value != ""]
        if not field.required:
            choices.insert(0, ("", _("Not known")))
        elif not isinstance(field.widget, forms.RadioSelect):
            choices.insert(0, ("", _("Choose")))
        field.choices = choices


def _normalize_answers(
    answers: "MultiValueDict[str, str] | None",
) -> "MultiValueDict[str, str] | None":
    if answers is None:
        return None
    return MultiValueDict(
        {name: [normalize_text(text) for text in texts] for name, texts in answers.lists()}
    )


def _find_unseen(answers: "MultiValueDict[str, str] | None") -> list[str]:
    found = answers.lists() if answers is not None else ()
    return [name for name, texts in found if any(map(has_unseen, texts))]


class RecordForm(RecordModelForm):
    """The fields of a record and of its evidence; the workflow saves them."""

    KIND: ClassVar[RecordKind]

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    creation_token = forms.UUIDField(required=False, widget=forms.HiddenInput)
    copied = forms.Field(required=False, widget=forms.MultipleHiddenInput)
    """The names of fields with answers of another record that the user has not touched yet."""
    change_reason = forms.CharField(
        required=False,
        label=_("Why do you change it?"),
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[NOTE_LENGTH],
    )
    """Asked where an issued report cites the record."""
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
        data: "MultiValueDict[str, str] | None" = None,
        files: "MultiValueDict[str, UploadedFile[bytes]] | None" = None,
        *,
        instance: Record,
        user: User,
        today: date,
        initial: Mapping[str, object] | None = None,
    ) -> None:
        copied = [*initial] if initial else [*load_copied_fields(instance)]
        self.unseen = _find_unseen(data)
        """The fields whose answers had characters that nobody sees; they are taken out."""
        super().__init__(
            _normalize_answers(data),
            files,
            instance=instance,
            initial={**(initial or {}), "copied": copied},
        )
        self.user, self.today = user, today
        self.is_stale = False
        self.duplicates = DuplicateMatches()
        self.rare_dates: list[str] = []
        """The new dates of rare years, which the user has to confirm."""
        self.unconfirmed: list[Finding] = []
        """The findings that the user may confirm as not a child's."""
        self.status_before = self.instance.status if self.instance.pk else ""
        self.reference_before = self.instance.reference
        self.country_names = load_country_names()
        self.citing_reports = find_citing_reports(self.instance)
        self._set_evidence()
        self.set_choices()
        for name, field in self.fields.items():
            if isinstance(field, forms.CharField):
                field.error_messages["max_length"] = TOO_LONG
            if name in REQUIRED:
                field.error_messages["required"] = REQUIRED[name]
        self.fields["reference"].error_messages["unique"] = _(
            "Another record has this reference. Choose another, or leave it empty."
        )

    def _set_evidence(self) -> None:
        record = self.instance
        items = list(record.evidence.all()) if record.pk else []
        files = [(str(item.uuid), item.name) for item in items if item.file]
        cast(forms.MultipleChoiceField, self.fields["remove_files"]).choices = files
        if not files:
            del self.fields["remove_files"]
        self.initial["links"] = [item.url for item in items if item.url]
        self.initial["version"] = record.version
        self.initial["creation_token"] = record.creation_token

    def set_choices(self) -> None:
        for name, field in self.fields.items():
            if isinstance(field, CountriesField):
                field.names = self.country_names
            if isinstance(field, RecordField):
                model = cast(type[Record], self._meta.model._meta.get_field(name).related_model)
                records = model.objects.visible_to(self.user)
                field.choose_from(records, f"{name}-list", self.instance.find_stand_in(name))
            if isinstance(field, ReferencesField):
                field.read_by(self.user, self.instance, name)

    def clean_reference(self) -> str:
        reference = normalize_reference(self.cleaned_data["reference"])
        error = find_reference_error(reference) if reference != self.reference_before else ""
        if error:
            raise ValidationError(error)
        return reference

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        self._refuse_unstorable()
        for name, sentence in validate_values(self.KIND, values, self.today).items():
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, sentence)
        self._check_identifiers(values)
        self._check_rare_dates(values)
        return values

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and not self.errors:
            taken = find_taken_value(self.instance, self.user)
            if taken is not None:
                self.add_sentence(taken.field, str(taken))

    def _refuse_unstorable(self) -> None:
        for name in self.fields:
            answers = self.data.getlist(name) if isinstance(self.data, MultiValueDict) else ()
            if not all(is_storable(str(answer)) for answer in answers):
                self.errors.pop(name, None)
                self.add_error(name, UNSTORABLE)

    def _check_rare_dates(self, values: Mapping[str, object]) -> None:
        for name, day in list(values.items()):
            if not isinstance(day, PartialDate) or name in self.errors:
                continue
            # The instance has the stored values still.
            if day != getattr(self.instance, name) and is_unusual(day, self.today):
                self.rare_dates.append(day.text)
                if day.text not in self.confirmed_dates:
                    sentence = _(
                        "“%(date)s” is long ago or far ahead. Correct it, or confirm it below."
                    )
                    self.add_error(name, str(sentence) % {"date": day})

    def _check_identifiers(self, values: Mapping[str, object]) -> None:
        for name, text in list(values.items()):
            if name == "reference" or not isinstance(text, str):
                continue
            before = getattr(self.instance, name, "") if self.instance.pk else ""
            for finding in unresolved_findings(text, before=before):
                is_confirmed = not finding.is_refused and finding.phrase in self.confirmed
                if not finding.is_refused:
                    self.unconfirmed.append(finding)
                if not is_confirmed and name in self.fields:
                    self.add_error(name, finding.sentence)

    @property
    def copied_fields(self) -> Collection[str]:
        return [name for name in self["copied"].value() or () if name in self.fields]

    @property
    def confirmed(self) -> Sequence[str]:
        return self.data.getlist(CONFIRMED_FIELD) if isinstance(self.data, MultiValueDict) else ()

    @property
    def confirmed_dates(self) -> Sequence[str]:
        return self.data.getlist(RARE_DATE) if isinstance(self.data, MultiValueDict) else ()

    @property
    def many(self) -> dict[str, Sequence[models.Model]]:
        names = [field.name for field in self._meta.model._meta.many_to_many]
        return {name: list(self.cleaned_data[name]) for name in names if name in self.cleaned_data}

    @property
    def evidence(self) -> EvidenceEdit:
        return EvidenceEdit(
            links=self.cleaned_data["links"],
            files=self.cleaned_data["new_files"],
            removed=[uuid.UUID(key) for key in self.cleaned_data.get("remove_files", ())],
        )

    @property
    def has_lost_files(self) -> bool:
        """Whether the user must choose the sent files again, as the form was not saved."""
        return bool(self.files and (self.errors or self.is_stale or self.duplicates))

    def show_draft(self, answers: Mapping[str, Sequence[str]]) -> None:
        """Show the unchecked answers of a draft, without errors."""
        self.data = MultiValueDict({name: list(values) for name, values in answers.items()})
        self.is_bound, self._errors = True, ErrorDict()

    def set_version(self, version: int) -> None:
        """Accept that the form replaces this version, which it shows now."""
        data = cast("MultiValueDict[str, object]", self.data).copy()
        data["version"] = str(version)
        self.data = data

    def drop_stored_files(self) -> bool:
        """Drop files that the record has already; return whether all answers are stored."""
        names = {item.name for item in self.instance.evidence.all()}
        files = [
            file for file in self.cleaned_data["new_files"] if get_file_name(file) not in names
        ]
        self.cleaned_data["new_files"] = files
        return is_stored(self.instance, many=self.many, evidence=self.evidence)

    @property
    def notices(self) -> list[str]:
        """What is said once the record is saved: of characters that were taken out."""
        labels = [str(self.fields[name].label) for name in self.unseen if name in self.fields]
        if not labels:
            return []
        sentence = _("Characters that cannot be seen were taken out of: %(fields)s.")
        return [str(sentence) % {"fields": join_plain(labels)}]

    def add_sentence(self, field: str, sentence: str) -> None:
        self.add_error(field if field in self.fields else None, ValidationError(sentence))
