"""What does not count yet, and could: records on their way to approval, and years that are due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Value

from indicators.counting.registry import RECORD_SOURCES
from indicators.models import Record, Status
from indicators.models.querysets import AWAITING_REVIEW_AGAIN, lacks_evidence
from indicators.workflow.queues import union_all
from reporting.figures.rollup import Rollup, TargetRow
from strategy.choices import RecordKind, YearState
from strategy.dates.periods import Period, add_months


@dataclass(frozen=True)
class PendingKind:
    """The records of one kind that count nowhere yet. A record may stand in several numbers.

    ``resubmitted`` were approved before, then edited; ``oldest`` is the earliest submission.
    """

    kind: RecordKind
    submitted: int
    resubmitted: int
    returned: int
    without_evidence: int
    oldest: datetime | None


@dataclass(frozen=True)
class DueYear:
    """A year of a yearly target that is over, not yet met, and may be until ``until``."""

    row: TargetRow
    year: Period
    until: date


@dataclass(frozen=True)
class PendingSummary:
    """All that waits, whoever entered it; numbers are over every kind of record."""

    kinds: tuple[PendingKind, ...]
    due: tuple[DueYear, ...]

    @property
    def submitted(self) -> int:
        return sum(one.submitted for one in self.kinds)

    @property
    def resubmitted(self) -> int:
        return sum(one.resubmitted for one in self.kinds)

    @property
    def returned(self) -> int:
        return sum(one.returned for one in self.kinds)

    @property
    def without_evidence(self) -> int:
        return sum(one.without_evidence for one in self.kinds)

    @property
    def oldest(self) -> datetime | None:
        return min((one.oldest for one in self.kinds if one.oldest), default=None)


def count_pending(rollup: Rollup) -> PendingSummary:
    """In one query, and whatever the as-of date: it says what is to be done now."""
    rows = union_all(_numbers(kind) for kind in RECORD_SOURCES)
    kinds = {RecordKind(word): PendingKind(RecordKind(word), *numbers) for word, *numbers in rows}
    found = tuple(kinds[kind] for kind in RECORD_SOURCES if _is_any(kinds[kind]))
    return PendingSummary(found, tuple(_due_years(rollup)))


def _numbers(kind: RecordKind) -> QuerySet[Record, Any]:
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
            oldest=Min("submitted_at", filter=submitted),
        )
    )


def _is_any(one: PendingKind) -> bool:
    return bool(one.submitted or one.returned or one.without_evidence)


def _due_years(rollup: Rollup) -> Iterator[DueYear]:
    for row in rollup.targets:
        for one in row.years:
            if one.state == YearState.DUE:
                until = add_months(one.year.ends_on, row.target.due_months)
                yield DueYear(row, one.year, until)
