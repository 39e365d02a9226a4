"""One target with the basis of its figure: rule, years, slices, counted and excluded records."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Q

from indicators.counting.registry import RecordSource
from indicators.counting.rules import (
    UNTIL_APPROVED,
    build_exclusion_rules,
    plan_window,
    record_source,
    with_exclusion_reason,
    year_window,
)
from indicators.counting.statements import Reading, join_readings, run
from indicators.forms.registry import RECORD_TYPES
from indicators.models import Record, Status
from indicators.models.querysets import join_rules
from indicators.models.reading.confidentiality import Audience
from reporting.figures.disaggregation import (
    Disaggregation,
    build_disaggregations,
    find_hidden_kinds,
)
from reporting.figures.measures import Actual, MeasuredValue, read_actuals
from reporting.figures.progress import TargetProgress, build_progress
from reporting.figures.rating_overrides import load_override_history
from reporting.figures.ratings import YearActual, calculate_expected
from reporting.figures.rollup import hide_countries_of_row, read_target_row
from reporting.figures.trends import past_quarter_ends
from reporting.models import RatingOverride
from strategy.choices import Dimension, Frequency, Reason, RecordKind
from strategy.dates.periods import Period, Window
from strategy.models import Condition, CountryList, PlanChange, Target, User
from strategy.plan.cache import read_version_once
from strategy.plan.change_texts import DescribedChange, describe_changes

MAX_LISTED = 20


@dataclass(frozen=True)
class RulePart:
    """One condition of the rule, with the labels of its codes; empty tuples without any."""

    condition: Condition
    labels: tuple[str, ...]
    lists: tuple[CountryList, ...]


@dataclass(frozen=True)
class TargetYear:
    """One current or past reporting year.

    ``actual`` is the year's own value; ``state`` is None unless the target is set for every year.
    ``since_start`` is the actual from the plan's first day to the year's last, or the as-of date;
    ``growth`` is its rise in the year after ``growth_after``, the last day of the year before (None
    in the first year); ``expected`` is the value due by then.
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

    @property
    def target(self) -> Target:
        """The target as the year's last day asks for it, or the as-of day of a running year."""
        target = self.actual.target
        is_until_now = self.is_running and not target.is_yearly
        return target.as_of(self.actual.window.as_of if is_until_now else self.year.ends_on)


@dataclass(frozen=True)
class ExcludedCount:
    """The number of records of the target's kind that do not count for one reason.

    ``reversed_count`` of them are decisions that were reversed by the as-of day.
    """

    reason: Reason
    count: int
    reversed_count: int


@dataclass(frozen=True)
class TargetDetail:
    """A target at the end of a day.

    ``points`` are its values at the ends of quarters. ``evidence_count`` counts records that the
    user may not see too; ``latest_records`` does not. ``submitted_count`` records would count once
    approved. ``overrides`` are the newest first, also if withdrawn.
    """

    as_of: date
    progress: TargetProgress
    rule: tuple[RulePart, ...]
    points: tuple[tuple[date, Decimal], ...]
    years: tuple[TargetYear, ...]
    disaggregations: tuple[Disaggregation, ...]
    evidence_count: int
    reversed_count: int
    latest_records: tuple[Record, ...]
    exclusions: tuple[ExcludedCount, ...]
    submitted_count: int
    overrides: tuple[RatingOverride, ...]
    changes: tuple[DescribedChange, ...]

    @property
    def excluded_count(self) -> int:
        return sum(exclusion.count for exclusion in self.exclusions)


@read_version_once()
def build_target_detail(target: Target, as_of: date, user: User | None = None) -> TargetDetail:
    """Build the page of a target for a user; for None as the application itself sees it."""
    audience = Audience(user) if user else None
    overrides, active = load_override_history(target, as_of)
    row = run(read_target_row(target, as_of, active))
    row = hide_countries_of_row(row, audience, find_hidden_kinds(audience))
    progress = build_progress(row, as_of)
    past = _calculate_past(progress, as_of)
    actual, target = progress.row.actual, progress.row.target
    counts = _count_by_reason(actual)
    counted = counts.pop(None, _ReasonCount(0, 0, 0))
    return TargetDetail(
        as_of=as_of,
        progress=progress,
        rule=tuple(_build_rule_part(target, condition) for condition in target.conditions.all()),
        points=tuple((one.window.as_of, one.value) for one in past.points if one.value is not None),
        years=tuple(_build_years(progress, past, as_of)),
        disaggregations=build_disaggregations(actual),
        evidence_count=counted.number,
        reversed_count=counted.reversed_count,
        latest_records=_load_latest_records(actual, user),
        exclusions=tuple(
            ExcludedCount(reason, counts[reason].number, counts[reason].reversed_count)
            for reason in Reason
            if reason in counts
        ),
        submitted_count=sum(count.once_approved for count in counts.values()),
        overrides=overrides,
        changes=_load_changes(target),
    )


