"""The summary table of a plan on a day: the one calculation of every page, file and report.

No figure is stored or kept. The number of queries depends on the plan, not on the records.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch

from indicators.counting.rules import plan_window, year_window
from indicators.counting.statements import Reading, join_readings, run
from indicators.models.reading.confidentiality import EVERYONE, Audience
from reporting.figures.disaggregation import find_hidden_kinds, hide_countries_of_actual
from reporting.figures.measures import Actual, read_actuals
from reporting.figures.rating_overrides import Override, load_overrides
from reporting.figures.ratings import (
    RatingInput,
    YearActual,
    calculate_expected,
    rate_target,
    rate_year,
    worst_rating,
)
from strategy.choices import Rating, YearState
from strategy.dates.periods import Period
from strategy.models import Indicator, Objective, Plan, Subject, Target
from strategy.plan.cache import PlanCache, read_version_once

_TARGETS: PlanCache[int, tuple[Target, ...]] = PlanCache(20)
"""The targets of a plan in its order, with their rules; each figure binds a copy to its day."""

_UNMEASURED: PlanCache[int, tuple[Objective, ...]] = PlanCache(20)
"""The objectives of a plan that have no indicator, or an indicator without target."""


@dataclass(frozen=True)
class TargetRow:
    """One target of the summary table.

    ``actual`` is the value since the start of the plan; of a yearly target, that of the year.
    ``this_year`` is the value of the reporting year alone; ``expected`` is None unless the target
    is a count over the whole plan; ``years`` is empty unless the target is set for every year.
    ``calculated`` is the rating by the rule, ``override`` the rating set by an officer, if any.
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
        """The officer's rating, else the calculated rating."""
        return self.override.rating if self.override else self.calculated

    @property
    def value(self) -> Decimal | None:
        return self.actual.value

    @property
    def fulfilment(self) -> Decimal:
        """The value as a share of the value expected by now, or of the minimum; 0 without data.

        Of a target for every year, the share of the closed years that met it.
        """
        if self.years:
            closed = [year.state for year in self.years if year.is_closed]
            return Decimal(closed.count(YearState.MET)) / (len(closed) or 1)
        value, target = self.value or Decimal(0), self.target
        if target.maximum is not None and target.is_exceeded_by(value):
            return target.maximum / value
        if target.minimum is None:
            return Decimal(1)
        return value / (self.expected or target.minimum or Decimal(1))


@dataclass(frozen=True)
class ObjectiveRow:
    """One objective with its targets, and the rating of the worst of them.

    ``unmeasured`` are its indicators without target, which have no figure.
    """

    objective: Objective
    rating: Rating
    targets: tuple[TargetRow, ...]
    unmeasured: tuple[Indicator, ...] = ()

    @property
    def fulfilment(self) -> Decimal:
        """The fulfilment of the target furthest behind of those with the objective's rating."""
        rows = (row.fulfilment for row in self.targets if row.rating == self.rating)
        return min(rows, default=Decimal(1))

    @property
    def table_height(self) -> int:
        """The number of its rows in a table; an objective without indicators has one."""
        return len(self.targets) + len(self.unmeasured) or 1


@dataclass(frozen=True)
class Rollup:
    """The figures of a plan at the end of a day. ``elapsed`` is a share from 0 to 1."""

    plan: Plan
    as_of: date
    year: Period
    elapsed: Decimal
    objectives: tuple[ObjectiveRow, ...]

    @property
    def targets(self) -> Iterator[TargetRow]:
        for row in self.objectives:
            yield from row.targets


def rank_worst_first(row: TargetRow | ObjectiveRow) -> tuple[int, Decimal]:
    """Return the key to sort by rating, and within a rating those furthest behind first."""
    return list(Rating).index(row.rating), row.fulfilment


@read_version_once()
def build_rollup(
    plan: Plan,
    as_of: date,
    subject: Subject | None = None,
    *,
    audience: Audience | None = EVERYONE,
) -> Rollup:
    """Return the figures of a plan; of a ``subject``, those of its records alone.

    An officer's rating is that of all records, so a subject has none. ``audience`` decides which
    countries are told apart, and no figure.
    """
    targets = _TARGETS.get(plan.pk, lambda: _load_targets(plan))
    if subject:
        targets = tuple(target.within(subject) for target in targets)
    overrides = {} if subject else load_overrides(plan, as_of)
    readings = join_readings(read_target_row(target, as_of, overrides) for target in targets)
    kinds = find_hidden_kinds(audience)
    rows = [hide_countries_of_row(row, audience, kinds) for row in run(readings)]
    unmeasured = _UNMEASURED.get(plan.pk, lambda: _load_unmeasured(plan))
    objectives = tuple(_group_by_objective(rows, unmeasured))
    return Rollup(plan, as_of, plan.year_at(as_of), plan.elapsed(as_of), objectives)


