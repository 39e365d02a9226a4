"""The columns of each kind of record in files, derived from its model."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from indicators.counting.date_rules import IssuedReportingYear
from indicators.counting.registry import RECORD_SOURCES, ReferenceRow
from indicators.import_export.files.headings import IGNORED, ExpectedColumns
from indicators.import_export.files.table import Table
from indicators.import_export.rows.lookups import (
    Choice,
    ChoiceLookup,
    CountryLookup,
    Lookup,
    translate_all,
)
from indicators.import_export.rows.widgets import (
    AmountWidget,
    ChoicesWidget,
    ChoiceWidget,
    ClosedChoiceWidget,
    CountWidget,
    CurrencyWidget,
    DateWidget,
    IndicatorsWidget,
    IndicatorWidget,
    LinksWidget,
    RecordWidget,
    StepWidget,
    TextWidget,
    Widget,
)
from indicators.models import Record
from indicators.values.codes import CURRENCY
from strategy.choices import RecordKind
from strategy.countries import suggest_text
from strategy.dates.fields import PartialDateField
from strategy.models import Country, Indicator, RubricStep
from strategy.text import fold_accents

REFERENCE = "reference"
EVIDENCE = "evidence_url"
CONFIDENTIAL = "confidential"

EVIDENCE_LABEL = _("links to the evidence")

EXAMPLE = _("Example")
"""The reference of the example row in a template, which is not imported."""

ERRORS_LABEL = _("What to do")
"""The heading of the column of an error report, which is not imported."""


def parse_kind(word: str) -> RecordKind:
    """Return the kind; raise ValueError that lists all kinds."""
    try:
        return RecordKind(word)
    except ValueError:
        raise ValueError(
            gettext("There is no kind of record “%(word)s”.") % {"word": word}
            + suggest_text(word, RecordKind.values)
            + " "
            + gettext("The kinds are: %(kinds)s.") % {"kinds": ", ".join(RecordKind.values)}
        ) from None


def column_names(kind: RecordKind) -> tuple[str, ...]:
    return (REFERENCE, *RECORD_SOURCES[kind].model.COLUMNS, EVIDENCE, "notes", CONFIDENTIAL)


@cache
def headings_for(kind: RecordKind) -> Mapping[str, str]:
    """Return the columns by folded heading: their names, and their labels in each language."""
    names: dict[str, set[str]] = {}
    for column in column_names(kind):
        for heading in translate_all(_label(kind, column)):
            names.setdefault(fold_accents(heading), set()).add(column)
    unambiguous = {
        heading: columns.pop() for heading, columns in names.items() if len(columns) == 1
    }
    ignored = {fold_accents(heading): IGNORED for heading in translate_all(ERRORS_LABEL)}
    return ignored | unambiguous | {fold_accents(column): column for column in column_names(kind)}


@cache
def example_references() -> frozenset[str]:
    return frozenset(map(fold_accents, translate_all(EXAMPLE)))


def display_headings(kind: RecordKind) -> dict[str, str]:
    """Return the label of each column in the user's language; its name where labels are equal."""
    known = headings_for(kind)
    labels = {name: str(_label(kind, name)) for name in column_names(kind)}
    return {
        name: str(capfirst(label)) if known.get(fold_accents(label)) == name else name
        for name, label in labels.items()
    }


def list_expected_columns(kind: RecordKind) -> ExpectedColumns:
    """Return what a file of the kind can have as columns, and what new records need."""
    model = RECORD_SOURCES[kind].model
    return ExpectedColumns(
        kind,
        headings_for(kind),
        display_headings(kind),
        [
            name
            for name, field in _fields(kind).items()
            if not field.blank and not field.has_default()
        ],
        REFERENCE,
        str(model._meta.verbose_name_plural),
    )


def list_date_columns(kind: RecordKind) -> frozenset[str]:
    return frozenset(
        name for name, field in _fields(kind).items() if isinstance(field, PartialDateField)
    )


def _fields(kind: RecordKind) -> dict[str, Any]:
    meta = RECORD_SOURCES[kind].model._meta
    return {name: meta.get_field(name) for name in column_names(kind) if name != EVIDENCE}


def table_headings(table: Table, kind: RecordKind) -> dict[str, str]:
    return display_headings(kind) | dict(zip(table.columns, table.headings, strict=True))


def _label(kind: RecordKind, name: str) -> Any:
    if name == EVIDENCE:
        return EVIDENCE_LABEL
    meta: Any = RECORD_SOURCES[kind].model._meta
    return meta.get_field(name).verbose_name