def _load_changes(target: Target) -> tuple[DescribedChange, ...]:
    changes = PlanChange.objects.filter(targets=target.pk)
    return describe_changes(changes.select_related("changed_by").reverse())


def _build_rule_part(target: Target, condition: Condition) -> RulePart:
    path = record_source(target).paths[Dimension(condition.dimension)]
    labels = path.labels(target.plan) if condition.codes else {}
    names = tuple(str(labels.get(code, code)) for code in condition.codes)
    return RulePart(condition, names, tuple(condition.country_lists.all()))


@dataclass(frozen=True)
class _PastActuals:
    """The actuals of each year, and from the plan's first day to quarters' ends and years' ends."""

    points: Sequence[Actual]
    years: Sequence[Actual]
    totals: Sequence[Actual]


def _calculate_past(progress: TargetProgress, as_of: date) -> _PastActuals:
    target, has_value = progress.row.target, progress.row.value is not None
    has_points = has_value and (progress.trend or target.frequency == Frequency.LEVEL)
    quarters = past_quarter_ends(target.plan.period, as_of) if has_points else ()
    years = _list_years(target, as_of)
    ends = [min(year.ends_on, as_of) for year in years]
    readings = (
        _read_since_start(progress, quarters),
        _read_windows(target, [year_window(target, year, as_of) for year in years]),
        _read_since_start(progress, ends if has_value and not target.is_yearly else ()),
    )
    return _PastActuals(*run(join_readings(readings)))


def _list_years(target: Target, as_of: date) -> list[Period]:
    return [year for year in target.plan.years if year.starts_on <= as_of]


def _read_since_start(
    progress: TargetProgress, days: Sequence[date]
) -> Reading[tuple[Actual, ...]]:
    """Read the actual from the plan's first day to each day; that of a count is in its trend."""
    target, trend = progress.row.target, progress.trend
    windows = [plan_window(target, day) for day in days]
    if trend is None:
        return (yield from _read_windows(target, windows))
    values = [MeasuredValue(trend.value_at(day)) for day in days]
    return tuple(Actual(target, *pair) for pair in zip(windows, values, strict=True))


def _read_windows(target: Target, windows: Sequence[Window]) -> Reading[tuple[Actual, ...]]:
    return (yield from read_actuals(target, windows)) if windows else ()


def _build_years(progress: TargetProgress, past: _PastActuals, as_of: date) -> Iterator[TargetYear]:
    target = progress.row.target
    states = {state.year: state for state in progress.row.years}
    totals: Sequence[Actual | None] = past.totals or [None] * len(past.years)
    for year, actual, total, before in zip(
        _list_years(target, as_of), past.years, totals, [None, *totals][: len(totals)], strict=True
    ):
        yield TargetYear(
            actual=actual,
            state=states.get(year),
            since_start=total,
            growth=_calculate_growth(total, before) if progress.trend else None,
            growth_after=before.window.as_of if before else None,
            expected=calculate_expected(target, min(year.ends_on, as_of)),
            is_running=as_of < year.ends_on,
        )


def _calculate_growth(total: Actual | None, before: Actual | None) -> Decimal | None:
    if total is None or total.value is None:
        return None
    return total.value - (before.value or 0 if before else 0)


def _load_latest_records(actual: Actual, user: User | None) -> tuple[Record, ...]:
    records = actual.evidence.visible_to(user) if user else actual.evidence
    source: RecordSource = record_source(actual.target)
    newest = F(source.date_rule.column).desc(nulls_last=True)
    columns = RECORD_TYPES[RecordKind(actual.target.record_kind)].columns
    return tuple(records.with_related(columns).order_by(newest, "-pk")[:MAX_LISTED])


@dataclass(frozen=True)
class _ReasonCount:
    """Records with one exclusion reason, or counted: all, reversed, and counted once approved."""

    number: int
    once_approved: int
    reversed_count: int


def _count_by_reason(actual: Actual) -> dict[Reason | None, _ReasonCount]:
    """Count the records of the target's kind by exclusion reason, in one query.

    None is the reason of the records that count.
    """
    target, window = actual.target, actual.window
    rules = build_exclusion_rules(target, window)
    would_count = join_rules(rule for rule in rules if rule.reason not in UNTIL_APPROVED)
    was_reversed = Q(pk__in=[])
    if target.record_kind == RecordKind.DECISION:
        was_reversed = Q(reversed_on__surely_by=window.as_of)
    rows = with_exclusion_reason(target, window).count_each_reason(
        once_approved=Count("pk", filter=would_count & Q(status=Status.SUBMITTED)),
        reversed_count=Count("pk", filter=was_reversed),
    )
    return {Reason(word) if word else None: _ReasonCount(*numbers) for word, numbers in rows}
