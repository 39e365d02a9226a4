"""Charts on a page, drawn for the direction of the user's language."""

from datetime import date
from decimal import Decimal

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

from reporting.charts import bars, progress_lines, world_map
from reporting.charts.svg import Sheet, TimeAxis
from reporting.dashboards.target_detail import TargetDetail
from reporting.figures.geographic_reach import GeographicReach
from reporting.figures.measures import Slice
from reporting.figures.progress import Quarter, TargetProgress
from reporting.figures.ratings import YearActual, list_expected_points
from reporting.figures.rollup import Rollup, TargetRow
from reporting.templatetags.figures import records_url
from reporting.wording import formatting, sentences
from reporting.wording.judgements import draw_step_strip
from strategy.choices import Rating, YearState
from strategy.models import Plan
from strategy.text import comma

register = template.Library()


def _sheet() -> Sheet:
    return Sheet("rtl" if get_language_bidi() else "ltr")


def _axis(plan: Plan, as_of: date) -> TimeAxis:
    return TimeAxis(plan.period, plan.years, as_of)


@register.simple_tag
def time_head(rollup: Rollup) -> SafeString:
    day = min(rollup.as_of, rollup.plan.ends_on)
    label = _("%(day)s: %(share)s") % {
        "day": formatting.format_short_day(day),
        "share": formatting.format_share(rollup.elapsed),
    }
    axis = _axis(rollup.plan, rollup.as_of)
    return bars.render_time_head(axis, label, "", sheet=_sheet())


@register.simple_tag
def target_bar(row: TargetRow, rollup: Rollup) -> SafeString:
    if row.target.is_judged:
        return draw_step_strip(row, _axis(rollup.plan, rollup.as_of), _sheet())
    return bars.render_target_bar(
        sentences.share_reached(row),
        row.rating.value,
        _axis(rollup.plan, rollup.as_of),
        sentences.describe_bar(row, rollup.elapsed),
        due=sentences.calculate_share_due(row),
        sheet=_sheet(),
    )


@register.simple_tag
def step_strip(row: TargetRow, plan: Plan, as_of: date) -> SafeString:
    return draw_step_strip(row, _axis(plan, as_of), _sheet(), height="80")


@register.simple_tag(takes_context=True)
def year_cells(context: template.Context, row: TargetRow, plan: Plan, as_of: date) -> SafeString:
    """Render the years of a yearly target on a line of time, each number with its records."""
    line = bars.render_time_line(_axis(plan, as_of), sheet=_sheet())
    cells = "".join(_render_year(context, row, year, as_of) for year in row.years)
    return SafeString(f'{line}<ol class="years">{cells}</ol>')


def _render_year(
    context: template.Context, row: TargetRow, year: YearActual, as_of: date
) -> SafeString:
    label, state, note = year.year.label, year.state, sentences.format_year_note(year, row.target)
    if year.year.starts_on > as_of:
        hidden = comma().join(filter(None, (label, _("not begun"), note)))
        cell = '<li class="{} later"><span class="visually-hidden">{}: </span><span>{}</span></li>'
        return format_html(cell, state.value, hidden, formatting.EN_DASH)
    value = sentences.format_year_value(year, row.target)
    is_known = year.value is not None
    url = records_url(context, row.actual, year=label) if is_known else ""
    return format_html(
        '<li class="{}"><span class="visually-hidden">{}: </span>{}{}</li>',
        state.value,
        comma().join(filter(None, (label, str(state.label), note))),
        _TICKS.get(state, ""),
        format_html('<a href="{}">{}</a>' if url else "<span>{1}</span>", url, value),
    )


def _draw_tick(path: str) -> SafeString:
    return SafeString(
        '<svg class="tick" viewBox="0 0 10 10" width="9" height="9" aria-hidden="true"'
        f' focusable="false"><path d="{path}" fill="none" stroke="currentColor"'
        ' stroke-width="2"/></svg>'
    )


_TICKS = {
    YearState.MET: _draw_tick("m1 5.4 2.8 2.9L9 1.6"),
    YearState.NOT_MET: _draw_tick("m1.4 1.4 7.2 7.2m0-7.2L1.4 8.6"),
}


