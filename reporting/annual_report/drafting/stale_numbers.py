"""Numbers in the texts of a correction that equal a figure before it, and no longer do."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from indicators.values.numbers import read_number
from reporting.annual_report.content.revisions import FIGURE_NAMES
from reporting.annual_report.sealing.digests import build_canonical, build_digest
from reporting.annual_report.snapshot.chapters.people_reached import REACH_FIELDS
from reporting.annual_report.snapshot.chapters.people_trained import COUNT_FIELDS
from reporting.annual_report.snapshot.multilingual import MultilingualText, Narrative
from reporting.annual_report.snapshot.reader import localize_words
from reporting.annual_report.snapshot.stored import (
    StoredBudget,
    StoredPeople,
    StoredPeopleReached,
)
from reporting.figures.people_trained import SEXES
from reporting.models import (
    AnnualReport,
    DraftTextType,
    NarrativeSection,
    ReportedActual,
    ReportRows,
)
from reporting.wording import formatting
from strategy.dates.parsing import replace_digits

FIGURES = ("value", "this_year", "expected", "numerator", "denominator")
STORY_PREFIX = f"{DraftTextType.STORY.value}:"
SNIPPET_LENGTH = 30
"""The characters shown on each side of a number."""

_NUMBER = re.compile(r"\d(?:[\d.,\u066b\u066c'\u2019\s]*\d)?")
_WORD = re.compile(r"\d(?:[\d.,\u066b\u066c'\u2019]*\d)?")


@dataclass(frozen=True)
class ChangedFigure:
    """A figure of the report before and now; None is no data. ``of`` is its target's code."""

    of: str
    target: str
    name: str
    old: Decimal
    new: Decimal | None

    @property
    def old_text(self) -> str:
        return _format(self.old)

    @property
    def new_text(self) -> str:
        return formatting.EN_DASH if self.new is None else _format(self.new)


@dataclass(frozen=True)
class StaleNumber:
    """A number in a text that equals changed figures.

    ``part`` is a section, a target's code, or the name of a story's field.
    """

    part: str
    label: str
    language: str
    text: str
    snippet: str
    figures: tuple[ChangedFigure, ...]

    @property
    def anchor(self) -> str:
        """The fragment of the text's field on the page of the draft."""
        has_name = self.part in NarrativeSection.values or self.part.startswith(STORY_PREFIX)
        return self.part if has_name else f"comment:{self.part}"

    @property
    def key(self) -> str:
        """A digest of the number, its text and the figures: it changes if one of them does."""
        figures = [[one.of, one.name, str(one.old), str(one.new)] for one in self.figures]
        return build_digest(
            build_canonical([self.part, self.language, self.text, self.snippet, figures])
        )[:20]


def find_stale_numbers(
    before: AnnualReport, old: Iterable[ReportedActual], rows: ReportRows, written: Narrative
) -> tuple[StaleNumber, ...]:
    """Return the numbers of sections, stories and comments that equal an old figure, in order.

    Reasons are not searched: they name old figures on purpose.
    """
    figures = [
        *_list_figures(old, rows.actuals),
        *_list_people(before, rows.report),
        *_list_chapters(before, rows.report),
    ]
    names = {actual.code: _name_target(actual) for actual in rows.actuals}
    titles = {row.number: f"{row.number}. {localize_words(row.title)}" for row in rows.priorities}
    texts: list[tuple[str, str, MultilingualText]] = [
        *((section.value, str(section.label), text) for section, text in written.narrative.items()),
        *(
            (f"{STORY_PREFIX}{number}", titles.get(number, str(number)), text)
            for number, text in written.stories.items()
        ),
        *((code, names.get(code, code), text) for code, text in written.comments.items()),
    ]
    return tuple(
        StaleNumber(part, label, language, text, snippet, matches)
        for part, label, words in texts
        for language, whole in words.items()
        for text, snippet, values in find_numbers(whole)
        if (matches := tuple(one for one in figures if _is_stale(values, one)))
    )


def find_numbers(text: str) -> Iterator[tuple[str, str, list[Decimal]]]:
    """Yield each number as written, with the text around it and what it may mean."""
    plain = replace_digits(text)
    for found in _NUMBER.finditer(plain):
        parts = [found]
        if not read_number(found[0]):
            parts = list(_WORD.finditer(plain, found.start(), found.end()))
        for part in parts:
            start, end = part.span()
            around = text[max(0, start - SNIPPET_LENGTH) : end + SNIPPET_LENGTH]
            yield text[start:end], " ".join(around.split()), read_number(part[0])


