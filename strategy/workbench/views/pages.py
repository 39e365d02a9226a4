"""The list of plans, and the tree of a plan with the row that is open in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from strategy.models import Plan, find_current_plan
from strategy.plan.validation import PlanContents, PlanProblem, find_problems_between
from strategy.workbench.forms import RowForm, build_form
from strategy.workbench.rows import KINDS, RowKind, build_tree, count_missing

NEW_PLAN = ("code", "starts_on", "ends_on", "year_starts_in", "project_reference")
"""The columns that a new plan is asked for."""


@dataclass(frozen=True)
class OpenRow:
    """The row that is open in the tree: its form, or what is asked before it is saved."""

    key: str
    kind: RowKind
    form: RowForm | None = None
    version_form: RowForm | None = None
    """The first version of a new target."""
    seen: str = ""
    url: str = ""
    extra: dict[str, object] = field(default_factory=dict)


def get_plan_or_404(code: str) -> Plan:
    return get_object_or_404(Plan.including_drafts.select_related("follows"), code=code)


def build_row_url(name: str, plan: Plan, *args: object) -> str:
    """Return the URL of a page of a row, which opens at its place in the tree."""
    return reverse(f"strategy:workbench_{name}", args=[plan.code, *args]) + "#open"


def redirect_to_row(plan: Plan, key: str) -> HttpResponse:
    return redirect(reverse("strategy:workbench_plan", args=[plan.code]) + f"#{key}")


def render_tree(
    request: HttpRequest,
    plan: Plan,
    opened: OpenRow | None = None,
    status: int = 200,
    unready: Sequence[PlanProblem] = (),
) -> HttpResponse:
    """Show a plan, with the open row and with the problems that prevented publishing."""
    contents = PlanContents(plan)
    tree = build_tree(contents)
    context = {
        "plan": plan,
        "tree": tree,
        "missing": count_missing(tree),
        "problems": unready or find_problems_between(contents),
        "opened": opened,
        "form": opened.form if opened else None,
    }
    return render(request, "strategy/workbench/plan.html", context, status=status)


@require_safe
def workbench(request: HttpRequest) -> HttpResponse:
    """List the plans; officers write, change, compare and publish them here."""
    plans = list(Plan.including_drafts.with_target_flags().select_related("follows"))
    first = find_current_plan([plan for plan in plans if not plan.is_draft], timezone.localdate())
    return render(request, "strategy/workbench/list.html", {"plans": plans, "first": first})


@require_safe
def workbench_plan(request: HttpRequest, plan_code: str) -> HttpResponse:
    return render_tree(request, get_plan_or_404(plan_code))


@require_http_methods(["GET", "HEAD", "POST"])
def workbench_new(request: HttpRequest) -> HttpResponse:
    """Start a plan as a draft."""
    kind = KINDS["plan"]
    instance = Plan(is_draft=True)
    form_class = build_form(kind, only=NEW_PLAN)
    answers: Any = request.POST if request.method == "POST" else None
    form = form_class(answers, instance=instance, plan=instance, today=timezone.localdate())
    if form.is_valid():
        form.save()
        return redirect_to_row(instance, f"plan-{instance.pk}")
    title = _("New plan")
    context = {"form": form, "title": title, "save": _("Create the draft")}
    return render(
        request, "strategy/workbench/new.html", context, status=400 if form.is_bound else 200
    )
