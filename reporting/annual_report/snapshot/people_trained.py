"""People trained as JSON in a report: writing and reading."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reporting.figures.people_trained import SEXES, PeopleTrained, TraineeCount
from strategy.dates.periods import Period
from strategy.models import Plan

COUNT_FIELDS = ("sessions", *SEXES, "without_numbers")


def serialize_people(people: PeopleTrained | None) -> dict[str, Any] | None:
    """Return the numbers as JSON, rows with their codes; None without any session."""
    if people is None:
        return None
    return {
        "all": _serialize_count(people.total, ""),
        "years": [_serialize_count(one, one.label) for one in people.years],
        "countries": [_serialize_count(one, one.country or "") for one in people.countries],
        "target_groups": [_serialize_count(one, one.group or "") for one in people.groups],
    }


def read_people(
    kept: Mapping[str, Any] | None, plan: Plan, gone: Period, named: Callable[[str, str], str]
) -> PeopleTrained | None:
    """Read the numbers of ``serialize_people``; ``gone`` is the plan until the report's day.

    ``named`` returns the name of a code in ``countries`` or ``target_groups``.
    """
    if kept is None:
        return None
    return PeopleTrained(
        _read_count(kept["all"], "", gone, None),
        tuple(
            _read_count(row, row["code"], plan.year(row["code"]).clipped(gone), None)
            for row in kept["years"]
        ),
        tuple(
            _read_count(row, _get_name(named, "countries", row), gone, row["code"])
            for row in kept["countries"]
        ),
        tuple(
            replace(
                _read_count(row, _get_name(named, "target_groups", row), gone, None),
                group=row["code"],
            )
            for row in kept["target_groups"]
        ),
    )


def _get_name(named: Callable[[str, str], str], among: str, row: Mapping[str, Any]) -> str:
    return named(among, row["code"]) if row["code"] else ""


def _serialize_count(one: TraineeCount, code: str) -> dict[str, Any]:
    return {"code": code, **{name: getattr(one, name) for name in COUNT_FIELDS}}


def _read_count(
    row: Mapping[str, Any], label: str, began: Period, country: str | None
) -> TraineeCount:
    return TraineeCount(label, began, country, **{name: row[name] for name in COUNT_FIELDS})
