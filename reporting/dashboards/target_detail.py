"""One target with all that its figure stands on: years, parts, records that count or do not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Q, QuerySet

from indicators.counting.registry import RecordSource
from indicators.counting.rules import (
    UNTIL_APPROVED,
    plan_window,
    record_source,
    with_exclusion_reason,
    year_window,
)
from indicators.models import Record, Status
from reporting.figures.disaggregation import Disaggregation, build_disaggregations
from reporting.figures.measures import Actual, MeasuredValue, calculate_actuals
from reporting.figures.progress import TargetProgress, build_progress
from reporting.figures.ratings import YearActual, calculate_expected
from reporting.figures.rollup import build_target_row
from reporting.figures.trends import Trend, past_quarter_ends
from reporting.models import RatingOverride
from strategy.choices import Dimension, Frequency, Reason
from strategy.dates.periods import Period
from strategy.models import Condition, CountryList, Target

MAX_LISTED = 20


@dataclass(frozen=True)
class RulePart:
    """One condition of the rule, with words instead of codes; empty tuples where it names none."""

    condition: Condition
    words: tuple[str, ...]
    lists: tuple[CountryList, ...]


@dataclass(frozen=True)
class TargetYear:
    """One reporting year that has begun.

    ``actual`` is the year's own value; ``state`` is None unless the target is set for every year.
    ``since_start`` is the actual from the plan's first day to the year's last, or the as-of date;
    ``growth`` by how much it grew in the year, ``expected`` what a straight line asks for by then.
    ``growth_after`` is the last day of the year before, None in the plan's first year.
    """

    actual: Actual
    state: YearActual | None
    since_start: Actual | None
    growth: Decimal | None
    growth_after: date | None
    expected: Decimal | None
    is_running: bool

    @property
    def year(self) -> Period:
        return self.actual.window.period


@dataclass(frozen=True)
class ExcludedCount:
    """How many records of the target's kind do not count for one reason."""

    reason: Reason
    count: int


@dataclass(frozen=True)
class TargetDetail:
    """A target at the end of a day; ``points`` are its values at the quarters' ends."""

    as_of: date
    progress: TargetProgress
    rule: tuple[RulePart, ...]
    points: tuple[tuple[date, Decimal], ...]
    years: tuple[TargetYear, ...]
    disaggregations: tuple[Disaggregation, ...]
    evidence_count: int
    """How many records count, whoever may see them."""
    latest_records: tuple[Record, ...]
    """The latest of those that the reader may see."""
    exclusions: tuple[ExcludedCount, ...]
    submitted_count: int
    """How many submitted records would count once they are approved."""
    overrides: tuple[RatingOverride, ...]
    """Every rating that an officer set for the target, the newest first, withdrawn ones too."""

    @property
    def excluded_count(self) -> int:
        return sum(one.count for one in self.exclusions)


def build_target_detail(
    target: Target, as_of: date, visible: QuerySet[Record] | None
) -> TargetDetail:
    """``target`` with its rules; ``visible`` are the records the reader may see, None for all."""
    progress = build_progress(build_target_row(target, as_of), as_of)
    actual = progress.row.actual
    return TargetDetail(
        as_of=as_of,
        progress=progress,
        rule=tuple(_rule_part(target, condition) for condition in target.conditions.all()),
        points=_points(target, progress.trend, as_of) if actual.value is not None else (),
        years=_years(progress, as_of),
        disaggregations=build_disaggregations(actual),
        evidence_count=actual.evidence.count(),
        latest_records=_latest_records(actual, visible),
        exclusions=_exclusions(actual),
        submitted_count=with_exclusion_reason(target, actual.window, UNTIL_APPROVED)
        .filter(Q(reason__isnull=True), status=Status.SUBMITTED)
        .count(),
        overrides=tuple(target.overrides.select_related("by", "withdrawn_by")),
    )


def _rule_part(target: Target, condition: Condition) -> RulePart:
    facet = record_source(target).facets[Dimension(condition.dimension)]
    labels = facet.labels() if condition.codes else {}
    words = tuple(str(labels.get(code, code)) for code in condition.codes)
    return RulePart(condition, words, tuple(condition.country_lists.all()))


def _points(target: Target, trend: Trend | None, as_of: date) -> tuple[tuple[date, Decimal], ...]:
    """A count from its trend, a share read anew at each quarter's end; none for yearly targets."""
    days = past_quarter_ends(target.plan.period, as_of)
    if trend is not None:
        return tuple((day, trend.value_at(day)) for day in days)
    if target.frequency != Frequency.LEVEL or not days:
        return ()
    actuals = calculate_actuals(target, [plan_window(target, day) for day in days])
    return tuple(
        (day, actual.value)
        for day, actual in zip(days, actuals, strict=True)
        if actual.value is not None
    )


def _years(progress: TargetProgress, as_of: date) -> tuple[TargetYear, ...]:
    target = progress.row.target
    begun = [year for year in target.plan.years if year.starts_on <= as_of]
    if not begun:
        return ()
    states = {one.year: one for one in progress.row.years}
    own = calculate_actuals(target, [year_window(target, year, as_of) for year in begun])
    totals = _totals(progress, begun, as_of)
    return tuple(
        TargetYear(
            actual=actual,
            state=states.get(year),
            since_start=total,
            growth=_growth(total, before) if progress.trend else None,
            growth_after=before.window.as_of if before else None,
            expected=calculate_expected(target, min(year.ends_on, as_of)),
            is_running=as_of < year.ends_on,
        )
        for year, actual, total, before in zip(
            begun, own, totals, [None, *totals[:-1]], strict=True
        )
    )


def _growth(total: Actual | None, before: Actual | None) -> Decimal | None:
    if total is None or total.value is None:
        return None
    return total.value - (before.value or 0 if before else 0)


def _totals(progress: TargetProgress, years: Sequence[Period], as_of: date) -> list[Actual | None]:
    """The actual since the plan's start at the end of each year, or on the as-of day."""
    target, trend = progress.row.target, progress.trend
    windows = [plan_window(target, min(year.ends_on, as_of)) for year in years]
    if progress.row.value is None or target.is_yearly:
        return [None] * len(years)
    if trend is None:
        return list(calculate_actuals(target, windows))
    return [
        Actual(target, window, MeasuredValue(trend.value_at(window.as_of))) for window in windows
    ]


def _latest_records(actual: Actual, visible: QuerySet[Record] | None) -> tuple[Record, ...]:
    records = actual.evidence
    if visible is not None:
        records = records.filter(pk__in=visible.values("pk"))
    source: RecordSource = record_source(actual.target)
    newest = F(source.timing.column).desc(nulls_last=True)
    return tuple(records.with_related().order_by(newest, "-pk")[:MAX_LISTED])


def _exclusions(actual: Actual) -> tuple[ExcludedCount, ...]:
    """By reason, in the order in which the reasons are selection."""
    numbers = actual.excluded.count_by_reason()
    return tuple(ExcludedCount(one, numbers[one]) for one in Reason if one in numbers)
