"""Numbers as a page shows them: in the reader's language, and linked to the records behind them."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from indicators.lists.record_list import WITHOUT
from reporting.dashboards.dashboard import ObjectiveProgress
from reporting.dashboards.target_detail import TargetDetail, TargetYear
from reporting.figures.geographic_reach import CountryCoverage, GeographicReach
from reporting.figures.measures import Actual, Slice
from reporting.figures.people_trained import TraineeCount
from reporting.figures.progress import (
    Quarter,
    TargetProgress,
    build_quarter,
    build_quarters,
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
from strategy.models import Target
from strategy.text import colon, comma

register = template.Library()

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
) -> str:
    """The list of exactly the records behind a number; empty for who may not see records.

    ``year`` narrows to one reporting year, ``code`` to the records with one value of the target's
    dimension, or of another that ``dimension`` names, ``after`` to those that count since that day;
    ``counts`` may be "no", for the records left out, of one ``reason`` or all, or "once_approved".
    """
    if not _may_open_records(context):
        return ""
    target = actual.target
    selection = {
        "target": target.code,
        "plan": target.plan.code,
        "as_of": actual.window.as_of.isoformat(),
        "counts": counts,
        "year": year,
        "by": dimension if code and dimension != target.dimension else "",
        "slice": code,
        "after": after.isoformat() if after else "",
        "reason": reason,
    }
    address = reverse("indicators:record_list", kwargs={"kind": target.record_kind})
    return f"{address}?{urlencode({name: text for name, text in selection.items() if text})}"


@register.inclusion_tag("components/figure.html", takes_context=True)
def figure(
    context: template.Context,
    actual: Actual,
    *,
    year: str = "",
    text: str = "",
    rest: str = "",
    big: bool = False,
) -> dict[str, Any]:
    """An actual's value, linked to its records; ``text`` in its place, ``rest`` behind it."""
    value = text or formatting.format_value(actual.value, actual.target)
    url = "" if actual.value is None else records_url(context, actual, year=year)
    return {"value": value, "url": url, "rest": rest, "big": big}


@register.inclusion_tag("components/figure.html", takes_context=True)
def years_met_figure(
    context: template.Context, row: TargetRow, *, rest: str = "", big: bool = False
) -> dict[str, Any]:
    """How many years of a yearly target were met, linked to the records of all of them."""
    closed = sentences.count_years_met(row)[1]
    url = records_url(context, row.actual) if closed else ""
    return {"value": sentences.format_years_met(row), "url": url, "rest": rest, "big": big}


@register.simple_tag(takes_context=True)
def slice_url(
    context: template.Context, actual: Actual, slice_: Slice, dimension: Dimension | str = ""
) -> str:
    """The records behind one row of a disaggregation, also those that have no value there."""
    if not slice_.records:
        return ""
    return records_url(context, actual, code=slice_.code or WITHOUT, dimension=str(dimension))


@register.simple_tag(takes_context=True)
def change_url(context: template.Context, progress: TargetProgress, as_of: date) -> str:
    """The records that moved a value of late; empty where it stayed as it was."""
    row = progress.row
    if not progress.change:
        return ""
    year = row.this_year.window.period.label if row.years else ""
    return records_url(context, row.actual, year=year, after=change_start(as_of))


@register.simple_tag(takes_context=True)
def growth_url(context: template.Context, one: TargetYear) -> str:
    """The records that a count grew by in a year; empty where it did not grow."""
    if not one.growth or one.since_start is None:
        return ""
    return records_url(context, one.since_start, after=one.growth_after)


@register.simple_tag(takes_context=True)
def excluded_url(context: template.Context, actual: Actual, reason: Reason | str = "") -> str:
    """The records that a figure leaves out, all or for one reason."""
    return records_url(context, actual, counts="no", reason=str(reason))


@register.filter
def overridden_rows(rollup: Rollup) -> list[TargetRow]:
    """The targets whose rating an officer set."""
    return [row for row in rollup.targets if row.override]


@register.simple_tag
def override_days(override: RatingOverride) -> str:
    """The days of figures that a rating set by an officer applies to: one, or first to last."""
    first = override.valid_from
    days = override_period(override.target.plan, first)
    if days is None or days.ends_on == first:
        return formatting.format_day(first)
    said = {"first": formatting.format_day(first), "last": formatting.format_day(days.ends_on)}
    return gettext("%(first)s to %(last)s") % said


@register.simple_tag(takes_context=True)
def rating_url(
    context: template.Context,
    target: Target,
    selection: FigureSelection,
    override: RatingOverride | None = None,
) -> str:
    """Where an officer sets a target's rating, or withdraws one; empty for everybody else."""
    if not can_override_ratings(context.get("user")):
        return ""
    query = urlencode({"plan": selection.plan.code, "as_of": selection.as_of.isoformat()})
    if override is None:
        return f"{reverse('reporting:rating_override', kwargs={'code': target.code})}?{query}"
    names = {"code": target.code, "number": override.pk}
    return f"{reverse('reporting:rating_override_withdraw', kwargs=names)}?{query}"


