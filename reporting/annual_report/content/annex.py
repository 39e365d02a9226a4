"""The basis of a report's numbers: records cited and excluded, and the meaning of ratings."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from heapq import nlargest

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators.counting.registry import RECORD_SOURCES
from reporting.annual_report.snapshot.citations import Citation
from reporting.annual_report.snapshot.reader import (
    EvidenceBasis,
    IssuedReportData,
)
from reporting.figures.rollup import ObjectiveRow
from reporting.models import AnnualReport
from reporting.wording import formatting
from strategy.choices import RATED, Rating, RecordKind
from strategy.dates.periods import PartialDate
from strategy.models import CountryList
from strategy.text import comma


@dataclass(frozen=True)
class RecordCounts:
    """The records counted and excluded, as texts; ``notes`` name unconfirmed country lists."""

    counted: str
    excluded: tuple[tuple[str, str], ...]
    excluded_total: str
    notes: tuple[str, ...]


@dataclass
class CitedRecord:
    """One record of the annex, with the codes of the targets that it counts towards."""

    citation: Citation
    when: str
    countries: str
    link_text: str
    counts_towards: list[str] = field(default_factory=list)


MAX_PRINTED_RECORDS = 100
"""The limit of the printed annex; the table embedded in the PDF has all records."""


@dataclass(frozen=True)
class RecordGroup:
    """The records of one kind, each once. ``records`` are those printed, of ``total``."""

    kind: RecordKind
    records: tuple[CitedRecord, ...]
    total: int

    @property
    def heading(self) -> str:
        return capfirst(str(RECORD_SOURCES[self.kind].model._meta.verbose_name_plural))


@dataclass(frozen=True)
class ExplainedRating:
    """A rating with its meaning and the number of objectives that have it."""

    rating: Rating
    meaning: str
    objectives: int


MEANINGS: Mapping[Rating, Promise] = {
    Rating.ACHIEVED: gettext_lazy(
        "The target is met: the count has reached its minimum or, once the plan is over, the share "
        "is at or above its minimum or every year met its target."
    ),
    Rating.ON_TRACK: gettext_lazy(
        "The count is at or near what the time elapsed leads one to expect, the share is at or "
        "above its minimum, or every closed year met its target."
    ),
    Rating.AT_RISK: gettext_lazy(
        "The count is behind what the time elapsed leads one to expect, the share is slightly "
        "below its minimum, or one closed year did not meet its target or has no data."
    ),
    Rating.OFF_TRACK: gettext_lazy(
        "The count is far behind what the time elapsed leads one to expect, the share is well "
        "below its minimum, or two or more closed years did not meet their target or have no data."
    ),
    Rating.NOT_ACHIEVED: gettext_lazy(
        "The plan is over and the minimum was not reached, or at least one year did not meet its "
        "target or has no data."
    ),
    Rating.TOO_EARLY: gettext_lazy(
        "Too little of the plan has elapsed, there are too few initiatives, or no year has closed "
        "yet, so a rating would mean little."
    ),
    Rating.NO_DATA: gettext_lazy(
        "Nothing has been recorded from which the figure could be worked out, which is not the "
        "same as zero."
    ),
    Rating.NO_TARGET: gettext_lazy("The figure is measured. No target is set, so it is not rated."),
}


def build_record_counts(basis: EvidenceBasis) -> RecordCounts:
    return RecordCounts(
        formatting.format_number(len(basis.citations)),
        tuple(
            (str(reason.label), formatting.format_number(number))
            for reason, number in basis.left_out.items()
        ),
        formatting.format_number(sum(basis.left_out.values())),
        tuple(
            _format_unconfirmed(country_list)
            for country_list in basis.lists
            if not country_list.is_confirmed
        ),
    )


def _format_unconfirmed(country_list: CountryList) -> str:
    return _("List “%(name)s”, to confirm. Source: %(source)s.") % {
        "name": country_list.name,
        "source": country_list.source.rstrip("."),
    }


@dataclass(frozen=True)
class Annex:
    """The records behind the numbers; ``limit_per_target`` is None if all are printed."""

    groups: tuple[RecordGroup, ...]
    total: str
    limit_per_target: int | None


def build_annex(reported: IssuedReportData, room: int = MAX_PRINTED_RECORDS) -> Annex:
    """Return each record once; beyond ``room`` every target has the same number of records."""
    cited = {code: basis.citations for code, basis in reported.basis_by_target.items()}
    keys = {_get_key(citation) for citations in cited.values() for citation in citations}
    limit = None if len(keys) <= room else _calculate_limit(cited, room)
    totals = Counter(kind for kind, _reference in keys)
    groups = tuple(
        RecordGroup(kind, records, totals[kind])
        for kind, records in group_cited_records(reported, limit).items()
    )
    return Annex(groups, formatting.format_number(len(keys)), limit)


def group_cited_records(
    reported: IssuedReportData, limit_per_target: int | None = None
) -> dict[RecordKind, tuple[CitedRecord, ...]]:
    """Return each record once, by kind in the order of the plan's targets; all if no limit."""
    cited = {code: basis.citations for code, basis in reported.basis_by_target.items()}
    kinds: dict[RecordKind, dict[str, CitedRecord]] = {}
    for citations in cited.values():
        for citation in citations[:limit_per_target]:
            group = kinds.setdefault(citation.kind, {})
            if citation.reference not in group:
                group[citation.reference] = build_cited_record(citation)
    for code, citations in cited.items():
        for citation in citations:
            record = kinds[citation.kind].get(citation.reference)
            if record is not None:
                record.counts_towards.append(code)
    return {kind: tuple(group.values()) for kind, group in kinds.items()}


