"""The history of a row."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from strategy.workbench.history import list_states
from strategy.workbench.rows import TreeNode
from strategy.workbench.views.pages import get_plan_or_404
from strategy.workbench.views.rows import get_row_or_404


@require_safe
def workbench_history(request: HttpRequest, plan_code: str, word: str, number: int) -> HttpResponse:
    """List the states of a row: who saved each, when, why, and what changed."""
    plan = get_plan_or_404(plan_code)
    kind, row = get_row_or_404(plan, word, number)
    context = {"plan": plan, "node": TreeNode(kind, row), "states": list_states(kind, row)}
    return render(request, "strategy/workbench/history.html", context)
