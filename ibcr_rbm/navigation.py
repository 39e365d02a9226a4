"""The context of every page: its navigation, the routes open to the user, the sample notice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from ibcr_rbm.access_policy import POLICY, get_visitor
from indicators.workflow.queues import count_awaiting_review
from strategy.choices import Role
from strategy.models import User


@dataclass(frozen=True)
class NavSection:
    """A part of the application: its first page, and the routes that belong to it."""

    label: str | Promise
    route: str
    routes: frozenset[str] = frozenset()
    count: Callable[[User], int] | None = None
    """Returns how many records await the user there, in one query."""


@dataclass(frozen=True)
class NavItem:
    """A section as one user sees it from one page."""

    url: str
    label: str | Promise
    is_current: bool
    count: int


RECORD_ROUTES = frozenset(
    f"indicators:record_{name}"
    for name in ("list", "detail", "edit", "create", "history", "action", "merge")
)

RECORDING_ROUTES = RECORD_ROUTES | {
    *(
        "indicators:my_work",
        "indicators:review",
        "indicators:record_index",
        "indicators:offline_queue",
        "indicators:offline_form",
    ),
    "reporting:draft_edit",
}
"""The pages where users record or write, which always load the scripts for drafts."""

MY_WORK = NavSection(gettext_lazy("My work"), "indicators:my_work")
REVIEW = NavSection(gettext_lazy("Review"), "indicators:review", count=count_awaiting_review)
DASHBOARD = NavSection(
    gettext_lazy("Dashboard"),
    "reporting:dashboard",
    frozenset(
        {
            "reporting:target",
            "reporting:target_change",
            "reporting:target_correct",
            "reporting:rating_override",
            "reporting:rating_override_withdraw",
            *("reporting:project", "reporting:country", "reporting:office"),
            "reporting:project_report",
        }
    ),
)
SUMMARY = NavSection(gettext_lazy("Summary table"), "reporting:summary")
RECORDS = NavSection(
    gettext_lazy("Records"),
    "indicators:record_index",
    RECORD_ROUTES | {"indicators:reported_years"},
)
LEARNING = NavSection(gettext_lazy("Learning"), "indicators:learning")
IMPORT = NavSection(
    pgettext_lazy("navigation", "Import"),
    "indicators:import_start",
    frozenset(f"indicators:import_{name}" for name in ("preview", "questions", "list", "detail")),
)
REPORTS = NavSection(
    gettext_lazy("Annual reports"),
    "reporting:report_list",
    frozenset(
        f"reporting:{name}"
        for name in (
            *("report_detail", "report_files", "report_issue", "report_web", "report_method"),
            *("draft_edit", "draft_preview", "draft_text_history", "report_verify"),
        )
    ),
)
PLAN = NavSection(
    pgettext_lazy("navigation", "Plan"),
    "strategy:plan",
    frozenset({"reporting:logic_model", "reporting:framework"}),
)
WORKBENCH = NavSection(
    gettext_lazy("Plan workbench"),
    "strategy:workbench",
    frozenset(name for name in POLICY if name.startswith("strategy:workbench_")),
)
ACCOUNTS = NavSection(
    gettext_lazy("Accounts"),
    "strategy:people",
    frozenset(f"strategy:person{name}" for name in ("", "_invite", "_change", "_step"))
    | {"strategy:security_log"},
)
STATUS = NavSection(gettext_lazy("System status"), "maintenance:status")
REFERENCE = NavSection(gettext_lazy("Reference data"), "admin:index")

NAV_SECTIONS: Mapping[str, tuple[NavSection, ...]] = {
    Role.STAFF: (MY_WORK, RECORDS, LEARNING, DASHBOARD, SUMMARY, PLAN),
    Role.MANAGER: (REVIEW, RECORDS, LEARNING, DASHBOARD, SUMMARY, REPORTS, PLAN, MY_WORK),
    Role.OFFICER: (
        *(DASHBOARD, SUMMARY, REVIEW, RECORDS, LEARNING, IMPORT),
        *(REPORTS, PLAN, WORKBENCH, MY_WORK),
    ),
    Role.BOARD: (REPORTS, DASHBOARD, SUMMARY, PLAN),
    Role.ADMIN: (ACCOUNTS, REFERENCE, PLAN, STATUS),
}
"""The sections of each role, its home page first."""


def navigation(request: HttpRequest) -> dict[str, object]:
    """Return the context of every page: lazy values, each of at most one query."""
    return {
        "navigation": SimpleLazyObject(lambda: build_nav_items(request)),
        "allowed_routes": SimpleLazyObject(lambda: find_allowed_routes(request)),
        "sample_notice": get_sample_notice(),
        "is_recording": _get_route(request) in RECORDING_ROUTES,
    }


def find_allowed_routes(request: HttpRequest) -> frozenset[str]:
    visitor = get_visitor(getattr(request, "user", AnonymousUser()))
    return frozenset(name for name, rule in POLICY.items() if visitor in rule.get("GET", ()))


def get_sample_notice() -> str:
    """Return the text of the banner; empty outside the demonstration."""
    if not settings.IS_DEMONSTRATION:
        return ""
    return _("Public sample records, gathered from published sources: not the totals of IBCR.")


def build_nav_items(request: HttpRequest) -> list[NavItem]:
    """Return the user's navigation; empty for an anonymous user or one without a role."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return []
    route = _get_route(request)
    return [
        NavItem(
            url=reverse(section.route),
            label=section.label,
            is_current=route == section.route or route in section.routes,
            count=section.count(user) if section.count else 0,
        )
        for section in NAV_SECTIONS.get(get_visitor(user), ())
    ]


def _get_route(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""
