"""The budgets of the plan's years as JSON in a report, each in its own currency."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from indicators.models import AnnualBudget, Status
from reporting.annual_report.snapshot.stored import StoredBudget
from reporting.exports.results import format_exact
from reporting.figures.measures import calculate_growth
from strategy.dates.periods import Period
from strategy.models import Plan


def build_money(plan: Plan, year: Period) -> list[StoredBudget] | None:
    """Return the approved budgets up to the year, without confidential ones; None without any.

    Amounts of two currencies are never added up or compared. The year before the plan is the base
    of the first growth.
    """
    years = [one for one in (plan.year_before, *plan.years) if one.starts_on <= year.starts_on]
    labels = [one.label for one in years]
    disclosed = AnnualBudget.objects.disclosed_to(None)
    budgets = disclosed.filter(status=Status.APPROVED, year__in=labels)
    ordered = sorted(
        budgets, key=lambda budget: (labels.index(budget.year), budget.basis, budget.currency)
    )
    amounts = _map_amounts(ordered)
    before = dict(zip(labels[1:], labels, strict=False))
    return [
        {
            "year": budget.year,
            "basis": budget.basis,
            "currency": budget.currency,
            "amount": str(budget.amount),
            "growth": _format_growth(budget, before.get(budget.year, ""), amounts),
        }
        for budget in ordered
    ] or None


Amounts = defaultdict[tuple[str, str], dict[str, Decimal]]
"""The amount in each currency, by year and basis."""


def _map_amounts(budgets: Iterable[AnnualBudget]) -> Amounts:
    amounts: Amounts = defaultdict(dict)
    for budget in budgets:
        amounts[budget.year, budget.basis][budget.currency] = budget.amount
    return amounts


def _format_growth(budget: AnnualBudget, before: str, amounts: Amounts) -> str | None:
    base = amounts[before, budget.basis]
    same = {budget.currency: base[budget.currency]} if budget.currency in base else {}
    growth = calculate_growth(same, {budget.currency: budget.amount}).value
    return None if growth is None else format_exact(round(growth, 2))
