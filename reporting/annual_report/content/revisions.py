"""Figures that a report corrects, and figures of earlier reports that it restates."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy, pgettext_lazy

from indicators.models.reading.confidentiality import get_confidential_name, is_pseudonym
from reporting.annual_report.snapshot.causes import find_causes
from reporting.annual_report.snapshot.chapters.people_reached import CHILDREN
from reporting.annual_report.snapshot.framework import read_version
from reporting.annual_report.snapshot.multilingual import (
    FigureCorrection,
    FigureRestatement,
    LocalizedText,
    localize_text,
)
from reporting.annual_report.snapshot.reader import IssuedReportData
from reporting.annual_report.snapshot.stored import CauseKind, StoredCause, StoredPart
from reporting.figures.rollup import Rollup
from reporting.models import ReportedEvidence, ReportRows
from reporting.wording import formatting
from reporting.wording.change_notes import ChangeNote, describe_version_change
from strategy.choices import Rating
from strategy.models import Target
from strategy.text import colon, join_plain

FIGURE_NAMES: dict[str, str | Promise] = {
    "value": pgettext_lazy("of a target", "Value"),
    "this_year": gettext_lazy("Value of the year alone"),
    "expected": gettext_lazy("Expected by then"),
    "numerator": gettext_lazy("Numerator"),
    "denominator": gettext_lazy("Denominator"),
    "rating": gettext_lazy("Rating"),
}
PEOPLE_NAMES: dict[str, str | Promise] = {
    "sessions": pgettext_lazy("of training", "Sessions"),
    "women": gettext_lazy("Women"),
    "men": gettext_lazy("Men"),
    "sex_not_recorded": gettext_lazy("Sex not recorded"),
    "without_numbers": gettext_lazy("Without numbers"),
    "girls": gettext_lazy("Girls"),
    "boys": gettext_lazy("Boys"),
    "children_sex_not_recorded": gettext_lazy("Children, sex not recorded"),
}
MAX_NAMED_RECORDS = 10
"""The limit of references in one sentence; the data files have all."""
RECORD_CAUSES = {
    CauseKind.ADDED: ngettext_lazy(
        "Record added: %(records)s", "Records added: %(records)s", "number"
    ),
    CauseKind.CHANGED: ngettext_lazy(
        "Record changed: %(records)s", "Records changed: %(records)s", "number"
    ),
    CauseKind.WITHDRAWN: ngettext_lazy(
        "Record that no longer counts: %(records)s",
        "Records that no longer count: %(records)s",
        "number",
    ),
}
OTHER_CAUSES = {
    CauseKind.PLAN: gettext_lazy("Correction of the plan"),
    CauseKind.RATING: gettext_lazy("An M&E officer set the rating"),
    CauseKind.RULE: gettext_lazy("A new version of the software counts differently"),
    CauseKind.UNKNOWN: gettext_lazy("No cause is recorded"),
}
VALUE_FIELDS = ("value", "this_year")
"""The figures that are written with the target's unit."""


@dataclass(frozen=True)
class CorrectedFigure:
    """A figure that a version corrects, as texts; ``code`` is that of its target.

    ``is_text``: it is a field of a citation.
    """

    code: str
    target: str
    name: str
    old: str
    new: str
    reason: LocalizedText | None
    is_text: bool


@dataclass(frozen=True)
class RestatedFigure:
    """A figure of an earlier year's report, as reported and as calculated today, and why."""

    report: str
    target: str
    old: str
    new: str
    old_rating: Rating | None
    new_rating: Rating | None
    causes: tuple[ChangeNote, ...]


def build_corrected_figures(reported: IssuedReportData) -> Iterator[CorrectedFigure]:
    targets = _map_targets(reported)
    for correction in reported.changes:
        target = targets.get(correction.target)
        yield CorrectedFigure(
            correction.target,
            _format_name(correction.target, target),
            _name_figure(correction),
            _format_figure(correction, correction.old, target),
            _format_figure(correction, correction.new, target),
            correction.reason,
            is_text=bool(correction.reference),
        )


def find_fallback_reasons(corrected: Iterable[CorrectedFigure]) -> list[LocalizedText]:
    """Return one of the reasons for each language that is not the reader's."""
    reasons = [figure.reason for figure in corrected if figure.reason]
    return list({reason.language: reason for reason in reasons if reason.is_fallback}.values())


def build_restated_figures(reported: IssuedReportData) -> Iterator[RestatedFigure]:
    targets = _map_targets(reported)
    for restatement in reported.restatements:
        target = targets.get(restatement.target)
        yield RestatedFigure(
            _format_report(restatement),
            _name_restated(restatement, target),
            *_format_restated(restatement, target),
            restatement.old_rating,
            restatement.new_rating,
            tuple(describe_cause(cause, target) for cause in restatement.causes),
        )


