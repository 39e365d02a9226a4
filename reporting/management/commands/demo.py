"""Load the demonstration: sample accounts, sample records and annual reports.

May be repeated: existing records and their changes are not overwritten.
"""

from argparse import ArgumentParser

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from indicators.import_export.demo import SampleFault, load_sample_records
from reporting.annual_report.drafting.demo import load_sample_narrative
from reporting.annual_report.issuing import find_issue_problems, issue_annual_report
from reporting.annual_report.pdf.tasks import enqueue_pdfs
from reporting.models import AnnualReport
from strategy.accounts.demo import SAMPLE_PASSWORD, make_sample_accounts
from strategy.choices import Role
from strategy.models import Plan, User


class Command(BaseCommand):
    help = (
        "Makes the sample accounts and loads the public sample records, for the demonstration only."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--no-records", action="store_true", help="only the accounts: no records, no reports"
        )

    def handle(self, *args: object, no_records: bool, **options: object) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError(
                "This makes accounts whose password is published, and PRODUCTION is on. Use it "
                "only on an installation that is a demonstration and nothing else."
            )
        try:
            accounts = make_sample_accounts()
        except ObjectDoesNotExist as error:
            raise CommandError(f"{error} Run manage.py bootstrap first.") from error
        names = ", ".join(user.username for user in accounts.values())
        self.stdout.write(f"accounts: {names} (password {SAMPLE_PASSWORD})")
        if not no_records:
            self.load_records(accounts)
            self.draft_reports(accounts[Role.OFFICER])
            self.issue_reports(accounts[Role.OFFICER])
            self.ask_for_pdfs()

    def load_records(self, accounts: dict[Role, User]) -> None:
        try:
            loaded = load_sample_records(
                settings.BASE_DIR / "fixtures" / "records",
                by=accounts[Role.STAFF],
                approver=accounts[Role.MANAGER],
                at=timezone.now(),
            )
        except SampleFault as fault:
            raise CommandError(f"{fault}\nNo record was loaded.") from fault
        for records in loaded:
            if records.new:
                self.stdout.write(f"{records.kind}: new {records.new}, approved {records.approved}")

    def draft_reports(self, officer: User) -> None:
        file = settings.BASE_DIR / "fixtures" / "narrative" / "sample.json"
        for draft in load_sample_narrative(file, by=officer, at=timezone.now()):
            self.stdout.write(f"report {draft.year}: drafted")

    def issue_reports(self, officer: User) -> None:
        now = timezone.now()
        issued = set(AnnualReport.objects.values_list("plan", "year"))
        for plan in Plan.objects.all():
            for year in plan.years:
                if (plan.pk, year.label) in issued or find_issue_problems(
                    plan, year.label, officer, now
                ):
                    continue
                issue_annual_report(plan, year.label, officer, now)
                self.stdout.write(f"report {year.label}: issued")

    def ask_for_pdfs(self) -> None:
        for report in AnnualReport.objects.with_files().order_by("year", "version"):
            if asked := enqueue_pdfs(report, timezone.now()):
                self.stdout.write(f"report {report.year}: PDFs asked for: {', '.join(asked)}")
