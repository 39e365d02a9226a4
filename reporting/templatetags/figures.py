"""Figures on a page: formatted in the user's language, with the URLs of their records."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import TypeVar
from urllib.parse import urlencode

from django import template
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from indicators.lists.record_list import NO_VALUE
from indicators.models.reading.confidentiality import OTHER_COUNTRIES
from reporting.dashboards.dashboard import ObjectiveOrder, sort_objectives
from reporting.dashboards.target_detail import TargetDetail, TargetYear
from reporting.figures.geographic_reach import CountryCoverage, CoverageTarget, GeographicReach
from reporting.figures.measures import Actual, Slice
from reporting.figures.people_trained import SEXES, TraineeCount
from reporting.figures.progress import (
    Quarter,
    TargetProgress,
    build_quarter,
    change_start,
)
from reporting.figures.rating_overrides import get_override, override_period
from reporting.figures.rollup import ObjectiveRow, Rollup, TargetRow
from reporting.figures.trends import past_quarter_ends
from reporting.forms.figures import FigureSelection
from reporting.models import RatingOverride
from reporting.wording import formatting, sentences
from strategy.accounts.policy import can_open_records, can_override_ratings, sees_all_offices
from strategy.choices import Dimension, Reason, RecordKind
from strategy.models import Subject, Target
from strategy.text import colon, comma

register = template.Library()

FIRST_ROWS = 20
"""The number of rows of a long table before the link to all of them."""

Row = TypeVar("Row")

register.filter("day", formatting.format_day)
register.filter("short_day", formatting.format_short_day)
register.filter("known_date", formatting.format_record_date)
register.filter("share", formatting.format_share)
register.filter("number", formatting.format_number)
register.filter("format_value", formatting.format_value)
register.filter("change", formatting.format_change)
register.filter("requirement", sentences.format_requirement)
register.filter("years_met", sentences.format_years_met)
register.filter("join_list", formatting.join_list)
register.filter("kind_plural", sentences.kind_plural)
register.filter("text_direction", formatting.text_direction)
register.filter("override_author", sentences.format_override_author)

register.simple_tag(colon)
register.simple_tag(comma)
register.simple_tag(formatting.semicolon)
register.simple_tag(sentences.list_furthest_behind)
register.simple_tag(sentences.format_balance)
register.simple_tag(get_override)
register.simple_tag(sentences.format_reach)
register.simple_tag(sentences.format_what_if)
register.simple_tag(sentences.format_year_remark)


def list_url(kind: str, filters: Mapping[str, str]) -> str:
    path = _get_list_path(kind, get_script_prefix())
    query = "&".join([_encode_filter(*each) for each in filters.items() if each[1]])
    return f"{path}?{query}" if query else path


# Cached: a page has hundreds of these links, of the same few kinds, plans, days and countries.
@cache
def _get_list_path(kind: str, _prefix: str) -> str:
    return reverse("indicators:record_list", kwargs={"kind": kind})


@lru_cache(maxsize=4096)
def _encode_filter(name: str, value: str) -> str:
    return urlencode({name: value})


@register.filter
def first_rows(rows: Sequence[Row], selection: FigureSelection) -> Sequence[Row]:
    """Return the rows of a long table that a page shows: the first, or all if asked for."""
    return rows if selection.has_all_rows else rows[:FIRST_ROWS]


@register.inclusion_tag("reporting/shared/_more_rows.html", takes_context=True)
def more_rows(context: template.Context, rows: Sequence[object], anchor: str) -> dict[str, object]:
    return {
        "number": len(rows),
        "first": FIRST_ROWS,
        "anchor": anchor,
        "has_all_rows": context["selection"].has_all_rows,
        "request": context["request"],
    }


@register.simple_tag
def link(url: str, text: object) -> str:
    return format_html('<a class="quiet" href="{}">{}</a>', url, text) if url else str(text)


@register.simple_tag(takes_context=True)
def records_url(
    context: template.Context,
    actual: Actual,
    *,
    counts: str = "yes",
    year: str = "",
    code: str = "",
    dimension: str = "",
    after: date | None = None,
    reason: str = "",
    subject: Subject | None = None,
) -> str:
    """Return the list of the records behind a number; empty for users who may not see records.

    ``subject`` is that of a figure of its records alone. ``counts`` is "yes", "no" for excluded
    records, perhaps of one ``reason``, or "once_approved".
    """
    if not can_open_records(context.get("user")):
        return ""
    target = actual.target
    filters = {
        "target": target.code,
        "plan": target.plan.code,
        "as_of": actual.window.as_of.isoformat(),
        "counts": counts,
        "year": year,
        "by": dimension if code and dimension != target.dimension else "",
        "slice": code,
        "after": after.isoformat() if after else "",
        "reason": reason,
        **name_subject(subject),
    }
    return list_url(target.record_kind, filters)


def name_subject(subject: Subject | None) -> dict[str, str]:
    """Return the filter of a list that selects the subject's records."""
    return {subject.kind.value: subject.code} if subject else {}


