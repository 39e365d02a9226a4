"""Learning: evaluations of projects, what they recommend, and the lessons drawn."""

from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from indicators.models.kinds.operations import YEAR_LABEL
from indicators.models.kinds.programming import Project
from indicators.models.record import IS_CURRENT, Record, RecordHistory, TitledRecord
from indicators.models.references import KnownReferences
from strategy.choices import (
    Conduct,
    EvaluationLevel,
    EvaluationStep,
    LessonState,
    RecommendationResponse,
    RecordKind,
)
from strategy.dates.fields import PartialDateField
from strategy.models import Indicator, RubricStep

CRITERIA = ("relevance", "effectiveness", "efficiency", "impact", "longevity", "ethics")
"""The plan's criteria of quality: the columns of an evaluation that have a step."""

_ONE_DAY = timedelta(days=1)


class StepField(models.CharField[str, str]):
    """How far a criterion is met."""

    def __init__(self, *args: Any, **options: Any) -> None:
        kept = {"max_length": 12, "choices": EvaluationStep.choices, **options}
        super().__init__(*args, **{"default": EvaluationStep.NOT_ASSESSED, **kept})


class Evaluation(TitledRecord):
    """An evaluation of a project on the plan's six criteria; "not assessed" is no score.

    The criteria are columns, not rows of a plan: each is a column of files too, which stays
    readable when a later plan names others.
    """

    KIND = RecordKind.EVALUATION
    PREFIX = "EVA"
    COLUMNS = (
        *("title", "project", "level", "conducted_by", "completed_on", "summary"),
        *("relevance", "relevance_reasons", "effectiveness", "effectiveness_reasons"),
        *("efficiency", "efficiency_reasons", "impact", "impact_reasons"),
        *("longevity", "longevity_reasons", "ethics", "ethics_reasons"),
    )

    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="evaluations",
        verbose_name=_("project"),
    )
    level = models.CharField(
        _("level"),
        max_length=12,
        choices=EvaluationLevel.choices,
        help_text=_("Ex-post only of a project that has ended."),
    )
    conducted_by = models.CharField(
        _("conducted by"), max_length=10, choices=Conduct.choices, blank=True
    )
    completed_on = PartialDateField(
        _("completed on"),
        null=True,
        blank=True,
        db_index=True,
        help_text=_("The date of the final report. The evaluation counts from that day."),
    )
    summary = models.TextField(_("summary"), blank=True)
    relevance = StepField(_("relevance"), help_text=_("Does the intervention meet a real need?"))
    relevance_reasons = models.TextField(_("relevance: reasons"), blank=True)
    effectiveness = StepField(
        _("effectiveness"),
        help_text=_("Does the intervention help us reach our established objectives?"),
    )
    effectiveness_reasons = models.TextField(_("effectiveness: reasons"), blank=True)
    efficiency = StepField(
        _("efficiency"), help_text=_("Are the allocated resources being used optimally?")
    )
    efficiency_reasons = models.TextField(_("efficiency: reasons"), blank=True)
    impact = StepField(
        _("impact"),
        help_text=_(
            "Have there been observable changes in the medium and long term for the people and "
            "communities concerned?"
        ),
    )
    impact_reasons = models.TextField(_("impact: reasons"), blank=True)
    longevity = StepField(
        _("longevity"), help_text=_("Will the results last when the project ends?")
    )
    longevity_reasons = models.TextField(_("longevity: reasons"), blank=True)
    ethics = StepField(
        _("ethics"),
        help_text=_(
            "Does it adhere to our child protection policy and our guidelines on child "
            "participation and gender equality?"
        ),
    )
    ethics_reasons = models.TextField(_("ethics: reasons"), blank=True)

    history = RecordHistory()

    class Meta(TitledRecord.Meta):
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")


def is_to_be_done(day: date) -> Q:
    """True for a recommendation neither rejected nor done.

    One whose date is known to the year or the month is done from its first day on.
    """
    is_not_done = Q(done_on__isnull=True) | Q(done_on__surely_from=day + _ONE_DAY)
    return ~Q(response=RecommendationResponse.REJECTED) & is_not_done


def is_overdue(day: date) -> Q:
    """True for a recommendation to be done of which the last possible due day has passed."""
    return is_to_be_done(day) & Q(due_on__isnull=False, due_on__surely_by=day - _ONE_DAY)


