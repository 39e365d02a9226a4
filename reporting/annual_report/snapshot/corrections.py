"""Differences between reported figures and those of today: corrections and restatements."""

from collections.abc import Iterable, Iterator

from reporting.annual_report.snapshot.causes import (
    find_causes,
    find_people_causes,
    find_removal_causes,
)
from reporting.annual_report.snapshot.multilingual import Narrative
from reporting.annual_report.snapshot.people_trained import COUNT_FIELDS, serialize_people
from reporting.annual_report.snapshot.reader import round_if_known
from reporting.annual_report.snapshot.stored import StoredCorrection, StoredRestatement
from reporting.exports.results import format_exact
from reporting.figures.people_trained import load_people_trained
from reporting.figures.rollup import build_rollup
from reporting.models import AnnualReport, ReportedActual, ReportRows
from strategy.choices import Measure
from strategy.dates.periods import Period
from strategy.models import Plan

RATIO = ("numerator", "denominator")
FIGURES = ("value", "this_year", "expected", *RATIO)
"""The columns of a reported actual that hold its numbers."""
CITED = ("title", "begins", "ends", "year", "countries", "office", "link")
"""The columns of a citation that a correction names where they differ."""


def find_corrections(
    old: Iterable[ReportedActual], new: Iterable[ReportedActual], written: Narrative
) -> list[StoredCorrection]:
    """Return each figure and rating that a correction changes, in the order of the report."""
    before = {actual.code: actual for actual in old}
    after = {actual.code: actual for actual in new}
    changes: list[StoredCorrection] = []
    for code in dict.fromkeys([*before, *after]):
        was, now = before.get(code), after.get(code)
        reason = dict(written.reasons.get(code, {}))
        for name, pair in _list_differences(was, now):
            changes.append(
                {"target": code, "field": name, "old": pair[0], "new": pair[1], "reason": reason}
            )
    return changes


def find_citation_corrections(
    old: Iterable[ReportedActual], new: ReportRows, written: Narrative
) -> Iterator[StoredCorrection]:
    """Yield each field that differs of the records that both versions cite, each record once."""
    before = {
        (cited.record_kind, cited.reference): cited
        for actual in old
        for cited in actual.evidence.all()
    }
    for actual, citations in zip(new.actuals, new.evidence, strict=True):
        for cited in citations:
            was = before.pop((cited.record_kind, cited.reference), None)
            for name in CITED if was else ():
                pair = _format_cited(getattr(was, name)), _format_cited(getattr(cited, name))
                if pair[0] != pair[1]:
                    yield {
                        "target": actual.code,
                        "field": name,
                        "old": pair[0],
                        "new": pair[1],
                        "reason": dict(written.reasons.get(actual.code, {})),
                        "reference": cited.reference,
                    }


def _format_cited(value: str | list[str]) -> str | None:
    return (value if isinstance(value, str) else "; ".join(value)) or None


def has_new_narrative(
    old: AnnualReport, comments: Iterable[ReportedActual], new: Narrative
) -> bool:
    narrative = {section.value: dict(words) for section, words in new.narrative.items()}
    comments_by_target = {actual.code: actual.comment for actual in comments if actual.comment}
    return old.narrative != narrative or comments_by_target != {
        code: dict(words) for code, words in new.comments.items()
    }


def list_restatements(plan: Plan, year: Period) -> list[StoredRestatement]:
    """Compare the latest report of each earlier year with today's figures as of its day."""
    earlier = AnnualReport.objects.filter(plan=plan, as_of__lt=year.ends_on)
    latest = {report.year: report for report in earlier.order_by("as_of", "version")}
    reported = ReportedActual.objects.filter(objective__priority__report__in=latest.values())
    by_report: dict[int, dict[str, ReportedActual]] = {}
    related = reported.select_related("objective__priority").prefetch_related("evidence")
    for actual in related:
        by_report.setdefault(actual.objective.priority.report_id, {})[actual.code] = actual
    return [
        row
        for report in latest.values()
        for row in (
            *_compare_report(report, by_report.get(report.pk, {})),
            *_compare_people(report),
        )
    ]


def _compare_report(
    report: AnnualReport, then: dict[str, ReportedActual]
) -> Iterator[StoredRestatement]:
    rows = tuple(build_rollup(report.plan, report.as_of).targets)
    for code in sorted(then.keys() - {row.target.code for row in rows}):
        yield _restate_removed(report, then[code])
    for row in rows:
        was = then.get(row.target.code)
        if was is None:
            continue
        field, old, new = "value", was.value, round_if_known(row.value, row.target)
        if old == new and was.rating == row.rating:
            # A span that ends earlier leaves the plan's count as it is, and not that of a year.
            field, old = "this_year", was.this_year
            new = round_if_known(row.this_year.value, row.target)
            if old == new:
                continue
        yield {
            "year": report.year,
            "version": report.version,
            "target": was.code,
            "field": field,
            "old": format_exact(old),
            "new": format_exact(new),
            "old_rating": was.rating,
            "new_rating": row.rating.value,
            "causes": find_causes(report, was, row),
        }


def _restate_removed(report: AnnualReport, was: ReportedActual) -> StoredRestatement:
    return {
        "year": report.year,
        "version": report.version,
        "target": was.code,
        "field": "value",
        "old": format_exact(was.value),
        "new": None,
        "old_rating": was.rating,
        "new_rating": "",
        "causes": find_removal_causes(report),
    }


def _compare_people(report: AnnualReport) -> Iterator[StoredRestatement]:
    """Yield each number of the people trained in all that differs today."""
    now = serialize_people(load_people_trained(report.plan, report.as_of))
    numbers = [{**people["all"]} if people else {} for people in (report.people, now)]
    for field in COUNT_FIELDS:
        old, new = (each.get(field) for each in numbers)
        if old != new:
            yield {
                "year": report.year,
                "version": report.version,
                "target": "",
                "field": field,
                "old": None if old is None else str(old),
                "new": None if new is None else str(new),
                "old_rating": "",
                "new_rating": "",
                "causes": find_people_causes(report),
            }


def _list_differences(
    was: ReportedActual | None, now: ReportedActual | None
) -> Iterator[tuple[str, tuple[str | None, str | None]]]:
    for name in FIGURES:
        if name in RATIO and _is_growth(was, now):
            continue
        pair = format_exact(getattr(was, name, None)), format_exact(getattr(now, name, None))
        if pair[0] != pair[1]:
            yield name, pair
    ratings = was.rating if was else None, now.rating if now else None
    if ratings[0] != ratings[1]:
        yield "rating", ratings


def _is_growth(*actuals: ReportedActual | None) -> bool:
    """A growth's numerator and denominator are amounts, which a report never shows."""
    return any(actual is not None and actual.measure == Measure.GROWTH for actual in actuals)
