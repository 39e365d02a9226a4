"""Differences between reported figures and those of today: corrections and restatements."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple

from reporting.annual_report.snapshot.causes import (
    find_causes,
    find_people_causes,
    find_removal_causes,
)
from reporting.annual_report.snapshot.chapters.people_reached import (
    CHILDREN,
    build_people_reached,
)
from reporting.annual_report.snapshot.chapters.people_trained import COUNT_FIELDS, serialize_people
from reporting.annual_report.snapshot.citations import load_labels, read_translations
from reporting.annual_report.snapshot.multilingual import Narrative
from reporting.annual_report.snapshot.reader import list_comparable, round_if_known
from reporting.annual_report.snapshot.stored import (
    StoredCorrection,
    StoredPart,
    StoredPeople,
    StoredRestatement,
)
from reporting.exports.results import format_exact
from reporting.figures.geographic_reach import calculate_reach
from reporting.figures.measures import Slice
from reporting.figures.people_trained import SEXES, load_people_trained
from reporting.figures.rollup import TargetRow, build_rollup
from reporting.models import AnnualReport, ReportedActual, ReportRows
from strategy.choices import Measure
from strategy.dates.periods import Period
from strategy.models import Country, Plan, TargetGroup

RATIO = ("numerator", "denominator")
FIGURES = ("value", "this_year", "expected", *RATIO)
"""The columns of a reported actual that hold its numbers."""
CITED = ("title", "begins", "ends", "year", "countries", "office", "link")
"""The columns of a citation that a correction names where they differ."""
CHAPTERS = ("money", "people_reached", "learning")
"""The columns of a report with its chapters on other records than those of targets."""
PeoplePart = Literal["years", "countries", "target_groups"]
PEOPLE_PARTS: Mapping[PeoplePart, type[Country] | type[TargetGroup] | None] = {
    "years": None,
    "countries": Country,
    "target_groups": TargetGroup,
}
"""The tables of the people trained, with the model whose rows name the codes."""


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
    stories = {row.number: row.story for row in old.priorities.all() if row.story}
    return (
        old.narrative != narrative
        or stories != {number: dict(words) for number, words in new.stories.items()}
        or comments_by_target != {code: dict(words) for code, words in new.comments.items()}
    )


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
            *_compare_children(report),
        )
    ]


def _compare_report(
    report: AnnualReport, then: dict[str, ReportedActual]
) -> Iterator[StoredRestatement]:
    rollup = build_rollup(report.plan, report.as_of)
    rows = tuple(rollup.targets)
    for code in sorted(then.keys() - {row.target.code for row in rows}):
        yield _restate_removed(report, then[code])
    reach = calculate_reach(rollup)
    on_map = {tie.actual.target.code: tie.slices for tie in (reach.targets if reach else ())}
    for row in rows:
        was = then.get(row.target.code)
        if was is None:
            continue
        figure = _pick_figure(was, row)
        parts: list[StoredPart] = []
        if figure.old == figure.new and was.rating == row.rating:
            parts = _compare_parts(was, row, on_map.get(was.code, ()))
            if not parts:
                continue
        yield {
            "year": report.year,
            "version": report.version,
            "target": was.code,
            "field": figure.field,
            "old": format_exact(figure.old),
            "new": format_exact(figure.new),
            "old_rating": was.rating,
            "new_rating": row.rating.value,
            "causes": find_causes(report, was, row, has_other_parts=bool(parts)),
            "parts": parts,
        }


class _Figure(NamedTuple):
    field: str
    old: Decimal | None
    new: Decimal | None


def _pick_figure(was: ReportedActual, row: TargetRow) -> _Figure:
    """Return the value, or that of the year alone where only it differs.

    A span that ends earlier leaves the plan's count as it is, and not that of a year.
    """
    value = _Figure("value", was.value, round_if_known(row.value, row.target))
    year = _Figure("this_year", was.this_year, round_if_known(row.this_year.value, row.target))
    has_other = value.old != value.new or was.rating != row.rating
    return value if has_other or year.old == year.new else year


def _compare_parts(
    was: ReportedActual, row: TargetRow, on_map: Iterable[Slice]
) -> list[StoredPart]:
    """Return the parts, else the countries on the map, that differ today."""
    then = {part["code"]: part["value"] for part in was.slices}
    now = {part.code: format_exact(part.value) for part in row.actual.measurement.slices}
    if parts := _list_other_parts(then, now, "0"):
        labels = {part["code"]: part["label"] for part in was.slices} | load_labels(row.actual)
        return [{**part, "label": labels[part["code"]]} for part in parts]
    then = {each["code"]: str(each["records"]) for each in was.countries or ()}
    now = {part.code: str(part.records) for part in on_map}
    return _name_parts(_list_other_parts(then, now, "0"), Country)


def _list_other_parts(
    then: Mapping[str, str | None], now: Mapping[str, str | None], absent: str | None
) -> list[StoredPart]:
    return [
        {"code": code, "label": {}, "old": then.get(code, absent), "new": now.get(code, absent)}
        for code in sorted(list_comparable(then, now))
        if _parse(then.get(code, absent)) != _parse(now.get(code, absent))
    ]


def _parse(number: str | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _name_parts(
    parts: list[StoredPart], model: type[Country] | type[TargetGroup]
) -> list[StoredPart]:
    if not parts:
        return parts
    rows = model.objects.filter(code__in=[part["code"] for part in parts])
    names = {row.code: read_translations(row, "name") for row in rows}
    return [{**part, "label": names.get(part["code"], {})} for part in parts]


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
    """Yield each number of the people trained that differs today, in all or else in its parts."""
    now = serialize_people(load_people_trained(report.plan, report.as_of))
    numbers = [{**people["all"]} if people else {} for people in (report.people, now)]
    for field in COUNT_FIELDS:
        old, new = (each.get(field) for each in numbers)
        if old != new:
            yield _restate_people(report, field, old, new, [])
            continue
        for among, model in PEOPLE_PARTS.items():
            parts = _compare_people_parts(report.people, now, among, field)
            if parts:
                named = _name_parts(parts, model) if model else parts
                yield _restate_people(report, field, old, new, named)


def _compare_children(report: AnnualReport) -> Iterator[StoredRestatement]:
    """Yield each number of children that differs today; older reports have none."""
    if report.people_reached is None:
        return
    plan = report.plan
    now = build_people_reached(plan, plan.year(report.year), report.as_of)
    then: Mapping[str, object] = report.people_reached["all"]
    today: Mapping[str, object] = {**now["all"]} if now else {}
    for field in CHILDREN:
        if then[field] != today.get(field):
            yield _restate_people(report, field, then[field], today.get(field), [])


def has_other_chapters(old: AnnualReport, new: AnnualReport) -> bool:
    """Return whether a chapter that the old report has reads differently in the new one."""
    pairs = [(getattr(old, name), getattr(new, name)) for name in CHAPTERS]
    return any(was is not None and was != now for was, now in pairs)


def _compare_people_parts(
    was: StoredPeople | None, now: StoredPeople | None, among: PeoplePart, field: str
) -> list[StoredPart]:
    then, today = (
        {each["code"]: _format_number({**each}[field]) for each in people[among]} if people else {}
        for people in (was, now)
    )
    return _list_other_parts(then, today, None if field in SEXES else "0")


def _restate_people(
    report: AnnualReport, field: str, old: object, new: object, parts: list[StoredPart]
) -> StoredRestatement:
    return {
        "year": report.year,
        "version": report.version,
        "target": "",
        "field": field,
        "old": _format_number(old),
        "new": _format_number(new),
        "old_rating": "",
        "new_rating": "",
        "causes": find_people_causes(report),
        "parts": parts,
    }


def _format_number(number: object) -> str | None:
    return None if number is None else str(number)


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