def _build_line(
    progress: TargetProgress, points: tuple[progress_lines.Point, ...], *, is_over: bool
) -> progress_lines.ProgressLine:
    target, projection = progress.row.target, progress.projection
    has_projection = projection is not None and not is_over
    return progress_lines.ProgressLine(
        points=points,
        expected=tuple(progress_lines.Point(*each) for each in list_expected_points(target)),
        maximum=target.maximum,
        rating=progress.row.rating.value,
        bounds_label=formatting.format_final_bounds(target),
        forecast=projection.at_end if projection and has_projection else None,
        forecast_label=sentences.format_projection(progress) if has_projection else "",
        is_level=target.is_level,
    )


@register.simple_tag
def projection_chart(
    progress: TargetProgress, quarters: tuple[Quarter, ...], rollup: Rollup
) -> SafeString:
    row = progress.row
    points = tuple(
        progress_lines.Point(quarter.day, quarter.actual.value)
        for quarter in quarters
        if quarter.actual.value is not None
    )
    is_over = rollup.as_of >= rollup.plan.ends_on
    title = f"{row.target.name}: {sentences.describe_pace(progress, is_over=is_over)}"
    track = _build_line(progress, points, is_over=is_over)
    return progress_lines.render_pace_chart(
        track, _axis(rollup.plan, rollup.as_of), title, sheet=_sheet()
    )


@register.simple_tag
def target_chart(detail: TargetDetail) -> SafeString:
    row = detail.progress.row
    target, plan = row.target, row.target.plan
    is_over = detail.as_of >= plan.ends_on
    points = tuple(progress_lines.Point(day, value) for day, value in detail.points)
    value = formatting.format_value(row.value, target)
    words = progress_lines.ProgressLineLabels(
        as_of=formatting.format_short_day(min(detail.as_of, plan.ends_on)),
        reached=_("%(value)s reached") % {"value": value} if points else "",
        expected=row.expected,
        expected_label=_("%(value)s expected")
        % {"value": formatting.format_number(row.expected, 1)}
        if row.expected and not is_over
        else "",
        straight_line=_("milestones") if target.version.milestones else _("straight line"),
        at_this_pace=_("at this pace"),
    )
    return progress_lines.render_target_chart(
        _build_line(detail.progress, points, is_over=is_over),
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
    """Draw the bar of a number in a list; ``scale`` fills the width, ``line`` is a minimum."""
    share = None if value is None else Decimal(value)
    return bars.render_share_bar(share, rating, scale=Decimal(scale), line=line, sheet=_sheet())


@register.simple_tag
def slice_bar(slice_: Slice, row: TargetRow) -> SafeString:
    minimum = row.target.minimum
    is_short = slice_.value == row.value if minimum is None else slice_.value < minimum
    largest = max(slice_.value for slice_ in row.actual.measurement.slices)
    return bars.render_share_bar(
        None if row.value is None else slice_.value,
        row.rating.value if is_short else Rating.ON_TRACK.value,
        scale=max(2 * (minimum or Decimal(0)), largest) or Decimal(1),
        line=row.target.maximum if minimum is None else minimum,
        sheet=_sheet(),
    )


@register.filter
def full_scale(slices: tuple[Slice, ...]) -> Decimal:
    return max((slice_.value for slice_ in slices), default=Decimal(1)) or Decimal(1)


@register.simple_tag
def reach_map(reach: GeographicReach, *, is_linked: bool = False) -> SafeString:
    marks = [
        world_map.CountryMark(
            country.code,
            country.label,
            is_filled=country.is_main,
            url=reverse("reporting:country", args=[country.code]) if is_linked else "",
        )
        for country in reach.countries
    ]
    filled = int(reach.targets[0].actual.value or 0)
    title = ngettext(
        "World map: %(number)s country, named in the table below",
        "World map: %(number)s countries, named in the table below",
        filled,
    ) % {"number": filled}
    return world_map.render_world_map(marks, title, _sheet(), static("world-land.svg"))
