"""What a report says of other reports: the figures that it corrects, and earlier ones restated."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from reporting.annual_report.snapshot.multilingual import (
    FigureCorrection,
    FigureRestatement,
    LocalizedText,
)
from reporting.annual_report.snapshot.reader import IssuedReportData
from reporting.wording import formatting
from strategy.choices import Rating
from strategy.models import Target


@dataclass(frozen=True)
class CorrectedFigure:
    """A figure that a version corrects: what it says of which target, old and new, and why."""

    target: str
    says: str
    old: str
    new: str
    reason: LocalizedText | None


@dataclass(frozen=True)
class RestatedFigure:
    """A figure of an earlier year's report, as it was then and as it would read now."""

    report: str
    target: str
    old: str
    new: str
    old_rating: Rating
    new_rating: Rating


def changed_figures(reported: IssuedReportData) -> Iterator[CorrectedFigure]:
    """What a correction changes, in the order of the report."""
    targets = _targets(reported)
    for one in reported.changes:
        said = changed_figure(one, targets.get(one.target))
        yield CorrectedFigure(said.target, said.name, said.old, said.new, one.reason)


def reasons_elsewhere(changed: Iterable[CorrectedFigure]) -> list[LocalizedText]:
    """Of the reasons in another language than the reader's, one of each language."""
    reasons = [one.reason for one in changed if one.reason and one.reason.is_fallback]
    return list({reason.language: reason for reason in reasons}.values())


def restated_figures(reported: IssuedReportData) -> Iterator[RestatedFigure]:
    """What would read differently now, the oldest report first."""
    targets = _targets(reported)
    for one in reported.restatements:
        old, new = (_value(value, targets.get(one.target)) for value in (one.old, one.new))
        yield RestatedFigure(
            _report(one), _name(one.target, targets), old, new, one.old_rating, one.new_rating
        )


def _targets(reported: IssuedReportData) -> Mapping[str, Target]:
    return {line.target.code: line.target for line in reported.rolled.targets}


def _name(code: str, targets: Mapping[str, Target]) -> str:
    """The target as tables name it; of one that the plan no longer has, its code."""
    target = targets.get(code)
    return f"{target.indicator.objective.code} {target.name}" if target else code


def _report(one: FigureRestatement) -> str:
    if one.version == 1:
        return one.year
    return _("%(year)s, version %(version)s") % {"year": one.year, "version": one.version}


def _value(value: Decimal | None, target: Target | None) -> str:
    if value is None:
        return _("no data")
    return formatting.format_value(value, target) if target else formatting.format_bound(value)


NAMES: dict[str, str | Promise] = {
    "value": pgettext_lazy("of a target", "Value"),
    "this_year": gettext_lazy("Value of the year alone"),
    "expected": gettext_lazy("Expected by then"),
    "numerator": gettext_lazy("Numerator"),
    "denominator": gettext_lazy("Denominator"),
    "rating": gettext_lazy("Rating"),
}
OF_THE_TARGET = ("value", "this_year")
"""Those that are written as values of the target are, with its unit."""


@dataclass(frozen=True)
class CorrectionText:
    target: str
    name: str
    old: str
    new: str


def changed_figure(change: FigureCorrection, target: Target | None) -> CorrectionText:
    """A change in the reader's language. ``target`` is None where the report has it no longer."""
    name = f"{target.indicator.objective.code} {target.name}" if target else change.target
    return CorrectionText(
        name,
        str(NAMES[change.field]),
        _figure(change.field, change.old, target),
        _figure(change.field, change.new, target),
    )


def _figure(field: str, figure: str | None, target: Target | None) -> str:
    if field == "rating":
        return str(Rating(figure).label) if figure else formatting.EN_DASH
    if figure is None:
        return _("no data")
    value = Decimal(figure)
    if field in OF_THE_TARGET and target:
        return formatting.format_value(value, target)
    return formatting.format_number(value, min(formatting.decimal_places(value), 2))
