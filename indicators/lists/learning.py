"""What the page of learning shows: evaluations, recommendations to act on, and lessons.

Only approved records that the user may see; those that wait for approval are counted apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page
from django.db.models import Case, CharField, Count, F, Value, When

from indicators.counting.registry import RECORD_SOURCES
from indicators.forms.registry import RECORD_TYPES, RecordType
from indicators.lists.addresses import RecordAddresses
from indicators.lists.pagination import paginate
from indicators.models import Evaluation, Lesson, Recommendation, Status
from indicators.models.kinds.learning import CRITERIA, is_overdue, is_to_be_done
from indicators.models.references import redact_references, split_references
from indicators.values.display import get_label
from indicators.workflow.queues import count_by_kind, union_all
from strategy.choices import EvaluationLevel, EvaluationStep, LessonState, RecordKind
from strategy.models import User
from strategy.text import fold_spelling

MAX_ROWS = 20
"""Rows of a table; the evaluations have pages, the others a link to their list."""


@dataclass(frozen=True)
class RecordCount:
    """How many records of a kind are approved, and how many wait for it."""

    record_type: RecordType
    approved: int
    waiting: int

    @property
    def is_cut(self) -> bool:
        return self.approved > MAX_ROWS


@dataclass(frozen=True)
class EvaluationRow:
    """An evaluation, with its step on each criterion."""

    evaluation: Evaluation
    url: str
    steps: Sequence[EvaluationStep]


@dataclass(frozen=True)
class RecommendationRow:
    """A recommendation that is still to be done."""

    recommendation: Recommendation
    url: str
    is_late: bool


@dataclass(frozen=True)
class RecommendationsToDo:
    """The most urgent recommendations, and how many there are."""

    rows: Sequence[RecommendationRow]
    number: int
    overdue: int

    @property
    def is_cut(self) -> bool:
        return self.number > len(self.rows)


@dataclass(frozen=True)
class LessonRow:
    """A lesson, with what applies it: references with the addresses of those the user may see."""

    lesson: Lesson
    url: str
    applied_in: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class LessonLevel:
    """The lessons of one level: how many in each state, and the rows of the page."""

    level: EvaluationLevel
    counts: Sequence[tuple[LessonState, int]]
    rows: Sequence[LessonRow]

    @property
    def number(self) -> int:
        return sum(number for _state, number in self.counts)


@dataclass(frozen=True)
class LearningPage:
    """Everything on the page."""

    counts: Mapping[str, RecordCount]
    """By the name of the kind."""
    criteria: Sequence[str]
    evaluations: "Page[Any]"
    evaluation_rows: Sequence[EvaluationRow]
    recommendations: RecommendationsToDo
    lesson_levels: Sequence[LessonLevel]


def build_learning_page(user: User, params: Mapping[str, Any], today: date) -> LearningPage:
    """Return the page as the query string names it; raises BadRequest for an unknown page."""
    addresses = RecordAddresses()
    counts = _count_records(user)
    evaluations = _paginate_evaluations(user, params, counts[RecordKind.EVALUATION].approved)
    return LearningPage(
        counts=counts,
        criteria=[get_label(Evaluation, name) for name in CRITERIA],
        evaluations=evaluations,
        evaluation_rows=[
            EvaluationRow(
                evaluation,
                addresses.find(RecordKind.EVALUATION, evaluation.reference),
                [EvaluationStep(getattr(evaluation, name)) for name in CRITERIA],
            )
            for evaluation in evaluations
        ],
        recommendations=_load_recommendations(user, addresses, today),
        lesson_levels=_load_lessons(user, addresses),
    )


def _count_records(user: User) -> dict[str, RecordCount]:
    numbers = count_by_kind(user)
    return {
        kind.value: RecordCount(
            RECORD_TYPES[kind],
            numbers[kind].get(Status.APPROVED, 0),
            numbers[kind].get(Status.SUBMITTED, 0),
        )
        for kind in (RecordKind.EVALUATION, RecordKind.RECOMMENDATION, RecordKind.LESSON)
    }


def _paginate_evaluations(user: User, params: Mapping[str, Any], number: int) -> "Page[Any]":
    evaluations = (
        Evaluation.objects.visible_to(user)
        .filter(status=Status.APPROVED)
        .select_related("project")
        .order_by(
            F("project__title").asc(nulls_last=True),
            "project_id",
            F("completed_on").desc(nulls_last=True),
            "pk",
        )
    )
    page: Page[Any] = paginate(evaluations, params, MAX_ROWS, number=number)
    return page


def _load_recommendations(
    user: User, addresses: RecordAddresses, today: date
) -> RecommendationsToDo:
    approved = Recommendation.objects.visible_to(user).filter(status=Status.APPROVED)
    numbers = approved.aggregate(
        to_do=Count("pk", filter=is_to_be_done(today)),
        overdue=Count("pk", filter=is_overdue(today)),
    )
    is_late = Case(When(is_overdue(today), then=Value(0)), default=Value(1))
    most_urgent = (
        approved.filter(is_to_be_done(today))
        .select_related("evaluation")
        .order_by(is_late, F("due_on").asc(nulls_last=True), "pk")
    )
    rows = [
        RecommendationRow(
            recommendation,
            addresses.find(RecordKind.RECOMMENDATION, recommendation.reference),
            is_late=place < numbers["overdue"],
        )
        for place, recommendation in enumerate(most_urgent[:MAX_ROWS])
    ]
    return RecommendationsToDo(rows, numbers["to_do"], numbers["overdue"])


def _load_lessons(user: User, addresses: RecordAddresses) -> list[LessonLevel]:
    """Return the levels that have lessons, in the plan's order."""
    approved = Lesson.objects.visible_to(user).filter(status=Status.APPROVED)
    counts = approved.order_by().values_list("level", "state").annotate(number=Count("pk"))
    numbers = {(level, state): number for level, state, number in counts}
    place = Case(
        *(When(level=level, then=Value(place)) for place, level in enumerate(EvaluationLevel))
    )
    lessons = approved.select_related("project").order_by(
        place, F("project__title").asc(nulls_last=True), "-year", "pk"
    )
    rows = _build_lesson_rows(user, addresses, lessons[:MAX_ROWS])
    levels = [
        LessonLevel(
            level,
            [(state, numbers.get((level, state), 0)) for state in LessonState],
            [row for row in rows if row.lesson.level == level],
        )
        for level in EvaluationLevel
    ]
    return [level for level in levels if level.number]


