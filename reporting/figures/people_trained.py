"""People trained at the sessions of the plan's initiatives; no target counts them.

A number is a sum of recorded numbers, never a difference. People who attend twice count twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from indicators.counting.registry import RECORD_SOURCES
from indicators.models import Activity, Status
from strategy.choices import Dimension, RecordKind
from strategy.dates.periods import Period
from strategy.models import Plan

SEXES = ("women", "men", "sex_not_recorded")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class TraineeCount:
    """People at the sessions that began in a period: all, in one country, or of one target group.

    A number is None, not 0, where no session recorded it. ``country`` and ``group`` are codes:
    None for all, "" for the sessions without a value.
    """

    label: str
    period: Period
    country: str | None
    sessions: int
    women: int | None
    men: int | None
    sex_not_recorded: int | None
    without_numbers: int
    group: str | None = None

    @property
    def people(self) -> int:
        return sum(known or 0 for known in (self.women, self.men, self.sex_not_recorded))


@dataclass(frozen=True)
class PeopleTrained:
    """All sessions, by the reporting year in which they began, by country and by target group.

    A session whose initiative has two target groups counts in both: ``groups`` do not add up.
    """

    total: TraineeCount
    years: tuple[TraineeCount, ...]
    countries: tuple[TraineeCount, ...]
    groups: tuple[TraineeCount, ...]


def load_people_trained(plan: Plan, as_of: date) -> PeopleTrained | None:
    """Return the approved sessions that began in the plan by the day; None without any."""
    elapsed = Period(plan.starts_on, min(plan.ends_on, as_of))
    sessions = select_sessions(Activity.objects.filter(status=Status.APPROVED), elapsed)
    by_day = _sum_by(sessions, "starts_on")
    if not by_day:
        return None
    return PeopleTrained(
        _build_count("", elapsed, None, by_day),
        tuple(_by_year(plan, elapsed, by_day)),
        tuple(_by_country(sessions, elapsed)),
        tuple(_by_group(sessions, elapsed)),
    )


def select_sessions(sessions: QuerySet[Activity], period: Period) -> QuerySet[Activity]:
    """Return the sessions that began in a period."""
    return sessions.filter(
        starts_on__maybe_from=period.starts_on, starts_on__surely_by=period.ends_on
    ).order_by()


def _by_country(sessions: QuerySet[Activity], elapsed: Period) -> list[TraineeCount]:
    countries = RECORD_SOURCES[RecordKind.ACTIVITY].paths[Dimension.COUNTRY]
    labels = countries.labels()
    return _sort_by_people(
        _build_count(labels.get(row["key"], ""), elapsed, row["key"] or "", [row])
        for row in _sum_by(sessions, countries.lookup)
    )


def _by_group(sessions: QuerySet[Activity], elapsed: Period) -> list[TraineeCount]:
    groups = RECORD_SOURCES[RecordKind.INITIATIVE].paths[Dimension.TARGET_GROUP]
    labels = groups.labels()
    return _sort_by_people(
        replace(
            _build_count(labels.get(row["key"], ""), elapsed, None, [row]), group=row["key"] or ""
        )
        for row in _sum_by(sessions, f"initiative__{groups.lookup}")
    )


def _sort_by_people(rows: Iterable[TraineeCount]) -> list[TraineeCount]:
    return sorted(rows, key=lambda count: (not count.label, -count.people, count.label))


def _by_year(plan: Plan, elapsed: Period, by_day: Iterable[Row]) -> Iterator[TraineeCount]:
    rows_by_year = defaultdict(list)
    for row in by_day:
        rows_by_year[plan.year_at(row["key"].last)].append(row)
    for year, rows in sorted(rows_by_year.items(), key=lambda item: item[0].starts_on):
        yield _build_count(year.label, year.clipped(elapsed), None, rows)


def _sum_by(sessions: QuerySet[Activity], key: str) -> list[Row]:
    unknown = Q(**{f"{sex}__isnull": True for sex in SEXES})
    return list(
        sessions.values(key=F(key)).annotate(
            sessions=Count("pk"),
            without_numbers=Count("pk", filter=unknown),
            **{f"all_{sex}": Sum(sex) for sex in SEXES},
        )
    )


def _build_count(
    label: str, period: Period, country: str | None, rows: Sequence[Row]
) -> TraineeCount:
    people = {
        sex: [row[f"all_{sex}"] for row in rows if row[f"all_{sex}"] is not None] for sex in SEXES
    }
    return TraineeCount(
        label=label,
        period=period,
        country=country,
        sessions=sum(row["sessions"] for row in rows),
        without_numbers=sum(row["without_numbers"] for row in rows),
        **{sex: sum(known) if known else None for sex, known in people.items()},
    )
