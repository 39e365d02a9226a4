"""People trained at the sessions of the plan's initiatives; no target counts them.

A number is a sum of recorded numbers, never a difference. People who attend twice count twice.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from indicators.counting.registry import RECORD_SOURCES
from indicators.models import Activity, Project, Status
from indicators.models.reading.confidentiality import (
    EVERYONE,
    MIN_RECORDS_OF_COUNTRY,
    OTHER_COUNTRIES,
    Audience,
    build_hidden_condition,
    get_other_countries_name,
)
from strategy.choices import Dimension, RecordKind
from strategy.dates.periods import Period, year_containing
from strategy.models import Plan

SEXES = ("women", "men", "sex_not_recorded")
PEOPLE = (*SEXES, "girls", "boys", "children_sex_not_recorded")
"""The numbers of an activity: adults, then children who were consulted or took part."""

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
    girls: int | None = None
    boys: int | None = None
    children_sex_not_recorded: int | None = None
    project: str | None = None
    """The reference of a project; None for all."""

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
    projects: tuple[TraineeCount, ...] = ()


def load_people_trained(
    plan: Plan, as_of: date, audience: Audience | None = EVERYONE
) -> PeopleTrained | None:
    """Return the approved sessions that began in the plan by the day; None without any."""
    elapsed = Period(plan.starts_on, min(plan.ends_on, as_of))
    sessions = select_sessions(Activity.objects.filter(status=Status.APPROVED), elapsed)
    return _summarise(sessions, elapsed, plan.year_at, audience)


def load_people_at(
    sessions: QuerySet[Activity], plan: Plan, as_of: date, projects: QuerySet[Project]
) -> PeopleTrained | None:
    """Return those of the sessions that began by the day, in any year; None without any.

    Only the ``projects`` are named; the sessions of others are in one row.
    """
    elapsed = Period(date.min, as_of)
    begun = select_sessions(sessions, elapsed)
    people = _summarise(begun, elapsed, lambda day: year_containing(day, plan.year_starts_in))
    return (
        replace(people, projects=tuple(_by_project(begun, elapsed, projects))) if people else None
    )


def _summarise(
    sessions: QuerySet[Activity],
    elapsed: Period,
    find_year: Callable[[date], Period],
    audience: Audience | None = None,
) -> PeopleTrained | None:
    by_day = _sum_by(sessions, "starts_on")
    if not by_day:
        return None
    return PeopleTrained(
        _build_count("", elapsed, None, by_day),
        tuple(_by_year(find_year, elapsed, by_day)),
        tuple(_by_country(sessions, elapsed, audience)),
        tuple(_by_group(sessions, elapsed)),
    )


def select_sessions(sessions: QuerySet[Activity], period: Period) -> QuerySet[Activity]:
    """Return the sessions that began in a period."""
    return sessions.filter(
        starts_on__maybe_from=period.starts_on, starts_on__surely_by=period.ends_on
    ).order_by()


def _by_country(
    sessions: QuerySet[Activity], elapsed: Period, audience: Audience | None
) -> list[TraineeCount]:
    """Return the sessions by country; few with a hidden one are those of "other countries"."""
    countries = RECORD_SOURCES[RecordKind.ACTIVITY].paths[Dimension.COUNTRY]
    labels = countries.labels()
    rows = {row["key"] or "": [row] for row in _sum_by(sessions, countries.lookup)}
    few = {code for code, [row] in rows.items() if row["sessions"] < MIN_RECORDS_OF_COUNTRY}
    if audience is not None and few - {""}:
        hidden = sessions.filter(build_hidden_condition(Activity, audience))
        others = few & set(hidden.values_list(countries.lookup, flat=True)) - {""}
        if others:
            labels = {**labels, OTHER_COUNTRIES: get_other_countries_name()}
            rows[OTHER_COUNTRIES] = [row for code in others for row in rows.pop(code)]
    return _sort_by_people(
        _build_count(labels.get(code, ""), elapsed, code, some) for code, some in rows.items()
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


def _by_project(
    sessions: QuerySet[Activity], elapsed: Period, projects: QuerySet[Project]
) -> Iterator[TraineeCount]:
    rows = {row["key"]: row for row in _sum_by(sessions, "initiative__project")}
    named = projects.filter(pk__in=[key for key in rows if key]).order_by("title", "pk")
    for key, reference, title in named.values_list("pk", "reference", "title"):
        yield replace(_build_count(title, elapsed, None, [rows.pop(key)]), project=reference)
    if rows:
        yield replace(_build_count("", elapsed, None, list(rows.values())), project="")


def _by_year(
    find_year: Callable[[date], Period], elapsed: Period, by_day: Iterable[Row]
) -> Iterator[TraineeCount]:
    rows_by_year = defaultdict(list)
    for row in by_day:
        rows_by_year[find_year(row["key"].last)].append(row)
    for year, rows in sorted(rows_by_year.items(), key=lambda item: item[0].starts_on):
        yield _build_count(year.label, year.clipped(elapsed), None, rows)


def _sum_by(sessions: QuerySet[Activity], key: str) -> list[Row]:
    unknown = Q(**{f"{sex}__isnull": True for sex in SEXES})
    return list(
        sessions.values(key=F(key)).annotate(
            sessions=Count("pk"),
            without_numbers=Count("pk", filter=unknown),
            **{f"all_{name}": Sum(name) for name in PEOPLE},
        )
    )


def _build_count(
    label: str, period: Period, country: str | None, rows: Sequence[Row]
) -> TraineeCount:
    people = {
        name: [row[f"all_{name}"] for row in rows if row[f"all_{name}"] is not None]
        for name in PEOPLE
    }
    return TraineeCount(
        label=label,
        period=period,
        country=country,
        sessions=sum(row["sessions"] for row in rows),
        without_numbers=sum(row["without_numbers"] for row in rows),
        **{name: sum(known) if known else None for name, known in people.items()},
    )
