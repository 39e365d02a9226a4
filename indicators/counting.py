"""Which records count towards a target, and why the others of their kind do not.

One list of questions a target serves both: a record counts when it passes them all, and is left
out for the first that it fails. What the records add up to is ``reporting.measures``.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from indicators.models import Evidence, Record, Status
from indicators.sources import SOURCES, Facet, Source
from strategy.models import Condition, Target
from strategy.periods import Period, Window
from strategy.vocabulary import Dimension, Measure, Reason, RecordKind

UNTIL_APPROVED = frozenset({Reason.NOT_APPROVED, Reason.NO_EVIDENCE})
"""The reasons that approval removes: without them one sees what a record would count towards."""


@dataclass(frozen=True)
class Question:
    """One thing asked of a record, and the reason for leaving it out when the answer is no."""

    reason: Reason
    passes: Q


def source_of(target: Target) -> Source:
    return SOURCES[RecordKind(target.record_kind)]


def facet_of(target: Target) -> Facet:
    """The facet of the target's own dimension; only for targets that have one."""
    return source_of(target).facets[Dimension(target.dimension)]


def whole_plan(target: Target, as_of: date) -> Window:
    """The plan's period as known on a day; for a growth with the year before, its baseline."""
    plan = target.plan
    if target.measure == Measure.GROWTH:
        return Window(Period(plan.year_before.starts_on, plan.ends_on, plan.code), as_of)
    return Window(plan.period, as_of)


def in_period(target: Target, window: Window) -> QuerySet[Record]:
    """The records of the target's kind that fall in the period, whatever their status."""
    source = source_of(target)
    return source.model._default_manager.filter(source.timing.within(window.period, target.plan))


def conditions_met(target: Target, window: Window) -> Q:
    """What a record must satisfy to count, in one expression."""
    met = Q()
    for question in _questions(target, window):
        met &= question.passes
    return met


def counted(target: Target, window: Window) -> QuerySet[Record]:
    """The records that count towards the target in the window."""
    return source_of(target).model._default_manager.filter(conditions_met(target, window))


def judged(
    target: Target, window: Window, ignoring: Collection[Reason] = frozenset()
) -> QuerySet[Record]:
    """All records of the target's kind with ``reason``: why each is left out, None if it counts."""
    asked = [q for q in _questions(target, window) if q.reason not in ignoring]
    cases = [When(~q.passes, then=Value(q.reason.value)) for q in asked]
    if Reason.NO_EVIDENCE not in ignoring:
        unproved = ~Q(status=Status.APPROVED) & ~Q(has_evidence(source_of(target).model))
        cases.insert(0, When(unproved, then=Value(Reason.NO_EVIDENCE.value)))
    reason = Case(*cases, default=Value(None), output_field=CharField(null=True))
    return source_of(target).model._default_manager.annotate(reason=reason)


def left_out(target: Target, window: Window) -> QuerySet[Record]:
    """The records of the target's kind that do not count, each with its ``reason``."""
    return judged(target, window).filter(reason__isnull=False)


def of_slice(records: QuerySet[Record], target: Target, code: str) -> QuerySet[Record]:
    """Of these records those with one value on the target's dimension."""
    source, facet = source_of(target), facet_of(target)
    return records.filter(source.with_value(facet, [code]))


def has_evidence(model: type[Record]) -> Exists:
    """True for a record with at least one file or link."""
    return Exists(
        Evidence.objects.filter(content_type__app_label=model._meta.app_label,
                                content_type__model=model._meta.model_name,
                                object_id=OuterRef("pk"))
    )


def values_wanted(target: Target) -> Q:
    """Which values of its own dimension a target counts, as a filter on the joined values.

    A distinct count outside Canada does not count Canada, even where an initiative names both.
    """
    facet = facet_of(target)
    wanted = Q()
    for condition in target.conditions.all():
        if condition.dimension == target.dimension:
            listed = Q(**{f"{facet.path}__in": condition.values})
            wanted &= ~listed if condition.test == Condition.Test.OUTSIDE else listed
    return wanted


def _questions(target: Target, window: Window) -> list[Question]:
    source, plan = source_of(target), target.plan
    questions = [
        Question(Reason.NOT_APPROVED, Q(status=Status.APPROVED)),
        Question(Reason.NO_DATE, source.timing.dated()),
        Question(Reason.OUTSIDE_PERIOD, source.timing.within(window.period, plan)),
        Question(Reason.AFTER_AS_OF, source.timing.by(window, plan)),
        *(_condition(source, condition) for condition in target.conditions.all()),
    ]
    if target.measure in (Measure.DISTINCT, Measure.SMALLEST_SHARE):
        codes = None
        if target.measure == Measure.SMALLEST_SHARE:
            codes = [field.code for field in plan.fields_of_activity.all()]
        facet = facet_of(target)
        questions.append(Question(facet.reason, source.with_value(facet, codes)))
    return questions


def _condition(source: Source, condition: Condition) -> Question:
    facet = source.facets[Dimension(condition.dimension)]
    outside = condition.test == Condition.Test.OUTSIDE
    passes = source.with_value(facet, condition.values, outside=outside)
    if condition.scopes_without_value:
        scope = source.facets[Dimension.SCOPE]
        unnamed = ~source.with_value(facet, None)
        passes |= unnamed & source.with_value(scope, condition.scopes_without_value)
    return Question(facet.reason, passes)
