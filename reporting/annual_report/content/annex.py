"""What stands behind a report's numbers: the records cited, those left out, ratings and lists."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from heapq import nlargest
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators.counting.registry import RECORD_SOURCES
from reporting.annual_report.snapshot.reader import (
    Citation,
    CountryListUsed,
    EvidenceBasis,
    IssuedReportData,
)
from reporting.figures.rollup import ObjectiveRow
from reporting.models import AnnualReport
from reporting.wording import formatting
from strategy.choices import Rating, RecordKind
from strategy.dates.periods import PartialDate
from strategy.text import comma


@dataclass(frozen=True)
class Count:
    """How many records count towards a target, and how many do not, by reason, as texts."""

    counted: str
    left_out: tuple[tuple[str, str], ...]
    left_out_in_all: str
    notes: tuple[str, ...]


@dataclass
class CitedRecord:
    """One record of the annex, with the codes of the targets that it counts towards."""

    citation: Citation
    when: str
    countries: str
    link_text: str
    counts_towards: list[str] = field(default_factory=list)


RECORDS_PRINTED = 100
"""How many records the annex has room for; the file that the PDF carries has them all."""


@dataclass(frozen=True)
class RecordGroup:
    """The records of one kind, each once, however many numbers stand on it.

    ``records`` are those that are printed, ``in_all`` says how many there are.
    """

    kind: RecordKind
    records: tuple[CitedRecord, ...]
    in_all: int

    @property
    def heading(self) -> str:
        return capfirst(str(RECORD_SOURCES[self.kind].model._meta.verbose_name_plural))


@dataclass(frozen=True)
class ExplainedRating:
    """A rating with what it means, and how many objectives of the report have it."""

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
}


def counts_of(grounds: EvidenceBasis) -> Count:
    return Count(
        formatting.format_number(len(grounds.citations)),
        tuple(
            (str(reason.label), formatting.format_number(number))
            for reason, number in grounds.left_out.items()
        ),
        formatting.format_number(sum(grounds.left_out.values())),
        tuple(_to_confirm(one) for one in grounds.lists if not one.is_confirmed),
    )


def _to_confirm(one: CountryListUsed) -> str:
    return _("List “%(name)s”, to confirm. Source: %(source)s.") % {
        "name": one.name,
        "source": one.source.rstrip("."),
    }


@dataclass(frozen=True)
class Annex:
    """The records behind the numbers. ``a_target`` is how many of each target's are printed at
    most; None where all are.
    """

    groups: tuple[RecordGroup, ...]
    in_all: str
    a_target: int | None


def annex_of(reported: IssuedReportData, room: int = RECORDS_PRINTED) -> Annex:
    """The records cited, as many as are printed.

    Where there are more than ``room``, each target has the same number of its first ones printed.
    """
    cited = {code: grounds.citations for code, grounds in reported.grounds.items()}
    seen = {_key(citation) for citations in cited.values() for citation in citations}
    a_target = None if len(seen) <= room else _most_a_target(cited, room)
    numbers = Counter(kind for kind, _reference in seen)
    groups = tuple(
        RecordGroup(kind, records, numbers[kind])
        for kind, records in records_cited(reported, a_target).items()
    )
    return Annex(groups, formatting.format_number(len(seen)), a_target)


def records_cited(
    reported: IssuedReportData, a_target: int | None = None
) -> dict[RecordKind, tuple[CitedRecord, ...]]:
    """Each record once, by kind in the order in which the plan's targets come to them.

    ``a_target`` is how many of each target's are asked for; None: all.
    """
    cited = {code: grounds.citations for code, grounds in reported.grounds.items()}
    kinds: dict[RecordKind, dict[str, CitedRecord]] = {}
    for citations in cited.values():
        for citation in citations[:a_target]:
            group = kinds.setdefault(citation.kind, {})
            if citation.reference not in group:
                group[citation.reference] = _cited(citation)
    for code, citations in cited.items():
        for citation in citations:
            record = kinds[citation.kind].get(citation.reference)
            if record is not None:
                record.counts_towards.append(code)
    return {kind: tuple(group.values()) for kind, group in kinds.items()}


def _key(citation: Citation) -> tuple[RecordKind, str]:
    return citation.kind, citation.reference


def _most_a_target(cited: Mapping[str, tuple[Citation, ...]], room: int) -> int:
    """How many of each target's records fit, when one that two cite takes its room once; 1 at
    least."""
    printed: set[tuple[RecordKind, str]] = set()
    for number in range(room):
        printed |= {_key(some[number]) for some in cited.values() if len(some) > number}
        if len(printed) > room:
            return max(number, 1)
    return room


def records_of(citations: Iterable[Citation]) -> list[CitedRecord]:
    """The records that are cited, ready to be shown."""
    return [_cited(citation) for citation in citations]


def latest_of(grounds: EvidenceBasis, number: int) -> tuple[CitedRecord, ...]:
    """The records behind one number that began last, the newest first."""
    newest = nlargest(number, grounds.citations, key=lambda one: one.year or one.begins)
    return tuple(_cited(citation) for citation in newest)


def ratings_of(objectives: Iterable[ObjectiveRow]) -> list[ExplainedRating]:
    """All ratings, the best first."""
    numbers = Counter(line.rating for line in objectives)
    return [
        ExplainedRating(rating, str(MEANINGS[rating]), numbers[rating])
        for rating in reversed(Rating)
    ]


def thresholds_of(report: AnnualReport) -> Mapping[str, str]:
    """The plan's thresholds as percentages and numbers, under their names."""
    return {name: _threshold(text) for name, text in report.thresholds.items()}


def _threshold(text: str) -> str:
    value = Decimal(text)
    if value > 1 or "." not in text:
        return formatting.format_number(value)
    return formatting.format_percent(
        value * 100, formatting.decimal_places((value * 100).normalize())
    )


def when_of(citation: Citation) -> str:
    """When it happened, as far as it is known: a date, a span, or the year that it is for."""
    begins, ends = (_date(text) for text in (citation.begins, citation.ends))
    if citation.year and begins:
        return _("%(year)s, issued %(day)s") % {"year": citation.year, "day": begins}
    if begins and ends and begins != ends:
        return f"{begins} {formatting.EN_DASH} {ends}"
    return citation.year or begins


def _date(text: str) -> str:
    return formatting.format_record_date(PartialDate(text)) if text else ""


def _cited(citation: Citation) -> CitedRecord:
    return CitedRecord(
        citation,
        when_of(citation),
        comma().join(citation.countries),
        site_of(citation.link),
    )


def site_of(link: str) -> str:
    """The name of the site that a link leads to; empty where it leads to no web page."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    is_web = parts.scheme in ("http", "https")
    return (parts.hostname or "").removeprefix("www.") if is_web else ""
