"""Pending work that may change figures: records before approval, and years due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Value

from indicators.counting.registry import RECORD_SOURCES
from indicators.models import Record, Status
from indicators.models.querysets import AWAITING_REVIEW_AGAIN, lacks_evidence
from indicators.models.reading.confidentiality import Audience, build_hidden_condition
from indicators.workflow.queues import union_all
from reporting.figures.rollup import Rollup, TargetRow
from strategy.choices import RecordKind, YearState
from strategy.dates.periods import Period, add_months


@dataclass(frozen=True)
class PendingKind:
    """Unapproved records of one kind, in several columns; `resubmitted` were approved before."""

    kind: RecordKind
    submitted: int
    resubmitted: int
    returned: int
    without_evidence: int
    oldest: datetime | None


@dataclass(frozen=True)
class DueYear:
    """A past year of a yearly target that is not met, and can be until ``until``."""

    row: TargetRow
    year: Period
    until: date


@dataclass(frozen=True)
class PendingSummary:
    """All pending work of every office; numbers are over every kind of record."""

    kinds: tuple[PendingKind, ...]
    due: tuple[DueYear, ...]

    @property
    def submitted(self) -> int:
        return sum(kind.submitted for kind in self.kinds)

    @property
    def resubmitted(self) -> int:
        return sum(kind.resubmitted for kind in self.kinds)

    @property
    def returned(self) -> int:
        return sum(kind.returned for kind in self.kinds)

    @property
    def without_evidence(self) -> int:
        return sum(kind.without_evidence for kind in self.kinds)

    @property
    def oldest(self) -> datetime | None:
        return min((kind.oldest for kind in self.kinds if kind.oldest), default=None)


def count_pending(rollup: Rollup, audience: Audience) -> PendingSummary:
    """Count pending records in one query; they are those of now, not of the as-of day.

    Hidden ones are counted, and their day is not told.
    """
    rows = union_all(_count_records(kind, audience) for kind in RECORD_SOURCES)
    counts = {RecordKind(word): PendingKind(RecordKind(word), *numbers) for word, *numbers in rows}
    kinds = (counts[kind] for kind in RECORD_SOURCES)
    return PendingSummary(
        tuple(kind for kind in kinds if kind.submitted or kind.returned or kind.without_evidence),
        tuple(_find_due_years(rollup)),
    )


def _count_records(kind: RecordKind, audience: Audience) -> QuerySet[Record, Any]:
    model = RECORD_SOURCES[kind].model
    submitted = Q(status=Status.SUBMITTED)
    return (
        model.objects.unfinished()
        .order_by()
        .annotate(kind_word=Value(kind.value))
        .values_list("kind_word")
        .annotate(
            submitted=Count("pk", filter=submitted),
            resubmitted=Count("pk", filter=AWAITING_REVIEW_AGAIN),
            returned=Count("pk", filter=Q(status=Status.RETURNED)),
            without_evidence=Count("pk", filter=lacks_evidence(model)),
            oldest=Min("submitted_at", filter=submitted & ~build_hidden_condition(model, audience)),
        )
    )


def _find_due_years(rollup: Rollup) -> Iterator[DueYear]:
    for row in rollup.targets:
        for actual in row.years:
            if actual.state == YearState.DUE:
                until = add_months(actual.year.ends_on, row.target.due_months)
                yield DueYear(row, actual.year, until)
