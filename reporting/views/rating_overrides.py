"""Views of an officer who sets a rating or withdraws it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from indicators.views.shortcuts import get_user
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
    target = get_target_or_404(selection, code)
    row = build_target_row(target, selection.as_of)
    data = request.POST if request.method == "POST" else None
    form = RatingForm(data, calculated=row.calculated)
    problem = ""
    if form.is_valid():
        try:
            override_rating(
                target, _build_input(form, selection), get_user(request), timezone.now()
            )
        except OverrideRejected as error:
            problem = str(error)
        else:
            messages.success(request, _("The rating is set. The rule’s stands beside it."))
            return redirect(_target_url(target, selection))
    context = {
        "row": row,
        "current": active_override(target, selection.as_of),
        "days": override_period(selection.plan, selection.as_of),
        "form": form,
        "problem": problem,
    }
    response = render_plan_page(request, "reporting/ratings/form.html", figures, selection, context)
    response.status_code = 400 if form.is_bound else 200
    return response


@plan_form_view
def rating_override_withdraw(
    request: HttpRequest, figures: FiguresForm, selection: FigureSelection, code: str, number: int
) -> HttpResponse:
    target = get_target_or_404(selection, code)
    override = RatingOverride.objects.filter(target=target, pk=number).select_related("by").first()
    if override is None:
        raise Http404(_("This target has no such rating."))
    if request.method == "POST":
        try:
            withdraw_override(override, get_user(request), timezone.now())
        except OverrideRejected as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, _("The rating is withdrawn."))
        return redirect(_target_url(target, selection))
    override.target = target
    context = {"row": build_target_row(target, selection.as_of), "override": override}
    return render_plan_page(request, "reporting/ratings/withdraw.html", figures, selection, context)


def _build_input(form: RatingForm, selection: FigureSelection) -> OverrideInput:
    data = form.cleaned_data
    return OverrideInput(Rating(data["rating"]), data["reason"], selection.as_of, data["seen"])


def _target_url(target: Target, selection: FigureSelection) -> str:
    return reverse("reporting:target", args=[target.code], query=selection.query)
