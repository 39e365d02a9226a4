"""Lists of records: all kinds at a glance, and one kind with its search, filters and pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.core.paginator import Page
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from indicators.counting.contributions import counted_objectives, find_contributions, load_targets
from indicators.forms.registry import RECORD_TYPES, RecordType
from indicators.lists.pagination import paginate
from indicators.lists.record_list import InvalidQueryString, Listing, build_listing
from indicators.models import Record, Status
from indicators.values.display import display_dates, display_value, get_label
from indicators.views.shortcuts import get_user
from indicators.workflow.queues import count_by_kind
from strategy.accounts.policy import can_record, can_review
from strategy.choices import Reason, RecordKind
from strategy.text import join_plain

PER_PAGE = 50
FIGURE_PARAMS = ("target", "plan", "as_of", "counts", "year", "slice", "by", "after", "reason")


@dataclass(frozen=True)
class Row:
    """One record in a list."""

    record: Record
    url: str
    cells: Sequence[tuple[str, str]]
    when: str
    last: str
    """Why a figure leaves it out; else the objectives that it counts towards."""
    status: Status


@dataclass(frozen=True)
class Head:
    """The head of a column; with an address when the list can be sorted by it."""

    label: str
    url: str = ""
    direction: str = ""


@require_safe
def record_index(request: HttpRequest) -> HttpResponse:
    numbers = count_by_kind(get_user(request))
    kinds = [
        {
            "screen": screen,
            "total": sum(numbers[kind].values()),
            "submitted": numbers[kind].get(Status.SUBMITTED, 0),
            "returned": numbers[kind].get(Status.RETURNED, 0),
            "draft": numbers[kind].get(Status.DRAFT, 0),
        }
        for kind, screen in RECORD_TYPES.items()
    ]
    context = {"kinds": kinds, "may_record": can_record(get_user(request))}
    return render(request, "indicators/records/index.html", context)


@require_safe
def record_list(request: HttpRequest, kind: RecordKind) -> HttpResponse:
    user, today = get_user(request), timezone.localdate()
    try:
        listing = build_listing(kind, request.GET, user, today)
        page = paginate(listing.records.with_related(), request.GET.get("page", ""), PER_PAGE)
    except InvalidQueryString as error:
        raise BadRequest(str(error)) from None
    screen = RECORD_TYPES[kind]
    total = screen.model.objects.visible_to(user).count()
    context = {
        "screen": screen,
        "listing": listing,
        "figure": listing.figure,
        "form": listing.filters.form,
        "page": page,
        "rows": _rows(page, screen, listing, today),
        "heads": _heads(request.GET, screen, listing),
        "chips": list(_chips(request.GET, listing)),
        "summary": _summary(page.paginator.count, total, listing),
        "rest": _rest(listing),
        "is_empty": total == 0,
        "kept": [(name, request.GET[name]) for name in _kept(request.GET)],
        "may_record": can_record(user),
        "may_export": can_review(user),
        "query": request.GET.urlencode(),
    }
    status = 200 if listing.is_valid else 400
    return render(request, "indicators/records/list.html", context, status=status)


def _rows(page: "Page[Any]", screen: RecordType, listing: Listing, today: Any) -> list[Row]:
    records = list(page.object_list)
    figure = listing.figure
    as_of = figure.window.as_of if figure else today
    leaves_out = figure is not None and figure.leaves_out
    targets = () if leaves_out else load_targets(listing.plan)
    answers = find_contributions(screen.kind, records, targets, as_of)
    return [
        Row(
            record=record,
            url=reverse("indicators:record_detail", args=[screen.kind, record.reference]),
            cells=[(get_label(screen.model, n), display_value(record, n)) for n in screen.columns],
            when=display_dates(record),
            last=str(Reason(record.reason).label)
            if leaves_out
            else join_plain(counted_objectives(answers.get(record.pk, ()))),
            status=Status(record.status),
        )
        for record in records
    ]


def _heads(params: QueryDict, screen: RecordType, listing: Listing) -> list[Head]:
    figure = listing.figure
    last = _("Reason") if figure and figure.leaves_out else _("Counts towards")
    return [
        _head(params, listing.sort, "name", str(capfirst(screen.model._meta.verbose_name))),
        *(Head(get_label(screen.model, name)) for name in screen.columns),
        _head(params, listing.sort, "when", _("When")),
        Head(last),
        _head(params, listing.sort, "status", _("Status")),
        _head(params, listing.sort, "changed", _("Last changed")),
    ]


def _head(params: QueryDict, sort: str, word: str, label: str) -> Head:
    direction = {word: "ascending", f"-{word}": "descending"}.get(sort, "")
    after = f"-{word}" if direction == "ascending" else word
    return Head(label, "?" + _changed(params, sort=after, page=None), direction)


def _changed(params: QueryDict, **values: str | None) -> str:
    changed = params.copy()
    for name, value in values.items():
        changed.pop(name, None)
        if value is not None:
            changed[name] = value
    return changed.urlencode()


def _chips(params: QueryDict, listing: Listing) -> Iterable[dict[str, str]]:
    form = listing.filters.form
    for name, field in form.fields.items():
        value = params.get(name, "")
        if not value or name in form.errors:
            continue
        words = dict(getattr(field, "choices", ())).get(value, value)
        yield {
            "label": _("%(label)s: %(value)s") % {"label": field.label, "value": words},
            "url": "?" + _changed(params, page=None, **{name: None}),
        }


def _kept(params: QueryDict) -> list[str]:
    names = (*FIGURE_PARAMS, "sort") if params.get("target") else ("sort",)
    return [name for name in names if params.get(name)]


def _summary(found: int, total: int, listing: Listing) -> str:
    total = listing.figure.seen if listing.figure else total
    if found == total:
        return ngettext("%(number)s record", "%(number)s records", found) % {"number": found}
    return _("%(number)s of %(all)s") % {"number": found, "all": total}


def _rest(listing: Listing) -> str:
    if listing.figure or not listing.is_valid:
        return ""
    rows = listing.records.order_by().values_list("status").annotate(number=Count("pk"))
    numbers = dict(rows)
    parts = []
    if waits := numbers.get(Status.SUBMITTED, 0):
        parts.append(
            ngettext("%(number)s waits for approval", "%(number)s wait for approval", waits)
            % {"number": waits}
        )
    if returned := numbers.get(Status.RETURNED, 0):
        parts.append(
            ngettext("%(number)s was returned", "%(number)s were returned", returned)
            % {"number": returned}
        )
    return join_plain(parts)
