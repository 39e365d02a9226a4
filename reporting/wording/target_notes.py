"""Explanations of a target: its rating, its rule, its key figures and its remedies."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from reporting.figures.progress import TargetProgress
from reporting.figures.ratings import YearActual
from reporting.wording import formatting, sentences
from strategy.choices import (
    Dimension,
    Frequency,
    Measure,
    NumberColumn,
    Rating,
    Reason,
    Scope,
    YearState,
)
from strategy.dates.periods import add_months
from strategy.models import Condition, CountryList, Plan, Target

REMEDIES: Mapping[Reason, str | Promise] = {
    Reason.NOT_APPROVED: gettext_lazy("A second person approves it."),
    Reason.NO_EVIDENCE: gettext_lazy("Add a file or a link that proves it."),
    Reason.NO_DATE: gettext_lazy("Add the date that places it in the plan."),
    Reason.OUTSIDE_PERIOD: gettext_lazy("Nothing, if its dates are right."),
    Reason.AFTER_AS_OF: gettext_lazy("It counts from a later day on."),
    Reason.OUTSIDE_GEOGRAPHY: gettext_lazy(
        "Nothing, if its countries are right; it may count elsewhere."
    ),
    Reason.ROLE_NOT_COUNTED: gettext_lazy("Nothing, if the role is right."),
    Reason.KIND_NOT_COUNTED: gettext_lazy("Nothing, if the kind is right."),
    Reason.NOT_IN_USE: gettext_lazy("It counts from the day its product is in use."),
    Reason.BASIS_NOT_COUNTED: gettext_lazy("Nothing; another amount of the year counts."),
    Reason.OTHER_INDICATOR: gettext_lazy("File it under this indicator too, if it reports on it."),
    Reason.NO_FIELD: gettext_lazy("Add its field, if it has one: what cuts across all has none."),
    Reason.NO_VALUE: gettext_lazy("Add the value that the target counts."),
    Reason.NO_NUMBER: gettext_lazy("Add the number, if it is known."),
    Reason.NO_BASE: gettext_lazy("Add the other number: a ratio needs both."),
    Reason.NO_STEP: gettext_lazy("Add the step of the indicator’s rubric."),
}
"""The remedy for an excluded record, by the exclusion reason."""


def suggest_remedy(reason: Reason) -> str:
    return str(REMEDIES[reason])


def format_unit(target: Target) -> str:
    """Format the text after the large figure: `of 25 countries`, `/ 25 %`."""
    requirement = sentences.format_requirement(target)
    return (
        requirement
        if not target.has_unit or not target.has_bounds
        else f"{requirement} {target.unit}"
    )


def format_range(target: Target) -> str:
    bounds = formatting.format_bounds(target)
    is_range = target.maximum is not None or not target.has_bounds
    return bounds if is_range else _("at least %(wanted)s") % {"wanted": bounds}


def format_elapsed(plan: Plan, as_of: date) -> str:
    if as_of < plan.starts_on:
        return _("before the plan, which begins on %(day)s") % {
            "day": formatting.format_day(plan.starts_on)
        }
    if as_of >= plan.ends_on:
        return _("the plan ended on %(day)s") % {"day": formatting.format_day(plan.ends_on)}
    return _("%(share)s of the plan’s time") % {
        "share": formatting.format_share(plan.elapsed(as_of))
    }


def explain_rating(progress: TargetProgress, as_of: date) -> str:
    target = progress.row.target
    if not target.version.has_target:
        return _("No target is set: the figure is measured and not rated.")
    if target.frequency == Frequency.EVERY_YEAR:
        return _explain_yearly(progress)
    if progress.row.value is None:
        return _("No record of this kind falls in the period, so there is nothing to judge by.")
    if target.frequency == Frequency.LEVEL:
        return _explain_level(progress, as_of)
    return _explain_cumulative(progress, as_of)


def _explain_yearly(progress: TargetProgress) -> str:
    closed = sentences.count_years_met(progress.row)[1]
    if not closed:
        return _("No year is closed yet. Each year stands for itself.")
    return _(
        "All closed years met: on track; one not met or without data: at risk; more: off track."
        " A surplus in one year never repairs another."
    )


def _explain_level(progress: TargetProgress, as_of: date) -> str:
    row, plan = progress.row, progress.row.target.plan
    least = row.target.minimum or Decimal(0)
    params = {
        "minimum": formatting.format_bounds(row.target),
        "risk": _format_share_of(row.target, plan.level_at_risk_from * least),
        "records": plan.level_least_records,
    }
    if as_of >= plan.ends_on:
        return _("The plan is over. On its last day the figure had to be %(minimum)s.") % params
    if not row.target.has_bounds:
        return _("Nothing is asked before the end of %(year)s.") % {
            "year": row.target.version.dated_milestones[0].year.label
        }
    if row.calculated == Rating.TOO_EARLY and row.target.measure == Measure.RATIO:
        return _("The denominator is below %(records)s: too small to rate a ratio.") % params
    if row.calculated == Rating.TOO_EARLY:
        return _("Fewer than %(records)s records: too few to rate a share.") % params
    if row.target.minimum is None or row.target.is_exceeded_by(row.value or Decimal(0)):
        return _("The range is %(minimum)s; above its maximum the figure is off track.") % params
    if row.target.is_judged:
        text = _("From “%(minimum)s” it is on track, one step below at risk, lower off track.")
    else:
        text = _("From %(minimum)s it is on track, from %(risk)s at risk, below that off track.")
    return text % params


def _format_share_of(target: Target, value: Decimal) -> str:
    if target.is_percentage:
        return formatting.format_plain_percent(value)
    return formatting.format_bound(value)


def _explain_cumulative(progress: TargetProgress, as_of: date) -> str:
    row, plan = progress.row, progress.row.target.plan
    if row.target.maximum is not None and (
        as_of >= plan.ends_on or not (row.value or 0) < (row.target.minimum or 0)
    ):
        text = _WITHIN[row.calculated]
        return str(text % {"range": formatting.format_bounds(row.target)})
    if row.calculated in (Rating.ACHIEVED, Rating.NOT_ACHIEVED) or not row.expected:
        text = _DECIDED.get(row.calculated, _BEFORE if as_of < plan.starts_on else _NOTHING)
        return str(text % {"wanted": formatting.format_bounds(row.target)})
    ratio = (row.value or Decimal(0)) / row.expected
    bounds = (plan.on_track_from * 100, plan.at_risk_from * 100)
    params = {
        "expected": formatting.format_number(row.expected, 1),
        "whole": formatting.format_number(int(row.expected)),
        "ratio": formatting.format_percent_within(ratio * 100, bounds),
        "on_track": formatting.format_plain_percent(plan.on_track_from * 100),
        "at_risk": formatting.format_plain_percent(plan.at_risk_from * 100),
        "early": formatting.format_plain_percent(plan.too_early_below * 100),
    }
    if row.calculated == Rating.TOO_EARLY:
        return (
            _("%(expected)s were expected by now; until %(early)s of the time has gone, no rating.")
            % params
        )
    if row.calculated == Rating.ON_TRACK and ratio < plan.on_track_from:
        return _("%(expected)s were expected by now, so %(whole)s whole ones: on track.") % params
    return (
        _(
            "%(expected)s were expected by now: the figure is %(ratio)s of that. From %(on_track)s"
            " it is on track, below %(at_risk)s off track."
        )
        % params
    )


_BEFORE = gettext_lazy("The plan has not begun: nothing is expected yet.")
_NOTHING = gettext_lazy("Nothing is expected by now.")
_DECIDED: Mapping[Rating, Promise] = {
    Rating.ACHIEVED: gettext_lazy("The minimum of %(wanted)s is reached."),
    Rating.NOT_ACHIEVED: gettext_lazy("The plan is over and the minimum of %(wanted)s was missed."),
}
_WITHIN: Mapping[Rating, Promise] = {
    Rating.ACHIEVED: gettext_lazy("The plan is over, and the figure is in its range: %(range)s."),
    Rating.NOT_ACHIEVED: gettext_lazy(
        "The plan is over, and the figure is outside its range: %(range)s."
    ),
    Rating.ON_TRACK: gettext_lazy(
        "The figure is in its range: %(range)s. It is achieved only if that holds at the end."
    ),
    Rating.OFF_TRACK: gettext_lazy("The figure is above its range: %(range)s."),
}
"""For a count with a maximum that has not missed its minimum yet."""


def key_figures(progress: TargetProgress, as_of: date) -> list[tuple[str, str]]:
    row, projection, target = progress.row, progress.projection, progress.row.target
    figures = []
    if row.expected is not None:
        figures.append((_("Expected by now"), formatting.format_number(row.expected, 1)))
    if projection is None or as_of >= target.plan.ends_on:
        return figures
    a_year = _("%(number)s a year")
    figures.append(
        (_("Pace so far"), a_year % {"number": formatting.format_number(projection.a_year, 1)})
    )
    ahead = {
        "number": sentences.format_projection(progress),
        "day": formatting.format_day(target.plan.ends_on),
    }
    figures.append((_("At that pace"), _("%(number)s by %(day)s") % ahead))
    if target.minimum is None:
        return figures
    needed = sentences.format_needed(projection) or _("none, the minimum is reached")
    figures.append((_("Pace now needed"), needed))
    return figures


def format_year_state(year: YearActual, target: Target) -> str:
    if sentences.is_above(year, target):
        return _("%(state)s: above the range") % {"state": year.state.label}
    if year.state == YearState.DUE:
        until = add_months(year.year.ends_on, target.due_months)
        return _("Due until %(day)s") % {"day": formatting.format_day(until)}
    return str(year.state.label)


def format_assumption(target: Target) -> str:
    """Return what the rating assumes; empty for a target that is not rated."""
    if not target.version.has_target:
        return ""
    if target.version.milestones and not target.is_level:
        return _(
            "Assumption of the rating: progress is expected in a straight line to each milestone."
        )
    return {
        Frequency.WHOLE_PLAN: _(
            "Assumption of the rating: progress is expected in a straight line, day by day."
        ),
        Frequency.LEVEL: _("It must hold whenever it is read; time gone does not excuse it."),
        Frequency.EVERY_YEAR: _("Each year is judged by itself, once it is closed."),
    }[Frequency(target.frequency)]


def format_measure(target: Target) -> str:
    name = str(target.get_measure_display())
    parts = (Dimension(target.dimension).label,) if target.dimension else ()
    numbers = (NumberColumn(column).label for column in target.number_columns)
    detail = " / ".join(str(word) for word in (*parts, *numbers))
    if not detail:
        return name
    return _("%(measure)s (%(dimension)s)") % {"measure": name, "dimension": detail}


_MEASURES: Mapping[Measure, str | Promise] = {
    Measure.COUNT: gettext_lazy("The figure is the number of records that count."),
    Measure.DISTINCT: gettext_lazy(
        "The figure is the number of different values that the records name: each counts once."
    ),
    Measure.SMALLEST_SHARE: gettext_lazy(
        "Each record weighs 1 and is split equally among its parts. The figure is the share of the"
        " smallest part, in %."
    ),
    Measure.SHARE: gettext_lazy(
        "The figure is the share, in %, of the records in scope that also meet the conditions of"
        " the numerator. Without a record in scope there is no data."
    ),
    Measure.SUM: gettext_lazy(
        "The figure is the sum of this number over the records that count. Without a number there"
        " is no data."
    ),
    Measure.RATIO: gettext_lazy(
        "The figure is the sum of the first number over the sum of the second, in %. It is no mean"
        " of the records’ own percentages."
    ),
    Measure.LATEST: gettext_lazy(
        "The figure is the number of the last record by date. Numbers are never added up."
    ),
    Measure.JUDGED: gettext_lazy(
        "The figure is the step of the indicator’s rubric in the last approved assessment by date."
        " Steps are words in an order: they are never averaged and never a percentage."
    ),
    Measure.GROWTH: gettext_lazy(
        "The figure is the rise on the year before, in %. Without both years there is no data."
    ),
}


def explain_measure(target: Target) -> str:
    return str(_MEASURES[Measure(target.measure)])


def format_dimension(dimension: str) -> str:
    return _("By %(dimension)s") % {"dimension": Dimension(dimension).label}


def format_condition(condition: Condition) -> str:
    if condition.test == Condition.Test.OUTSIDE:
        return pgettext("values of a record", "at least one outside:")
    return pgettext("values of a record", "at least one of:")


def format_scope(condition: Condition) -> str:
    scopes = [str(Scope(word).label) for word in condition.scopes_without_value]
    return _("Without one it counts all the same when its scope is: %(scopes)s.") % {
        "scopes": formatting.join_list(scopes)
    }


def format_list_source(country_list: CountryList) -> str:
    return capfirst(sentences.describe_country_list(country_list)[1])
