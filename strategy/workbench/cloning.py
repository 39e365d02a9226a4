"""A copy of a plan as a draft, with a code of its own and its years kept or shifted."""

import re
from collections.abc import Mapping
from datetime import date

from strategy.models import Plan, TargetVersion
from strategy.plan.loading import FixtureRow, load_rows
from strategy.workbench.exports import export_plan

DAYS = ("starts_on", "ends_on", "in_force_from")
"""The days of a plan that move with its years; a baseline keeps the day of its facts."""

YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
ASCII_ZERO, ARABIC_ZERO = ord("0"), ord("٠")


def clone_plan(plan: Plan, code: str, titles: Mapping[str, str], shift: int) -> Plan:
    """Return the new draft; raises FixtureError if a row does not fit the shifted years."""
    own: Mapping[str, object] = {
        "code": code,
        **titles,
        "is_draft": True,
        "is_shown_first": False,
        "is_outline": False,
    }
    rows = [_copy_row(row, plan, code, shift) for row in export_plan(plan)]
    rows[0]["fields"].update(own)
    load_rows(rows, plan.code)
    return Plan.including_drafts.get(code=code)


def _copy_row(row: FixtureRow, plan: Plan, code: str, shift: int) -> FixtureRow:
    is_version = row["model"] == TargetVersion._meta.label_lower
    fields: dict[str, object] = {}
    for name, value in row["fields"].items():
        if name in DAYS:
            fields[name] = _shift_day(str(value), shift)
        elif isinstance(value, list) and value[:1] == [plan.code] and name != "follows":
            fields[name] = [code, *value[1:]]
        elif name == "milestones" and isinstance(value, dict):
            fields[name] = {move_years(label, plan, shift): text for label, text in value.items()}
        elif is_version and isinstance(value, str):
            fields[name] = move_years(value, plan, shift)
        else:
            fields[name] = value
    return FixtureRow(model=row["model"], fields=fields)


def _shift_day(day: str, shift: int) -> str:
    stored = date.fromisoformat(day)
    try:
        return stored.replace(year=stored.year + shift).isoformat()
    except ValueError:  # 29 February in a year that has none
        return stored.replace(year=stored.year + shift, day=28).isoformat()


def move_years(text: str, plan: Plan, shift: int) -> str:
    """Return a text whose years of the plan are moved, in its own digits."""

    def move(match: re.Match[str]) -> str:
        year = int(match[0])
        if not plan.starts_on.year <= year <= plan.ends_on.year:
            return match[0]
        moved = str(year + shift)
        if not match[0].isascii():
            moved = moved.translate({ASCII_ZERO + n: ARABIC_ZERO + n for n in range(10)})
        return moved

    return YEAR.sub(move, text)
