"""Issue the annual report of a year, as an M&E officer does on the reports page."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reporting import pdf
from reporting.issue import NotIssued, issue_annual_report
from reporting.management.asked import check_year, plan_called
from reporting.models import AnnualReport
from strategy.models import User


class Command(BaseCommand):
    help = "Write down the figures of a plan's year for good, and make the PDF of the report."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--plan", metavar="CODE", required=True, help="the plan's code")
        parser.add_argument(
            "--year", required=True, help="a reporting year: 2018, or 2017-2018 if it spans two"
        )
        parser.add_argument("--user", metavar="NAME", required=True, help="an M&E officer")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = plan_called(options["plan"])
        check_year(plan, options["year"])
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"--user: nobody is called “{options['user']}”.")
        try:
            report = issue_annual_report(plan, options["year"], user, timezone.now())
        except NotIssued as refusal:
            raise CommandError(f"Nothing was issued. {refusal}") from refusal
        self.stdout.write(
            f"report {report.year} of {report.plan_code}, version {report.version}: issued, "
            f"figures as of {report.as_of}"
        )
        self._make_files(report)

    def _make_files(self, report: AnnualReport) -> None:
        """The report stands without its PDF, which can be made later."""
        try:
            files = pdf.add_files(report)
        except pdf.PangoMissing as missing:
            self.stderr.write(f"No PDF yet. {missing}")
            return
        for file in files:
            self.stdout.write(f"{file.name}: {file.pages} pages, {file.size} bytes, {file.sha256}")
