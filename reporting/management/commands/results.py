"""Print the figures of a plan as a table, CSV or JSON."""

import csv
import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reporting.exports.results import CSV_COLUMNS, build_json, build_rows
from reporting.figures.rollup import Rollup, build_rollup
from strategy.models import Plan


class Command(BaseCommand):
    help = (
        "Print where each target of a plan stands, as a table, CSV or JSON. References of "
        "confidential records are included: who runs a command sees all."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--plan", metavar="CODE", help="the plan's code; default: the plan shown first"
        )
        parser.add_argument(
            "--as-of", metavar="DATE", help="figures as of the end of this day; default: today"
        )
        parser.add_argument("--format", choices=("table", "csv", "json"), default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = self._day(options["as_of"])
        rollup = build_rollup(self._plan(options["plan"], as_of), as_of, audience=None)
        {"table": self._table, "csv": self._csv, "json": self._json}[options["format"]](rollup)

    def _day(self, text: str | None) -> date:
        if text is None:
            return timezone.localdate()
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise CommandError(f"--as-of: “{text}” is not a day. Write it as 2018-12-31.") from None

    def _plan(self, code: str | None, as_of: date) -> Plan:
        plan = Plan.objects.find_by_code(code) if code else Plan.objects.current(as_of)
        if plan is None:
            known = ", ".join(Plan.objects.codes()) or "none"
            raise CommandError(f"--plan: there is no plan “{code or ''}”. Plans here: {known}.")
        return plan

    def _json(self, rollup: Rollup) -> None:
        self.stdout.write(json.dumps(build_json(rollup), ensure_ascii=False, indent=2))

    def _csv(self, rollup: Rollup) -> None:
        writer = csv.DictWriter(self.stdout, CSV_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(build_rows(rollup))

    def _table(self, rollup: Rollup) -> None:
        rows = [dict(zip(CSV_COLUMNS, CSV_COLUMNS, strict=True)), *build_rows(rollup)]
        columns = ("target", "value", "minimum", "maximum", "expected", "rating")
        for row in rows:
            row["expected"] = row["expected"][:8]
        widths = {name: max(len(row[name]) for row in rows) for name in columns}
        self.stdout.write(
            f"{rollup.plan.title}, as of {rollup.as_of}: {rollup.elapsed:.1%} elapsed"
        )
        for row in rows:
            cells = (row[name].ljust(widths[name]) for name in columns)
            self.stdout.write("  ".join(cells).rstrip())
