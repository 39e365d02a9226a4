"""The data that a report carries: its figures as JSON, its table and the records cited as CSV.

Made from the sealed rows alone, in the active language, without notes, summaries, file names,
amounts but those of budgets, and names of people, except who issued the report or set a rating.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from reporting.annual_report.content.annex import group_cited_records
from reporting.annual_report.snapshot.chapters.people_trained import COUNT_FIELDS
from reporting.annual_report.snapshot.citations import Citation
from reporting.annual_report.snapshot.reader import (
    IssuedReportData,
    localize_words,
    round_for_report,
)
from reporting.annual_report.snapshot.stored import StoredCondition, StoredCount
from reporting.dashboards.summary_table import PriorityBlock, SummaryTable
from reporting.exports.results import format_exact
from reporting.exports.summary_files import SUMMARY_FILES, format_cell, write_csv, write_xlsx
from reporting.figures.measures import HUNDRED
from reporting.figures.rollup import ObjectiveRow, TargetRow
from reporting.models import ReportedActual, ReportRows
from strategy.choices import Measure

FORMAT = "ibcr-annual-report"
FORMAT_VERSION = 1
RECORD_COLUMNS = (
    "kind",
    "reference",
    "title",
    "begins",
    "ends",
    "year",
    "country_codes",
    "countries",
    "office",
    "link",
    "targets",
)


@dataclass(frozen=True)
class DataKind:
    """A form in which a report's data can be taken away; ``content`` needs the site's address."""

    label: str | Promise
    content_type: str
    content: Callable[[ReportRows, IssuedReportData, str], bytes]


@dataclass(frozen=True)
class DataFile:
    """A file that goes with a report, with what it is in the reader's language."""

    name: str
    content: bytes
    description: str


def build_data_files(
    rows: ReportRows, reported: IssuedReportData, *, is_draft: bool
) -> tuple[DataFile, ...]:
    stem = f"ibcr-annual-report-{rows.report.year}"
    params = {"year": rows.report.year}
    return (
        DataFile(
            f"{stem}-figures.json",
            write_figures(rows, reported, is_draft=is_draft),
            _("All figures of the annual report %(year)s, as JSON") % params,
        ),
        DataFile(
            f"{stem}-records.csv",
            write_records(reported),
            _("The records cited in the annual report %(year)s, as CSV") % params,
        ),
        DataFile(
            f"{stem}-summary.csv",
            write_csv(build_summary_table(reported), ""),
            _("The summary table of the annual report %(year)s, as CSV") % params,
        ),
    )


def write_figures(rows: ReportRows, reported: IssuedReportData, *, is_draft: bool = False) -> bytes:
    figures = build_figures(rows, reported, is_draft=is_draft)
    return json.dumps(figures, ensure_ascii=False, separators=(",", ":")).encode()


def build_summary_table(reported: IssuedReportData) -> SummaryTable:
    blocks = [
        PriorityBlock(priority, reported.axes[number], reported.rows_of_priority(number))
        for number, priority in reported.priorities.items()
    ]
    lists = {used.name: used for basis in reported.basis_by_target.values() for used in basis.lists}
    return SummaryTable(reported.rollup, tuple(blocks), tuple(lists.values()), reported.report)


def write_records(reported: IssuedReportData) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(RECORD_COLUMNS)
    for records in group_cited_records(reported).values():
        for record in records:
            cited = record.citation
            cells = (
                cited.kind.value,
                cited.reference,
                cited.title,
                cited.begins,
                cited.ends,
                cited.year,
                ";".join(cited.country_codes),
                "; ".join(cited.countries),
                cited.office,
                cited.link,
                ";".join(record.counts_towards),
            )
            writer.writerow(format_cell(cell) for cell in cells)
    return text.getvalue().encode("utf-8-sig")


