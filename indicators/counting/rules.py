"""Which records count towards a target, and why the others of their kind do not.

One list of questions a target serves both: a record counts when it passes them all, and is left
out for the first that it fails. What the records add up to is ``reporting.figures.measures``.
"""

from collections.abc import Collection, Sequence
from datetime import date

from django.db.models import Q

from indicators.counting.registry import RECORD_SOURCES, DimensionPath, RecordSource
from indicators.models import CountingRule, Record, RecordQuerySet, Status
from indicators.models.querysets import has_evidence, join_rules
from strategy.choices import Dimension, Measure, Reason, RecordKind
from strategy.dates.periods import Period, Window
from strategy.models import Condition, Target

UNTIL_APPROVED = frozenset({Reason.NOT_APPROVED, Reason.NO_EVIDENCE})
"""The reasons that approval removes: without them one sees what a record would count towards."""


_APPROVAL = CountingRule(Reason.NOT_APPROVED, Q(status=Status.APPROVED))


def record_source(target: Target) -> RecordSource:
    return RECORD_SOURCES[RecordKind(target.record_kind)]


def dimension_path(target: Target) -> DimensionPath:
    """The path of the target's own dimension; only for targets that have one."""
    return record_source(target).paths[Dimension(target.dimension)]


def plan_window(target: Target, as_of: date) -> Window:
    """The plan's period as known on a day; for a growth with the year before, its baseline."""
    plan = target.plan
    if target.measure == Measure.GROWTH:
        return Window(Period(plan.year_before.starts_on, plan.ends_on, plan.code), as_of)
    return Window(plan.period, as_of)


def year_window(target: Target, year: Period, as_of: date) -> Window:
    """One reporting year as known on a day; for a growth with the year before, its base."""
    if target.measure != Measure.GROWTH:
        return Window(year, as_of)
    years = (target.plan.year_before, *target.plan.years)
    before = years[years.index(year) - 1]
    return Window(Period(before.starts_on, year.ends_on, year.label), as_of)


def conditions_met(target: Target) -> Q:
    """What a record must satisfy to count, whatever the window: approval and the target's rule."""
    return join_rules(_standing(target, record_source(target)))


def conditions_met_besides_value(target: Target) -> Q:
    """The same without what is asked of the target's own dimension.

    For measures that join that dimension and keep only the values wanted: asking twice costs.
    """
    others = (c for c in target.conditions.all() if c.dimension != target.dimension)
    source = record_source(target)
    return join_rules([_APPROVAL, *(_condition(source, condition) for condition in others)])


def build_date_condition(target: Target, window: Window) -> Q:
    """What a record's dates must satisfy to count in the window."""
    return record_source(target).date_rule.counts_in(window, target.plan)


def counted_records(target: Target, window: Window) -> RecordQuerySet[Record]:
    """The records that count towards the target in the window."""
    source = record_source(target)
    return source.model.objects.satisfying(_standing(target, source)).filter(
        build_date_condition(target, window)
    )


def with_exclusion_reason(
    target: Target, window: Window, ignoring: Collection[Reason] = frozenset()
) -> RecordQuerySet[Record]:
    """Annotate all records of the kind with ``reason``: the exclusion reason, None if counted."""
    model = record_source(target).model
    has_proof = Q(status=Status.APPROVED) | Q(has_evidence(model))
    rules = [CountingRule(Reason.NO_EVIDENCE, has_proof), *counting_rules(target, window)]
    return model.objects.with_exclusion_reason(rules, ignoring)


def counting_rules(
    target: Target, window: Window, source: RecordSource | None = None
) -> list[CountingRule]:
    """All that the target asks of a record, in order.

    It is asked of the stored records, unless ``source`` puts something else in their place.
    """
    source = source or record_source(target)
    approval, *rule = _standing(target, source)
    return [approval, *_timing(target, window, source), *rule]


def excluded_records(target: Target, window: Window) -> RecordQuerySet[Record]:
    """The records of the target's kind that do not count, each with its ``reason``."""
    return with_exclusion_reason(target, window).excluded()


def select_slice(
    records: RecordQuerySet[Record], target: Target, code: str, dimension: Dimension
) -> RecordQuerySet[Record]:
    """Of these records those with one value on a dimension of the target's kind of record."""
    source = record_source(target)
    return records.filter(source.with_value(source.paths[dimension], [code]))


def enclosing_window(windows: Sequence[Window]) -> Window:
    """The one window that holds all of these."""
    first = min(window.period.starts_on for window in windows)
    last = max(window.period.ends_on for window in windows)
    return Window(Period(first, last), max(window.as_of for window in windows))


def counts_value(target: Target, code: str | None) -> bool:
    """Whether a target counts this value of its own dimension.

    A distinct count outside Canada does not count Canada, even where an initiative names both.
    """
    return code is not None and all(
        (code in condition.values) != (condition.test == Condition.Test.OUTSIDE)
        for condition in target.conditions.all()
        if condition.dimension == target.dimension
    )


def _timing(target: Target, window: Window, source: RecordSource) -> list[CountingRule]:
    date_rule, plan = source.date_rule, target.plan
    return [
        CountingRule(Reason.NO_DATE, date_rule.has_date(), date_rule.column),
        CountingRule(
            Reason.OUTSIDE_PERIOD, date_rule.overlaps(window.period, plan), date_rule.column
        ),
        CountingRule(Reason.AFTER_AS_OF, date_rule.has_begun(window, plan), date_rule.column),
    ]


def _standing(target: Target, source: RecordSource) -> list[CountingRule]:
    """Approval first, then the target's own conditions, then the value that it counts."""
    conditions = target.conditions.all()
    questions = [_APPROVAL, *(_condition(source, condition) for condition in conditions)]
    if target.measure in (Measure.DISTINCT, Measure.SMALLEST_SHARE):
        codes = None
        if target.measure == Measure.SMALLEST_SHARE:
            codes = [field.code for field in target.plan.fields_of_activity.all()]
        path = dimension_path(target)
        passes = source.with_value(path, codes)
        questions.append(CountingRule(path.reason, passes, path.column))
    return questions


def _condition(source: RecordSource, condition: Condition) -> CountingRule:
    path = source.paths[Dimension(condition.dimension)]
    outside = condition.test == Condition.Test.OUTSIDE
    passes = source.with_value(path, condition.values, outside=outside)
    if condition.scopes_without_value:
        scope = source.paths[Dimension.SCOPE]
        unnamed = ~source.with_value(path, None)
        passes |= unnamed & source.with_value(scope, condition.scopes_without_value)
    return CountingRule(path.reason, passes, path.column)
