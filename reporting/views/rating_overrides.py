"""The screens on which an officer sets a rating beside the rule's, and withdraws one."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from reporting.figures.rating_overrides import (
    OverrideInput,
    OverrideRejected,
    active_override,
    override_period,
    override_rating,
    withdraw_override,
)
from reporting.figures.rollup import build_target_row
from reporting.forms.figures import FigureSelection, FiguresForm
from reporting.forms.rating_override import RatingForm
from reporting.models import RatingOverride
from reporting.views.plan_context import get_target_or_404, plan_form_view, render_plan_page
from strategy.choices import Rating
from strategy.models import Target


@plan_form_view
def rating_override(
    request: HttpRequest, figures: FiguresForm, selection: FigureSelection, code: str
) -> HttpResponse:
    """Set the rating of a target, as of the day that the address names."""
    target = get_target_or_404(selection, code)
    row, stands = (
        build_target_row(target, selection.as_of),
        active_override(target, selection.as_of),
    )
    data = request.POST if request.method == "POST" else None
    form = RatingForm(data, calculated=row.calculated)
    problem = ""
    if form.is_valid():
        try:
            override_rating(target, _judgement(form, selection), _user(request), timezone.now())
        except OverrideRejected as refusal:
            problem = str(refusal)
        else:
            messages.success(request, _("The rating is set. The rule’s stands beside it."))
            return redirect(_page(target, selection))
    context = {
        "row": row,
        "stands": stands,
        "days": override_period(selection.plan, selection.as_of),
        "form": form,
        "problem": problem,
    }
    response = render_plan_page(
        request, "reporting/ratings/form.html", figures, selection, **context
    )
    response.status_code = 400 if form.is_bound else 200
    return response


@plan_form_view
def rating_override_withdraw(
    request: HttpRequest, figures: FiguresForm, selection: FigureSelection, code: str, number: int
) -> HttpResponse:
    """Ask once more, then let the rule's rating, or an earlier officer's, stand again."""
    target = get_target_or_404(selection, code)
    override = RatingOverride.objects.filter(target=target, pk=number).select_related("by").first()
    if override is None:
        raise Http404(_("This target has no such rating."))
    if request.method == "POST":
        try:
            withdraw_override(override, _user(request), timezone.now())
        except OverrideRejected as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("The rating is withdrawn."))
        return redirect(_page(target, selection))
    override.target = target
    context = {"row": build_target_row(target, selection.as_of), "override": override}
    return render_plan_page(
        request, "reporting/ratings/withdraw.html", figures, selection, **context
    )


def _judgement(form: RatingForm, selection: FigureSelection) -> OverrideInput:
    given = form.cleaned_data
    return OverrideInput(Rating(given["rating"]), given["reason"], selection.as_of, given["seen"])


def _page(target: Target, selection: FigureSelection) -> str:
    query = urlencode({"plan": selection.plan.code, "as_of": selection.as_of.isoformat()})
    return f"{reverse('reporting:target', kwargs={'code': target.code})}?{query}"


def _user(request: HttpRequest) -> Any:
    return request.user
