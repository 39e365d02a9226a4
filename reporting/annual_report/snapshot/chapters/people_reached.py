"""People reached as JSON in a report: women, men, girls and boys, and what projects state.

A number is a sum of recorded numbers, never a difference. Who comes twice counts twice.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import F, Q, Sum

from indicators.models import Activity, Project, Status
from indicators.models.querysets import RecordQuerySet
from reporting.annual_report.snapshot.chapters.disclosure import MAX_LISTED, list_named
from reporting.annual_report.snapshot.stored import (
    StoredPeopleReached,
    StoredProject,
    StoredReach,
)
from reporting.figures.people_trained import select_sessions
from strategy.dates.periods import Period
from strategy.models import Plan

CHILDREN = ("girls", "boys", "children_sex_not_recorded")
REACH_FIELDS = ("women", "men", "sex_not_recorded", *CHILDREN)


def build_people_reached(plan: Plan, year: Period, as_of: date) -> StoredPeopleReached | None:
    """Return the people of the plan by the day, and the projects of the year; None without any."""
    elapsed = Period(plan.starts_on, min(plan.ends_on, as_of))
    sessions = select_sessions(Activity.objects.filter(status=Status.APPROVED), elapsed)
    by_day = sessions.values(key=F("starts_on")).annotate(
        **{f"all_{field}": Sum(field) for field in REACH_FIELDS}
    )
    rows_by_year: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(by_day, key=lambda row: row["key"].last):
        rows_by_year.setdefault(plan.year_at(row["key"].last).label, []).append(row)
    projects, others = list_named(_select_projects(year), MAX_LISTED)
    if not rows_by_year and not projects and not others:
        return None
    return {
        "all": _add_up("", [row for rows in rows_by_year.values() for row in rows]),
        "years": [_add_up(label, rows) for label, rows in rows_by_year.items()],
        "projects": [_serialize_project(project) for project in projects],
        "others": others,
    }


def _select_projects(year: Period) -> RecordQuerySet[Project]:
    """Return the approved projects of the year that state people or a marker."""
    is_active = Q(starts_on__isnull=False, starts_on__surely_by=year.ends_on) & (
        Q(ends_on__isnull=True) | Q(ends_on__surely_from=year.starts_on)
    )
    has_words = ~Q(gender_equality="") | ~Q(child_participation="")
    has_people = Q(direct_people__isnull=False) | Q(indirect_people__isnull=False)
    projects = Project.objects.filter(is_active, has_words | has_people, status=Status.APPROVED)
    return projects.order_by("starts_on", "reference")


def _add_up(code: str, rows: Iterable[Mapping[str, Any]]) -> StoredReach:
    """Return the sum of each number; None where no session recorded it."""
    rows = list(rows)
    known = {
        field: [row[f"all_{field}"] for row in rows if row[f"all_{field}"] is not None]
        for field in REACH_FIELDS
    }
    sums = {field: sum(numbers) if numbers else None for field, numbers in known.items()}
    return {
        "code": code,
        "women": sums["women"],
        "men": sums["men"],
        "sex_not_recorded": sums["sex_not_recorded"],
        "girls": sums["girls"],
        "boys": sums["boys"],
        "children_sex_not_recorded": sums["children_sex_not_recorded"],
    }


def _serialize_project(project: Project) -> StoredProject:
    return {
        "reference": project.reference,
        "title": project.title,
        "direct_people": project.direct_people,
        "indirect_people": project.indirect_people,
        "people_basis": project.people_basis,
        "gender_equality": project.gender_equality,
        "child_participation": project.child_participation,
    }
