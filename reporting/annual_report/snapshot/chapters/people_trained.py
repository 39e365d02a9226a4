"""People trained as JSON in a report: writing and reading."""

from collections.abc import Callable
from dataclasses import replace

from reporting.annual_report.snapshot.stored import StoredCount, StoredPeople
from reporting.figures.people_trained import SEXES, PeopleTrained, TraineeCount
from strategy.dates.periods import Period
from strategy.models import Plan

COUNT_FIELDS = ("sessions", *SEXES, "without_numbers")


def serialize_people(people: PeopleTrained | None) -> StoredPeople | None:
    if people is None:
        return None
    return {
        "all": _serialize_count(people.total, ""),
        "years": [_serialize_count(one, one.label) for one in people.years],
        "countries": [_serialize_count(one, one.country or "") for one in people.countries],
        "target_groups": [_serialize_count(one, one.group or "") for one in people.groups],
    }


def read_people(
    stored: StoredPeople | None, plan: Plan, gone: Period, named: Callable[[str, str], str]
) -> PeopleTrained | None:
    """Read the numbers; ``gone`` is the plan until the report's day, ``named`` names a code."""
    if stored is None:
        return None
    return PeopleTrained(
        _read_count(stored["all"], "", gone, None),
        tuple(
            _read_count(row, row["code"], plan.year(row["code"]).clipped(gone), None)
            for row in stored["years"]
        ),
        tuple(
            _read_count(row, _get_name(named, "countries", row), gone, row["code"])
            for row in stored["countries"]
        ),
        tuple(
            replace(
                _read_count(row, _get_name(named, "target_groups", row), gone, None),
                group=row["code"],
            )
            for row in stored["target_groups"]
        ),
    )


def _get_name(named: Callable[[str, str], str], among: str, row: StoredCount) -> str:
    return named(among, row["code"]) if row["code"] else ""


def _serialize_count(count: TraineeCount, code: str) -> StoredCount:
    return {
        "code": code,
        "sessions": count.sessions,
        "women": count.women,
        "men": count.men,
        "sex_not_recorded": count.sex_not_recorded,
        "without_numbers": count.without_numbers,
    }


def _read_count(row: StoredCount, label: str, period: Period, country: str | None) -> TraineeCount:
    return TraineeCount(
        label,
        period,
        country,
        row["sessions"],
        row["women"],
        row["men"],
        row["sex_not_recorded"],
        row["without_numbers"],
    )