def describe_difference(rows: ReportRows, today: Rollup, code: str) -> Iterator[ChangeNote]:
    """Yield why the figure of a target differs today; its citations must be loaded."""
    was = next(actual for actual in rows.actuals if actual.code == code)
    row = next(row for row in today.targets if row.target.code == code)
    for cause in find_causes(rows.report, was, row):
        yield describe_cause(cause, row.target)


def describe_cause(cause: StoredCause, target: Target | None) -> ChangeNote:
    kind, before, after = CauseKind(cause["kind"]), cause["before"], cause["after"]
    reason = cause["reason"].strip()
    if before and after and target:
        versions = read_version(before, target), read_version(after, target)
        return replace(describe_version_change(target, *versions), reason=reason)
    if kind in RECORD_CAUSES:
        references = cause["records"]
        params = {"number": len(references), "records": _list_references(references)}
        return ChangeNote(str(RECORD_CAUSES[kind] % params))
    if kind == CauseKind.RATING and not reason:
        return ChangeNote(_("The officer’s rating was withdrawn"))
    return ChangeNote(str(OTHER_CAUSES[kind]), reason)


def _count_confidential(number: int) -> str:
    if number == 1:
        return get_confidential_name()
    return ngettext("%(number)s confidential record", "%(number)s confidential records", number) % {
        "number": formatting.format_number(number)
    }


def _list_references(references: list[str]) -> str:
    shown = [reference for reference in references if not is_pseudonym(reference)]
    named, others = shown[:MAX_NAMED_RECORDS], len(shown) - MAX_NAMED_RECORDS
    if confidential := len(references) - len(shown):
        named.append(_count_confidential(confidential))
    if others <= 0:
        return formatting.join_list(named)
    more = ngettext("%(number)s more", "%(number)s more", others) % {
        "number": formatting.format_number(others)
    }
    return formatting.join_list([*named, more])


def _map_targets(reported: IssuedReportData) -> Mapping[str, Target]:
    return {row.target.code: row.target for row in reported.rollup.targets}


def _format_name(code: str, target: Target | None) -> str:
    return f"{target.indicator.objective.code} {target.name}" if target else code


def _name_restated(restatement: FigureRestatement, target: Target | None) -> str:
    if not restatement.target:
        is_of_children = restatement.field in CHILDREN
        chapter = _("People reached") if is_of_children else _("People trained")
        return join_plain([chapter, PEOPLE_NAMES[restatement.field]])
    name = _format_name(restatement.target, target)
    if restatement.field == "value":
        return name
    return join_plain([name, FIGURE_NAMES[restatement.field]])


def _format_report(restatement: FigureRestatement) -> str:
    if restatement.version == 1:
        return restatement.year
    return _("%(year)s, version %(version)s") % {
        "year": restatement.year,
        "version": restatement.version,
    }


def _format_restated(restatement: FigureRestatement, target: Target | None) -> tuple[str, str]:
    if not restatement.parts:
        return _format_value(restatement.old, target), _format_value(restatement.new, target)
    unit = target if target and target.is_percentage else None
    old, new = [], []
    for part in sorted(restatement.parts, key=_name_part):
        old.append(_format_part(part, part["old"], unit))
        new.append(_format_part(part, part["new"], unit))
    return formatting.join_list(old), formatting.join_list(new)


def _name_part(part: StoredPart) -> str:
    label = localize_text(part["label"])
    return label.text if label else part["code"] or _("not recorded")


def _format_part(part: StoredPart, number: str | None, unit: Target | None) -> str:
    value = _format_value(None if number is None else Decimal(number), unit)
    return f"{_name_part(part)}{colon()} {value}"


def _format_value(value: Decimal | None, target: Target | None) -> str:
    if value is None:
        return _("no data")
    return formatting.format_value(value, target) if target else formatting.format_bound(value)


def _name_figure(correction: FigureCorrection) -> str:
    if not correction.reference:
        return str(FIGURE_NAMES[correction.field])
    names = {field.name: str(field.verbose_name) for field in ReportedEvidence._meta.fields}
    return _("%(name)s of %(reference)s") % {
        "name": capfirst(names[correction.field]),
        "reference": correction.reference,
    }


def _format_figure(correction: FigureCorrection, figure: str | None, target: Target | None) -> str:
    field = correction.field
    if correction.reference:
        return figure or formatting.EN_DASH
    if field == "rating":
        return str(Rating(figure).label) if figure else formatting.EN_DASH
    if figure is None:
        return _("no data")
    value = Decimal(figure)
    if field in VALUE_FIELDS and target:
        return formatting.format_value(value, target)
    return formatting.format_number(value, min(formatting.decimal_places(value), 2))
