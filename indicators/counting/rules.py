"""The records that count towards a target, and the exclusion reasons of the others.

A target has one list of rules: a record counts if it passes all of them, and is excluded for the
first that it fails. ``reporting.figures.measures`` calculates with the counted records.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Q

from indicators.counting.registry import RECORD_SOURCES, DimensionPath, RecordSource
from indicators.counting.subjects import build_condition
from indicators.models import CountingRule, Record, RecordQuerySet, Status
from indicators.models.querysets import has_evidence, join_rules
from strategy.choices import (
    COUNTRY_DIMENSIONS,
    Dimension,
    Measure,
    NumberColumn,
    Reason,
    RecordKind,
)
from strategy.dates.periods import Period, Window
from strategy.models import Condition, SubjectKind, Target

UNTIL_APPROVED = frozenset({Reason.NOT_APPROVED, Reason.NO_EVIDENCE})
"""The reasons that approval removes; ignore them to see the effect of an approval."""


_APPROVAL = CountingRule(Reason.NOT_APPROVED, Q(status=Status.APPROVED))


def record_source(target: Target) -> RecordSource:
    return RECORD_SOURCES[RecordKind(target.record_kind)]


def dimension_path(target: Target) -> DimensionPath:
    """Return the path of the target's own dimension; only for targets that have one."""
    return record_source(target).paths[Dimension(target.dimension)]


def plan_window(target: Target, as_of: date) -> Window:
    """Return the plan's period as known on a day; for a growth with its baseline year."""
    plan = target.plan
    if target.measure == Measure.GROWTH:
        return Window(Period(plan.year_before.starts_on, plan.ends_on, plan.code), as_of)
    return Window(plan.period, as_of)


def year_window(target: Target, year: Period, as_of: date) -> Window:
    """Return one reporting year as known on a day; for a growth with the year before."""
    if target.measure != Measure.GROWTH:
        return Window(year, as_of)
    years = (target.plan.year_before, *target.plan.years)
    before = years[years.index(year) - 1]
    return Window(Period(before.starts_on, year.ends_on, year.label), as_of)


def conditions_met(target: Target) -> Q:
    """Return the condition of every window: approval and the target's conditions."""
    rules = _build_rules(target, record_source(target))
    return build_subject_condition(target) & join_rules(rules)


def build_subject_condition(target: Target) -> Q:
    """Return the condition of the records that the target is limited to."""
    source, condition = record_source(target), Q()
    for subject in target.subjects:
        condition &= build_condition(source, subject)
    return condition


def conditions_met_except_value(target: Target) -> Q:
    """Return the condition without that on the target's own dimension.

    For measures that join this dimension and filter its values: a second filter costs time.
    """
    others = (c for c in target.scope_conditions if c.dimension != target.dimension)
    source = record_source(target)
    return build_subject_condition(target) & join_rules(
        [_APPROVAL, *(_build_condition_rule(source, condition, target) for condition in others)]
    )


def build_numerator_condition(target: Target) -> Q:
    """Return the condition of the numerator of a share, on records in its scope."""
    source = record_source(target)
    return join_rules(
        _build_condition_rule(source, condition, target)
        for condition in target.numerator_conditions
    )


def build_date_condition(target: Target, window: Window) -> Q:
    return record_source(target).date_rule.counts_in(window, target.plan)


def counted_records(target: Target, window: Window) -> RecordQuerySet[Record]:
    rules = _build_rules(target, record_source(target))
    return known_records(target, window).satisfying(rules)


def select_numerator(target: Target, window: Window) -> RecordQuerySet[Record]:
    """Return the counted records of a share that are in its numerator."""
    return counted_records(target, window).filter(build_numerator_condition(target))


def known_records(target: Target, window: Window) -> RecordQuerySet[Record]:
    """Return the records of the target's kind that fall in the window, in any status.

    Without any, a count is no data and not zero (counting rule 1.9).
    """
    known = build_subject_condition(target) & build_date_condition(target, window)
    return record_source(target).model.objects.filter(known)


def with_exclusion_reason(
    target: Target, window: Window, ignoring: Collection[Reason] = frozenset()
) -> RecordQuerySet[Record]:
    """Annotate all records of the kind with ``reason``: the exclusion reason, None if counted."""
    records = record_source(target).model.objects.filter(build_subject_condition(target))
    return records.with_exclusion_reason(build_exclusion_rules(target, window), ignoring)


def build_exclusion_rules(target: Target, window: Window) -> list[CountingRule]:
    """Return the rules that exclude records, first those of mergers, project and evidence."""
    is_own = CountingRule(Reason.MERGED, Q(merged_into=None))
    is_proved = Q(status=Status.APPROVED) | Q(has_evidence(record_source(target).model))
    evidence = CountingRule(Reason.NO_EVIDENCE, is_proved)
    return [is_own, *_build_project_rules(target), evidence, *counting_rules(target, window)]


def _build_project_rules(target: Target, source: RecordSource | None = None) -> list[CountingRule]:
    """Return the rule of a target of a project's plan: the record belongs to the project."""
    source = source or record_source(target)
    return [
        CountingRule(Reason.OTHER_PROJECT, build_condition(source, subject), "project")
        for subject in target.plan.subjects
    ]


