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
    Judgement,
    NotSet,
    days_of,
    set_rating,
    standing,
    withdraw,
)
from reporting.figures.rollup import line_for
from reporting.forms.figures import Asked, FiguresForm
from reporting.forms.rating_override import RatingForm
from reporting.models import RatingOverride
from reporting.views.plan_context import asking_about_a_plan, shown, target_asked
from strategy.choices import Rating
from strategy.models import Target


@asking_about_a_plan
def target_rating(
    request: HttpRequest, figures: FiguresForm, asked: Asked, code: str
) -> HttpResponse:
    """Set the rating of a target, as of the day that the address names."""
    target = target_asked(asked, code)
    line, stands = line_for(target, asked.as_of), standing(target, asked.as_of)
    data = request.POST if request.method == "POST" else None
    form = RatingForm(data, calculated=line.calculated)
    problem = ""
    if form.is_valid():
        try:
            set_rating(target, _judgement(form, asked), _user(request), timezone.now())
        except NotSet as refusal:
            problem = str(refusal)
        else:
            messages.success(request, _("The rating is set. The rule’s stands beside it."))
            return redirect(_page(target, asked))
    context = {
        "line": line,
        "stands": stands,
        "days": days_of(asked.plan, asked.as_of),
        "form": form,
        "problem": problem,
    }
    response = shown(request, "reporting/ratings/form.html", figures, asked, **context)
    response.status_code = 400 if form.is_bound else 200
    return response


@asking_about_a_plan
def rating_withdraw(
    request: HttpRequest, figures: FiguresForm, asked: Asked, code: str, number: int
) -> HttpResponse:
    """Ask once more, then let the rule's rating, or an earlier officer's, stand again."""
    target = target_asked(asked, code)
    override = RatingOverride.objects.filter(target=target, pk=number).select_related("by").first()
    if override is None:
        raise Http404(_("This target has no such rating."))
    if request.method == "POST":
        try:
            withdraw(override, _user(request), timezone.now())
        except NotSet as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("The rating is withdrawn."))
        return redirect(_page(target, asked))
    override.target = target
    context = {"line": line_for(target, asked.as_of), "override": override}
    return shown(request, "reporting/ratings/withdraw.html", figures, asked, **context)


def _judgement(form: RatingForm, asked: Asked) -> Judgement:
    given = form.cleaned_data
    return Judgement(Rating(given["rating"]), given["reason"], asked.as_of, given["seen"])


def _page(target: Target, asked: Asked) -> str:
    query = urlencode({"plan": asked.plan.code, "as_of": asked.as_of.isoformat()})
    return f"{reverse('target', kwargs={'code': target.code})}?{query}"


def _user(request: HttpRequest) -> Any:
    return request.user
