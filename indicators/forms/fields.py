"""Form fields that accept answers as people write them: dates, countries, amounts, links, files."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, ParamSpec, TypeVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from indicators.models import Record, RecordQuerySet
from indicators.models.reading.confidentiality import Audience
from indicators.models.references import KnownReferences, find_check, split_references
from indicators.models.validation import MAX_TEXT_LENGTH, TOO_LONG
from indicators.safeguarding.files.uploads import FILE_TYPES, InvalidFile, Upload, validate_upload
from indicators.values.codes import parse_currency
from indicators.values.links import parse_link
from indicators.values.numbers import parse_amount, parse_count
from strategy.countries import CountryNames
from strategy.dates.parsing import parse_partial_date, replace_digits
from strategy.dates.periods import PartialDate
from strategy.models import Country, Indicator, RubricStep, User
from strategy.plan.cache import PlanCache
from strategy.text import fold_spelling

P = ParamSpec("P")
T = TypeVar("T")

COUNTRY_LIST = "country-names"
"""The id of the page's one list of suggestions for countries."""

_COUNTRY_NAMES: PlanCache[str | None, CountryNames] = PlanCache(8)
"""The names of countries by the language of their order."""

TEXT_LENGTH = MaxLengthValidator(MAX_TEXT_LENGTH, TOO_LONG)
"""The page has no ``maxlength``: it would cut a pasted text silently."""

MAX_ERRORS = 20
"""The most unknown countries or wrong links that an error lists."""
MAX_CHOICES = 200
"""More records than this are not offered as a list: the user enters the reference."""


class ShortInput(forms.TextInput):
    """A narrow box without the browser's own suggestions."""

    def __init__(self, **attrs: str) -> None:
        super().__init__({**attrs, "autocomplete": "off", "class": "short"})


class PartialDateFormField(forms.CharField):
    """A date known to the day, the month or the year."""

    HINT = _("As far as you know it: 2019, March 2019 or 27 3 2019.")
    widget = ShortInput()

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "help_text": options.get("help_text") or self.HINT})

    def clean(self, value: object) -> PartialDate | None:
        text = super().clean(value)
        if not text:
            return None
        return _read(parse_partial_date, text)


class YearField(forms.CharField):
    """A reporting year, with any digits and any dash between two years."""

    widget = ShortInput()

    def to_python(self, value: object) -> str:
        text = replace_digits(super().to_python(value) or "")
        return re.sub(r"\s*[-–/]\s*", "-", text)


class AmountField(forms.DecimalField):
    """An amount of money."""

    widget = ShortInput(inputmode="decimal")

    # The stubs declare no None, which the field returns for an empty value.
    def to_python(self, value: object) -> Decimal | None:  # type: ignore[override]
        text = "" if value is None else str(value).strip()
        places = self.decimal_places or 0
        digits = (self.max_digits or 0) - places
        return _read(parse_amount, text, places, digits) if text else None


class PeopleField(forms.IntegerField):
    """A number of people; empty means not recorded, which is not zero."""

    widget = ShortInput(inputmode="numeric")

    def to_python(self, value: object) -> int | None:
        text = "" if value is None else str(value).strip()
        return _read(parse_count, text) if text else None


