"""What every page says around its content: where one can go, and that records are samples."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from ibcr_rbm.access_policy import POLICY, visitor_for
from indicators.workflow.permissions import visible_records
from indicators.workflow.queues import to_review, together
from strategy.choices import RecordKind, Role
from strategy.models import User


@dataclass(frozen=True)
class Place:
    """A part of the application: its first page, and the routes that belong to it."""

    label: str | Promise
    route: str
    routes: frozenset[str] = frozenset()
    count: Callable[[User], int] | None = None
    """How many things wait there for a person, in one query; None where nothing can wait."""


@dataclass(frozen=True)
class Item:
    """A place as one person sees it from one page."""

    url: str
    label: str | Promise
    is_current: bool
    count: int


def number_to_review(user: User) -> int:
    """How many records of all kinds the person may approve or return: one query."""
    condition = to_review(user)
    return together(
        visible_records(user, kind).filter(condition(kind)).order_by().values("pk")
        for kind in RecordKind
    ).count()


RECORD_ROUTES = frozenset(
    f"record_{name}" for name in ("list", "detail", "edit", "create", "history", "action")
)

RECORDING_ROUTES = RECORD_ROUTES | {
    *("my_work", "review", "record_index", "unsent", "unsent_form"),
    "report_draft",
}
"""Where people record or write: what waits on the device is looked after on each of these pages."""

MY_WORK = Place(gettext_lazy("My work"), "my_work")
REVIEW = Place(gettext_lazy("Review"), "review", count=number_to_review)
DASHBOARD = Place(
    gettext_lazy("Dashboard"),
    "dashboard",
    frozenset({"target", "target_rating", "rating_withdraw"}),
)
SUMMARY = Place(gettext_lazy("Summary table"), "summary")
RECORDS = Place(gettext_lazy("Records"), "record_index", RECORD_ROUTES)
IMPORT = Place(
    pgettext_lazy("navigation", "Import"),
    "import_start",
    frozenset({"import_preview", "import_runs", "import_run"}),
)
REPORTS = Place(
    gettext_lazy("Annual reports"),
    "report_list",
    frozenset(
        f"report_{name}"
        for name in (
            *("detail", "files", "issue", "page", "method", "draft", "preview", "earlier"),
            "verify",
        )
    ),
)
PLAN = Place(pgettext_lazy("navigation", "Plan"), "plan")
PLAN_DATA = Place(gettext_lazy("Plan data"), "admin:index")
ACCOUNTS = Place(gettext_lazy("Accounts"), "admin:strategy_user_changelist")
REFERENCE = Place(gettext_lazy("Reference data"), "admin:index")

PLACES: Mapping[str, tuple[Place, ...]] = {
    Role.STAFF: (MY_WORK, RECORDS, DASHBOARD, SUMMARY, PLAN),
    Role.MANAGER: (REVIEW, RECORDS, DASHBOARD, SUMMARY, REPORTS, PLAN, MY_WORK),
    Role.OFFICER: (
        *(DASHBOARD, SUMMARY, REVIEW, RECORDS, IMPORT),
        *(REPORTS, PLAN, PLAN_DATA, MY_WORK),
    ),
    Role.BOARD: (REPORTS, DASHBOARD, SUMMARY, PLAN),
    Role.ADMIN: (ACCOUNTS, REFERENCE, PLAN),
}
"""Where each role goes, the beginning of its own work first."""


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The context of every template; where it is shown it costs one query at most."""
    return {
        "navigation": SimpleLazyObject(lambda: items_for(request)),
        "may_open": SimpleLazyObject(lambda: routes_open_to(request)),
        "sample_notice": sample_notice(),
        "is_recording": _route_of(request) in RECORDING_ROUTES,
    }


def routes_open_to(request: HttpRequest) -> frozenset[str]:
    """The routes that who asks may read, so that no page shows a link that would be refused."""
    visitor = visitor_for(getattr(request, "user", AnonymousUser()))
    return frozenset(name for name, line in POLICY.items() if visitor in line.get("GET", ()))


def sample_notice() -> str:
    """The sentence of the banner; empty outside the demonstration."""
    if not settings.IS_DEMONSTRATION:
        return ""
    return _("Public sample records, gathered from published sources: not the totals of IBCR.")


def items_for(request: HttpRequest) -> list[Item]:
    """The navigation of who asks; nothing for somebody not signed in, or with nowhere to go."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return []
    route = _route_of(request)
    return [
        Item(
            url=reverse(place.route),
            label=place.label,
            is_current=route == place.route or route in place.routes,
            count=place.count(user) if place.count else 0,
        )
        for place in PLACES.get(visitor_for(user), ())
    ]


def _route_of(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""
