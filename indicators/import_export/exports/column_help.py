"""Help for the columns of a kind's files, in the user's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators.counting.registry import RECORD_SOURCES
from indicators.import_export.rows.columns import (
    EVIDENCE,
    EXAMPLE,
    REFERENCE,
    build_widgets,
    display_headings,
)
from indicators.import_export.rows.lookups import Choice, CountryLookup
from indicators.import_export.rows.widgets import (
    AmountWidget,
    ChoicesWidget,
    ChoiceWidget,
    CountWidget,
    CurrencyWidget,
    DateWidget,
    LinksWidget,
    RecordWidget,
    TextWidget,
    Widget,
)
from strategy.choices import RecordKind


@dataclass(frozen=True)
class ColumnHelp:
    """Help for one column: its meaning, its format, and its words.

    ``heading`` is its heading in a template, ``sample`` its text in the example row. ``choices``
    are its words in the user's language.
    """

    name: str
    heading: str
    label: str
    is_required: bool
    is_number: bool
    has_several: bool
    meaning: str
    writing: str
    example: str
    words: Sequence[Choice]
    choices: Sequence[str]
    sample: str


WRITING: Mapping[type[Widget], tuple[str | Promise, str]] = {
    TextWidget: ("", ""),
    CurrencyWidget: ("", "CAD"),
    DateWidget: (
        gettext_lazy("As far as you know it: 2019, March 2019 or 27 3 2019."),
        "2018-03",
    ),
    AmountWidget: (
        gettext_lazy("Digits without separators between thousands; cents after a point."),
        "125000.50",
    ),
    CountWidget: (gettext_lazy("A whole number; nothing if it was not recorded."), "24"),
    LinksWidget: (
        gettext_lazy("Whole addresses, with ; between them. Files are attached in the browser."),
        "https://example.org/a;https://example.org/b",
    ),
}
"""The format of each type of column, and an example, except for words and records."""


TITLES: Mapping[RecordKind, str | Promise] = {
    RecordKind.PROJECT: gettext_lazy("Child-friendly police in Niger"),
    RecordKind.INITIATIVE: gettext_lazy("Niger: police training"),
    RecordKind.ACTIVITY: gettext_lazy("Police training, first session"),
    RecordKind.COUNTRY_SUPPORT: gettext_lazy("Niger: advice on the children’s code"),
    RecordKind.DECISION: gettext_lazy("Decree on interview rooms"),
    RecordKind.NETWORK: gettext_lazy("Network of child rights defenders"),
    RecordKind.EVENT: gettext_lazy("Conference on child witnesses"),
    RecordKind.SECTOR_STRENGTHENED: gettext_lazy("Quebec: course for the police"),
    RecordKind.SPONSOR: "UNICEF Niger",
    RecordKind.ACTION_REPORT: gettext_lazy("Report on actions of 2018"),
    RecordKind.POLICY_UPDATE: gettext_lazy("Staff handbook"),
    RecordKind.EVALUATION: gettext_lazy("Niger: final evaluation"),
    RecordKind.RECOMMENDATION: gettext_lazy("Train the trainers first"),
    RecordKind.LESSON: gettext_lazy("Courses last where schools own them"),
    RecordKind.PARTNER: gettext_lazy("National school of social work"),
    RecordKind.ADVOCACY_STRATEGY: gettext_lazy("Niger: a children’s code"),
}
"""Titles of example rows, for kinds with a title."""

SAMPLES: Mapping[str, str | Promise] = {
    "authority": gettext_lazy("Ministry of Justice"),
    "change_sought": gettext_lazy("A code that protects child witnesses."),
    "steps": gettext_lazy("[x] 2018-03: Meeting with the ministry"),
    "contribution": gettext_lazy("IBCR wrote the specifications."),
    "donors": "UNICEF",
    "justification": gettext_lazy("Interviews in four offices; see the report of the review."),
    "learned": gettext_lazy("A course goes on once the school’s own teachers teach it."),
    "place": "Niamey",
    "year": "2018",
    "year_covered": "2018",
}
"""Other texts of example rows."""

EXCLUDED = frozenset({"step", "numerator", "denominator"})
"""The columns that are empty in example rows: a record has one of them or a value."""


def build_column_help(kind: RecordKind) -> list[ColumnHelp]:
    headings = display_headings(kind)
    return [
        _build_help(kind, name, cell, headings[name]) for name, cell in build_widgets(kind).items()
    ]


def _build_help(kind: RecordKind, name: str, cell: Widget, heading: str) -> ColumnHelp:
    prefix = RECORD_SOURCES[kind].model.PREFIX
    words: Sequence[Choice] = ()
    choices: Sequence[str] = ()
    if isinstance(cell, ChoiceWidget):
        words = () if isinstance(cell.words, CountryLookup) else cell.words.all
        choices = [cell.words.display_word(word) for word in cell.words.all]
        writing, example = _describe_words(cell)
    elif isinstance(cell, RecordWidget):
        sentence = _("The reference of one that is there already: %(kind)s.")
        writing = sentence % {"kind": cell.model._meta.verbose_name}
        example = f"{cell.model.PREFIX}-2018-01"
    else:
        lazy, example = WRITING[type(cell)]
        writing = str(lazy)
    return ColumnHelp(
        name=name,
        heading=heading,
        label=str(capfirst(cell.label)),
        is_required=cell.is_required,
        is_number=cell.is_number,
        has_several=cell.is_many,
        meaning="" if name == EVIDENCE else str(cell.field.help_text),
        writing=writing,
        example=f"{prefix}-2018-01" if name == REFERENCE else example,
        words=words,
        choices=choices,
        sample=""
        if name in EXCLUDED
        else _find_sample(kind, name, choices) or ("" if isinstance(cell, TextWidget) else example),
    )


def _find_sample(kind: RecordKind, name: str, choices: Sequence[str]) -> str:
    if name == REFERENCE:
        return str(EXAMPLE)
    if name == "title":
        return str(TITLES[kind])
    if choices:
        return choices[0]
    return str(SAMPLES.get(name, ""))


def _describe_words(cell: ChoiceWidget) -> tuple[str, str]:
    is_country = isinstance(cell.words, CountryLookup)
    codes = ["BF", "SN"] if is_country else [word.code for word in cell.words.all[:2]]
    if isinstance(cell, ChoicesWidget):
        if is_country:
            return _("Countries by code or by name, with ; between them."), ";".join(codes)
        return _("One or more of the codes, with ; between them."), ";".join(codes)
    if is_country:
        return _("A country: its code of two letters, or its name."), codes[0]
    return _("One of the codes."), "".join(codes[:1])
