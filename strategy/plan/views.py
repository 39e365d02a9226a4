"""The plan page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from strategy.caching.views import cached_by_rights
from strategy.choices import Rating
from strategy.models import Plan, find_current_plan
from strategy.plan.presentation import build_plan_page


@cached_by_rights
@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """Show the plan of ``?plan=CODE``, else the plan shown first."""
    plans = list(Plan.objects.with_target_flags().select_related("follows"))
    code = request.GET.get("plan", "")
    selected = next((plan for plan in plans if plan.code == code), None)
    if code and selected is None:
        raise Http404(_("There is no plan “%(code)s”.") % {"code": code})
    today = timezone.localdate()
    selected = selected or find_current_plan(plans, today)
    page = build_plan_page(selected, today) if selected else None
    return render(request, "strategy/plan.html", {"plans": plans, "page": page, "Rating": Rating})