def _is_stale(values: list[Decimal], figure: ChangedFigure) -> bool:
    return any(
        _equals(value, figure.old) and (figure.new is None or _round(figure.new, value) != value)
        for value in values
    )


def _equals(value: Decimal, figure: Decimal) -> bool:
    """Return whether the text has the figure, rounded either way to the decimals of the text."""
    places = formatting.decimal_places(value)
    if places:
        return abs(value - figure) < Decimal(1).scaleb(-places)
    return _round(figure, value) == value


def _round(figure: Decimal, value: Decimal) -> Decimal:
    places = formatting.decimal_places(value)
    return figure.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _list_figures(
    old: Iterable[ReportedActual], new: Iterable[ReportedActual]
) -> Iterator[ChangedFigure]:
    present = {actual.code: actual for actual in new}
    for actual in old:
        now = present.get(actual.code)
        values = _read_values(now) if now else {}
        for name, figure in _read_values(actual).items():
            if figure is not None and figure != values.get(name):
                yield ChangedFigure(
                    actual.code, _name_target(actual), name, figure, values.get(name)
                )


def _read_values(actual: ReportedActual) -> dict[str, Decimal | None]:
    """Return the figures of a target by their names: its own, its years and its slices."""
    values: dict[str, Decimal | None] = {
        str(FIGURE_NAMES[field]): getattr(actual, field) for field in FIGURES
    }
    for year in actual.years:
        values[year["year"]] = _parse(year["value"])
    for piece in actual.slices:
        label = localize_words(piece["label"])
        values[label] = _parse(piece["value"])
        values[f"{label} (n)"] = _parse(piece["records"])
    return values


def _list_people(before: AnnualReport, report: AnnualReport) -> Iterator[ChangedFigure]:
    label = str(AnnualReport._meta.get_field("people").verbose_name)
    old, new = _read_people(before.people), _read_people(report.people)
    for (code, field), figure in old.items():
        now = new.get((code, field))
        if figure != now:
            yield ChangedFigure("", label, code, figure, now)


def _list_chapters(before: AnnualReport, report: AnnualReport) -> Iterator[ChangedFigure]:
    """Yield the budgets and the people reached that differ from the version before."""
    chapters = (
        (_("Money"), _read_money(before.money), _read_money(report.money)),
        (
            _("People reached"),
            _read_reach(before.people_reached),
            _read_reach(report.people_reached),
        ),
    )
    for label, old, new in chapters:
        for figure, value in old.items():
            if value != new.get(figure):
                yield ChangedFigure("", label, figure, value, new.get(figure))


def _read_money(budgets: list[StoredBudget] | None) -> dict[str, Decimal]:
    values: dict[str, Decimal] = {}
    for budget in budgets or ():
        name = f"{budget['year']} {budget['currency']} {budget['basis']}"
        values[name] = Decimal(budget["amount"])
        if budget["growth"] is not None:
            values[f"{name} %"] = Decimal(budget["growth"])
    return values


def _read_reach(reach: StoredPeopleReached | None) -> dict[str, Decimal]:
    values: dict[str, Decimal] = {}
    for row in [reach["all"], *reach["years"]] if reach else ():
        numbers: Mapping[str, object] = row
        for field in REACH_FIELDS:
            if numbers[field] is not None:
                values[f"{row['code']} {field}".strip()] = Decimal(str(numbers[field]))
    for project in reach["projects"] if reach else ():
        stated = (("direct", project["direct_people"]), ("indirect", project["indirect_people"]))
        for word, people in stated:
            if people is not None:
                values[f"{project['reference']} {word}"] = Decimal(people)
    return values


def _read_people(people: StoredPeople | None) -> dict[tuple[str, str], Decimal]:
    """Return the numbers of people and sessions, and the sum of the people, by group."""
    if people is None:
        return {}
    groups = [people["all"], *people["years"], *people["countries"], *people["target_groups"]]
    values: dict[tuple[str, str], Decimal] = {}
    for group in groups:
        counts: Mapping[str, object] = group
        numbers = {field: Decimal(str(counts[field] or 0)) for field in COUNT_FIELDS}
        values |= {(group["code"], field): number for field, number in numbers.items() if number}
        values[group["code"], "all"] = sum((numbers[sex] for sex in SEXES), Decimal())
    return values


def _name_target(actual: ReportedActual) -> str:
    return f"{actual.code} {localize_words(actual.words['name'])}"


def _parse(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _format(value: Decimal) -> str:
    return formatting.format_number(value, min(formatting.decimal_places(value.normalize()), 2))
