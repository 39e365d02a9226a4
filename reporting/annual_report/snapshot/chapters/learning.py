"""What was learned in a report's year as JSON: evaluations, recommendations and lessons."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Case, F, Q, Value, When

from indicators.models import Evaluation, Lesson, Recommendation, Status
from indicators.models.kinds.learning import CRITERIA, is_overdue, is_to_be_done
from indicators.models.querysets import RecordQuerySet
from indicators.models.references import redact_references, split_references
from reporting.annual_report.snapshot.chapters.disclosure import MAX_LISTED, list_named
from reporting.annual_report.snapshot.stored import (
    StoredEvaluation,
    StoredLearning,
    StoredLesson,
    StoredRecommendation,
)
from strategy.choices import EvaluationLevel, RecommendationResponse, RecordKind
from strategy.dates.periods import Period

OVERDUE, TO_DO, DONE, REJECTED = "overdue", "to_do", "done", "rejected"
"""The state of a recommendation on the report's day."""


def build_learning(year: Period, as_of: date) -> StoredLearning | None:
    """Return the approved records of the year, and what is to be done on the day; or None."""
    evaluations, more_evaluations = list_named(_select_evaluations(year), MAX_LISTED)
    recommendations, more_recommendations = list_named(
        _select_recommendations(year, as_of), MAX_LISTED
    )
    states = _map_states(recommendations, as_of)
    lessons, more_lessons = list_named(_select_lessons(year), MAX_LISTED)
    others = {
        RecordKind.EVALUATION.value: more_evaluations,
        RecordKind.RECOMMENDATION.value: more_recommendations,
        RecordKind.LESSON.value: more_lessons,
    }
    if not (evaluations or recommendations or lessons or any(others.values())):
        return None
    return {
        "evaluations": [_serialize_evaluation(one) for one in evaluations],
        "recommendations": [
            _serialize_recommendation(one, states[one.pk]) for one in recommendations
        ],
        "lessons": [_serialize_lesson(one) for one in lessons],
        "others": others,
    }


def _select_evaluations(year: Period) -> RecordQuerySet[Evaluation]:
    completed = Evaluation.objects.filter(_is_within(year, "completed_on"), status=Status.APPROVED)
    return completed.select_related("project").order_by("completed_on", "reference")


def _is_within(year: Period, column: str) -> Q:
    return Q(**{f"{column}__maybe_from": year.starts_on, f"{column}__surely_by": year.ends_on})


def _select_recommendations(year: Period, as_of: date) -> RecordQuerySet[Recommendation]:
    """Return those to be done on the day, the most urgent first, then those done, then rejected.

    Those of an evaluation after the day are not known yet.
    """
    is_rejected = Q(response=RecommendationResponse.REJECTED)
    was_settled = ~is_rejected & _is_within(year, "done_on")
    was_settled |= is_rejected & _is_within(year, "evaluation__completed_on")
    is_known = Q(evaluation__completed_on__isnull=True) | Q(
        evaluation__completed_on__surely_by=as_of
    )
    place = Case(
        When(is_overdue(as_of), then=0),
        When(is_to_be_done(as_of), then=1),
        When(is_rejected, then=3),
        default=2,
    )
    return (
        Recommendation.objects.filter(
            is_known, is_to_be_done(as_of) | was_settled, status=Status.APPROVED
        )
        .select_related("evaluation")
        .order_by(place, F("due_on").asc(nulls_last=True), "reference")
    )


def _map_states(recommendations: Iterable[Recommendation], as_of: date) -> dict[int, str]:
    state = Case(
        When(is_overdue(as_of), then=Value(OVERDUE)),
        When(is_to_be_done(as_of), then=Value(TO_DO)),
        When(response=RecommendationResponse.REJECTED, then=Value(REJECTED)),
        default=Value(DONE),
    )
    rows = Recommendation.objects.filter(pk__in=[one.pk for one in recommendations])
    return dict(rows.order_by().values_list("pk", state))


def _select_lessons(year: Period) -> RecordQuerySet[Lesson]:
    place = Case(*(When(level=level, then=place) for place, level in enumerate(EvaluationLevel)))
    lessons = Lesson.objects.filter(status=Status.APPROVED, year=year.label)
    return lessons.select_related("project").order_by(place, "reference")


def _serialize_evaluation(evaluation: Evaluation) -> StoredEvaluation:
    return {
        "reference": evaluation.reference,
        "title": evaluation.title,
        "project": evaluation.project.title if evaluation.project else "",
        "level": evaluation.level,
        "completed_on": str(evaluation.completed_on),
        "steps": {criterion: getattr(evaluation, criterion) for criterion in CRITERIA},
    }


def _serialize_recommendation(one: Recommendation, state: str) -> StoredRecommendation:
    return {
        "reference": one.reference,
        "title": one.title,
        "evaluation": one.evaluation.title if one.evaluation else "",
        "response": one.response,
        "due_on": str(one.due_on or ""),
        "done_on": str(one.done_on or ""),
        "state": state,
    }


def _serialize_lesson(lesson: Lesson) -> StoredLesson:
    return {
        "reference": lesson.reference,
        "title": lesson.title,
        "project": lesson.project.title if lesson.project else "",
        "level": lesson.level,
        "state": lesson.state,
        "applied_in": split_references(
            redact_references(lesson.applied_in, lesson.hidden_references)
        ),
    }
