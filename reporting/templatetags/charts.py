"""Figures as pictures on a page, drawn for the direction of the reader's language."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

from reporting import charts
from reporting.dashboards.target_detail import TargetDetail
from reporting.figures.geographic_reach import GeographicReach
from reporting.figures.measures import Slice
from reporting.figures.progress import TargetProgress, build_quarters
from reporting.figures.ratings import YearActual
from reporting.figures.rollup import Rollup, TargetRow
from reporting.templatetags.figures import records_url
from reporting.wording import formatting, sentences
from strategy.choices import Frequency, Rating
from strategy.models import Plan

register = template.Library()


def _sheet() -> charts.Sheet:
    return charts.Sheet("rtl" if get_language_bidi() else "ltr")


def _axis(plan: Plan, as_of: date) -> charts.TimeAxis:
    return charts.TimeAxis(plan.period, plan.years, as_of)


@register.simple_tag
def time_head(rollup: Rollup) -> SafeString:
    """The head of the plan table's axis: the years, and where time stands."""
    day = min(rollup.as_of, rollup.plan.ends_on)
    label = _("%(day)s: %(share)s") % {
        "day": formatting.format_short_day(day),
        "share": formatting.format_share(rollup.elapsed),
    }
    axis = _axis(rollup.plan, rollup.as_of)
    return charts.render_time_head(axis, label, "", sheet=_sheet())


@register.simple_tag
def target_bar(line: TargetRow, rollup: Rollup) -> SafeString:
    return charts.render_target_bar(
        sentences.share_reached(line),
        line.rating.value,
        _axis(rollup.plan, rollup.as_of),
        sentences.describe_bar(line, rollup.elapsed),
        is_level=line.target.frequency == Frequency.LEVEL,
        sheet=_sheet(),
    )


@register.inclusion_tag("components/year_strip.html", takes_context=True)
def year_cells(
    context: template.Context, line: TargetRow, plan: Plan, as_of: date
) -> Mapping[str, Any]:
    """The years of a yearly target on the plan's time, each number with its records."""
    return {
        "line": charts.render_time_line(_axis(plan, as_of), sheet=_sheet()),
        "years": [_cell(context, line, one, as_of) for one in line.years],
    }


def _cell(
    context: template.Context, line: TargetRow, one: YearActual, as_of: date
) -> Mapping[str, Any]:
    is_later = one.year.starts_on > as_of
    is_linked = not is_later and one.value is not None
    return {
        "label": one.year.label,
        "state": one.state,
        "is_later": is_later,
        "text": formatting.EN_DASH if is_later else sentences.format_year_value(one, line.target),
        "note": sentences.format_year_note(one, line.target),
        "url": records_url(context, line.actual, year=one.year.label) if is_linked else "",
    }


def _track(
    progress: TargetProgress, points: tuple[charts.Point, ...], *, is_over: bool
) -> charts.ProgressLine:
    target, pace = progress.row.target, progress.projection
    has_way_ahead = pace is not None and not is_over
    return charts.ProgressLine(
        points=points,
        minimum=target.minimum,
        rating=progress.row.rating.value,
        minimum_label=formatting.format_bounds(target),
        forecast=pace.at_end if pace and has_way_ahead else None,
        forecast_label=sentences.format_projection(progress) if has_way_ahead else "",
        is_level=target.frequency == Frequency.LEVEL,
    )


@register.simple_tag
def projection_chart(progress: TargetProgress, rollup: Rollup) -> SafeString:
    """One of the small pictures of pace: the count by quarter against the straight line."""
    line = progress.row
    points = tuple(
        charts.Point(one.day, one.actual.value)
        for one in build_quarters(progress, rollup.as_of)
        if one.actual.value is not None
    )
    is_over = rollup.as_of >= rollup.plan.ends_on
    title = f"{line.target.name}: {sentences.describe_pace(progress, is_over=is_over)}"
    track = _track(progress, points, is_over=is_over)
    return charts.render_pace_chart(track, _axis(rollup.plan, rollup.as_of), title, sheet=_sheet())


@register.simple_tag
def target_chart(detail: TargetDetail) -> SafeString:
    """The large picture of a target: its way, what was expected, what is ahead."""
    line = detail.progress.row
    target, plan = line.target, line.target.plan
    is_over = detail.as_of >= plan.ends_on
    points = tuple(charts.Point(day, value) for day, value in detail.points)
    value = formatting.format_value(line.value, target)
    words = charts.ProgressLineLabels(
        as_of=formatting.format_short_day(min(detail.as_of, plan.ends_on)),
        reached=_("%(value)s reached") % {"value": value} if points else "",
        expected=line.expected,
        expected_label=_("%(value)s expected")
        % {"value": formatting.format_number(line.expected, 1)}
        if line.expected and not is_over
        else "",
        straight_line=_("straight line"),
        at_this_pace=_("at this pace"),
    )
    return charts.render_target_chart(
        _track(detail.progress, points, is_over=is_over),
        _axis(plan, detail.as_of),
        sentences.describe_chart(detail.progress, detail.as_of),
        words,
        sheet=_sheet(),
    )


@register.simple_tag
def share_bar(
    value: Decimal | int | None,
    scale: Decimal | int,
    rating: str = "on_track",
    line: Decimal | None = None,
) -> SafeString:
    """A bar beside its number in a list; ``scale`` fills the width, ``line`` is a minimum."""
    share = None if value is None else Decimal(value)
    return charts.render_share_bar(share, rating, scale=Decimal(scale), line=line, sheet=_sheet())


@register.simple_tag
def slice_bar(slice_: Slice, line: TargetRow) -> SafeString:
    """The bar of one part of a balance, with the line of the minimum at the same place in each."""
    minimum = line.target.minimum
    is_short = slice_.value < minimum
    largest = max(one.value for one in line.actual.measurement.slices)
    return charts.render_share_bar(
        None if line.value is None else slice_.value,
        line.rating.value if is_short else Rating.ON_TRACK.value,
        scale=max(2 * minimum, largest),
        line=minimum,
        sheet=_sheet(),
    )


@register.filter
def full_scale(slices: tuple[Slice, ...]) -> Decimal:
    """What fills the width of a list's bars: its largest value."""
    return max((slice_.value for slice_ in slices), default=Decimal(1)) or Decimal(1)


@register.simple_tag
def reach_map(reach: GeographicReach) -> SafeString:
    """The countries reached: filled where the first tie is, ringed where only another."""
    marks = [
        charts.CountryMark(place.code, place.label, is_filled=place.is_main)
        for place in reach.countries
    ]
    filled = sum(place.is_main for place in reach.countries)
    title = ngettext(
        "World map: %(number)s country, named in the table below",
        "World map: %(number)s countries, named in the table below",
        filled,
    ) % {"number": filled}
    return charts.render_world_map(marks, title, sheet=_sheet())
