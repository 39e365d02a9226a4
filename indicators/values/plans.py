"""The plans that a record's reporting year names."""

from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _

from strategy.models import Plan
from strategy.text import join_plain


def find_plans_with_year(label: str, plans: Iterable[Plan]) -> list[Plan]:
    return [plan for plan in plans if plan.has_year(label)]


def explain_other_plan(label: str, chosen: Iterable[Plan], plans: Collection[Plan]) -> str:
    """Return why a record of this year cannot name parts of the chosen plans; empty if it can.

    A year of no plan is not refused: it counts in none.
    """
    own = find_plans_with_year(label, plans)
    others = {plan.code for plan in chosen} - {plan.code for plan in own}
    if not own or not others:
        return ""
    sentence = _(
        "The year %(year)s is in the plan %(plan)s, not in %(others)s. "
        "Choose from that plan, or correct the year."
    )
    names = join_plain(plan.code for plan in own)
    return sentence % {"year": label, "plan": names, "others": join_plain(sorted(others))}
