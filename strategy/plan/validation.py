"""Validation of a whole plan: each problem with its place and its remedy.

Models validate one row. These problems need all rows: codes without a row, empty levels, bounds
that cannot be reached, missing translations.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model, prefetch_related_objects
from django.utils.translation import gettext as _
from modeltranslation.translator import NotRegistered, translator
from modeltranslation.utils import build_localized_fieldname

from strategy.choices import Dimension, Measure
from strategy.dates.periods import year_containing
from strategy.models import (
    Axis,
    Capability,
    Condition,
    Country,
    Feature,
    FieldOfActivity,
    Indicator,
    Keyed,
    Objective,
    PartnerType,
    Passage,
    Pillar,
    Plan,
    PlanPart,
    PolicyArea,
    Priority,
    QualityCriterion,
    ResultLevel,
    Rubric,
    RubricStep,
    Section,
    Sector,
    Target,
    TargetGroup,
    TargetVersion,
)

PARTS: tuple[type[PlanPart], ...] = (
    *(Section, Passage, Pillar, QualityCriterion, ResultLevel, Rubric, RubricStep),
    *(Priority, Axis, Objective, Indicator, Target, TargetVersion, Condition),
)
"""The rows that make up a plan."""

REFERENCE: Mapping[str, type[Keyed]] = {
    Dimension.COUNTRY: Country,
    Dimension.AUTHORITY_COUNTRY: Country,
    Dimension.FIELD_OF_ACTIVITY: FieldOfActivity,
    Dimension.CAPABILITY: Capability,
    Dimension.TARGET_GROUP: TargetGroup,
    Dimension.SECTOR: Sector,
    Dimension.POLICY_AREA: PolicyArea,
    Dimension.PARTNER_TYPE: PartnerType,
    Dimension.FEATURE: Feature,
    Dimension.INDICATOR: Indicator,
}
"""The table whose rows are the codes of a dimension that is no closed list."""

P = TypeVar("P", bound=PlanPart)

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class PlanProblem:
    """A problem of a row of a plan: the reason with a remedy; a warning is no error."""

    row: Keyed
    reason: str
    is_warning: bool = False

    def __str__(self) -> str:
        key = self.row.natural_key()
        place = " ".join(str(part) for part in key[1:] or key)
        return f"{self.row._meta.verbose_name} {place}: {self.reason}"


class PlanContents:
    """All rows of a plan, loaded in a constant number of queries."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._rows = {model: list(model.objects.of_plan(plan)) for model in PARTS}
        prefetch_related_objects(self._rows[Condition], "country_lists__countries")
        self.fields = list(plan.fields_of_activity.all())

    def rows(self, model: type[P]) -> list[P]:
        return [row for row in self._rows[model] if isinstance(row, model)]

    def choices(self, model: type[Keyed]) -> Iterable[Keyed]:
        return self.rows(model) if issubclass(model, PlanPart) else model.objects.all()

    def __iter__(self) -> Iterator[Keyed]:
        yield self.plan
        for rows in self._rows.values():
            yield from rows


def validate_plan(plan: Plan) -> list[PlanProblem]:
    """Return all problems of a plan, errors before warnings, in the order of the plan."""
    contents = PlanContents(plan)
    problems = [problem for check in CHECKS for problem in check(contents)]
    return sorted(problems, key=lambda problem: problem.is_warning)


def validate_relations(plan: Plan) -> list[PlanProblem]:
    """Return the problems between rows of a plan, each of which was validated when saved."""
    return find_problems_between(PlanContents(plan))


def find_problems_between(contents: PlanContents) -> list[PlanProblem]:
    return [problem for check in CHECKS_BETWEEN for problem in check(contents)]


def _invalid_rows(contents: PlanContents) -> Iterator[PlanProblem]:
    for row in contents:
        try:
            row.full_clean()
            if isinstance(row, Condition):
                row.clean_lists()
        except ValidationError as error:
            for name, sentences in error.message_dict.items():
                field = "" if name == NON_FIELD_ERRORS else f"{name}: "
                yield PlanProblem(row, field + " ".join(sentences))


def _codes_used_twice(contents: PlanContents) -> Iterator[PlanProblem]:
    for model in (Objective, Indicator, Target):
        rows = contents.rows(model)
        counts = Counter(row.natural_key() for row in rows)
        for row in rows:
            if counts[row.natural_key()] > 1:
                reason = _("The code stands %(times)s times in this plan. Give each row its own.")
                yield PlanProblem(row, reason % {"times": counts[row.natural_key()]})


def _no_priority(contents: PlanContents) -> Iterator[PlanProblem]:
    if not contents.rows(Priority):
        yield PlanProblem(contents.plan, _("It has no priority. Add the first one."))


