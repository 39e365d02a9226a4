"""Conversion of a record's columns to text and back: one class for each type of column.

``clean`` returns the value of a cell's text, or raises ValueError with a sentence for the user.
``render`` is its inverse.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext as _
from import_export import widgets

from indicators.import_export.rows.lookups import Choice, Lookup
from indicators.models import Evidence, Record
from indicators.models.validation import MAX_TEXT_LENGTH, TOO_LONG
from indicators.values.codes import normalize_reference, parse_currency
from indicators.values.links import parse_link, split_links
from indicators.values.numbers import is_plain_number, parse_amount, parse_count
from indicators.values.plans import explain_other_plan, explain_other_rubric, find_plans_of
from strategy.countries import split_words
from strategy.dates.parsing import isolate, parse_partial_date
from strategy.dates.periods import PartialDate
from strategy.models import Plan
from strategy.text import (
    UNSTORABLE,
    fold_accents,
    fold_spelling,
    is_storable,
    normalize_text,
)

SEPARATOR = ";"


class Widget(widgets.Widget):
    """A column of a kind of record in files."""

    is_many: ClassVar[bool] = False
    """Whether the value is a tuple of keys or links."""
    is_number: ClassVar[bool] = False
    rank: ClassVar[int] = 0
    """Cells are read in this order: what a cell needs has a lower rank."""
    needs: str = ""
    """The column whose value says how a cell is read; ``clean`` gets it in ``row``."""
    is_cached: ClassVar[bool] = False
    """Whether values are cached by text: few texts are repeated in many rows."""

    empty: Any = None
    """The value of an empty cell."""

    def __init__(self, field: "models.Field[Any, Any]", label: str = "") -> None:
        super().__init__()
        self.field: Any = field
        self.label = label or str(field.verbose_name)
        self.is_required = not field.blank and not field.has_default()
        if field.has_default():
            self.empty = field.get_default()
        self._cache: dict[str, Any] = {}
        self.readings: dict[str, str] = {}
        """The texts that do not write their value as files do, with the value as files write it."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        if not value and not self.is_required:
            return self.empty
        if value in self._cache:
            return self._cache[value]
        text = normalize_text(value).strip()
        if not is_storable(text):
            raise ValueError(str(UNSTORABLE))
        if text:
            cleaned = self.parse(text)
        elif self.is_required:
            raise ValueError(_("Enter the %(column)s.") % {"column": self.label})
        else:
            cleaned = self.empty
        if self.is_cached:
            self._cache[value] = cleaned
        return cleaned

    def parse(self, text: str) -> Any:
        """Return the value of a stripped, non-empty text; raises ValueError if it has none."""
        raise NotImplementedError

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(value)

    def is_same(self, old: Any, new: Any) -> bool:
        return bool(old == new)

    def explain_misfit(self, values: Mapping[str, Any]) -> str:
        """Return why the column does not fit the one that it needs; empty if it does."""
        return ""


class TextWidget(Widget):
    """Free text; a single line unless the field is a TextField."""

    empty = ""

    def __init__(self, field: "models.Field[Any, Any]", label: str = "") -> None:
        super().__init__(field, label)
        self.max_length = field.max_length or MAX_TEXT_LENGTH
        self.is_long = isinstance(field, models.TextField)
        self.validators = [v for v in field.validators if not isinstance(v, MaxLengthValidator)]

    def parse(self, text: str) -> str:
        if "\n" in text and not self.is_long:
            text = " ".join(text.split())
        if len(text) > self.max_length:
            raise ValueError(TOO_LONG % {"show_value": len(text), "limit_value": self.max_length})
        for validator in self.validators:
            try:
                validator(text)
            except ValidationError as error:
                raise ValueError(" ".join(error.messages)) from None
        return text

    def is_same(self, old: str, new: str) -> bool:
        return normalize_text(old).strip() == normalize_text(new).strip()


