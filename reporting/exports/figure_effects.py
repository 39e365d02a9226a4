"""The figures of all plans in words, to show what a change of a plan moves."""

from collections.abc import Iterator
from datetime import date

from reporting.figures.rollup import Rollup, build_rollup
from reporting.wording import formatting
from strategy.models import Plan
from strategy.plan.effects import Figures
from strategy.text import comma


def read_figures(today: date) -> Figures:
    """Return the figures of every plan today and at the end of each reporting year."""
    return {
        (plan.code, code, day): text
        for plan in Plan.objects.all()
        for day in sorted({today, *(year.ends_on for year in plan.years)})
        for code, text in _describe(build_rollup(plan, day, audience=None))
    }


def _describe(rollup: Rollup) -> Iterator[tuple[str, str]]:
    for objective in rollup.objectives:
        yield objective.objective.code, str(objective.rating.label)
        for row in objective.targets:
            figure = formatting.format_value(row.value, row.target)
            parts = (
                formatting.format_bounds(row.target),
                formatting.format_milestones(row.target.version),
            )
            asked = formatting.semicolon().join(filter(None, parts))
            yield row.target.code, f"{figure} ({asked}){comma()}{row.rating.label}"
