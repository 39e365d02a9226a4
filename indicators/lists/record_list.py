"""One list of records as its address describes it: for the screen, and the same rows for a file.

An address may name a figure: ``target`` with ``plan``, ``as_of``, ``counts``, ``year``, ``slice``
(``by`` another dimension than the target's own), ``after`` and ``reason``. The list then holds
exactly the records that the figure counts, those that it leaves out and why, or those that it would
count once approved; of a slice, or only those that count since a day.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from indicators.counting.registry import RECORD_SOURCES
from indicators.counting.rules import (
    UNTIL_APPROVED,
    counted_records,
    excluded_records,
    plan_window,
    record_source,
    select_slice,
    with_exclusion_reason,
    year_window,
)
from indicators.lists.filters import RecordFilter
from indicators.models import Record, RecordQuerySet
from strategy.accounts.policy import sees_all_offices
from strategy.choices import Dimension, Reason, RecordKind
from strategy.dates.periods import Window
from strategy.models import Plan, Target, UnknownYear, User
from strategy.text import join_plain

SORTS = ("name", "when", "status", "changed")
"""The words by which a list is sorted; a minus in front turns the order round."""

DEFAULT_SORT = "-changed"

NO_VALUE = "-"
"""The slice of the records that have no value on the dimension."""


class InvalidQueryString(ValueError):
    """An address whose value means nothing; its text names the value and what to write instead."""


@dataclass(frozen=True)
class FigureFilter:
    """The number whose records a list shows: a target in a window, or what it leaves out.

    ``slice_label`` says which of them alone are asked for, empty for all; ``number`` is how many
    they are, ``seen`` how many of them the reader may see: the others are of other offices.
    ``waits`` is true for the submitted records that would count once approved.
    """

    target: Target
    window: Window
    is_year: bool
    counts: bool
    waits: bool
    slice_code: str
    slice_label: str
    number: int
    seen: int

    @property
    def leaves_out(self) -> bool:
        return not self.counts and not self.waits


@dataclass(frozen=True)
class Listing:
    """The records of one kind that an address asks for and the person may see."""

    kind: RecordKind
    records: RecordQuerySet[Record]
    """All of them in order, not yet cut into pages; ``reason`` is on those a figure leaves out."""
    filters: RecordFilter
    plan: Plan | None
    sort: str
    figure: FigureFilter | None

    @property
    def is_valid(self) -> bool:
        return bool(self.filters.form.is_valid())


def build_listing(kind: RecordKind, params: Mapping[str, Any], user: User, today: date) -> Listing:
    """What the address asks for; a condition that means nothing finds nothing.

    Raises InvalidQueryString for a figure or an order that means nothing.
    """
    plan = Plan.objects.current(today)
    figure = None
    records = RECORD_SOURCES[kind].model.objects.visible_to(user)
    if params.get("target"):
        figure, of_figure = _figure(kind, params, today)
        plan = figure.target.plan
        if sees_all_offices(user):
            records = of_figure
        else:
            records = of_figure.filter(pk__in=records.values("pk"))
            figure = replace(figure, seen=records.count())
    filters = RecordFilter(
        params,
        queryset=records,
        kind=kind,
        plan=plan,
        are_all_offices=sees_all_offices(user),
        leaving_out=("year",) if figure else (),
    )
    sort = params.get("sort") or DEFAULT_SORT
    found = filters.qs if filters.form.is_valid() else records.none()
    return Listing(kind, _sorted(found, kind, sort), filters, plan, sort, figure)


def _sorted(records: RecordQuerySet[Record], kind: RecordKind, sort: str) -> RecordQuerySet[Record]:
    word = sort.removeprefix("-")
    if word not in SORTS:
        raise InvalidQueryString(
            _("A list cannot be sorted by “%(word)s”. Choose the head of a column.")
            % {"word": word}
        )
    source = RECORD_SOURCES[kind]
    has_title = any(field.name == "title" for field in source.model._meta.fields)
    column = {
        "name": "title" if has_title else "year",
        "when": source.date_rule.column,
        "status": "status",
        "changed": "changed_at",
    }[word]
    if sort.startswith("-"):
        return records.order_by(F(column).desc(nulls_last=True), "-pk")
    return records.order_by(F(column).asc(nulls_last=True), "pk")


def _figure(
    kind: RecordKind, params: Mapping[str, Any], today: date
) -> tuple[FigureFilter, RecordQuerySet[Record]]:
    """Return the figure that the query string names, with its records of every office."""
    as_of = _day(params.get("as_of") or "", today)
    target = _target(kind, params["target"], params.get("plan") or "", as_of)
    window, is_year = _window(target, params.get("year") or "", as_of)
    word = _known_word(params.get("counts") or "yes")
    records = RECORDS_BY_COUNTS[word](target, window)
    code, labels = params.get("slice") or "", []
    if code:
        dimension = _dimension(target, params.get("by") or target.dimension)
        labels.append(_slice_label(target, code, dimension))
        records = _of_slice(records, target, code, dimension)
    if word == "yes" and params.get("after"):
        records, label = _since(records, target, window, params["after"])
        labels.append(label)
    if word == "no" and params.get("reason"):
        reason = _reason(params["reason"])
        labels.append(str(reason.label))
        records = records.filter(Q(reason=reason))
    only, number = join_plain(labels), records.count()
    figure = FigureFilter(
        target, window, is_year, word == "yes", word == "once_approved", code, only, number, number
    )
    return figure, records


def _would_count(target: Target, window: Window) -> RecordQuerySet[Record]:
    records = with_exclusion_reason(target, window, UNTIL_APPROVED)
    return records.awaiting_review().filter(Q(reason__isnull=True))


RECORDS_BY_COUNTS: Mapping[str, Callable[[Target, Window], RecordQuerySet[Record]]] = {
    "yes": counted_records,
    "no": excluded_records,
    "once_approved": _would_count,
}
"""The records that the word after ``counts`` asks for."""


def _of_slice(
    records: RecordQuerySet[Record], target: Target, code: str, dimension: Dimension
) -> RecordQuerySet[Record]:
    if code != NO_VALUE:
        return select_slice(records, target, code, dimension)
    source = record_source(target)
    return records.filter(~source.with_value(source.paths[dimension], None))


def _since(
    records: RecordQuerySet[Record], target: Target, window: Window, text: str
) -> tuple[RecordQuerySet[Record], str]:
    day = _day(text, window.as_of)
    before = counted_records(target, Window(window.period, day))
    label = _("counting since %(day)s") % {"day": date_format(day, "DATE_FORMAT")}
    return records.exclude(pk__in=before.values("pk")), label


def _day(text: str, today: date) -> date:
    if not text:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidQueryString(
            _("“%(text)s” is not a day. Write the as-of date as 2019-12-31.") % {"text": text}
        ) from None


def _target(kind: RecordKind, code: str, plan_code: str, as_of: date) -> Target:
    named = Plan.objects.find_by_code(plan_code) if plan_code else None
    if plan_code and named is None:
        raise InvalidQueryString(_("There is no plan “%(code)s”.") % {"code": plan_code})
    plan = named or Plan.objects.current(as_of)
    target = Target.objects.find_in_plan(plan, code) if plan else None
    if target is None or target.record_kind != kind:
        raise InvalidQueryString(
            _("The plan has no target “%(code)s” on records of this kind.") % {"code": code}
        )
    return target


def _window(target: Target, label: str, as_of: date) -> tuple[Window, bool]:
    if not label:
        return plan_window(target, as_of), False
    try:
        return year_window(target, target.plan.year(label), as_of), True
    except UnknownYear as error:
        raise InvalidQueryString(str(error)) from None


def _known_word(text: str) -> str:
    if text not in RECORDS_BY_COUNTS:
        raise InvalidQueryString(
            _("“%(text)s” means nothing here. Write counts=yes or counts=no.") % {"text": text}
        )
    return text


def _dimension(target: Target, word: str) -> Dimension:
    dimension = next((one for one in record_source(target).paths if one == word), None)
    if dimension is None:
        raise InvalidQueryString(
            _("“%(word)s” tells these records not apart. Open the target to see what does.")
            % {"word": word}
        )
    return dimension


def _slice_label(target: Target, code: str, dimension: Dimension) -> str:
    if code == NO_VALUE:
        return _("%(dimension)s not given") % {"dimension": dimension.label}
    labels = record_source(target).paths[dimension].labels()
    if code not in labels:
        raise InvalidQueryString(
            _("“%(code)s” is not a part of this figure. Open the target to see its parts.")
            % {"code": code}
        )
    return labels[code]


def _reason(word: str) -> Reason:
    try:
        return Reason(word)
    except ValueError:
        raise InvalidQueryString(
            _("“%(word)s” is no reason for leaving a record out.") % {"word": word}
        ) from None
