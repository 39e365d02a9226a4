"""The views of an officer who changes a target from a day on, or corrects one of its versions."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from indicators.views.shortcuts import get_user
from reporting.dashboards.target_change import (
    VersionRejected,
    find_effects,
    find_newest_version,
    save_correction,
    save_version,
)
from reporting.forms.figures import FigureSelection, FiguresForm
from reporting.forms.target_change import TargetVersionForm, VersionCorrectionForm
from reporting.views.plan_context import get_target_or_404, plan_form_view, render_plan_page
from strategy.models import TargetVersion
from strategy.plan.change_texts import describe_details


@plan_form_view
def target_change(
    request: HttpRequest, figures: FiguresForm, selection: FigureSelection, code: str
) -> HttpResponse:
    """Show the effect of a new version first; save it when sent again unchanged."""
    target, today = get_target_or_404(selection, code), timezone.localdate()
    form = TargetVersionForm(request.POST if request.method == "POST" else None, target=target)
    context: dict[str, object] = {
        "target": target,
        "form": form,
        "seen": find_newest_version(target),
    }
    is_valid = form.is_valid()
    if is_valid and form.is_previewed:
        version = form.save(commit=False)
        try:
            save_version(version, form.cleaned_data["seen"], get_user(request), timezone.now())
        except VersionRejected as error:
            context["problem"] = str(error)
        else:
            messages.success(request, _("The target is changed."))
            return redirect(reverse("reporting:target", args=[code], query=selection.query))
    elif is_valid:
        context |= {
            "effects": find_effects(form.instance, today),
            "token": form.preview_token,
            "is_past": form.instance.in_force_from < today,
            "seen": form.cleaned_data["seen"],
        }
    response = render_plan_page(
        request, "reporting/targets/change.html", figures, selection, context
    )
    response.status_code = 400 if form.is_bound and "effects" not in context else 200
    return response


@plan_form_view
def target_correct(
    request: HttpRequest, figures: FiguresForm, selection: FigureSelection, code: str, number: int
) -> HttpResponse:
    """Show the effect of a correction first; save it when sent again unchanged."""
    target, today = get_target_or_404(selection, code), timezone.localdate()
    stored = get_object_or_404(TargetVersion, pk=number, target=target)
    answers = request.POST if request.method == "POST" else None
    form = VersionCorrectionForm(answers, target=target, stored=stored)
    context: dict[str, object] = {"target": target, "form": form, "version": stored}
    is_valid = form.is_valid()
    if is_valid and not form.details:
        context["problem"] = _("Nothing is different. Correct something first.")
    elif is_valid and form.is_previewed:
        reason, by = form.cleaned_data["reason"], get_user(request)
        try:
            save_correction(stored, form.instance, reason=reason, by=by, at=timezone.now())
        except VersionRejected as error:
            context["problem"] = str(error)
        else:
            messages.success(request, _("The version is corrected."))
            return redirect(reverse("reporting:target", args=[code], query=selection.query))
    elif is_valid:
        context |= {
            "effects": find_effects(form.instance, today),
            "details": describe_details(form.details),
            "token": form.preview_token,
        }
    response = render_plan_page(
        request, "reporting/targets/correct.html", figures, selection, context
    )
    response.status_code = 400 if form.is_bound and "effects" not in context else 200
    return response
