"""Benchmark the application on a temporary database of growing size."""

import os
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from reporting.annual_report.issuing import issue_annual_report
from strategy.choices import Role
from strategy.models import Office, Plan, User
from tools.benchmark import pages, rollup
from tools.benchmark.data import Filler
from tools.benchmark.imports import Importing, measure_screens
from tools.benchmark.pdf import measure_reports
from tools.benchmark.timing import format_table, remove_peak
from tools.demo.serve import make_signing_key

PARTS = ("ROLLUP", "PAGES", "IMPORT", "PDF")
PLAN = "2017-2020"
REPORT_YEAR = "2019"
PLAIN_FILES = "django.contrib.staticfiles.storage.StaticFilesStorage"
REPORT_RECORDS = 150
"""About as many records as the organisation has: the report cites each."""


class Command(BaseCommand):
    help = (
        "Fill a throw-away database (SQLite, or the PostgreSQL server of --database) with records "
        "and print as tables of Markdown: the roll-up against hand-written SQL; processor time, "
        "queries and bytes of pages; an import against bulk_create; a report against bare "
        "WeasyPrint; memory. Your own data is never touched."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--only",
            type=str.upper,
            nargs="+",
            choices=PARTS,
            default=PARTS,
            metavar="PART",
            help=f"some of {', '.join(PARTS)}",
        )
        parser.add_argument(
            "--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000], metavar="N"
        )
        parser.add_argument("--rows", type=int, default=10_000, help="rows of the import")
        parser.add_argument("--large", type=int, default=20_000, help="rows of the largest import")
        parser.add_argument("--runs", type=int, default=5, help="runs of which the median is taken")
        parser.add_argument(
            "--database", metavar="ADDRESS", help="like DATABASE_URL: measure on that server"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["database"]:
            self._start_again_on(options["database"])
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "localhost"]
        # Pages must also work without collected static files.
        settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": PLAIN_FILES}}
        own_name = connection.settings_dict["NAME"]
        with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
            if connection.vendor == "sqlite":
                connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "benchmark.sqlite3")
            else:
                connection.settings_dict["TEST"]["NAME"] = f"benchmark_{os.getpid()}"
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            try:
                self._measure(options, timezone.now())
            finally:
                connection.creation.destroy_test_db(own_name, verbosity=0)

    def _start_again_on(self, address: str) -> None:
        # Settings read the URL once, when the process starts.
        arguments = [a for a in sys.argv if a != address and not a.startswith("--database")]
        os.environ["DATABASE_URL"] = address
        os.execv(sys.executable, [sys.executable, "-m", "tools.benchmark", *arguments[1:]])

    def _measure(self, options: dict[str, Any], at: datetime) -> None:
        call_command("bootstrap", verbosity=0, stdout=self.stdout)
        settings.REPORT_SIGNING_KEY = make_signing_key()
        plan, only, runs = Plan.objects.get(code=PLAN), options["only"], options["runs"]
        reader, filler = self._officer(), Filler(plan, at)
        self.stdout.write(f"# {connection.vendor} {self._version()}\n")
        filled = filler.fill(min(REPORT_RECORDS, *options["sizes"]))
        issue_annual_report(plan, REPORT_YEAR, reader, at)
        if "PDF" in only:
            self._head(f"PDF of a report on {filled:,} records")
            self._say(measure_reports(plan, reader, at, max(1, runs // 2)))
        rows = []
        for size in sorted(options["sizes"]) if {"ROLLUP", "PAGES"} & {*only} else ():
            filled += filler.fill(size - filled)
            remove_peak()
            if "ROLLUP" in only:
                rows.append(rollup.measure_rollup(plan, plan.ends_on, filled, runs))
            if "PAGES" in only:
                self._head(f"Pages with {filled:,} records")
                self._say(format_table(pages.COLUMNS, pages.measure_pages(reader, runs)))
        if rows:
            self._head("Roll-up")
            self._say(format_table(rollup.COLUMNS, rows))
        if "IMPORT" in only:
            self._head("Import")
            importing = Importing(plan, reader, at, options["rows"])
            self._say(importing.lines(runs))
            self._say(measure_screens(importing))
            self._say(measure_screens(Importing(plan, reader, at, options["large"])))

    def _head(self, words: str) -> None:
        self.stdout.write(f"\n## {words}\n")

    def _say(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)
            self.stdout.flush()

    def _officer(self) -> User:
        office = Office.objects.order_by("pk")[0]
        user = User.objects.create_user("benchmark", office=office)
        user.groups.add(user.groups.model.objects.get(name=Role.OFFICER.value))
        return user

    def _version(self) -> str:
        return ".".join(str(part) for part in connection.get_database_version())
