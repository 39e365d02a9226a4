"""Form fields of lists, values by year and numbers, and the check of every text."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from strategy.dates.parsing import replace_digits


class CodesField(forms.CharField):
    """Several codes in one input, separated by commas; a list in the database."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"help_text": _("Several: put commas between them.")} | kwargs)

    def prepare_value(self, value: object) -> object:
        return ", ".join(str(code) for code in value) if isinstance(value, list) else value

    def to_python(self, value: object) -> Any:
        codes = str(super().to_python(value)).replace(";", ",").split(",")
        return [code.strip() for code in codes if code.strip()]

    def has_changed(self, initial: object, data: object) -> bool:
        return bool(self.to_python(data) != (initial or []))


class LinesField(forms.CharField):
    """Several texts, one a line, in any of which a comma may stand; a list in the database."""

    widget = forms.Textarea({"rows": 6})

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("One a line."))
        super().__init__(**kwargs)

    def prepare_value(self, value: object) -> object:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: object) -> Any:
        lines = str(super().to_python(value)).splitlines()
        return list(dict.fromkeys(line.strip() for line in lines if line.strip()))

    def has_changed(self, initial: object, data: object) -> bool:
        return bool(self.to_python(data) != (initial or []))


class MilestonesField(forms.CharField):
    """Values by year, one a line such as `2018: 10`; a mapping in the database."""

    widget = forms.Textarea({"rows": 4})

    def prepare_value(self, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{year}: {amount}" for year, amount in value.items())

    def to_python(self, value: object) -> Any:
        milestones: dict[str, str] = {}
        for line in filter(None, map(str.strip, str(super().to_python(value)).splitlines())):
            year, colon, amount = (part.strip() for part in line.partition(":"))
            if not colon or year in milestones:
                raise forms.ValidationError(gettext("Milestones: write each year with its number."))
            milestones[year] = amount
        return milestones

    def has_changed(self, initial: object, data: object) -> bool:
        try:
            return bool(self.to_python(data) != (initial or {}))
        except forms.ValidationError:
            return True


class NumberField(forms.DecimalField):
    """A number with any digits and either decimal mark, without zeros at its end."""

    widget = forms.TextInput(attrs={"class": "short", "inputmode": "decimal"})

    def prepare_value(self, value: object) -> object:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value

    def to_python(self, value: object) -> Any:
        text = replace_digits(value).replace("٫", ".") if isinstance(value, str) else value
        if isinstance(text, str) and text.count(",") == 1 and "." not in text:
            text = text.replace(",", ".")
        return super().to_python(text)


def check_text(text: str, stored: str = "") -> str:
    """Return why a text cannot be stored; empty when it can, or is stored already."""
    find_text_error: Callable[[str, str], str] = import_string(settings.TEXT_CHECKER)
    return find_text_error(text, stored)
