"""The figures that a change of a plan or of its reference data moves."""

from collections.abc import Iterator, Mapping
from datetime import date

from reporting.figures.rollup import build_rollup
from reporting.wording import formatting
from strategy.models import Plan

Figures = Mapping[tuple[str, str, date], str]
"""Plan, target and as-of date -> the actual, the range and the rating in words."""


def read_figures(today: date) -> Figures:
    """Return the figures of every plan today and at the end of each reporting year."""
    return {
        (plan.code, row.target.code, day): f"{formatting.format_value(row.value, row.target)} "
        f"({formatting.format_bounds(row.target)}), {row.rating.label}"
        for plan in Plan.objects.all()
        for day in sorted({today, *(year.ends_on for year in plan.years)})
        for row in build_rollup(plan, day).targets
    }


def list_effects(before: Figures, after: Figures) -> Iterator[str]:
    """Yield a line for each figure that differs; a target of one side only is no figure there."""
    for key in dict.fromkeys([*before, *after]):
        if before.get(key) != after.get(key):
            plan, target, day = key
            yield (
                f"{plan} {target}, {formatting.format_day(day)}: "
                f"{before.get(key, '-')} -> {after.get(key, '-')}"
            )