def _broken_results_chain(contents: PlanContents) -> Iterator[PlanProblem]:
    levels = {level.pk: level.number for level in contents.rows(ResultLevel)}
    objectives = {row.pk: row for row in contents.rows(Objective)}
    for row in objectives.values():
        level, parent = levels.get(row.level_id or 0), objectives.get(row.contributes_to_id or 0)
        if row.level_id and level is None:
            yield PlanProblem(row, _("level: It is of another plan. Choose a level of this plan."))
        if row.contributes_to_id is None:
            continue
        if parent is None:
            reason = _("contributes_to: It is of another plan. Choose an objective of this plan.")
            yield PlanProblem(row, reason)
            continue
        higher = levels.get(parent.level_id or 0)
        if level is None or higher is None or higher >= level:
            reason = _(
                "contributes_to: %(parent)s is of no higher result level. Choose an objective of a "
                "higher level, and give both a level."
            )
            yield PlanProblem(row, reason % {"parent": parent.code})


def _codes_without_a_row(contents: PlanContents) -> Iterator[PlanProblem]:
    known: dict[str, set[str | int]] = {}
    for condition in contents.rows(Condition):
        model = REFERENCE.get(condition.dimension)
        if model is None or not isinstance(condition.codes, list):
            continue
        if condition.dimension not in known:
            known[condition.dimension] = {row.natural_key()[-1] for row in contents.choices(model)}
        unknown = sorted(set(condition.codes) - known[condition.dimension])
        if unknown:
            reason = _(
                "codes: there is no %(what)s %(codes)s. Correct the code, or add the row first."
            )
            values = {"what": model._meta.verbose_name, "codes": ", ".join(unknown)}
            yield PlanProblem(condition, reason % values)


def _targets_without_a_version(contents: PlanContents) -> Iterator[PlanProblem]:
    plan = contents.plan
    first_days = {
        version.target_id
        for version in contents.rows(TargetVersion)
        if version.in_force_from == plan.starts_on
    }
    for target in contents.rows(Target):
        if target.pk not in first_days:
            yield PlanProblem(
                target,
                _("It has no version in force from %(day)s, the plan's first day. Add it.")
                % {"day": plan.starts_on},
            )


def _bounds_out_of_reach(contents: PlanContents) -> Iterator[PlanProblem]:
    for version in contents.rows(TargetVersion):
        if (version.minimum or 0) < 0:
            yield PlanProblem(version, _("minimum: Write a number of at least 0."))
        if (version.maximum or 0) < 0:
            yield PlanProblem(version, _("maximum: Write a number of at least 0."))
        is_of_fields = version.target.dimension == Dimension.FIELD_OF_ACTIVITY
        if version.target.measure != Measure.SMALLEST_SHARE or not is_of_fields:
            continue
        if not contents.fields:
            yield PlanProblem(
                version.target,
                _("A share needs the plan's fields of activity, and the plan has none. Add them."),
            )
        elif version.minimum and version.minimum * len(contents.fields) > HUNDRED:
            yield PlanProblem(
                version,
                _("minimum: %(fields)s fields cannot each have %(minimum)s %% of the whole.")
                % {"fields": len(contents.fields), "minimum": f"{version.minimum:f}"},
            )


def _shares_without_a_numerator(contents: PlanContents) -> Iterator[PlanProblem]:
    marked = {each.target_id for each in contents.rows(Condition) if each.is_numerator}
    for target in contents.rows(Target):
        if target.measure == Measure.SHARE and target.pk not in marked:
            reason = _(
                "It is a share without a numerator. Add the condition that the records of the"
                " numerator meet, and mark it as numerator."
            )
            yield PlanProblem(target, reason)


def _broken_rubrics(contents: PlanContents) -> Iterator[PlanProblem]:
    numbers: Counter[int] = Counter(step.rubric_id for step in contents.rows(RubricStep))
    for rubric in contents.rows(Rubric):
        if numbers[rubric.pk] < 2:
            reason = _("It has fewer than two steps. Add the steps from the lowest to the highest.")
            yield PlanProblem(rubric, reason)
    own = {rubric.pk for rubric in contents.rows(Rubric)}
    for indicator in contents.rows(Indicator):
        if indicator.rubric_id and indicator.rubric_id not in own:
            reason = _("rubric: It is of another plan. Choose a rubric of this plan.")
            yield PlanProblem(indicator, reason)


