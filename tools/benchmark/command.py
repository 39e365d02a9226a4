"""Benchmark the application on a temporary database of growing size."""

import os
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from indicators.models import Initiative
from reporting.annual_report.issuing import issue_annual_report
from strategy.choices import Role
from strategy.models import Office, Plan, User
from tools.benchmark import large, pages, rollup
from tools.benchmark.data import Filler
from tools.benchmark.imports import Importing, measure_screens
from tools.benchmark.load.trials import measure_load
from tools.benchmark.pdf import measure_reports
from tools.benchmark.timing import format_table, remove_peak
from tools.demo.serve import make_signing_key

PARTS = ("ROLLUP", "PAGES", "IMPORT", "PDF", "LOAD", "LARGE")
PLAN = "2017-2020"
REPORT_YEARS = ("2017", "2018", "2019")
COPIES = 100
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
            default=PARTS[:-1],
            metavar="PART",
            help=f"some of {', '.join(PARTS)}; LARGE, on PostgreSQL, only if asked",
        )
        parser.add_argument(
            "--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000], metavar="N"
        )
        parser.add_argument("--rows", type=int, default=10_000, help="rows of the import")
        parser.add_argument("--large", type=int, default=20_000, help="rows of the largest import")
        parser.add_argument(
            "--load", type=int, default=15_600, help="records under load; a third are initiatives"
        )
        parser.add_argument("--million", type=int, default=1_000_000, help="records of LARGE")
        parser.add_argument("--seconds", type=int, default=60, help="seconds of each load")
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
        # Under load people and an import add records: that is measured on a database of its own.
        only = dict.fromkeys(options["only"])
        if connection.vendor == "sqlite" and "LARGE" in only:
            self._say(["LARGE is filled by SQL of PostgreSQL, and is measured there."])
            only.pop("LARGE")
        alone = [[part] for part in ("LOAD", "LARGE") if only.pop(part, True) is None]
        for parts in filter(None, ([*only], *alone)):
            with self._make_database():
                self._measure(options | {"only": parts}, timezone.now())

    @contextmanager
    def _make_database(self) -> Iterator[None]:
        own_name = connection.settings_dict["NAME"]
        with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
            if connection.vendor == "sqlite":
                connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "benchmark.sqlite3")
            else:
                connection.settings_dict["TEST"]["NAME"] = f"benchmark_{os.getpid()}"
                # All processor time is that of the one backend.
                connection.settings_dict["OPTIONS"]["options"] = (
                    "-c max_parallel_workers_per_gather=0"
                )
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            try:
                yield
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
        self._head(f"{', '.join(only)} on {connection.vendor} {self._version()}", "#")
        filled = filler.fill(min(REPORT_RECORDS, *options["sizes"]))
        for year in REPORT_YEARS:
            issue_annual_report(plan, year, reader, at)
        if "PDF" in only:
            self._head(f"PDF of a report on {filled:,} records")
            self._say(measure_reports(plan, reader, at, max(1, runs // 2)))
        if "LARGE" in only:
            filled += filler.fill(options["million"] // COPIES - filled)
            self._measure_large(options, reader, filler)
        if {"ROLLUP", "PAGES"} & {*only}:
            self._measure_sizes(options, reader, filler, filled)
        importing = Importing(plan, reader, at, options["rows"])
        if "IMPORT" in only:
            self._head("Import")
            self._say(importing.lines(runs))
            self._say(measure_screens(importing))
            self._say(measure_screens(Importing(plan, reader, at, options["large"])))
        if "LOAD" in only:
            filled += filler.fill(options["load"] - filled)
            initiatives = Initiative.objects.count()
            self._head(f"Fifty people, {filled:,} records, {initiatives:,} initiatives")
            self._say(measure_load(importing, options["seconds"]))

    def _measure_sizes(
        self, options: dict[str, Any], reader: User, filler: Filler, filled: int
    ) -> None:
        rows = []
        for size in sorted(options["sizes"]):
            filled += filler.fill(size - filled)
            remove_peak()
            if "ROLLUP" in options["only"]:
                plan = filler.plan
                rows.append(rollup.measure_rollup(plan, plan.ends_on, filled, options["runs"]))
            if "PAGES" in options["only"]:
                self._head(f"Pages with {filled:,} records")
                self._say(format_table(pages.COLUMNS, pages.measure_pages(reader, options["runs"])))
        if rows:
            self._head("Roll-up")
            self._say(format_table(rollup.COLUMNS, rows))

    def _measure_large(self, options: dict[str, Any], reader: User, filler: Filler) -> None:
        large.copy_records(COPIES - 1)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        filled, plan = large.count_records(), filler.plan
        self._head(f"{filled:,} records")
        measured = pages.measure_pages(reader, options["runs"], large.PAGES)
        self._say(format_table(pages.COLUMNS, measured))
        row = rollup.measure_rollup(plan, plan.ends_on, filled, options["runs"])
        self._say(["", *format_table(rollup.COLUMNS, [row])])

    def _head(self, words: str, level: str = "##") -> None:
        self.stdout.write(f"\n{level} {words}\n")

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
