"""People trained: what the sessions of the plan's initiatives recorded. No target counts them.

A number is a sum of what was written down, never a difference; who came twice is counted twice.
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

    A number is None where no session recorded any such, never 0 for it. ``country`` and ``group``
    are codes: None for all, "" for the sessions that name none.
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
    """All sessions; by the reporting year in which they began; by the country where they were.

    ``groups`` are the target groups of the sessions' initiatives. A session whose initiative has
    two stands under both: these rows overlap and are never added up.
    """

    total: TraineeCount
    years: tuple[TraineeCount, ...]
    countries: tuple[TraineeCount, ...]
    groups: tuple[TraineeCount, ...]


def load_people_trained(plan: Plan, as_of: date) -> PeopleTrained | None:
    """The approved sessions that began in the plan by the day; None while there is none.

    Three queries, and the names of countries and groups.
    """
    gone = Period(plan.starts_on, min(plan.ends_on, as_of))
    sessions = Activity.objects.filter(
        status=Status.APPROVED,
        starts_on__maybe_from=gone.starts_on,
        starts_on__surely_by=gone.ends_on,
    ).order_by()
    by_day = _summed(sessions.values(key=F("starts_on")))
    if not by_day:
        return None
    return PeopleTrained(
        _added("", gone, None, by_day),
        tuple(_by_year(plan, gone, by_day)),
        tuple(_by_country(sessions, gone)),
        tuple(_by_group(sessions, gone)),
    )


def _by_country(sessions: QuerySet[Activity], gone: Period) -> list[TraineeCount]:
    place = RECORD_SOURCES[RecordKind.ACTIVITY].facets[Dimension.COUNTRY]
    labels = place.labels()
    return _most_first(
        _added(labels.get(row["key"], ""), gone, row["key"] or "", [row])
        for row in _summed(sessions.values(key=F(place.path)))
    )


def _by_group(sessions: QuerySet[Activity], gone: Period) -> list[TraineeCount]:
    group = RECORD_SOURCES[RecordKind.INITIATIVE].facets[Dimension.TARGET_GROUP]
    labels = group.labels()
    return _most_first(
        replace(_added(labels.get(row["key"], ""), gone, None, [row]), group=row["key"] or "")
        for row in _summed(sessions.values(key=F(f"initiative__{group.path}")))
    )


def _most_first(rows: Iterable[TraineeCount]) -> list[TraineeCount]:
    """Those with most people first, the one without a name last."""
    return sorted(rows, key=lambda one: (not one.label, -one.people, one.label))


def _by_year(plan: Plan, gone: Period, by_day: Iterable[Row]) -> Iterator[TraineeCount]:
    of_year = defaultdict(list)
    for row in by_day:
        of_year[plan.year_at(row["key"].last)].append(row)
    for year, rows in sorted(of_year.items(), key=lambda item: item[0].starts_on):
        yield _added(year.label, year.clipped(gone), None, rows)


def _summed(groups: QuerySet[Activity, Any]) -> list[Row]:
    unknown = Q(**{f"{sex}__isnull": True for sex in SEXES})
    return list(
        groups.annotate(
            sessions=Count("pk"),
            without_numbers=Count("pk", filter=unknown),
            **{f"all_{sex}": Sum(sex) for sex in SEXES},
        )
    )


def _added(label: str, period: Period, country: str | None, rows: Sequence[Row]) -> TraineeCount:
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
