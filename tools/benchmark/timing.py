"""Measurements and their text: the median of several runs, and a ratio."""

import csv
import gc
import io
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators.import_export.importer import validate_file
from indicators.models import Evidence, Initiative
from reporting.figures.rollup import Rollup, build_rollup
from strategy.choices import RecordKind
from strategy.models import Country, FieldOfActivity, Plan, User
from tools.benchmark import reference_sql
from tools.benchmark.data import make_initiatives

PAGES = (
    "/dashboard/",
    "/summary/",
    "/targets/1.1-countries/",
    "/targets/1.2-fields/",
    "/records/initiative/",
    "/records/initiative/?target=1.1-initiatives&counts=yes",
    "/records/decision/?target=2.1-decisions&counts=no",
)


@dataclass(frozen=True)
class Stopwatch:
    """Seconds of a piece of work: the median of several runs, and the fastest."""

    median: float
    fastest: float

    def __str__(self) -> str:
        return f"{self.median * 1000:8.0f} ms"

    def against(self, other: "Stopwatch") -> str:
        return f"{self.median / other.median:.2f} times"


def time_runs(work: Callable[[], object], runs: int) -> Stopwatch:
    """Measure the wall time of the work, after one run that is not counted."""
    work()
    taken = []
    for _run in range(runs):
        gc.collect()
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return Stopwatch(statistics.median(taken), min(taken))


def time_in_turn(
    first: Callable[[], object], second: Callable[[], object], runs: int
) -> tuple[Stopwatch, Stopwatch]:
    """Measure both by turns, so that other load on the machine affects both."""
    first()
    second()
    taken: tuple[list[float], list[float]] = ([], [])
    for _run in range(runs):
        for work, times in zip((first, second), taken, strict=True):
            gc.collect()
            began = time.perf_counter()
            work()
            times.append(time.perf_counter() - began)
    one, other = (Stopwatch(statistics.median(times), min(times)) for times in taken)
    return one, other


def measure_peak_memory() -> int:
    """Return the peak memory of this process, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1024 * 1024 if sys.platform == "darwin" else 1024)


class Figures:
    """The rollup against hand-written SQL, and the pages of figures."""

    def __init__(self, plan: Plan, as_of: date, reader: User, runs: int) -> None:
        self.plan, self.as_of, self.reader, self.runs = plan, as_of, reader, runs
        self.canada = Country.objects.get(code="CA").pk

    def lines(self) -> Iterator[str]:
        yield from self._rollup()
        yield from self._pages()
        yield f"peak memory so far {measure_peak_memory()} MB"

    def _by_hand(self) -> dict[str, Any]:
        return reference_sql.calculate_values(self.plan.pk, self.canada, self.as_of)

    def _rollup(self) -> Iterator[str]:
        differing = find_differences(build_rollup(self.plan, self.as_of), self._by_hand())
        yield f"values: {', '.join(differing) or 'all equal to those of the hand-written SQL'}"
        mine, sql = time_in_turn(
            lambda: build_rollup(self.plan, self.as_of), self._by_hand, self.runs
        )
        with CaptureQueriesContext(connection) as queries:
            build_rollup(self.plan, self.as_of)
        yield (
            f"roll-up {mine} ({len(queries)} queries), SQL by hand {sql} (1 query): "
            f"{mine.against(sql)}"
        )

    def _pages(self) -> Iterator[str]:
        client = Client(SERVER_NAME="localhost")
        client.force_login(self.reader)
        for address in PAGES:
            joined = f"{address}{'&' if '?' in address else '?'}as_of={self.as_of}"
            page = joined if "target" in address or "records" not in address else address
            with CaptureQueriesContext(connection) as queries:
                status = client.get(page).status_code
            # Count now: the next request empties the log of queries.
            number = len(queries)
            taken = time_runs(partial(client.get, page), self.runs)
            yield f"{taken}, {number:3} queries, status {status}: {page}"


def find_differences(rollup: Rollup, by_hand_values: dict[str, Any]) -> list[str]:
    """Return the targets whose value differs from the hand-written SQL, to nine decimals."""
    found = []
    for line in rollup.targets:
        sql = by_hand_values[line.target.code]
        if abs(Decimal(line.value or 0) - Decimal(sql or 0)) > Decimal("1e-9"):
            found.append(f"{line.target.code}: {line.value}, by hand {sql}")
    return found


class Importing:
    """An import of initiatives against ``bulk_create`` of the same rows."""

    def __init__(self, plan: Plan, by: User, at: datetime, number: int) -> None:
        self.by, self.at, self.number = by, at, number
        self.rows = list(make_initiatives(plan, number))
        file = io.StringIO()
        writer = csv.DictWriter(file, list(self.rows[0]))
        writer.writeheader()
        writer.writerows(self.rows)
        self.content = file.getvalue().encode()

    def lines(self, runs: int) -> Iterator[str]:
        mine, plain = time_in_turn(self._import, self._bulk_create, runs)
        yield (
            f"import of {self.number} initiatives, checked and written{mine}, "
            f"plain bulk_create{plain}: {mine.against(plain)}"
        )
        yield f"peak memory so far {measure_peak_memory()} MB"

    def _import(self) -> None:
        with transaction.atomic():
            checked = validate_file(RecordKind.INITIATIVE, self.content, by=self.by, at=self.at)
            checked.write(None)
            transaction.set_rollback(True)

    def _bulk_create(self) -> None:
        # The same rows with their links and evidence, without validation.
        countries = dict(Country.objects.values_list("code", "pk"))
        fields = dict(FieldOfActivity.objects.values_list("code", "pk"))
        kind = ContentType.objects.get_for_model(Initiative).pk
        with transaction.atomic():
            records = Initiative.objects.bulk_create(
                Initiative(
                    reference=row["reference"],
                    title=row["title"],
                    starts_on=row["starts_on"],
                    status="submitted",
                    office=self.by.office,
                    entered_by=self.by,
                    changed_by=self.by,
                )
                for row in self.rows
            )
            pairs = list(zip(records, self.rows, strict=True))
            of_country: Any = Initiative.countries.through
            of_country.objects.bulk_create(
                of_country(initiative=record, country_id=countries[code])
                for record, row in pairs
                for code in row["countries"].split(";")
            )
            of_field: Any = Initiative.fields_of_activity.through
            of_field.objects.bulk_create(
                of_field(initiative=record, fieldofactivity_id=fields[row["fields_of_activity"]])
                for record, row in pairs
            )
            Evidence.objects.bulk_create(
                Evidence(content_type_id=kind, object_id=record.pk, url=row["evidence_url"])
                for record, row in pairs
            )
            transaction.set_rollback(True)