def _build_lesson_rows(
    user: User, addresses: RecordAddresses, lessons: Iterable[Lesson]
) -> list[LessonRow]:
    references = {lesson: split_references(lesson.applied_in) for lesson in lessons}
    kinds = _find_kinds(user, [text for texts in references.values() for text in texts])
    return [
        LessonRow(
            lesson,
            addresses.find(RecordKind.LESSON, lesson.reference),
            [
                (
                    redact_references(reference, lesson.hidden_references),
                    addresses.find(*kinds[folded]) if folded in kinds else "",
                )
                for reference in texts
                for folded in [fold_spelling(reference)]
            ],
        )
        for lesson, texts in references.items()
    ]


def _find_kinds(user: User, references: Iterable[str]) -> dict[str, tuple[RecordKind, str]]:
    """Return the kind and reference of the records that the user may see, by folded reference."""
    folded = {fold_spelling(reference) for reference in references}
    if not folded:
        return {}
    rows = union_all(
        source.model.objects.visible_to(user)
        .filter(folded_reference__in=folded)
        .order_by()
        .annotate(kind_word=Value(kind.value, output_field=CharField()))
        .values_list("folded_reference", "kind_word", "reference")
        for kind, source in RECORD_SOURCES.items()
    )
    return {folded: (RecordKind(kind), reference) for folded, kind, reference in rows}