class DateWidget(Widget):
    """A partial date, in any format with one interpretation."""

    is_cached = True

    def parse(self, text: str) -> PartialDate:
        day = parse_partial_date(text)
        if text != day.text:
            self.readings[text] = isolate(day.text)
        return day


class AmountWidget(Widget):
    """An amount of money, or another number with decimals."""

    is_number = True

    def __init__(self, field: "models.DecimalField[Any, Any]", label: str = "") -> None:
        super().__init__(field, label)
        self.places = field.decimal_places or 0
        self.digits = (field.max_digits or 0) - self.places

    def parse(self, text: str) -> Decimal:
        amount = parse_amount(text, self.places, self.digits)
        if not is_plain_number(text):
            self.readings[text] = self.render(round(amount, self.places))
        return amount

    def render(self, value: Decimal | None, obj: Any = None, **kwargs: Any) -> str:
        """Return the amount without the zeros that the database adds: 100, and 100.50."""
        if value is None:
            return ""
        return f"{value:f}" if value % 1 else f"{value:.0f}"


class CountWidget(Widget):
    """A number of people from 0; an empty cell means not recorded."""

    is_number = True

    def parse(self, text: str) -> int:
        count = parse_count(text)
        if not is_plain_number(text):
            self.readings[text] = str(count)
        return count


class CurrencyWidget(Widget):
    """The code of a currency."""

    empty = ""

    def parse(self, text: str) -> str:
        return parse_currency(text)


class ChoiceWidget(Widget):
    """One word of a list, by its code; a name in any language is accepted, with a notice."""

    is_cached = True

    def __init__(self, field: "models.Field[Any, Any]", words: Lookup, label: str = "") -> None:
        super().__init__(field, label)
        self.words = words
        self._choices: dict[str, Choice] = {}
        self.divided: dict[str, list[str]] = {}
        """The cells whose words had commas between them, with those words."""

    def parse(self, text: str) -> Any:
        return self.find_word(text).value

    def find_word(self, text: str) -> Choice:
        if text not in self._choices:
            self._choices[text] = self.words.find(text)
        return self._choices[text]

    @property
    def matched_by_name(self) -> list[tuple[str, Choice]]:
        return [
            (text, word)
            for text, word in self._choices.items()
            if fold_accents(text) != fold_accents(word.code)
        ]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.words.code_of.get(value, "" if value is None else str(value))

    def _is_word(self, text: str) -> bool:
        try:
            self.find_word(text)
        except ValueError:
            return False
        return True


class ClosedChoiceWidget(ChoiceWidget):
    """One word of the closed list of a field."""

    empty = ""


class ChoicesWidget(ChoiceWidget):
    """Several words of a list, separated by ``;``."""

    is_many = True
    empty = ()

    def parse(self, text: str) -> tuple[Any, ...]:
        parts = split_words(text, self._is_word)
        if len(parts) > 1 and SEPARATOR not in text and "\n" not in text:
            self.divided[text] = parts
        return tuple(dict.fromkeys(self.find_word(part).value for part in parts))

    def render(self, value: Iterable[Any], obj: Any = None, **kwargs: Any) -> str:
        return SEPARATOR.join(self.words.code_of[key] for key in value)

    def is_same(self, old: Sequence[Any], new: Sequence[Any]) -> bool:
        return set(old) == set(new)