def _get_key(citation: Citation) -> tuple[RecordKind, str]:
    return citation.kind, citation.reference


def _calculate_limit(cited: Mapping[str, tuple[Citation, ...]], room: int) -> int:
    printed: set[tuple[RecordKind, str]] = set()
    for number in range(room):
        printed |= {_get_key(some[number]) for some in cited.values() if len(some) > number}
        if len(printed) > room:
            return max(number, 1)
    return room


def find_latest_records(basis: EvidenceBasis, number: int) -> tuple[CitedRecord, ...]:
    named = (each for each in basis.citations if not each.is_confidential)
    newest = nlargest(number, named, key=lambda citation: citation.year or citation.begins)
    return tuple(build_cited_record(citation) for citation in newest)


def explain_ratings(objectives: Iterable[ObjectiveRow]) -> list[ExplainedRating]:
    """Return every rating, and the lack of a target where an objective has none."""
    counts = Counter(row.rating for row in objectives)
    return [
        ExplainedRating(rating, str(MEANINGS[rating]), counts[rating])
        for rating in (*reversed(RATED), Rating.NO_TARGET)
        if rating in RATED or counts[rating]
    ]


def format_thresholds(report: AnnualReport) -> Mapping[str, str]:
    return {name: _format_threshold(text) for name, text in report.thresholds.items()}


def _format_threshold(text: str) -> str:
    value = Decimal(text)
    if value > 1 or "." not in text:
        return formatting.format_number(value)
    return formatting.format_percent(
        value * 100, formatting.decimal_places((value * 100).normalize())
    )


def build_cited_record(citation: Citation) -> CitedRecord:
    return CitedRecord(
        citation,
        format_citation_dates(citation),
        comma().join(citation.countries),
        formatting.get_site_name(citation.link),
    )


def format_citation_dates(citation: Citation) -> str:
    """Return a date, a span or the year that the record is for, as exact as it is known."""
    begins, ends = (_format_date(text) for text in (citation.begins, citation.ends))
    if citation.year and begins:
        return _("%(year)s, issued %(day)s") % {"year": citation.year, "day": begins}
    if citation.is_reversed:
        reversal = PartialDate(citation.ends)
        exact = formatting.format_day(reversal.last) if reversal.first == reversal.last else ends
        return _("%(day)s, reversed on %(reversal)s") % {"day": begins, "reversal": exact}
    if begins and ends and begins != ends:
        return f"{begins} {formatting.EN_DASH} {ends}"
    return citation.year or begins


def _format_date(text: str) -> str:
    return formatting.format_record_date(PartialDate(text)) if text else ""
