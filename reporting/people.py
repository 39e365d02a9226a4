"""People trained: what the sessions of the plan's initiatives recorded. No target counts them.

A number is a sum of what was written down, never a difference; who came twice is counted twice.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from indicators.models import Activity, Status
from indicators.sources import SOURCES
from strategy.models import Plan
from strategy.periods import Window
from strategy.vocabulary import Dimension, RecordKind

SEXES = ("women", "men", "sex_not_recorded")


@dataclass(frozen=True)
class Trained:
    """People at some sessions; None where no session recorded any such number, never 0 for it."""

    label: str
    sessions: int
    women: int | None
    men: int | None
    sex_not_recorded: int | None
    without_numbers: int

    @property
    def people(self) -> int | None:
        known = [n for n in (self.women, self.men, self.sex_not_recorded) if n is not None]
        return sum(known) if known else None


@dataclass(frozen=True)
class PeopleTrained:
    """All sessions; by the reporting year in which they began; by the country where they were."""

    everywhere: Trained
    years: tuple[Trained, ...]
    countries: tuple[Trained, ...]


def sessions_of(plan: Plan, as_of: date) -> QuerySet[Activity]:
    """The approved sessions that fall in the plan's period and had begun by the day."""
    timing = SOURCES[RecordKind.ACTIVITY].timing
    held = timing.within(plan.period, plan) & timing.by(Window(plan.period, as_of), plan)
    return Activity.objects.filter(held, status=Status.APPROVED)


def people_trained(plan: Plan, as_of: date) -> PeopleTrained | None:
    """Two queries and the names of countries; None while no session is approved."""
    sessions = sessions_of(plan, as_of).order_by()
    by_day = _summed(sessions.values(key=F("starts_on")))
    if not by_day:
        return None
    of_year = defaultdict(list)
    for row in by_day:
        of_year[plan.year_at(row["key"].last).label].append(row)
    labels_of_years = [year.label for year in plan.years]
    place = SOURCES[RecordKind.ACTIVITY].facets[Dimension.COUNTRY]
    labels = place.labels()
    by_country = _summed(sessions.values(key=F(place.path)))
    countries = [_added(labels.get(row["key"], ""), [row]) for row in by_country]
    return PeopleTrained(
        _added("", by_day),
        tuple(_added(year, of_year[year]) for year in labels_of_years if of_year[year]),
        tuple(sorted(countries, key=lambda one: (not one.label, -(one.people or 0), one.label))),
    )


def _summed(groups: QuerySet[Activity, Any]) -> list[dict[str, Any]]:
    unknown = Q(**{f"{sex}__isnull": True for sex in SEXES})
    return list(
        groups.annotate(
            sessions=Count("pk"),
            without_numbers=Count("pk", filter=unknown),
            **{f"all_{sex}": Sum(sex) for sex in SEXES},
        )
    )


def _added(label: str, rows: Sequence[Mapping[str, Any]]) -> Trained:
    people = {
        sex: [row[f"all_{sex}"] for row in rows if row[f"all_{sex}"] is not None] for sex in SEXES
    }
    return Trained(
        label=label,
        sessions=sum(row["sessions"] for row in rows),
        without_numbers=sum(row["without_numbers"] for row in rows),
        **{sex: sum(known) if known else None for sex, known in people.items()},
    )
