"""Everybody's first page, and the plan as it is written and counted."""

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from strategy.models import Plan
from strategy.plan_page import plan_page
from strategy.vocabulary import Rating, Role

FIRST_PAGES: Mapping[Role, str] = {
    Role.STAFF: "my_work",
    Role.MANAGER: "review",
    Role.OFFICER: "dashboard",
    Role.BOARD: "report_list",
    Role.ADMIN: "admin:index",
}
"""Where the work of each role begins, by the name of the route."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    role = getattr(request.user, "role", None)
    return redirect(FIRST_PAGES[role or Role.ADMIN])


@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """The plan of ``?plan=CODE``, else the current one."""
    plans = list(Plan.objects.order_by("starts_on"))
    code = request.GET.get("plan", "")
    chosen = next((one for one in plans if one.code == code), None)
    if code and chosen is None:
        raise Http404(_("There is no plan “%(code)s”.") % {"code": code})
    chosen = chosen or Plan.objects.current(timezone.localdate())
    page = plan_page(chosen) if chosen else None
    return render(request, "strategy/plan.html", {"plans": plans, "page": page, "Rating": Rating})
