"""Answers as people type them: partial dates, countries by name, amounts, links, files, records."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, URLValidator
from django.db.models import QuerySet
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from indicators.models import Record
from indicators.models.validation import TOO_LONG
from indicators.safeguarding.uploads import FILE_TYPES, InvalidFile, validate_upload
from strategy.countries import CountryNames
from strategy.dates.parsing import parse_partial_date, replace_digits
from strategy.dates.periods import PartialDate
from strategy.models import Country

COUNTRY_LIST = "country-names"
"""The identifier of the page's one list of suggestions for countries."""

TEXT_LENGTH = MaxLengthValidator(50_000, TOO_LONG)
"""For texts of several lines: more than a cell of a workbook holds, and soon looked through. No
``maxlength`` in the page, where it would cut off unsaid what is pasted."""

MAX_LINK_LENGTH = 1000
MAX_ERRORS = 20
"""Of more names that are no country, or links that are none, the first so many are told."""
MAX_CHOICES = 200
"""More records than this are not offered as a list: one types the reference."""


class PartialDateFormField(forms.CharField):
    """A date as far as it is known, typed as people write it."""

    HINT = _("As far as you know it: 2019, March 2019 or 27 3 2019.")

    def __init__(self, **options: Any) -> None:
        options.pop("max_length", None)
        options["help_text"] = options.get("help_text") or self.HINT
        super().__init__(**options)
        self.widget.attrs |= {"autocomplete": "off", "class": "short"}

    def clean(self, value: Any) -> PartialDate | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_partial_date(text)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from None


class YearField(forms.CharField):
    """A reporting year, with the digits and the line between two years that people type."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs |= {"autocomplete": "off", "class": "short"}

    def to_python(self, value: Any) -> str:
        text = replace_digits(super().to_python(value) or "")
        return re.sub(r"\s*[-–/]\s*", "-", text)


class AmountField(forms.DecimalField):
    """An amount of money; spaces between thousands are ignored."""

    widget = forms.TextInput
    default_error_messages = {
        "invalid": _("Enter the amount in digits, such as 1250000 or 1250000.50."),
        "max_digits": _("Enter an amount of at most twelve digits before the point."),
        "max_whole_digits": _("Enter an amount of at most twelve digits before the point."),
        "max_decimal_places": _("Enter the amount with at most two digits after the point."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "class": "short"}

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if isinstance(value, str):
            value = re.sub(r"\s", "", value)
        return super().to_python(value)


class PeopleField(forms.IntegerField):
    """A number of people; empty is not recorded, which is not zero."""

    widget = forms.TextInput
    default_error_messages = {
        "invalid": _("Enter a whole number, such as 24, or leave it empty."),
        "min_value": _("Enter a whole number, such as 24, or leave it empty."),
        "max_value": _("Enter the people of this one session."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs |= {"inputmode": "numeric", "autocomplete": "off", "class": "short"}


class CountriesField(forms.Field):
    """Countries by name, in any of the four languages, or by code; ``;`` between several."""

    default_error_messages = {"required": _("Enter the country")}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.names = CountryNames()
        self.widget.attrs |= {"list": COUNTRY_LIST, "autocomplete": "off", "data-several": ";"}

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        chosen = {getattr(one, "pk", one) for one in value}
        return "; ".join(str(country) for country in self.names.all if country.pk in chosen)

    def to_python(self, value: Any) -> list[Country]:
        text = str(value or "")
        TEXT_LENGTH(text)
        found: dict[Country, None] = {}
        unknown: dict[str, None] = {}
        for name in self.names.split(text):
            country = self.names.find(name)
            if country is None:
                unknown[name] = None
            else:
                found[country] = None
        if unknown:
            told = list(unknown)[:MAX_ERRORS]
            raise ValidationError([format_unknown_country(name, self.names) for name in told])
        return list(found)


class CountryField(forms.Field):
    """One country by name, in any of the four languages, or by code."""

    default_error_messages = {"required": _("Enter the country")}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.names = CountryNames()
        self.widget.attrs |= {"list": COUNTRY_LIST, "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        key = getattr(value, "pk", value)
        return next((str(country) for country in self.names.all if country.pk == key), "")

    def to_python(self, value: Any) -> Country | None:
        text = str(value or "").strip()
        if not text:
            return None
        country = self.names.find(text)
        if country is None:
            raise ValidationError(format_unknown_country(text, self.names), code="invalid")
        return country


def format_unknown_country(text: str, names: CountryNames) -> str:
    """A sentence that says that the text is no country and, where one resembles it, which is."""
    near = [str(country) for country in names.nearest(text)]
    if not near:
        return gettext("“%(text)s” is not a country. Enter its name or its two-letter code.") % {
            "text": text
        }
    return gettext("“%(text)s” is not a country. Did you mean %(names)s?") % {
        "text": text,
        "names": get_text_list(near, gettext("or")),
    }


class RecordField(forms.Field):
    """Another record, by its reference: chosen from a list, or typed where the list would be long.

    ``choose_from`` gives it the records that the person may see, before it is rendered or cleaned.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.records: QuerySet[Any] | None = None
        self.offered: Sequence[Record] = ()

    def choose_from(self, records: QuerySet[Any], identifier: str) -> None:
        """Offer the records, those changed last first; an ``identifier`` names a long list."""
        self.records = records
        self.offered = list(records.order_by("-changed_at", "-pk")[: MAX_CHOICES + 1])
        if len(self.offered) <= MAX_CHOICES:
            named = sorted(self.offered, key=lambda record: record.name.casefold())
            choices = [
                (record.reference, f"{record.name} ({record.reference})") for record in named
            ]
            self.widget = forms.Select(
                choices=[("", _("Choose") if self.required else _("None")), *choices]
            )
        else:
            self.widget = forms.TextInput(attrs={"list": identifier, "autocomplete": "off"})
        self.widget.is_required = self.required

    @property
    def is_long(self) -> bool:
        return len(self.offered) > MAX_CHOICES

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str) or self.records is None:
            return value
        key = getattr(value, "pk", value)
        known = next((record for record in self.offered if record.pk == key), None)
        found = known or self.records.filter(pk=key).first()
        return found.reference if found else ""

    def to_python(self, value: Any) -> Record | None:
        text = str(value or "").strip()
        if not text or self.records is None:
            return None
        found: Record | None = None
        if text.isprintable():
            found = self.records.filter(reference=text).first()
        if found is None:
            raise ValidationError(
                gettext("“%(text)s” is not the reference of a record that you may use.")
                % {"text": text},
                code="invalid",
            )
        return found


