"""Ratings and values of the reporting year before: as reported, else from a rollup."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from reporting.figures.rollup import Rollup, build_rollup
from reporting.models import AnnualReport, ReportedActual, ReportedObjective
from strategy.choices import Rating
from strategy.dates.periods import Period
from strategy.models import Plan


@dataclass(frozen=True)
class PriorYear:
    """The values and ratings a year earlier, by code; empty in the plan's first year."""

    objectives: Mapping[str, Rating]
    ratings: Mapping[str, Rating]
    values: Mapping[str, Decimal | None]


NO_PRIOR_YEAR = PriorYear({}, {}, {})


def load_prior_year(plan: Plan, year: Period) -> PriorYear:
    """Return the year before from its latest report; without a report, calculated now."""
    earlier = [one for one in plan.years if one.ends_on < year.starts_on]
    if not earlier:
        return NO_PRIOR_YEAR
    last = earlier[-1]
    report = AnnualReport.objects.filter(plan=plan, year=last.label).order_by("-version").first()
    return _read_report(report) if report else _read_rollup(build_rollup(plan, last.ends_on))


def _read_report(report: AnnualReport) -> PriorYear:
    objectives = ReportedObjective.objects.filter(priority__report=report)
    actuals = list(ReportedActual.objects.filter(objective__priority__report=report))
    return PriorYear(
        {one.code: Rating(one.rating) for one in objectives},
        {one.code: Rating(one.rating) for one in actuals},
        {one.code: one.value for one in actuals},
    )


def _read_rollup(rollup: Rollup) -> PriorYear:
    return PriorYear(
        {row.objective.code: row.rating for row in rollup.objectives},
        {row.target.code: row.rating for row in rollup.targets},
        {row.target.code: row.value for row in rollup.targets},
    )