class Recommendation(TitledRecord):
    """A recommendation, with the response to it and the action that followed."""

    KIND = RecordKind.RECOMMENDATION
    PREFIX = "REC"
    COLUMNS = (
        *("title", "evaluation", "addressed_to", "response", "response_text"),
        *("action", "due_on", "done_on"),
    )

    evaluation = models.ForeignKey(
        Evaluation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="recommendations",
        verbose_name=_("evaluation"),
    )
    addressed_to = models.CharField(
        _("addressed to"),
        max_length=250,
        blank=True,
        help_text=_("The team or the function that has to answer; no private person."),
    )
    response = models.CharField(
        _("response"), max_length=10, choices=RecommendationResponse.choices, blank=True
    )
    response_text = models.TextField(_("reasons for the response"), blank=True)
    action = models.TextField(_("action decided"), blank=True)
    due_on = PartialDateField(
        _("due on"),
        null=True,
        blank=True,
        help_text=_("Overdue is worked out from this date; it is not entered."),
    )
    done_on = PartialDateField(
        _("done on"),
        null=True,
        blank=True,
        db_index=True,
        help_text=_("When the action was done. The recommendation counts from that day."),
    )

    history = RecordHistory()

    class Meta(TitledRecord.Meta):
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")


class Lesson(TitledRecord):
    """A lesson learned, and where it was applied."""

    KIND = RecordKind.LESSON
    PREFIX = "LES"
    COLUMNS = (
        *("title", "year", "level", "evaluation", "project", "what_happened", "learned"),
        *("advice", "owner", "state", "applied_in"),
    )

    year = models.CharField(
        _("year"),
        max_length=9,
        validators=[YEAR_LABEL],
        db_index=True,
        help_text=_("The year in which it was learned, by which it counts: 2018 or 2017-2018."),
    )
    level = models.CharField(_("level"), max_length=12, choices=EvaluationLevel.choices)
    evaluation = models.ForeignKey(
        Evaluation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="lessons",
        verbose_name=_("evaluation"),
    )
    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="lessons",
        verbose_name=_("project"),
    )
    what_happened = models.TextField(_("what happened"), blank=True)
    learned = models.TextField(_("what was learned"))
    advice = models.TextField(_("advice"), blank=True, help_text=_("What others should do now."))
    owner = models.CharField(
        _("owner"),
        max_length=250,
        blank=True,
        help_text=_("The team or the function that sees to it; no private person."),
    )
    state = models.CharField(
        _("state"), max_length=15, choices=LessonState.choices, default=LessonState.OPEN
    )
    applied_in = models.CharField(
        _("applied in"),
        max_length=500,
        blank=True,
        validators=[KnownReferences()],
        help_text=_("References of the records or policies that apply it, with ; between them."),
    )

    history = RecordHistory()

    class Meta(TitledRecord.Meta):
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")


class Assessment(Record):
    """What an indicator is judged or measured to be on a day, with the reasons.

    It has one of: a step of the indicator's rubric, a value, a numerator with its denominator.
    """

    KIND = RecordKind.ASSESSMENT
    PREFIX = "ASM"
    COLUMNS = (
        *("indicator", "assessed_on", "step", "value", "numerator", "denominator"),
        "justification",
    )
    NAME_COLUMN = "indicator__code"
    NAMED_BY = ("indicator",)

    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="+", verbose_name=_("indicator")
    )
    assessed_on = PartialDateField(
        _("assessed on"),
        null=True,
        blank=True,
        db_index=True,
        help_text=_("The day whose state it describes. The assessment counts from that day."),
    )
    step = models.ForeignKey(
        RubricStep,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("step"),
        help_text=_("The step of the indicator’s rubric that is true on that day."),
    )
    value = models.DecimalField(
        _("value"),
        max_digits=14,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("Of an indicator that is a number."),
    )
    numerator = models.PositiveIntegerField(
        _("numerator"),
        null=True,
        blank=True,
        help_text=_("Of a survey: those who answered so, such as 75."),
    )
    denominator = models.PositiveIntegerField(
        _("denominator"),
        null=True,
        blank=True,
        help_text=_("Of a survey: all who were asked, such as 100."),
    )
    justification = models.TextField(
        _("justification"), help_text=_("What the assessment is based on, for the annual report.")
    )

    history = RecordHistory()

    class Meta(Record.Meta):
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "assessed_on"],
                condition=IS_CURRENT,
                name="assessment_once_an_indicator_and_day",
            )
        ]

    @property
    def name(self) -> str:
        code = self.indicator.code if self.indicator_id else "–"
        return f"{code} · {self.assessed_on or '–'}"
