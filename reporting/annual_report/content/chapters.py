"""The chapters on money, people reached and learning, from the rows alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from indicators.models import Activity, Evaluation
from indicators.models.kinds.learning import CRITERIA
from indicators.values.display import get_label
from reporting.annual_report.snapshot.chapters.learning import DONE, OVERDUE, REJECTED, TO_DO
from reporting.annual_report.snapshot.chapters.people_reached import REACH_FIELDS
from reporting.annual_report.snapshot.stored import (
    StoredBudget,
    StoredEvaluation,
    StoredLearning,
    StoredLesson,
    StoredPeopleReached,
    StoredProject,
    StoredReach,
    StoredRecommendation,
)
from reporting.wording import formatting
from strategy.choices import (
    BudgetBasis,
    EvaluationLevel,
    EvaluationStep,
    LessonState,
    Marker,
    PeopleBasis,
    RecommendationResponse,
    RecordKind,
)
from strategy.text import colon

STATES: dict[str, str | Promise] = {
    OVERDUE: pgettext_lazy("recommendation", "Overdue"),
    TO_DO: gettext_lazy("To be done"),
    DONE: gettext_lazy("Done"),
    REJECTED: RecommendationResponse.REJECTED.label,
}


@dataclass(frozen=True)
class BudgetLine:
    """A budget as texts; ``growth`` is a dash where the year before has none in the currency."""

    year: str
    basis: str
    amount: str
    growth: str


@dataclass(frozen=True)
class ReachLine:
    """The people at the sessions of a year as texts, in the order of ``REACH_FIELDS``."""

    label: str
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class ProjectLine:
    """A project with the people that it states to reach and its markers, as texts."""

    reference: str
    title: str
    direct: str
    indirect: str
    basis: str
    gender_equality: str
    child_participation: str


@dataclass(frozen=True)
class PeopleReachedChapter:
    """The people at sessions by year, and the projects of the year."""

    heads: tuple[str, ...]
    rows: tuple[ReachLine, ...]
    total: ReachLine
    projects: tuple[ProjectLine, ...]
    others: int


@dataclass(frozen=True)
class EvaluationLine:
    """An evaluation with its step on each criterion."""

    title: str
    project: str
    level: str
    completed_on: str
    steps: tuple[EvaluationStep, ...]


@dataclass(frozen=True)
class RecommendationLine:
    """A recommendation with its state on the report's day."""

    title: str
    evaluation: str
    response: str
    due_on: str
    state: str
    is_overdue: bool


@dataclass(frozen=True)
class LessonLine:
    """A lesson with what applies it."""

    title: str
    project: str
    state: str
    applied_in: tuple[str, ...]


@dataclass(frozen=True)
class LearningChapter:
    """What was learned; ``lessons`` are by level, ``others`` numbers that are not listed."""

    criteria: tuple[str, ...]
    evaluations: tuple[EvaluationLine, ...]
    recommendations: tuple[RecommendationLine, ...]
    lessons: tuple[tuple[str, tuple[LessonLine, ...]], ...]
    other_evaluations: int
    other_recommendations: int
    other_lessons: int


def build_budgets(stored: list[StoredBudget] | None) -> tuple[BudgetLine, ...]:
    return tuple(_build_budget(budget) for budget in stored or ())


def build_people_chapter(stored: StoredPeopleReached | None) -> PeopleReachedChapter | None:
    if stored is None:
        return None
    return PeopleReachedChapter(
        tuple(get_label(Activity, field) for field in REACH_FIELDS),
        tuple(_build_reach(row) for row in stored["years"]),
        _build_reach(stored["all"]),
        tuple(_build_project(project) for project in stored["projects"]),
        stored["others"],
    )


def list_people(stored: StoredPeopleReached | None, year: str) -> Iterator[str]:
    """Yield the people of one year in words: `Women: 12`; only numbers that were recorded."""
    for row in stored["years"] if stored else ():
        for field, number in zip(REACH_FIELDS, _read_numbers(row), strict=True):
            if row["code"] == year and number:
                label = get_label(Activity, field)
                yield f"{label}{colon()} {formatting.format_number(number)}"


def build_learning_chapter(stored: StoredLearning | None) -> LearningChapter | None:
    if stored is None:
        return None
    lessons = (
        (
            str(level.label),
            tuple(_build_lesson(one) for one in stored["lessons"] if one["level"] == level),
        )
        for level in EvaluationLevel
    )
    others = stored["others"]
    return LearningChapter(
        tuple(get_label(Evaluation, name) for name in CRITERIA),
        tuple(_build_evaluation(one) for one in stored["evaluations"]),
        tuple(_build_recommendation(one) for one in stored["recommendations"]),
        tuple((level, rows) for level, rows in lessons if rows),
        others[RecordKind.EVALUATION],
        others[RecordKind.RECOMMENDATION],
        others[RecordKind.LESSON],
    )


def _build_budget(budget: StoredBudget) -> BudgetLine:
    amount = Decimal(budget["amount"]).normalize()
    places = min(formatting.decimal_places(amount), 2)
    number = formatting.format_number(amount, places)
    growth = budget["growth"]
    return BudgetLine(
        budget["year"],
        str(BudgetBasis(budget["basis"]).label),
        f"{number}{formatting.NO_BREAK}{budget['currency']}",
        formatting.EN_DASH if growth is None else formatting.format_percent(Decimal(growth), 1),
    )


def _build_reach(row: StoredReach) -> ReachLine:
    return ReachLine(row["code"], tuple(map(_format_number, _read_numbers(row))))


def _read_numbers(row: StoredReach) -> tuple[int | None, ...]:
    return (
        *(row["women"], row["men"], row["sex_not_recorded"]),
        *(row["girls"], row["boys"], row["children_sex_not_recorded"]),
    )


def _build_project(project: StoredProject) -> ProjectLine:
    basis = project["people_basis"]
    return ProjectLine(
        project["reference"],
        project["title"],
        _format_number(project["direct_people"]),
        _format_number(project["indirect_people"]),
        str(PeopleBasis(basis).label) if basis else formatting.EN_DASH,
        _format_marker(project["gender_equality"]),
        _format_marker(project["child_participation"]),
    )


def _format_number(number: int | None) -> str:
    return formatting.EN_DASH if number is None else formatting.format_number(number)


def _format_marker(marker: str) -> str:
    return str(Marker(marker).label) if marker else formatting.EN_DASH


def _build_evaluation(one: StoredEvaluation) -> EvaluationLine:
    return EvaluationLine(
        one["title"],
        one["project"],
        str(EvaluationLevel(one["level"]).label),
        _format_date(one["completed_on"]),
        tuple(EvaluationStep(one["steps"][name]) for name in CRITERIA),
    )


def _build_recommendation(one: StoredRecommendation) -> RecommendationLine:
    return RecommendationLine(
        one["title"],
        one["evaluation"],
        str(RecommendationResponse(one["response"]).label) if one["response"] else "",
        _format_date(one["due_on"]),
        str(STATES[one["state"]]),
        is_overdue=one["state"] == OVERDUE,
    )


def _build_lesson(one: StoredLesson) -> LessonLine:
    return LessonLine(
        one["title"], one["project"], str(LessonState(one["state"]).label), tuple(one["applied_in"])
    )


def _format_date(text: str) -> str:
    return formatting.format_record_date(text) if text else formatting.EN_DASH