def build_figures(
    rows: ReportRows, reported: IssuedReportData, *, is_draft: bool
) -> dict[str, object]:
    """The whole report but its narrative, as plain values; numbers are texts of exact decimals."""
    actuals = {actual.code: actual for actual in rows.actuals}
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        **_build_claims(reported, is_draft=is_draft),
        **_build_frame(reported),
        "objectives": [
            {
                "code": row.objective.code,
                "title": row.objective.short_title,
                "statement": row.objective.statement,
                "rating": row.rating.value,
                "rating_before": _get_previous_rating(row, reported),
                "targets": [
                    _build_target(target_row, reported, actuals[target_row.target.code])
                    for target_row in row.targets
                ],
            }
            for row in reported.rollup.objectives
        ],
        "people_trained": _build_people(reported),
        **_build_chapters(reported),
        **_list_revisions(reported),
    }


def _build_chapters(reported: IssuedReportData) -> dict[str, object]:
    """Return the chapters that the report has: files of earlier reports stay as they are."""
    report = reported.report
    chapters = {name: getattr(report, name) for name in ("money", "people_reached", "learning")}
    return {name: _sort_keys(stored) for name, stored in chapters.items() if stored is not None}


def _list_revisions(reported: IssuedReportData) -> dict[str, object]:
    return {
        "changes": [
            {
                "target": correction.target,
                "field": correction.field,
                "reference": correction.reference or None,
                "old": correction.old,
                "new": correction.new,
                "reason": correction.reason and correction.reason.text,
            }
            for correction in reported.changes
        ],
        "restatements": [
            {
                "year": restatement.year,
                "version": restatement.version,
                "target": restatement.target or None,
                # The files of reports that have only values stay as they are.
                **({} if restatement.field == "value" else {"field": restatement.field}),
                "old": format_exact(restatement.old),
                "new": format_exact(restatement.new),
                "old_rating": restatement.old_rating and restatement.old_rating.value,
                "new_rating": restatement.new_rating and restatement.new_rating.value,
                "causes": [_sort_keys(cause) for cause in restatement.causes],
                **({"parts": _sort_keys([*restatement.parts])} if restatement.parts else {}),
            }
            for restatement in reported.restatements
        ],
    }


