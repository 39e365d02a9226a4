"""Write a plan, also a draft, as a fixture that ``bootstrap`` loads."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from strategy.models import Plan
from strategy.workbench.exports import export_plan, format_fixture


class Command(BaseCommand):
    help = "Exports a plan as a fixture: a file of fixtures/, which bootstrap loads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="the plan's code")
        parser.add_argument("file", type=Path, help="the file to write, such as plan_2030.json")

    def handle(self, *, code: str, file: Path, **options: object) -> None:
        plan = Plan.including_drafts.filter(code=code).first()
        if plan is None:
            known = ", ".join(Plan.including_drafts.codes()) or "none"
            raise CommandError(f"There is no plan {code} (there are: {known}).")
        rows = export_plan(plan)
        try:
            file.write_text(format_fixture(rows), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{file}: {len(rows)} rows")
