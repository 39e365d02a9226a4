"""The plans that a record's date or reporting year names, and the words of another plan."""

from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _

from strategy.dates.periods import PartialDate
from strategy.models import Plan
from strategy.text import join_plain


def find_plans_of(when: PartialDate | str | None, plans: Iterable[Plan]) -> list[Plan]:
    """Return the plans that have a reporting year, or every day that a date may mean."""
    if isinstance(when, PartialDate):
        return [plan for plan in plans if when.first in plan.period and when.last in plan.period]
    return [plan for plan in plans if plan.has_year(when or "")]


def explain_other_plan(label: str, chosen: Iterable[Plan], plans: Collection[Plan]) -> str:
    """Return why a record of this year cannot name parts of the chosen plans; empty if it can.

    A year of no plan is not refused: it counts in none.
    """
    own = find_plans_of(label, plans)
    others = {plan.code for plan in chosen} - {plan.code for plan in own}
    if not own or not others:
        return ""
    sentence = _(
        "The year %(year)s is in the plan %(plan)s, not in %(others)s. "
        "Choose from that plan, or correct the year."
    )
    names = join_plain(plan.code for plan in own)
    return sentence % {"year": label, "plan": names, "others": join_plain(sorted(others))}


def explain_other_rubric() -> str:
    return _(
        "This step is not of the indicator’s rubric. Choose one of its steps, or enter a value if"
        " it has none."
    )
