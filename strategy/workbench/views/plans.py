"""A whole plan: published, taken back, shown first, copied, exported, compared."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from strategy.plan.loading import FixtureError
from strategy.workbench.cloning import clone_plan
from strategy.workbench.comparison import ComparedRow, compare_days, compare_plans
from strategy.workbench.exports import export_plan, format_fixture
from strategy.workbench.forms import CloneForm, CompareForm
from strategy.workbench.publishing import (
    PlanNotReady,
    publish_plan,
    show_plan_first,
    unpublish_plan,
)
from strategy.workbench.rows import KINDS
from strategy.workbench.views.pages import (
    OpenRow,
    build_row_url,
    get_plan_or_404,
    redirect_to_row,
    render_tree,
)
from strategy.workbench.views.rows import RowRejected, save_row


@require_POST
def workbench_publish(request: HttpRequest, plan_code: str) -> HttpResponse:
    """Publish a draft without a problem; else list what is to correct."""
    plan = get_plan_or_404(plan_code)
    if not plan.is_draft:
        raise Http404
    problems = publish_plan(plan)
    if problems:
        return render_tree(request, plan, status=400, unready=problems)
    messages.success(request, _("Published: everybody sees this plan now."))
    return redirect("strategy:workbench_plan", plan_code)


@require_http_methods(["GET", "HEAD", "POST"])
def workbench_unpublish(request: HttpRequest, plan_code: str) -> HttpResponse:
    """Ask before a plan becomes a draft again, with the figures that go."""
    plan = get_plan_or_404(plan_code)
    if plan.is_draft:
        raise Http404
    opened = OpenRow(
        f"plan-{plan.pk}",
        KINDS["plan"],
        url=build_row_url("unpublish", plan),
        extra={"is_unpublishing": True},
    )
    if request.method != "POST" or request.POST.get("back"):
        return render_tree(request, plan, opened)

    def unpublish() -> str:
        try:
            unpublish_plan(plan)
        except PlanNotReady as error:
            raise RowRejected(str(error)) from error
        return opened.key

    return save_row(request, plan, opened, unpublish)


@require_POST
def workbench_first(request: HttpRequest, plan_code: str) -> HttpResponse:
    """Choose the plan that pages and commands show first."""
    plan = get_plan_or_404(plan_code)
    if plan.is_draft or plan.project_reference:
        raise Http404
    show_plan_first(plan)
    messages.success(request, _("Pages show this plan first now."))
    return redirect_to_row(plan, f"plan-{plan.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
def workbench_clone(request: HttpRequest, plan_code: str) -> HttpResponse:
    """Copy a plan as a draft with a code of its own, its years kept or moved."""
    plan = get_plan_or_404(plan_code)
    form = CloneForm(request.POST if request.method == "POST" else None, plan=plan)
    if form.is_valid():
        code, titles, shift = form.cleaned_data["code"], form.titles, form.cleaned_data["shift"]
        try:
            copy = clone_plan(plan, code, titles, shift)
        except FixtureError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The copy is a draft."))
            return redirect("strategy:workbench_plan", copy.code)
    title = _("Copy “%(plan)s”") % {"plan": plan}
    context = {"form": form, "title": title, "save": _("Copy as a draft")}
    status = 400 if form.is_bound else 200
    return render(request, "strategy/workbench/new.html", context, status=status)


@require_safe
def workbench_export(request: HttpRequest, plan_code: str) -> HttpResponse:
    """Download a plan as a fixture, as ``manage.py plan_export`` writes it."""
    plan = get_plan_or_404(plan_code)
    name = f"plan_{plan.code.replace('-', '_')}.json"
    return HttpResponse(
        format_fixture(export_plan(plan)),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
def workbench_compare(request: HttpRequest, plan_code: str) -> HttpResponse:
    """Compare a plan with another, or as it was at the ends of two days."""
    plan = get_plan_or_404(plan_code)
    form = CompareForm(request.GET or None, plan=plan, today=timezone.localdate())
    rows: list[ComparedRow] | None = None
    if form.is_valid():
        answers = form.cleaned_data
        if answers["other"]:
            rows = compare_plans(plan, answers["other"])
        else:
            rows = compare_days(plan, answers["since"], answers["until"])
    context = {"plan": plan, "form": form, "rows": rows}
    status = 400 if form.errors else 200
    return render(request, "strategy/workbench/compare.html", context, status=status)