def _judged_without_steps(contents: PlanContents) -> Iterator[PlanProblem]:
    """Yield the judged targets without a rubric, and their numbers that name no step."""
    steps: dict[int | None, list[int]] = {}
    for step in contents.rows(RubricStep):
        steps.setdefault(step.rubric_id, []).append(step.number)
    rubrics = {indicator.pk: indicator.rubric_id for indicator in contents.rows(Indicator)}
    judged = {target.pk: target for target in contents.rows(Target) if target.is_judged}
    for own in judged.values():
        rubric = rubrics.get(own.indicator_id)
        if rubric is None:
            reason = _("Its indicator has no rubric to judge by. Choose one for the indicator.")
            yield PlanProblem(own, reason)
            continue
        numbers = {"baseline_value": own.baseline_value}
        yield from _numbers_without_a_step(own, numbers, steps.get(rubric, []))
    for version in contents.rows(TargetVersion):
        target = judged.get(version.target_id)
        rubric = rubrics.get(target.indicator_id) if target else None
        if rubric is not None:
            numbers = {"minimum": version.minimum, "maximum": version.maximum}
            numbers |= _read_milestones(version)
            yield from _numbers_without_a_step(version, numbers, steps.get(rubric, []))


def _read_milestones(version: TargetVersion) -> dict[str, Decimal | None]:
    try:
        milestones = version.dated_milestones
    except ValidationError:
        # The check of each row names it.
        return {}
    return {f"milestones, {each.year.label}": each.value for each in milestones}


def _numbers_without_a_step(
    row: Keyed, numbers: Mapping[str, Decimal | None], steps: Sequence[int]
) -> Iterator[PlanProblem]:
    for name, number in numbers.items():
        if number is not None and not any(number == step for step in steps):
            reason = _("%(column)s: %(number)s is no step of the rubric. Its steps are: %(steps)s.")
            listed = ", ".join(map(str, sorted(steps))) or "-"
            values = {"column": name, "number": f"{number.normalize():f}", "steps": listed}
            yield PlanProblem(row, reason % values)


def _thresholds(contents: PlanContents) -> Iterator[PlanProblem]:
    for name in ("on_track_from", "at_risk_from", "too_early_below", "level_at_risk_from"):
        if not 0 <= getattr(contents.plan, name) <= 1:
            yield PlanProblem(contents.plan, f"{name}: {_('Write a share between 0 and 1.')}")


def _years_cut_short(contents: PlanContents) -> Iterator[PlanProblem]:
    plan = contents.plan
    if not any(target.is_yearly for target in contents.rows(Target)):
        return
    first = year_containing(plan.starts_on, plan.year_starts_in)
    last = year_containing(plan.ends_on, plan.year_starts_in)
    if first.starts_on != plan.starts_on or last.ends_on != plan.ends_on:
        reason = _(
            "Its reporting years run from %(first)s to %(last)s, the plan itself from %(start)s to "
            "%(end)s: a yearly target has less than a year at an end. Check the first month of the "
            "reporting year."
        )
        years = {"first": first.starts_on, "last": last.ends_on}
        days = {"start": plan.starts_on, "end": plan.ends_on}
        yield PlanProblem(plan, reason % (years | days), is_warning=True)


def _baselines_without_words(contents: PlanContents) -> Iterator[PlanProblem]:
    with_value = {
        target.indicator_id for target in contents.rows(Target) if target.baseline_value is not None
    }
    for indicator in contents.rows(Indicator):
        if indicator.baseline:
            continue
        if indicator.pk in with_value:
            reason = _("baseline: Its value has no source. Write where it comes from.")
        else:
            reason = _("baseline: It has none. Enter its value, or write why there is none.")
        yield PlanProblem(indicator, reason, is_warning=True)


def _missing_translations(contents: PlanContents) -> Iterator[PlanProblem]:
    for row in contents:
        for name in list_translated_columns(type(row)):
            texts = {
                code: getattr(row, build_localized_fieldname(name, code))
                for code, _language in settings.LANGUAGES
            }
            missing = [code for code, text in texts.items() if not text]
            if missing and len(missing) < len(texts):
                reason = _("%(column)s: no text in %(languages)s; the English one is shown there.")
                values = {"column": name, "languages": ", ".join(missing)}
                yield PlanProblem(row, reason % values, is_warning=True)


def list_translated_columns(model: type[Model]) -> Iterable[str]:
    try:
        return sorted(translator.get_options_for_model(model).all_fields)
    except NotRegistered:
        return ()


Check = Callable[[PlanContents], Iterable[PlanProblem]]

CHECKS_BETWEEN: tuple[Check, ...] = (
    _codes_used_twice,
    _no_priority,
    _broken_results_chain,
    _codes_without_a_row,
    _targets_without_a_version,
    _bounds_out_of_reach,
    _shares_without_a_numerator,
    _broken_rubrics,
    _judged_without_steps,
    _thresholds,
)
CHECKS: tuple[Check, ...] = (
    _invalid_rows,
    *CHECKS_BETWEEN,
    _years_cut_short,
    _baselines_without_words,
    _missing_translations,
)
"""The checks of a plan, in the order of the problems."""
