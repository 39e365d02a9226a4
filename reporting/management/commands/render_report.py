"""Write an annual report to a PDF: the stored PDF of an issued report, or a draft."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reporting.annual_report.drafting.proposal import build_proposal
from reporting.annual_report.drafting.texts import get_draft, get_next_version
from reporting.annual_report.pdf import document
from reporting.annual_report.sealing.keys import SigningKeyMissing
from reporting.annual_report.sealing.seals import SealBroken
from reporting.management.arguments import get_plan, validate_year
from reporting.models import AnnualReport
from strategy.models import Plan, User


class Command(BaseCommand):
    help = "Write the annual report of a plan's year to a PDF; make and store it if it is not yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        languages = [code for code, _name in settings.LANGUAGES]
        parser.add_argument("--plan", metavar="CODE", required=True, help="the plan's code")
        parser.add_argument(
            "--year", required=True, help="a reporting year: 2018, or 2017-2018 if it spans two"
        )
        parser.add_argument("--language", choices=languages, default=settings.LANGUAGE_CODE)
        parser.add_argument(
            "--draft",
            action="store_true",
            help="from today's records, marked as a draft; nothing is issued or stored",
        )
        parser.add_argument("--output", metavar="FILE.pdf", required=True, type=Path)

    def handle(self, *args: object, **options: Any) -> None:
        plan = get_plan(options["plan"])
        validate_year(plan, options["year"])
        write = self._draft if options["draft"] else self._issued
        try:
            content = write(plan, options["year"], options["language"])
            options["output"].write_bytes(content)
        except (document.PangoMissing, SigningKeyMissing) as missing:
            raise CommandError(str(missing)) from missing
        except SealBroken as broken:
            raise CommandError(
                f"{broken}\nRows of the report differ from those sealed, so no PDF is made. "
                "Restore them from a backup."
            ) from broken
        except OSError as error:
            raise CommandError(f"--output: {error}") from error
        self.stdout.write(f"{options['output']}: {len(content)} bytes")

    def _draft(self, plan: Plan, year: str, language: str) -> bytes:
        draft = get_draft(plan, year, get_next_version(plan, year))
        proposal = build_proposal(draft, User(), timezone.now())
        return document.render(proposal.rows, language, is_draft=True).content

    def _issued(self, plan: Plan, year: str, language: str) -> bytes:
        report = AnnualReport.objects.filter(plan=plan, year=year).order_by("-version").first()
        if report is None:
            raise CommandError(
                f"The report of {year} is not issued. Issue it with issue_report, or see what it "
                "would be with --draft."
            )
        return bytes(document.get_report_pdf(report, language).content)