def _group_by_objective(
    rows: list[TargetRow], unmeasured: tuple[Objective, ...]
) -> Iterator[ObjectiveRow]:
    """Yield the objectives in the plan's order, also those without targets."""
    objectives = {row.pk: row for row in unmeasured}
    indicators = {row.pk: tuple(row.indicators.all()) for row in unmeasured}
    targets: dict[int, list[TargetRow]] = {}
    for row in rows:
        objective = row.target.indicator.objective
        objectives.setdefault(objective.pk, objective)
        targets.setdefault(objective.pk, []).append(row)
    in_plan_order = sorted(objectives.values(), key=lambda row: (row.priority.number, row.number))
    for objective in in_plan_order:
        members = tuple(targets.get(objective.pk, ()))
        rating = worst_rating(row.rating for row in members)
        yield ObjectiveRow(objective, rating, members, indicators.get(objective.pk, ()))


def _load_targets(plan: Plan) -> tuple[Target, ...]:
    return tuple(Target.objects.of_plan(plan).with_rules().in_plan_order())


def _load_unmeasured(plan: Plan) -> tuple[Objective, ...]:
    without_target = Indicator.objects.filter(targets=None).order_by("number")
    rows = Objective.objects.of_plan(plan).filter(indicators__targets=None).distinct()
    return tuple(
        rows.select_related("priority__plan").prefetch_related(
            Prefetch("indicators", without_target)
        )
    )


@read_version_once()
def build_target_row(
    target: Target, as_of: date, audience: Audience | None = EVERYONE
) -> TargetRow:
    row = run(read_target_row(target, as_of, load_overrides(target.plan, as_of)))
    return hide_countries_of_row(row, audience, find_hidden_kinds(audience))


def hide_countries_of_row(
    row: TargetRow, audience: Audience | None, kinds: Collection[str]
) -> TargetRow:
    if audience is None or row.target.record_kind not in kinds:
        return row
    return replace(
        row,
        actual=hide_countries_of_actual(row.actual, audience),
        this_year=hide_countries_of_actual(row.this_year, audience),
    )


def read_target_row(
    target: Target, as_of: date, overrides: Mapping[int, Override]
) -> Reading[TargetRow]:
    bound = target.as_of(as_of)
    read = _read_yearly_row if bound.is_yearly else _read_plan_row
    row = yield from read(bound, as_of)
    override = overrides.get(target.pk) if bound.version.has_target else None
    return replace(row, override=override)


def _read_plan_row(target: Target, as_of: date) -> Reading[TargetRow]:
    window = plan_window(target, as_of)
    year = year_window(target, target.plan.year_at(as_of), as_of)
    so_far, this_year = yield from read_actuals(target, [window, year])
    inputs = RatingInput(target, so_far.value, so_far.measurement.denominator, (), as_of)
    expected = calculate_expected(target, as_of)
    return TargetRow(target, so_far, this_year, expected, rate_target(inputs), ())


def _read_yearly_row(target: Target, as_of: date) -> Reading[TargetRow]:
    plan = target.plan
    windows = [year_window(target, year, as_of) for year in plan.years]
    actuals = yield from read_actuals(target, windows)
    years = tuple(
        YearActual(year, *_value_and_state(target, year, actual.value, as_of))
        for year, actual in zip(plan.years, actuals, strict=True)
    )
    this_year = actuals[plan.years.index(plan.year_at(as_of))]
    so_far = Actual(target, plan_window(target, as_of), this_year.measurement)
    rating = rate_target(RatingInput(target, this_year.value, None, years, as_of))
    return TargetRow(target, so_far, this_year, None, rating, years)


def _value_and_state(
    target: Target, year: Period, value: Decimal | None, as_of: date
) -> tuple[Decimal | None, YearState]:
    # A future year has no value, even with records for it.
    if as_of < year.starts_on:
        value = None
    return value, rate_year(target, year, value, as_of)