class IndicatorWidget(ChoiceWidget):
    """An indicator: a code that plans share is that of the only plan of the record's date."""

    rank = 1

    def __init__(
        self,
        field: "models.Field[Any, Any]",
        words: Lookup,
        needs: str,
        plan_by_key: Mapping[Any, Plan],
    ) -> None:
        super().__init__(field, words)
        self.needs = needs
        self._plan_by_key = plan_by_key
        self._plans = list({plan.pk: plan for plan in plan_by_key.values()}.values())
        self._completed: dict[tuple[str, str], Choice] = {}

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        plans = find_plans_of(row[self.needs], self._plans) if row else []
        if len(plans) == 1:
            parts = re.split(r"([;,\n])", value)
            value = "".join(self._complete(part, plans[0]) for part in parts)
        return super().clean(value)

    def _complete(self, text: str, plan: Plan) -> str:
        code, whole = text.strip(), f"{plan.code}/{text.strip()}"
        if not code or self._is_word(code) or not self._is_word(whole):
            return text
        self._completed[code, plan.code] = self.find_word(whole)
        return whole

    @property
    def matched_by_name(self) -> list[tuple[str, Choice]]:
        completed = [(code, word) for (code, _plan), word in self._completed.items()]
        return super().matched_by_name + completed


class IndicatorsWidget(IndicatorWidget, ChoicesWidget):
    """Indicators of the plan that has the record's year."""

    def explain_misfit(self, values: Mapping[str, Any]) -> str:
        chosen = [self._plan_by_key[key] for key in values.get(self.field.name) or ()]
        return explain_other_plan(values.get(self.needs) or "", chosen, self._plans)


class StepWidget(ChoiceWidget):
    """A step of the rubric of the record's indicator, by its code or its name."""

    rank = 2
    needs = "indicator"

    def __init__(
        self,
        field: "models.Field[Any, Any]",
        words: Lookup,
        words_by_indicator: Mapping[Any, Lookup],
    ) -> None:
        super().__init__(field, words)
        self._words_by_indicator = words_by_indicator

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        text, indicator = normalize_text(value).strip(), row[self.needs] if row else None
        if not text or indicator is None:
            return super().clean(value)
        own = self._words_by_indicator.get(indicator)
        if own is None:
            raise ValueError(explain_other_rubric())
        self._choices[text] = own.find(text)
        return self._choices[text].value

    def explain_misfit(self, values: Mapping[str, Any]) -> str:
        step, indicator = values.get(self.field.name), values.get(self.needs)
        if step is None or indicator is None:
            return ""
        own = self._words_by_indicator.get(indicator)
        return "" if own and step in own.code_of else explain_other_rubric()


class RecordWidget(Widget):
    """Another record, by its reference."""

    def __init__(self, field: "models.Field[Any, Any]", label: str = "") -> None:
        super().__init__(field, label)
        self.model: type[Record] = field.related_model  # type: ignore[assignment]  # ``build_widgets`` checks it.
        self._key_of: dict[str, int] = {}
        self._reference_of: dict[int, str] = {}

    def load(self, **condition: Any) -> None:
        """Load records; a deleted one is shown and not found, a merged one finds its other."""
        records = self.model.all_objects.filter(**condition)
        for record in records.only("reference", "merged_into", "deleted_at"):
            self._reference_of[record.pk] = record.reference
            if record.deleted_at is None:
                key = record.merged_into_id or record.pk
                self._key_of[fold_spelling(record.reference)] = key
        others = set(self._key_of.values()) - self._reference_of.keys()
        if others:
            self.load(pk__in=others)

    def parse(self, text: str) -> int:
        text = normalize_reference(text)
        key = self._key_of.get(fold_spelling(text))
        if key is None:
            raise ValueError(
                _("There is no %(kind)s “%(text)s”. Import it first, or correct the reference.")
                % {"kind": self.model._meta.verbose_name, "text": text}
            )
        return key

    def render(self, value: int | None, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else self._reference_of[value]


class LinksWidget(Widget):
    """The URLs of the evidence, separated by ``;``."""

    is_many = True

    def __init__(self, label: str) -> None:
        super().__init__(Evidence._meta.get_field("url"), label)
        self.is_required = False
        self.empty = ()

    def parse(self, text: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(parse_link(link) for link in split_links(text)))

    def render(self, value: Iterable[str], obj: Any = None, **kwargs: Any) -> str:
        return SEPARATOR.join(value)

    def is_same(self, old: Sequence[str], new: Sequence[str]) -> bool:
        return set(old) == set(new)