def _read(read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return read(*args, **kwargs)
    except ValueError as error:
        raise ValidationError(str(error), code="invalid") from None


class CurrencyField(forms.CharField):
    """The code of a currency."""

    def to_python(self, value: object) -> str:
        text = super().to_python(value) or ""
        return _read(parse_currency, text) if text else ""


def load_country_names() -> CountryNames:
    return _COUNTRY_NAMES.get(get_language(), _read_country_names)


def _read_country_names() -> CountryNames:
    names = CountryNames()
    # What is kept must be read now, not at the first use.
    names.find("")
    return names


class CountriesField(forms.Field):
    """Countries by name, in any of the four languages, or by code; ``;`` separates several."""

    default_error_messages = {"required": _("Enter the country")}
    widget = forms.TextInput({"list": COUNTRY_LIST, "autocomplete": "off", "data-several": ";"})

    @cached_property
    def names(self) -> CountryNames:
        return load_country_names()

    def prepare_value(self, value: object) -> str | None:
        if value is None or isinstance(value, str):
            return value
        chosen = value if isinstance(value, Collection) else [value]
        keys = {getattr(country, "pk", country) for country in chosen}
        return "; ".join(
            self.names.name_for(country) for country in self.names.all if country.pk in keys
        )

    def to_python(self, value: object) -> list[Country] | Country | None:
        text = str(value or "")
        TEXT_LENGTH(text)
        return self.find_countries(self.names.split(text))

    def find_countries(self, texts: Collection[str]) -> list[Country]:
        """Return each country once; raises ValidationError for unknown names."""
        found = {text: self.names.find(text) for text in texts}
        unknown = [text for text, country in found.items() if country is None]
        if unknown:
            errors = [self.names.explain_unknown(text) for text in unknown[:MAX_ERRORS]]
            raise ValidationError(errors)
        return list(dict.fromkeys(country for country in found.values() if country))


class CountryField(CountriesField):
    """One country by name, in any of the four languages, or by code."""

    widget = forms.TextInput({"list": COUNTRY_LIST, "autocomplete": "off"})

    def to_python(self, value: object) -> Country | None:
        text = str(value or "").strip()
        return self.find_countries([text])[0] if text else None


class RecordField(forms.Field):
    """Another record, by its reference: a list of choices, or a text box where it would be long.

    Call ``choose_from`` before the field is rendered or cleaned.
    """

    records: "RecordQuerySet[Record] | None" = None
    offered: Sequence[Record] = ()
    stand_in: Record | None = None
    """Instead of the record that is named now and hidden from the user: it stays without choice."""

    def choose_from(
        self, records: RecordQuerySet[Record], list_id: str, stand_in: Record | None = None
    ) -> None:
        """Offer the records, the last changed first; ``list_id`` is that of a long list."""
        self.records, self.stand_in = records, stand_in
        self.offered = list(records.order_by("-changed_at", "-pk")[: MAX_CHOICES + 1])
        if self.is_long:
            self.widget = forms.TextInput(attrs={"list": list_id, "autocomplete": "off"})
        else:
            by_name = sorted(self.offered, key=lambda record: record.name.casefold())
            choices = [(one.reference, f"{one.name} ({one.reference})") for one in by_name]
            nothing = _("Choose") if self.required else _("None")
            empty = ("", stand_in.name if stand_in else nothing)
            self.widget = forms.Select(choices=[empty, *choices])
        self.widget.is_required = self.required

    @property
    def is_long(self) -> bool:
        return len(self.offered) > MAX_CHOICES

    def prepare_value(self, value: object) -> object:
        if value is None or isinstance(value, str) or self.records is None:
            return value
        key = getattr(value, "pk", value)
        offered = next((record for record in self.offered if record.pk == key), None)
        record = offered or self.records.filter(pk=key).first()
        return record.reference if record else ""

    def to_python(self, value: object) -> Record | None:
        text = str(value or "").strip()
        if not text or self.records is None:
            return self.stand_in
        # Text with control characters is no reference, and PostgreSQL rejects some of them.
        record = self.records.with_reference(text).first() if text.isprintable() else None
        if record is None:
            raise ValidationError(
                gettext("“%(text)s” is not the reference of a record that you may use.")
                % {"text": text},
                code="invalid",
            )
        return record


class IndicatorField(forms.ModelChoiceField[Indicator]):
    """An indicator of any plan, with its plan."""

    def label_from_instance(self, obj: Indicator) -> str:
        return obj.name_with_plan


class RubricStepField(forms.ModelChoiceField[RubricStep]):
    """A step of any rubric, with its rubric and its place in it."""

    def label_from_instance(self, obj: RubricStep) -> str:
        return f"{obj.rubric}: {obj.number}. {obj.name}"


class ReferencesField(forms.CharField):
    """References of records; those of hidden records stay, and the user neither sees nor changes.

    Call ``read_by`` before the field is rendered or cleaned.
    """

    check: KnownReferences = KnownReferences()
    audience: Audience | None = None
    kept: Sequence[str] = ()
    """The hidden references that the record has."""

    def read_by(self, user: User, record: Record, name: str) -> None:
        """Show the user none of the hidden references, and take none, as if there were none."""
        stored, hidden = split_references(getattr(record, name)), record.hidden_references
        self.kept = [each for each in stored if fold_spelling(each) in hidden]
        column = next(column for column in record._meta.concrete_fields if column.name == name)
        self.check = find_check(column) or self.check
        self.audience = Audience(user)

    def prepare_value(self, value: object) -> object:
        if not self.kept or not isinstance(value, str):
            return value
        return "; ".join(each for each in split_references(value) if each not in self.kept)

    def clean(self, value: object) -> str:
        text = super().clean(value)
        self.check.check_for(self.audience, text)
        return "; ".join(filter(None, [text, *self.kept]))


class IndicatorsField(forms.ModelMultipleChoiceField[Indicator]):
    """Indicators of any plan, each with its plan."""

    def label_from_instance(self, obj: Indicator) -> str:
        return obj.name_with_plan


class LinksField(forms.CharField):
    """URLs of pages or documents, separated by white space; cleaned, a list without repetition."""

    default_validators = [TEXT_LENGTH]
    widget = forms.Textarea({"rows": 2})

    def prepare_value(self, value: Iterable[str] | None) -> str | None:
        return value if value is None or isinstance(value, str) else "\n".join(value)

    def clean(self, value: object) -> list[str]:
        links, errors = [], []
        for part in super().clean(value).split():
            try:
                links.append(parse_link(part))
            except ValueError as error:
                errors.append(str(error))
        if errors:
            raise ValidationError(errors[:MAX_ERRORS])
        return list(dict.fromkeys(links))


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files to attach as evidence."""

    widget = FilesInput({"accept": ",".join(f".{extension}" for extension in FILE_TYPES)})

    def clean(self, data: object, initial: object = None) -> list[Upload]:
        files = cast("Collection[Upload]", data if isinstance(data, list | tuple) else [data])
        accepted, errors = [], []
        for file in filter(None, files):
            try:
                accepted.append(validate_upload(file))
            except InvalidFile as error:
                errors.append(str(error))
        if errors:
            raise ValidationError(errors)
        return accepted
