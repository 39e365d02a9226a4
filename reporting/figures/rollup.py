"""From a plan and a day to its summary table, as values: the one calculation behind every page,
file and report. Nothing is stored; the number of queries depends on the plan, not on the records.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby

from indicators.counting.rules import whole_plan, year_of_plan
from reporting.figures.measures import Actual, actuals_for
from reporting.figures.rating_overrides import Override, overrides_of
from reporting.figures.ratings import Standing, YearActual, expected, rating_of, worst, year_state
from strategy.choices import Rating, YearState
from strategy.dates.periods import Period
from strategy.models import Objective, Plan, Target


@dataclass(frozen=True)
class TargetLine:
    """One target of the summary table.

    ``actual`` is the value since the start of the plan; of a yearly target, that of the year.
    ``this_year`` is the value of the reporting year alone; ``expected`` is None unless the target
    is a count over the whole plan; ``years`` is empty unless the target is set for every year.
    ``calculated`` is the rating by the rule, ``override`` the one that an officer set, if any.
    """

    target: Target
    actual: Actual
    this_year: Actual
    expected: Decimal | None
    calculated: Rating
    years: tuple[YearActual, ...]
    override: Override | None = None

    @property
    def rating(self) -> Rating:
        """The rating that stands: the officer's, where there is one."""
        return self.override.rating if self.override else self.calculated

    @property
    def value(self) -> Decimal | None:
        return self.actual.value


@dataclass(frozen=True)
class ObjectiveLine:
    """One objective with its targets, and the rating of the worst of them."""

    objective: Objective
    rating: Rating
    targets: tuple[TargetLine, ...]


@dataclass(frozen=True)
class Rollup:
    """Where a plan stands at the end of a day. ``elapsed`` is a share from 0 to 1."""

    plan: Plan
    as_of: date
    year: Period
    elapsed: Decimal
    objectives: tuple[ObjectiveLine, ...]

    @property
    def targets(self) -> Iterator[TargetLine]:
        for line in self.objectives:
            yield from line.targets


def rollup(plan: Plan, as_of: date) -> Rollup:
    """The plan's summary table as of the end of a day."""
    targets = Target.objects.of_plan(plan).with_rules().in_plan_order()
    overrides = overrides_of(plan, as_of)
    lines = [_line(target, as_of, overrides) for target in targets]
    objectives = []
    for objective, group in groupby(lines, key=lambda line: line.target.indicator.objective):
        members = tuple(group)
        rating = worst(line.rating for line in members)
        objectives.append(ObjectiveLine(objective, rating, members))
    return Rollup(plan, as_of, plan.year_at(as_of), plan.elapsed(as_of), tuple(objectives))


def line_for(target: Target, as_of: date) -> TargetLine:
    """One target's line of the summary table, as ``rollup`` has it."""
    return _line(target, as_of, overrides_of(target.plan, as_of))


def _line(target: Target, as_of: date, overrides: Mapping[int, Override]) -> TargetLine:
    line = _yearly_line(target, as_of) if target.is_yearly else _plan_line(target, as_of)
    return replace(line, override=overrides.get(target.pk))


def _plan_line(target: Target, as_of: date) -> TargetLine:
    window = whole_plan(target, as_of)
    year = year_of_plan(target, target.plan.year_at(as_of), as_of)
    so_far, this_year = actuals_for(target, [window, year])
    standing = Standing(target, so_far.value, int(so_far.reading.denominator or 0), (), as_of)
    line = expected(target, as_of)
    return TargetLine(target, so_far, this_year, line, rating_of(standing), ())


def _yearly_line(target: Target, as_of: date) -> TargetLine:
    plan = target.plan
    actuals = actuals_for(target, [year_of_plan(target, year, as_of) for year in plan.years])
    years = tuple(
        YearActual(year, *_value_and_state(target, year, actual.value, as_of))
        for year, actual in zip(plan.years, actuals, strict=True)
    )
    this_year = actuals[plan.years.index(plan.year_at(as_of))]
    so_far = Actual(target, whole_plan(target, as_of), this_year.reading)
    rating = rating_of(Standing(target, this_year.value, 0, years, as_of))
    return TargetLine(target, so_far, this_year, None, rating, years)


def _value_and_state(
    target: Target, year: Period, value: Decimal | None, as_of: date
) -> tuple[Decimal | None, YearState]:
    """A year that has not begun has no value, whatever is already recorded for it."""
    if as_of < year.starts_on:
        return None, YearState.OPEN
    return value, year_state(target, year, value, as_of)