def _render_figure(value: str, url: str, *, rest: str, big: bool) -> str:
    """Render a number linked to its records, such as `4 of 50`; big is the one of a page."""
    number = link(url, value)
    if big:
        unit = format_html(" <span>{}</span>", rest) if rest else ""
        return format_html('<p class="figure"><b>{}</b>{}</p>', number, unit)
    return format_html("{} {}", number, rest) if rest else number


@register.simple_tag(takes_context=True)
def figure(
    context: template.Context,
    actual: Actual,
    *,
    year: str = "",
    rest: str = "",
    big: bool = False,
    subject: Subject | None = None,
) -> str:
    value = formatting.format_value(actual.value, actual.target)
    has_value = actual.value is not None
    url = records_url(context, actual, year=year, subject=subject) if has_value else ""
    return _render_figure(value, url, rest=rest, big=big)


@register.simple_tag(takes_context=True)
def years_met_figure(
    context: template.Context, row: TargetRow, *, rest: str = "", big: bool = False
) -> str:
    closed = sentences.count_years_met(row)[1]
    url = records_url(context, row.actual) if closed else ""
    return _render_figure(sentences.format_years_met(row), url, rest=rest, big=big)


@register.simple_tag(takes_context=True)
def slice_url(
    context: template.Context, actual: Actual, slice_: Slice, dimension: Dimension | str = ""
) -> str:
    if not slice_.records or slice_.code == OTHER_COUNTRIES:
        return ""
    return records_url(context, actual, code=slice_.code or NO_VALUE, dimension=str(dimension))


@register.simple_tag(takes_context=True)
def change_url(context: template.Context, progress: TargetProgress, as_of: date) -> str:
    """Return the records behind the latest change of a value; empty without a change."""
    row = progress.row
    if not progress.change:
        return ""
    year = row.this_year.window.period.label if row.years else ""
    return records_url(context, row.actual, year=year, after=change_start(as_of))


@register.simple_tag(takes_context=True)
def growth_url(context: template.Context, year: TargetYear) -> str:
    """Return the records that a count grew by in a year; empty without growth."""
    if not year.growth or year.since_start is None:
        return ""
    return records_url(context, year.since_start, after=year.growth_after)


@register.simple_tag(takes_context=True)
def excluded_url(context: template.Context, actual: Actual, reason: Reason | str = "") -> str:
    return records_url(context, actual, counts="no", reason=str(reason))


@register.filter
def overridden_rows(rollup: Rollup) -> list[TargetRow]:
    return [row for row in rollup.targets if row.override]


@register.simple_tag
def override_days(override: RatingOverride) -> str:
    first = override.valid_from
    days = override_period(override.target.plan, first)
    if days is None or days.ends_on == first:
        return formatting.format_day(first)
    bounds = {"first": formatting.format_day(first), "last": formatting.format_day(days.ends_on)}
    return gettext("%(first)s to %(last)s") % bounds


@register.simple_tag(takes_context=True)
def rating_url(
    context: template.Context,
    target: Target,
    selection: FigureSelection,
    override: RatingOverride | None = None,
) -> str:
    """Return the page to set a rating, or to withdraw an override; empty without permission."""
    if not can_override_ratings(context.get("user")):
        return ""
    if override is None and not target.version.has_target:
        return ""
    if override is None:
        return reverse("reporting:rating_override", args=[target.code], query=selection.query)
    args = [target.code, override.pk]
    return reverse("reporting:rating_override_withdraw", args=args, query=selection.query)


@register.simple_tag(takes_context=True)
def target_url(context: template.Context, target: Target, selection: FigureSelection) -> str:
    """Return the page of a target; for users who may not see records, its rule in the plan."""
    if not can_open_records(context.get("user")):
        query = {"plan": selection.plan.code}
        return reverse("strategy:plan", query=query, fragment=target.code)
    return reverse("reporting:target", args=[target.code], query=selection.query)


@register.simple_tag
def file_url(extension: str, selection: FigureSelection) -> str:
    return reverse("reporting:summary_file", args=[extension], query=selection.query)