class LinksField(forms.CharField):
    """Addresses of pages or documents, one a line."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea(attrs={"rows": 2}))
        super().__init__(validators=[TEXT_LENGTH], **options)
        self._is_link = URLValidator(schemes=["http", "https"])

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else "\n".join(value)

    def clean(self, value: Any) -> list[str]:
        links = [self._link(part) for part in super().clean(value).split()]
        wrong = [part for part, link in links if not link]
        if wrong:
            sentence = gettext(
                "“%(text)s” is not a link. Copy the whole address, beginning with https://."
            )
            told = list(dict.fromkeys(wrong))[:MAX_ERRORS]
            raise ValidationError([sentence % {"text": part} for part in told])
        return list(dict.fromkeys(link for _part, link in links))

    def _link(self, part: str) -> tuple[str, str]:
        """What was typed, and the link that it is; no link when it is none."""
        # Files put ; between links, so none may stand inside one.
        link = part.rstrip(";").replace(";", "%3B")
        if "://" not in link:
            link = f"https://{link}"
        try:
            self._is_link(link)
        except ValidationError:
            return part, ""
        return part, link if len(link) <= MAX_LINK_LENGTH else ""


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Files to attach, several at once, each of which may be evidence."""

    def __init__(self, **options: Any) -> None:
        endings = ",".join(f".{ending}" for ending in FILE_TYPES)
        super().__init__(widget=FilesInput(attrs={"accept": endings}), **options)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files: Iterable[Any] = data if isinstance(data, list | tuple) else [data]
        files = [file for file in files if file]
        checked, errors = [], []
        for file in files:
            try:
                checked.append(validate_upload(file))
            except InvalidFile as error:
                errors.append(str(error))
        if errors:
            raise ValidationError(errors)
        return checked