def _sort_keys(value: object) -> object:
    """Sort the keys: PostgreSQL keeps no order, and the bytes of the file depend on it."""
    if isinstance(value, dict):
        return {key: _sort_keys(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sort_keys(item) for item in value]
    return value


def _build_claims(reported: IssuedReportData, *, is_draft: bool) -> dict[str, object]:
    report = reported.report
    return {
        "plan": report.plan_code,
        "year": report.year,
        "version": report.version,
        "language": get_language(),
        "is_draft": is_draft,
    }


def _build_frame(reported: IssuedReportData) -> dict[str, object]:
    report = reported.report
    return {
        "title": reported.rollup.plan.title,
        "as_of": report.as_of.isoformat(),
        "elapsed": format_exact(report.elapsed),
        "starts_on": report.starts_on.isoformat(),
        "ends_on": report.ends_on.isoformat(),
        "year_starts_in": report.year_starts_in,
        "thresholds": _sort_keys(report.thresholds),
        "issued_at": report.issued_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "issued_by": report.issued_by_name,
    }


def _get_previous_rating(row: ObjectiveRow, reported: IssuedReportData) -> str | None:
    rating = reported.previous_ratings.get(row.objective.code)
    return rating.value if rating else None


def _build_target(
    row: TargetRow, reported: IssuedReportData, actual: ReportedActual
) -> dict[str, object]:
    target, basis = row.target, reported.basis_by_target[row.target.code]
    return {
        "code": target.code,
        "indicator": actual.indicator,
        "name": target.name,
        "statement": target.statement,
        **_build_definition(actual),
        "unit": target.unit,
        "rule": target.rule,
        "versions": _sort_keys(actual.versions),
        "conditions": [_sort_keys(_build_condition(stored)) for stored in actual.conditions],
        **_build_numbers(row, actual),
        "rating": row.rating.value,
        "override": _build_override(actual.override),
        "value_before": format_exact(basis.value_before),
        "rating_before": basis.rating_before.value if basis.rating_before else None,
        "comment": basis.comment and basis.comment.text,
        "records": [citation.reference for citation in basis.citations],
        "cited": [_build_citation(citation) for citation in basis.citations],
        "left_out": _sort_keys(actual.left_out),
    }


def _build_definition(actual: ReportedActual) -> dict[str, object]:
    return {
        "record_kind": actual.record_kind,
        "measure": actual.measure,
        "dimension": actual.dimension,
        **({"numbers": actual.numbers} if actual.numbers else {}),
        **({"judgement": _sort_keys(actual.judgement)} if actual.judgement else {}),
        "frequency": actual.frequency,
        "minimum": format_exact(actual.minimum),
        "maximum": format_exact(actual.maximum),
        **_build_baseline(actual),
        "due_months": actual.due_months,
    }


def _build_baseline(actual: ReportedActual) -> dict[str, object]:
    if actual.baseline_value is None or actual.baseline_on is None:
        return {}
    value, on = format_exact(actual.baseline_value), actual.baseline_on.isoformat()
    return {"baseline": {"value": value, "on": on}}


def _build_numbers(row: TargetRow, actual: ReportedActual) -> dict[str, object]:
    numerator, denominator = calculate_ratio(actual)
    return {
        "value": format_exact(actual.value),
        "numerator": format_exact(numerator),
        "denominator": format_exact(denominator),
        "this_year": format_exact(actual.this_year),
        "expected": format_exact(actual.expected),
        "slices": [
            {
                "code": slice_.code,
                "label": slice_.label,
                "value": format_exact(slice_.value),
                "records": slice_.records,
            }
            for slice_ in row.actual.measurement.slices
        ],
        "years": _sort_keys(actual.years),
        "trend": actual.trend,
        "countries": _sort_keys(actual.countries),
    }


def calculate_ratio(actual: ReportedActual) -> tuple[Decimal | None, Decimal | None]:
    """Return the ratio; a growth, whose amounts are confidential, as a change per hundred."""
    numerator, denominator = actual.numerator, actual.denominator
    if actual.measure != Measure.GROWTH or numerator is None or not denominator:
        return numerator, denominator
    return (
        (round_for_report(numerator * HUNDRED / denominator), HUNDRED)
        if denominator > 0
        else (None, None)
    )


def _build_condition(condition: StoredCondition) -> dict[str, object]:
    lists = [
        {
            **used,
            "name": localize_words(used["name"]),
            "source": localize_words(used["source"]),
        }
        for used in condition["lists"]
    ]
    return {**condition, "lists": lists}


def _build_override(override: Mapping[str, object] | None) -> dict[str, object] | None:
    if override is None:
        return None
    return {name: override[name] for name in ("calculated", "reason", "by", "at")}


def _build_citation(citation: Citation) -> dict[str, object]:
    terms = {"numerator": citation.numerator, "denominator": citation.denominator}
    return {
        "reference": citation.reference,
        "begins": citation.begins,
        "ends": citation.ends,
        "year": citation.year,
        "codes": list(citation.codes),
        **{name: format_exact(term) for name, term in terms.items() if term is not None},
    }


def _build_people(reported: IssuedReportData) -> dict[str, object] | None:
    people = reported.report.people
    if people is None:
        return None
    return {group: list(_list_counts(counts)) for group, counts in sorted(people.items())}


def _list_counts(counts: StoredCount | list[StoredCount]) -> Iterator[dict[str, object]]:
    rows: list[Mapping[str, object]] = list(counts) if isinstance(counts, list) else [counts]
    for row in rows:
        yield {name: row[name] for name in ("code", *COUNT_FIELDS)}


CSV, JSON = "text/csv; charset=utf-8", "application/json"
DATA: Mapping[str, DataKind] = {
    "summary.xlsx": DataKind(
        gettext_lazy("Summary table, XLSX"),
        SUMMARY_FILES["xlsx"].content_type,
        lambda _rows, reported, site: write_xlsx(build_summary_table(reported), site),
    ),
    "summary.csv": DataKind(
        gettext_lazy("Summary table, CSV"),
        CSV,
        lambda _rows, reported, site: write_csv(build_summary_table(reported), site),
    ),
    "records.csv": DataKind(
        gettext_lazy("Records cited, CSV"),
        CSV,
        lambda _rows, reported, _site: write_records(reported),
    ),
    "figures.json": DataKind(
        gettext_lazy("All figures, JSON"),
        JSON,
        lambda rows, reported, _site: write_figures(rows, reported),
    ),
}
"""By their names in the address."""
