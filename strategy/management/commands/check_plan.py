"""Validate plans; exit 1 with the problems when one has errors."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from strategy.models import Plan
from strategy.plan.validation import validate_plan


class Command(BaseCommand):
    help = (
        "Checks the rows of one plan, or of every plan. Exit 1 and the reasons when one is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", nargs="?", help="the plan's code; without it every plan")

    def handle(self, *, code: str | None, **options: object) -> None:
        plans = Plan.including_drafts.filter(code=code) if code else Plan.including_drafts.all()
        if not plans:
            known = ", ".join(Plan.including_drafts.codes()) or "none"
            raise CommandError(
                f"There is no plan {code or 'at all'} (there are: {known}). "
                "manage.py bootstrap loads those of fixtures/."
            )
        if sum(self.print_problems(plan) for plan in plans):
            raise CommandError("A plan is not well formed: see above.")

    def print_problems(self, plan: Plan) -> int:
        """Print the problems of a plan; return the number of errors."""
        problems = validate_plan(plan)
        errors = sum(not problem.is_warning for problem in problems)
        for problem in problems:
            stream = self.stdout if problem.is_warning else self.stderr
            stream.write(f"{plan.code}: {'warning: ' * problem.is_warning}{problem}")
        self.stdout.write(f"{plan.code}: errors {errors}, warnings {len(problems) - errors}")
        return errors