def counting_rules(
    target: Target, window: Window, source: RecordSource | None = None
) -> list[CountingRule]:
    """Return the target's rules in order; ``source`` may replace the stored records."""
    source = source or record_source(target)
    approval, *others = _build_rules(target, source)
    dates = _build_date_rules(target, window, source)
    return [approval, *_build_project_rules(target, source), *dates, *others]


def excluded_records(target: Target, window: Window) -> RecordQuerySet[Record]:
    return with_exclusion_reason(target, window).excluded()


def select_slice(
    records: RecordQuerySet[Record], target: Target, code: str, dimension: Dimension
) -> RecordQuerySet[Record]:
    source = record_source(target)
    return records.filter(source.with_value(source.paths[dimension], [code], plan=target.plan))


def enclosing_window(windows: Sequence[Window]) -> Window:
    first = min(window.period.starts_on for window in windows)
    last = max(window.period.ends_on for window in windows)
    return Window(Period(first, last), max(window.as_of for window in windows))


def build_value_test(target: Target) -> Callable[[str | None], bool]:
    """Return whether a target counts a value of its own dimension.

    A distinct count outside Canada does not count Canada, even where an initiative names both.
    """
    tests = [
        (frozenset(condition.values), condition.test == Condition.Test.OUTSIDE)
        for condition in target.scope_conditions
        if condition.dimension == target.dimension
    ]
    if target.dimension in COUNTRY_DIMENSIONS:
        countries = (each for each in target.subjects if each.kind == SubjectKind.COUNTRY)
        tests += [(frozenset({country.code}), False) for country in countries]

    def counts_value(code: str | None) -> bool:
        return code is not None and all((code in values) != outside for values, outside in tests)

    return counts_value


def _build_number_rules(target: Target, source: RecordSource) -> list[CountingRule]:
    """Return the rules on the numbers of a target that calculates with some."""
    columns = [source.numbers[NumberColumn(word)] for word in target.number_columns]
    known = [_is_any_known(fields) for fields in columns]
    rules = []
    if columns:
        either = reduce(or_, known)
        rules.append(CountingRule(Reason.NO_NUMBER, either, columns[0][0]))
    if len(columns) == 2:
        rules.append(CountingRule(Reason.NO_BASE, known[0] & known[1], columns[1][0]))
    return rules


def _is_any_known(fields: Sequence[str]) -> Q:
    return reduce(or_, (Q(**{f"{name}__isnull": False}) for name in fields))


def list_parts(target: Target) -> list[tuple[int | str, str, str]]:
    """Return the parts whose shares are compared: the stored value, the code and the label.

    They are the plan's fields of activity, or the values of another dimension, that count.
    """
    counts_value = build_value_test(target)
    if target.dimension == Dimension.FIELD_OF_ACTIVITY:
        fields = target.plan.fields_of_activity.all()
        parts = [(field.pk, field.code, str(field)) for field in fields]
    else:
        words = dimension_path(target).words_by_key(target.plan)
        parts = [(key, code, label) for key, (code, label) in words.items()]
    return [part for part in parts if counts_value(part[1])]


def _build_date_rules(target: Target, window: Window, source: RecordSource) -> list[CountingRule]:
    date_rule, plan = source.date_rule, target.plan
    return [
        CountingRule(Reason.NO_DATE, date_rule.has_date(), date_rule.column),
        CountingRule(
            Reason.OUTSIDE_PERIOD, date_rule.overlaps(window.period, plan), date_rule.column
        ),
        CountingRule(Reason.AFTER_AS_OF, date_rule.has_begun(window, plan), date_rule.column),
    ]


def _build_rules(target: Target, source: RecordSource) -> list[CountingRule]:
    """Return approval, then the target's conditions, then the value that it counts."""
    conditions = target.scope_conditions
    rules = [
        _APPROVAL,
        *_build_indicator_rules(target),
        *(_build_condition_rule(source, condition, target) for condition in conditions),
    ]
    if target.measure in (Measure.DISTINCT, Measure.SMALLEST_SHARE):
        codes, path = None, dimension_path(target)
        if target.measure == Measure.SMALLEST_SHARE:
            codes = [code for _key, code, _label in list_parts(target)]
        passes = source.with_value(path, codes, plan=target.plan)
        rules.append(CountingRule(path.reason, passes, path.column))
    return [*rules, *_build_number_rules(target, source)]


def _build_indicator_rules(target: Target) -> list[CountingRule]:
    """Return the rules of assessments: of the target's own indicator, and by its rubric."""
    if target.record_kind != RecordKind.ASSESSMENT:
        return []
    is_own = Q(indicator=target.indicator_id)
    rules = [CountingRule(Reason.OTHER_INDICATOR, is_own, "indicator")]
    if target.is_judged:
        is_step = Q(step__in=[step.pk for step in target.steps])
        rules.append(CountingRule(Reason.NO_STEP, is_step, "step"))
    return rules


def _build_condition_rule(
    source: RecordSource, condition: Condition, target: Target
) -> CountingRule:
    path = source.paths[Dimension(condition.dimension)]
    outside = condition.test == Condition.Test.OUTSIDE
    passes = source.with_value(path, condition.values, plan=target.plan, outside=outside)
    if condition.scopes_without_value:
        scope = source.paths[Dimension.SCOPE]
        lacks_value = ~source.with_value(path, None)
        passes |= lacks_value & source.with_value(scope, condition.scopes_without_value)
    return CountingRule(path.reason, passes, path.column)
