"""Arguments of commands about reports; invalid values raise CommandError."""

from django.core.management.base import CommandError

from strategy.models import Plan, UnknownYear


def get_plan(code: str) -> Plan:
    plan = Plan.objects.find_by_code(code)
    if plan is None:
        known = ", ".join(Plan.objects.codes()) or "none"
        raise CommandError(f"--plan: there is no plan “{code}”. Plans here: {known}.")
    return plan


def validate_year(plan: Plan, label: str) -> None:
    try:
        plan.year(label)
    except UnknownYear as error:
        raise CommandError(f"--year: {error}") from error
