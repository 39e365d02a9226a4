"""Issue the annual report of a year, as an M&E officer does on the reports page."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import get_language

from reporting.annual_report.drafting.texts import get_next_version
from reporting.annual_report.issuing import IssueRejected, issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.sealing.keys import SigningKeyMissing
from reporting.management.arguments import get_plan, validate_year
from reporting.models import AnnualReport
from strategy.models import Plan, User


class Command(BaseCommand):
    help = "Write down the figures of a plan's year for good, and make the PDF of the report."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--plan", metavar="CODE", required=True, help="the plan's code")
        parser.add_argument(
            "--year", required=True, help="a reporting year: 2018, or 2017-2018 if it spans two"
        )
        parser.add_argument("--user", metavar="NAME", required=True, help="an M&E officer")
        parser.add_argument(
            "--correction",
            metavar="REASON",
            help="issue the next version of a report that is issued already, and say why",
        )

        parser.add_argument(
            "--accept-numbers",
            action="store_true",
            help="issue although texts have numbers that were figures of the version before",
        )

    def handle(self, *args: object, **options: Any) -> None:
        plan = get_plan(options["plan"])
        validate_year(plan, options["year"])
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"--user: nobody is called “{options['user']}”.")
        try:
            accepted = None if options["accept_numbers"] else ()
            report = self._issue(plan, options["year"], user, options["correction"], accepted)
        except IssueRejected as refusal:
            raise CommandError(
                f"Nothing was issued. {refusal} Change the numbers in the draft, or confirm them "
                "all with --accept-numbers."
                if refusal.has_numbers
                else f"Nothing was issued. {refusal}"
            ) from refusal
        self.stdout.write(
            f"report {report.year} of {report.plan_code}, version {report.version}: issued, "
            f"figures as of {report.as_of}"
        )
        self._make_files(report)

    def _issue(
        self, plan: Plan, year: str, user: User, reason: str | None, accepted: tuple[()] | None
    ) -> AnnualReport:
        if reason is None:
            return issue_annual_report(plan, year, user, timezone.now())
        version = get_next_version(plan, year)
        if version == 1:
            raise CommandError(f"--correction: no report of {year} is issued to be corrected.")
        return issue_annual_report(
            plan,
            year,
            user,
            timezone.now(),
            version=version,
            correction={get_language() or settings.LANGUAGE_CODE: reason.strip()},
            accepted_numbers=accepted,
        )

    def _make_files(self, report: AnnualReport) -> None:
        # The report is issued even if its PDF cannot be made now.
        try:
            files = document.create_files(report)
        except (document.PangoMissing, SigningKeyMissing) as missing:
            self.stderr.write(f"No PDF yet. {missing}")
            return
        for file in files:
            self.stdout.write(f"{file.name}: {file.pages} pages, {file.size} bytes, {file.sha256}")