def build_widgets(kind: RecordKind) -> dict[str, Widget]:
    model = RECORD_SOURCES[kind].model
    words: dict[type[models.Model], Lookup] = {}
    widgets: dict[str, Widget] = {}
    for name in column_names(kind):
        if name == EVIDENCE:
            widgets[name] = LinksWidget(str(EVIDENCE_LABEL))
        else:
            widgets[name] = _build_widget(model._meta.get_field(name), words)
    return widgets


def _build_widget(field: Any, words: dict[type[models.Model], Lookup]) -> Widget:
    if field.is_relation:
        return _build_relation_widget(field, words)
    if field.choices:
        return ClosedChoiceWidget(field, _build_choice_lookup(field))
    if field.name == CURRENCY:
        return CurrencyWidget(field)
    return next(widget(field) for sort, widget in _WIDGETS.items() if isinstance(field, sort))


def _build_relation_widget(field: Any, words: dict[type[models.Model], Lookup]) -> Widget:
    if issubclass(field.related_model, Record):
        return RecordWidget(field)
    if issubclass(field.related_model, Indicator):
        return _build_indicator_widget(field)
    if issubclass(field.related_model, RubricStep):
        return _build_step_widget(field)
    if field.related_model not in words:
        words[field.related_model] = _build_lookup(field.related_model)
    sort = ChoicesWidget if field.many_to_many else ChoiceWidget
    return sort(field, words[field.related_model])


_WIDGETS: "Mapping[type[models.Field[Any, Any]], type[Widget]]" = {
    PartialDateField: DateWidget,
    models.DecimalField: AmountWidget,
    models.PositiveIntegerField: CountWidget,
    models.TextField: TextWidget,
    models.CharField: TextWidget,
}
"""The widget of each type of field; the first that matches."""


def _build_choice_lookup(field: Any) -> ChoiceLookup:
    if isinstance(field, models.BooleanField):
        return ChoiceLookup(_build_yes_and_no(field))
    return ChoiceLookup(
        Choice(value, value, str(label), frozenset(translate_all(label)))
        for value, label in field.choices
        if value
    )


def _build_yes_and_no(field: Any) -> Iterator[Choice]:
    for value, label in field.choices:
        code = "yes" if value else "no"
        yield Choice(value, code, str(label), frozenset({str(value), *translate_all(label)}))


def _build_lookup(model: type[ReferenceRow]) -> Lookup:
    if model is Country:
        return CountryLookup()
    return ChoiceLookup(
        Choice(row.pk, row.code, str(row), frozenset(_names(row))) for row in model.objects.all()
    )


def _names(row: Any) -> set[str]:
    columns = (f"name_{language}" for language, _name in settings.LANGUAGES)
    return {getattr(row, column) or row.name for column in columns}


def _build_indicator_widget(field: Any) -> Widget:
    rows = list(Indicator.objects.published())
    date_rule = RECORD_SOURCES[field.model.KIND].date_rule
    needs = date_rule.year if isinstance(date_rule, IssuedReportingYear) else date_rule.column
    plan_by_key = {row.pk: row.plan for row in rows}
    words = ChoiceLookup(_build_indicator_choices(rows))
    build = IndicatorsWidget if field.many_to_many else IndicatorWidget
    return build(field, words, needs, plan_by_key)


def _build_step_widget(field: Any) -> Widget:
    """Return the widget of a step, whose code is unique within its rubric only."""
    steps: dict[int, list[Choice]] = {}
    for step in RubricStep.objects.published():
        word = Choice(step.pk, step.code, str(step), frozenset(_names(step)))
        steps.setdefault(step.rubric_id, []).append(word)
    by_rubric = {rubric: ChoiceLookup(words) for rubric, words in steps.items()}
    judged = Indicator.objects.filter(rubric__in=steps).values_list("pk", "rubric")
    words = ChoiceLookup(word for some in steps.values() for word in some)
    return StepWidget(field, words, {key: by_rubric[rubric] for key, rubric in judged})


def _build_indicator_choices(rows: Iterable[Indicator]) -> Iterator[Choice]:
    """Yield the indicators of all plans; a code that two plans share gets the plan's code."""
    shared = {code for code, number in Counter(row.code for row in rows).items() if number > 1}
    for row in rows:
        whole = f"{row.plan.code}/{row.code}"
        code = whole if row.code in shared else row.code
        yield Choice(row.pk, code, str(row), frozenset({row.code, whole}))
