"""A list of records as its query string describes it: for the page, and the same rows for a file.

A query string may name a figure: ``target`` with ``plan``, ``as_of``, ``counts``, ``year``,
``slice`` (``by`` another dimension than the target's own), ``after`` and ``reason``. The list then
has exactly the records that the figure counts, excludes or would count once approved.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Count, F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from indicators.counting.contributions import find_targets
from indicators.counting.registry import RECORD_SOURCES
from indicators.counting.rules import (
    UNTIL_APPROVED,
    counted_records,
    excluded_records,
    plan_window,
    record_source,
    select_numerator,
    select_slice,
    with_exclusion_reason,
    year_window,
)
from indicators.lists.filters import RecordFilter
from indicators.models import Record, RecordQuerySet
from indicators.models.reading.confidentiality import MIN_RECORDS_OF_COUNTRY
from strategy.accounts.policy import sees_all_offices, sees_confidential_records
from strategy.choices import COUNTRY_DIMENSIONS, Dimension, Reason, RecordKind
from strategy.dates.periods import Window
from strategy.models import Plan, Target, UnknownYear, User, find_current_plan
from strategy.plan.cache import load_plans
from strategy.text import join_plain

DEFAULT_SORT = "-changed"

NO_VALUE = "-"
"""The slice of the records that have no value on the dimension."""


@dataclass(frozen=True)
class FigureFilter:
    """The number whose records a list shows: a target in a window, or what it leaves out.

    ``slice_label`` names the slice, empty for all records. ``number`` includes the records of other
    offices, ``seen`` only those that the user may see.
    """

    target: Target
    window: Window
    is_year: bool
    is_counted: bool
    is_pending: bool
    """Whether the records are submitted and would count once approved."""
    slice_label: str
    number: int
    seen: int
    are_all_offices: bool = True
    """Whether only confidential records are not seen."""

    @property
    def is_excluded(self) -> bool:
        return not self.is_counted and not self.is_pending


@dataclass(frozen=True)
class Listing:
    """The records of one kind that a query string names and the user may see."""

    records: RecordQuerySet[Record]
    """All pages, in order; the records excluded from a figure have a ``reason``."""
    filters: RecordFilter
    sort: str
    figure: FigureFilter | None

    @property
    def is_valid(self) -> bool:
        return bool(self.filters.form.is_valid())

    @cached_property
    def count_by_status(self) -> Mapping[str, int]:
        """How many of the records have each status, in one query."""
        rows = self.records.order_by().values_list("status").annotate(number=Count("pk"))
        return dict(rows.order_by("status"))

    @property
    def is_narrowed(self) -> bool:
        """Whether a condition leaves out records of the kind, or of the figure."""
        form = self.filters.form
        return not self.is_valid or any(form.cleaned_data.values())

    @cached_property
    def number(self) -> int:
        if self.figure and not self.is_narrowed:
            return self.figure.seen
        return sum(self.count_by_status.values())


def build_listing(kind: RecordKind, params: Mapping[str, Any], user: User, today: date) -> Listing:
    """Return what the query string names; an invalid filter selects no record.

    Raises BadRequest for an invalid figure or order.
    """
    figure = None
    records = RECORD_SOURCES[kind].model.objects.visible_to(user)
    if params.get("target"):
        figure, figure_records = _read_figure(kind, params, today)
        if sees_confidential_records(user):
            records = figure_records
        else:
            if sees_all_offices(user):
                records = figure_records.visible_to(user)
            else:
                records = figure_records.filter(pk__in=records.values("pk")).visible_to(user)
            figure = _describe_seen(figure, figure_records, records, params, user)
    filters = RecordFilter(
        params,
        queryset=records,
        kind=kind,
        plans=load_plans(),
        are_all_offices=sees_all_offices(user),
        today=today,
        leaving_out=("year",) if figure else (),
    )
    sort = params.get("sort") or DEFAULT_SORT
    selected = filters.qs if filters.form.is_valid() else records.none()
    return Listing(_sort_records(selected, kind, sort), filters, sort, figure)


def _describe_seen(
    figure: FigureFilter,
    records: RecordQuerySet[Record],
    seen: RecordQuerySet[Record],
    params: Mapping[str, Any],
    user: User,
) -> FigureFilter:
    """Return the figure with the number of its records that the user sees.

    A number that told a hidden record's day, or its country, leaves it out.
    """
    number = figure.number
    is_of_country = (params.get("by") or figure.target.dimension) in COUNTRY_DIMENSIONS
    is_few = params.get("slice") and is_of_country and number < MIN_RECORDS_OF_COUNTRY
    if is_few or params.get("after"):
        number = records.disclosed_to(user).count()
    are_all_offices = sees_all_offices(user)
    return replace(figure, number=number, seen=seen.count(), are_all_offices=are_all_offices)


def _sort_records(
    records: RecordQuerySet[Record], kind: RecordKind, sort: str
) -> RecordQuerySet[Record]:
    source = RECORD_SOURCES[kind]
    columns = {
        "name": source.model.NAME_COLUMN,
        "when": source.date_rule.column,
        "status": "status",
        "changed": "changed_at",
    }
    word = sort.removeprefix("-")
    if word not in columns:
        raise BadRequest(
            _("A list cannot be sorted by “%(word)s”. Choose the head of a column.")
            % {"word": word}
        )
    column = F(columns[word])
    if sort.startswith("-"):
        return records.order_by(column.desc(nulls_last=True), "-pk")
    return records.order_by(column.asc(nulls_last=True), "pk")


def _read_figure(
    kind: RecordKind, params: Mapping[str, Any], today: date
) -> tuple[FigureFilter, RecordQuerySet[Record]]:
    """Return the figure that the query string names, with its records of every office."""
    as_of = _parse_day(params.get("as_of") or "", today)
    target = _read_target(kind, params["target"], params.get("plan") or "", as_of)
    window, is_year = _read_window(target, params.get("year") or "", as_of)
    counts = params.get("counts") or "yes"
    if counts not in RECORDS_BY_COUNTS:
        raise BadRequest(
            _("“%(text)s” means nothing here. Write counts=yes or counts=no.") % {"text": counts}
        )
    records = RECORDS_BY_COUNTS[counts](target, window)
    labels = [_("in the numerator")] if counts == "numerator" else []
    if code := params.get("slice"):
        dimension = _read_dimension(target, params.get("by") or target.dimension)
        labels.append(_get_slice_label(target, code, dimension))
        records = _filter_slice(records, target, code, dimension)
    if counts == "yes" and params.get("after"):
        day = _parse_day(params["after"], today)
        labels.append(_("counting since %(day)s") % {"day": date_format(day, "DATE_FORMAT")})
        counted_on_day = counted_records(target, Window(window.period, day))
        records = records.exclude(pk__in=counted_on_day.values("pk"))
    if counts == "no" and params.get("reason"):
        reason = _read_reason(params["reason"])
        labels.append(str(reason.label))
        records = records.filter(Q(reason=reason))
    number = records.count()
    figure = FigureFilter(
        target=target,
        window=window,
        is_year=is_year,
        is_counted=counts in ("yes", "numerator"),
        is_pending=counts == "once_approved",
        slice_label=join_plain(labels),
        number=number,
        seen=number,
    )
    return figure, records


def _select_countable(target: Target, window: Window) -> RecordQuerySet[Record]:
    records = with_exclusion_reason(target, window, UNTIL_APPROVED)
    return records.awaiting_review().filter(Q(reason__isnull=True))


RECORDS_BY_COUNTS: Mapping[str, Callable[[Target, Window], RecordQuerySet[Record]]] = {
    "yes": counted_records,
    "no": excluded_records,
    "numerator": select_numerator,
    "once_approved": _select_countable,
}
"""Value of ``counts`` -> its records."""


def _filter_slice(
    records: RecordQuerySet[Record], target: Target, code: str, dimension: Dimension
) -> RecordQuerySet[Record]:
    if code != NO_VALUE:
        return select_slice(records, target, code, dimension)
    source = record_source(target)
    return records.filter(~source.with_value(source.paths[dimension], None))


def _parse_day(text: str, today: date) -> date:
    if not text:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(
            _("“%(text)s” is not a day. Write the as-of date as 2019-12-31.") % {"text": text}
        ) from None


def _read_target(kind: RecordKind, code: str, plan_code: str, as_of: date) -> Target:
    targets = find_targets(code)
    if plan_code:
        plan = Plan.objects.find_by_code(plan_code)
        if plan is None:
            raise BadRequest(_("There is no plan “%(code)s”.") % {"code": plan_code})
    else:
        plan = find_current_plan(targets, as_of)
    target = targets.get(plan) if plan else None
    if target is None or target.record_kind != kind:
        raise BadRequest(
            _("The plan has no target “%(code)s” on records of this kind.") % {"code": code}
        )
    return target.as_of(as_of)


def _read_window(target: Target, label: str, as_of: date) -> tuple[Window, bool]:
    if not label:
        return plan_window(target, as_of), False
    try:
        return year_window(target, target.plan.year(label), as_of), True
    except UnknownYear as error:
        raise BadRequest(str(error)) from None


def _read_dimension(target: Target, word: str) -> Dimension:
    if word not in record_source(target).paths:
        raise BadRequest(
            _("“%(word)s” tells these records not apart. Open the target to see what does.")
            % {"word": word}
        )
    return Dimension(word)


def _get_slice_label(target: Target, code: str, dimension: Dimension) -> str:
    if code == NO_VALUE:
        return _("%(dimension)s not given") % {"dimension": dimension.label}
    labels = record_source(target).paths[dimension].labels(target.plan)
    if code not in labels:
        raise BadRequest(
            _("“%(code)s” is not a part of this figure. Open the target to see its parts.")
            % {"code": code}
        )
    return labels[code]


def _read_reason(word: str) -> Reason:
    try:
        return Reason(word)
    except ValueError:
        raise BadRequest(
            _("“%(word)s” is no reason for leaving a record out.") % {"word": word}
        ) from None