@register.simple_tag(takes_context=True)
def target_url(context: template.Context, target: Target, selection: FigureSelection) -> str:
    """The page of a target, as of the same day; its rule for who may not see records."""
    query = {"plan": selection.plan.code}
    if not _may_open_records(context):
        return f"{reverse('strategy:plan')}?{urlencode(query)}#{target.code}"
    query["as_of"] = selection.as_of.isoformat()
    return f"{reverse('reporting:target', kwargs={'code': target.code})}?{urlencode(query)}"


@register.simple_tag
def file_url(extension: str, selection: FigureSelection) -> str:
    """The summary table as a file, of the same plan and day."""
    query = {"plan": selection.plan.code, "as_of": selection.as_of.isoformat()}
    address = reverse("reporting:summary_file", kwargs={"extension": extension})
    return f"{address}?{urlencode(query)}"


@register.simple_tag
def indicator_rowspan(objective: ObjectiveRow, target: Target) -> int:
    """Over how many rows of its objective an indicator's cell stands."""
    return sum(row.target.indicator_id == target.indicator_id for row in objective.targets)


@register.simple_tag(takes_context=True)
def pending_url(
    context: template.Context, kind: RecordKind, *, status: str = "", waits: str = ""
) -> str:
    """The records of a kind that wait so; only for who sees those of every office."""
    if not sees_all_offices(context.get("user")):
        return ""
    selection = {"status": status} if status else {"waits": waits}
    return f"{reverse('indicators:record_list', kwargs={'kind': kind})}?{urlencode(selection)}"


@register.simple_tag(takes_context=True)
def sessions_url(context: template.Context, trained: TraineeCount, people: str = "") -> str:
    """The sessions behind numbers of people trained: all, those that recorded women, or so on."""
    if not _may_open_records(context):
        return ""
    lacks = "country" if trained.country == "" else "group" if trained.group == "" else ""
    selection = {
        "status": "approved",
        "began_from": trained.period.starts_on.isoformat(),
        "began_to": trained.period.ends_on.isoformat(),
        "country": trained.country or "",
        "group": trained.group or "",
        "lacks": lacks,
        "people": people,
    }
    address = reverse("indicators:record_list", kwargs={"kind": RecordKind.ACTIVITY})
    return f"{address}?{urlencode({name: text for name, text in selection.items() if text})}"


@register.simple_tag
def objective_cells(objectives: Iterable[ObjectiveProgress]) -> list[dict[str, Any]]:
    """The cells of the score, each leading to its rows of the plan table."""
    return [
        {
            "code": one.row.objective.code,
            "rating": one.row.rating,
            "url": f"#o{one.row.objective.code}",
        }
        for one in objectives
    ]


@register.simple_tag
def overall_status(rollup: Rollup) -> sentences.OverallStatus:
    return sentences.format_overall_status(row.rating for row in rollup.objectives)


@register.simple_tag
def projection(progress: TargetProgress, rollup: Rollup) -> str:
    """Where the pace so far leads; a dash where no pace leads anywhere any more."""
    if rollup.as_of >= rollup.plan.ends_on:
        return formatting.EN_DASH
    return sentences.format_projection(progress) or formatting.EN_DASH


@register.simple_tag
def quarter_ends(rollup: Rollup) -> tuple[date, ...]:
    return past_quarter_ends(rollup.plan.period, rollup.as_of)


@register.filter
def past_quarters(progress: TargetProgress, rollup: Rollup) -> tuple[Quarter, ...]:
    return build_quarters(progress, rollup.as_of)


@register.filter
def visible_quarters(detail: TargetDetail) -> tuple[Quarter, ...]:
    """The points of a target's picture, as rows."""
    target = detail.progress.row.target
    return tuple(build_quarter(target, day, value) for day, value in detail.points)


@register.simple_tag
def pace(progress: TargetProgress, rollup: Rollup) -> str:
    return sentences.describe_pace(progress, is_over=rollup.as_of >= rollup.plan.ends_on)


@register.filter
def percent_floor(value: Decimal | None) -> int:
    """A count as a whole number, for the choice of singular or plural."""
    return int(value or 0)


@register.filter
def decimal(value: Decimal | None, places: int = 0) -> str:
    """A number that may not be there: then a dash."""
    return (
        formatting.format_number(value, places)
        if isinstance(value, Decimal)
        else formatting.EN_DASH
    )


@register.filter
def number_or_no_data(value: int | None) -> str:
    return gettext("no data") if value is None else formatting.format_number(value)


@register.filter
def local_date(moment: datetime) -> date:
    """The day of a moment, where the organisation is."""
    return timezone.localtime(moment).date()


@register.filter
def coverage_cells(country: CountryCoverage, reach: GeographicReach) -> list[dict[str, Any]]:
    """The numbers of a country beside the ties that they belong to."""
    return [
        {"target": target, "count": count}
        for target, count in zip(reach.targets, country.record_counts, strict=True)
    ]


def _may_open_records(context: template.Context) -> bool:
    return can_open_records(context.get("user"))