@register.simple_tag
def indicator_rowspan(objective: ObjectiveRow, target: Target) -> int:
    return sum(row.target.indicator_id == target.indicator_id for row in objective.targets)


@register.simple_tag(takes_context=True)
def pending_count(
    context: template.Context, kind: RecordKind, count: int, *, status: str = "", waits: str = ""
) -> str:
    """Show a number of pending records, linked for users who see every office."""
    is_linked = count and sees_all_offices(context.get("user"))
    url = list_url(kind, {"status": status, "waits": waits}) if is_linked else ""
    return link(url, formatting.format_number(count))


@register.simple_tag(takes_context=True)
def trainee_cells(
    context: template.Context, count: TraineeCount, *, is_linked: bool = False
) -> SafeString:
    """Render the numbers of a row, each linked to the sessions that recorded it."""
    is_linked &= count.country != OTHER_COUNTRIES and can_open_records(context.get("user"))
    url = build_sessions_url(count) if is_linked else ""
    numbers = [
        link(url, formatting.format_number(count.sessions)),
        *(render_trainees(url, sex, getattr(count, sex)) for sex in SEXES),
        link(
            f"{url}&people=none" if url and count.without_numbers else "",
            formatting.format_number(count.without_numbers),
        ),
    ]
    return format_html_join("\n", '<td class="num-right">{}</td>', ((text,) for text in numbers))


def render_trainees(url: str, sex: str, number: int | None) -> str:
    if number is None:
        return gettext("no data")
    return link(f"{url}&people={sex}" if url else "", formatting.format_number(number))


def build_sessions_url(count: TraineeCount, subject: Subject | None = None) -> str:
    first = count.period.starts_on
    filters = {
        "status": "approved",
        "began_from": first.isoformat() if first > date.min else "",
        "began_to": count.period.ends_on.isoformat(),
        "country": count.country or "",
        "group": count.group or "",
        "lacks": "country" if count.country == "" else "group" if count.group == "" else "",
        "project": count.project or "",
        **name_subject(subject),
    }
    return list_url(RecordKind.ACTIVITY, filters)


@register.simple_tag
def objective_cells(
    rollup: Rollup, order: ObjectiveOrder = ObjectiveOrder.WORST
) -> list[dict[str, object]]:
    return [
        {"code": row.objective.code, "rating": row.rating, "url": f"#o{row.objective.code}"}
        for row in sort_objectives(rollup.objectives, order)
    ]


@register.simple_tag
def overall_status(rollup: Rollup) -> sentences.OverallStatus:
    return sentences.format_overall_status(row.rating for row in rollup.objectives)


@register.simple_tag
def projection(progress: TargetProgress, rollup: Rollup) -> str:
    """Format the projection; a dash without any, and once the plan has ended."""
    if rollup.as_of >= rollup.plan.ends_on:
        return formatting.EN_DASH
    return sentences.format_projection(progress) or formatting.EN_DASH


@register.simple_tag
def quarter_ends(rollup: Rollup) -> tuple[date, ...]:
    return past_quarter_ends(rollup.plan.period, rollup.as_of)


@register.filter
def visible_quarters(detail: TargetDetail) -> tuple[Quarter, ...]:
    target = detail.progress.row.target
    return tuple(build_quarter(target, day, value) for day, value in detail.points)


@register.simple_tag
def pace(progress: TargetProgress, rollup: Rollup) -> str:
    return sentences.describe_pace(progress, is_over=rollup.as_of >= rollup.plan.ends_on)


@register.filter
def percent_floor(value: Decimal | None) -> int:
    return int(value or 0)


@register.filter
def decimal(value: Decimal | None, places: int = 0) -> str:
    if not isinstance(value, Decimal):
        return formatting.EN_DASH
    return formatting.format_number(value, places)


@register.filter
def local_date(moment: datetime) -> date:
    return timezone.localtime(moment).date()


@register.simple_tag(takes_context=True)
def coverage_url(
    context: template.Context, target: CoverageTarget, country: CountryCoverage
) -> str:
    """Return the records of a target in a country; empty for those of "other countries"."""
    if country.code == OTHER_COUNTRIES:
        return ""
    return records_url(context, target.actual, code=country.code, dimension=target.dimension)


@register.filter
def coverage_cells(country: CountryCoverage, reach: GeographicReach) -> list[dict[str, object]]:
    return [
        {"target": target, "count": count}
        for target, count in zip(reach.targets, country.record_counts, strict=True)
    ]
