"""What commands about a report are asked for, found or refused in words."""

from django.core.management.base import CommandError

from strategy.models import Plan, UnknownYear


def get_plan(code: str) -> Plan:
    """The plan of that code; CommandError names those that there are."""
    plan = Plan.objects.find_by_code(code)
    if plan is None:
        known = ", ".join(Plan.objects.codes()) or "none"
        raise CommandError(f"--plan: there is no plan “{code}”. Plans here: {known}.")
    return plan


def validate_year(plan: Plan, label: str) -> None:
    """CommandError where the plan has no such year; it names those that it has."""
    try:
        plan.year(label)
    except UnknownYear as error:
        raise CommandError(f"--year: {error}") from error
