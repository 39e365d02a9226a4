"""Lists of records: all kinds at a glance, one kind with its search and filters, and learning."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from indicators.counting.contributions import describe_objectives, find_contributions, load_targets
from indicators.counting.registry import RECORD_SOURCES
from indicators.forms.registry import KIND_GROUPS, RECORD_TYPES, RecordType
from indicators.lists.addresses import RecordAddresses
from indicators.lists.learning import build_learning_page
from indicators.lists.pagination import paginate
from indicators.lists.record_list import Listing, build_listing
from indicators.models import Record, Status
from indicators.values.display import describe_reversal, display_dates, display_value, get_label
from indicators.views.shortcuts import get_user
from indicators.workflow.queues import count_by_kind
from strategy.accounts.policy import can_record, can_review
from strategy.caching.views import cached_by_rights
from strategy.choices import Reason, RecordKind
from strategy.models import User
from strategy.plan.cache import read_version_once
from strategy.text import join_plain

PER_PAGE = 50
FIGURE_PARAMS = ("target", "plan", "as_of", "counts", "year", "slice", "by", "after", "reason")


@dataclass(frozen=True)
class RecordRow:
    """One record in a list."""

    record: Record
    url: str
    cells: Sequence[tuple[str, str]]
    when: str
    reversal: str
    counting_text: str
    """Why a figure excludes it; else the objectives that it counts towards."""
    status: Status


@dataclass(frozen=True)
class ColumnHeading:
    """The heading of a column; with a URL when the list can be sorted by it."""

    label: str
    url: str = ""
    direction: str = ""


@cached_by_rights
@require_safe
def record_index(request: HttpRequest) -> HttpResponse:
    numbers = count_by_kind(get_user(request))
    kinds = {
        kind: {
            "record_type": RECORD_TYPES[kind],
            "total": sum(numbers[kind].values()),
            "submitted": numbers[kind].get(Status.SUBMITTED, 0),
            "returned": numbers[kind].get(Status.RETURNED, 0),
            "draft": numbers[kind].get(Status.DRAFT, 0),
        }
        for kind in RecordKind
    }
    groups = [(group.label, [kinds[kind] for kind in group.kinds]) for group in KIND_GROUPS]
    context = {"groups": groups, "can_record": can_record(get_user(request))}
    return render(request, "indicators/records/index.html", context)


@cached_by_rights
@require_safe
def learning(request: HttpRequest) -> HttpResponse:
    user = get_user(request)
    context = {
        "learning": build_learning_page(user, request.GET, timezone.localdate()),
        "can_record": can_record(user),
    }
    return render(request, "indicators/learning/page.html", context)


@cached_by_rights
@require_safe
@read_version_once()
def record_list(request: HttpRequest, kind: RecordKind) -> HttpResponse:
    user, today = get_user(request), timezone.localdate()
    listing = build_listing(kind, request.GET, user, today)
    record_type = RECORD_TYPES[kind]
    page = _paginate(listing, record_type, request.GET)
    total = _count_all(listing, record_type, user)
    context = {
        "record_type": record_type,
        "figure": listing.figure,
        "form": listing.filters.form,
        "page": page,
        "rows": _build_rows(page, record_type, listing, today),
        "headings": _build_headings(request.GET, record_type, listing),
        "chips": list(_build_chips(request.GET, listing)),
        "summary": _format_summary(page.paginator.count, total, listing),
        "rest": _format_uncounted(listing),
        "is_empty": total == 0,
        "lasting_params": _get_lasting_params(request.GET),
        "can_record": can_record(user),
        "can_export": can_review(user),
        "query": request.GET.urlencode(),
    }
    status = 200 if listing.is_valid else 400
    return render(request, "indicators/records/list.html", context, status=status)


def _paginate(listing: Listing, record_type: RecordType, params: QueryDict) -> "Page[Any]":
    countries = [path.column for path in RECORD_SOURCES[record_type.kind].country_paths]
    records = listing.records.with_related({*record_type.columns, *countries})
    page: Page[Any] = paginate(records, params, PER_PAGE, number=listing.number)
    return page


def _count_all(listing: Listing, record_type: RecordType, user: User) -> int:
    """Return how many records there are without conditions: of the figure, or of the kind."""
    if listing.figure:
        return listing.figure.seen
    if not listing.is_narrowed:
        return listing.number
    return record_type.model.objects.visible_to(user).count()


def _build_rows(
    page: "Page[Any]", record_type: RecordType, listing: Listing, today: date
) -> list[RecordRow]:
    records = list(page.object_list)
    kind, model, figure = record_type.kind, record_type.model, listing.figure
    as_of = figure.window.as_of if figure else today
    is_excluded = figure is not None and figure.is_excluded
    targets = () if is_excluded else load_targets()
    contributions = find_contributions(kind, records, targets, as_of)
    labels = {name: get_label(model, name) for name in record_type.columns}
    addresses = RecordAddresses()
    return [
        RecordRow(
            record=record,
            url=addresses.find(kind, record.reference),
            cells=[(label, display_value(record, name)) for name, label in labels.items()],
            when=display_dates(record),
            reversal=describe_reversal(record, as_of),
            counting_text=str(Reason(record.reason).label)
            if is_excluded
            else describe_objectives(contributions.get(record.pk, ()), targets, "\n"),
            status=Status(record.status),
        )
        for record in records
    ]


def _build_headings(
    params: QueryDict, record_type: RecordType, listing: Listing
) -> list[ColumnHeading]:
    figure, model = listing.figure, record_type.model
    counting_label = _("Reason") if figure and figure.is_excluded else _("Counts towards")
    return [
        _build_sort_heading(params, listing.sort, "name", capfirst(model._meta.verbose_name)),
        *(ColumnHeading(get_label(model, name)) for name in record_type.columns),
        _build_sort_heading(params, listing.sort, "when", _("When")),
        ColumnHeading(counting_label),
        _build_sort_heading(params, listing.sort, "status", _("Status")),
        _build_sort_heading(params, listing.sort, "changed", _("Last changed")),
    ]


def _build_sort_heading(params: QueryDict, sort: str, column: str, label: Any) -> ColumnHeading:
    direction = {column: "ascending", f"-{column}": "descending"}.get(sort, "")
    next_sort = f"-{column}" if direction == "ascending" else column
    return ColumnHeading(str(label), _build_query(params, sort=next_sort, page=None), direction)


def _build_query(params: QueryDict, **changes: str | None) -> str:
    query = params.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return f"?{query.urlencode()}"


def _build_chips(params: QueryDict, listing: Listing) -> Iterable[dict[str, str]]:
    form = listing.filters.form
    for name, field in form.fields.items():
        value = params.get(name, "")
        if not value or name in form.errors:
            continue
        label = dict(getattr(field, "choices", ())).get(value, value)
        yield {
            "label": _("%(label)s: %(value)s") % {"label": field.label, "value": label},
            "url": _build_query(params, page=None, **{name: None}),
        }


def _get_lasting_params(params: QueryDict) -> list[tuple[str, str]]:
    """Return the parameters of the figure and the order, which a new search does not change."""
    names = (*FIGURE_PARAMS, "sort") if params.get("target") else ("sort",)
    return [(name, str(params[name])) for name in names if params.get(name)]


def _format_summary(selected_count: int, total: int, listing: Listing) -> str:
    if selected_count == total:
        sentence = ngettext("%(number)s record", "%(number)s records", selected_count)
        return sentence % {"number": selected_count}
    return _("%(number)s of %(all)s") % {"number": selected_count, "all": total}


def _format_uncounted(listing: Listing) -> str:
    if listing.figure or not listing.is_valid:
        return ""
    counts = listing.count_by_status
    parts = []
    if pending := counts.get(Status.SUBMITTED, 0):
        parts.append(
            ngettext("%(number)s waits for approval", "%(number)s wait for approval", pending)
            % {"number": pending}
        )
    if returned := counts.get(Status.RETURNED, 0):
        parts.append(
            ngettext("%(number)s was returned", "%(number)s were returned", returned)
            % {"number": returned}
        )
    return join_plain(parts)
