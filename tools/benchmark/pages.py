"""Benchmark of pages: the first visit after a change, and the next while nothing changed.

Through all middleware, as an M&E officer who reads compressed pages.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators.models import Initiative
from strategy.models import User
from tools.benchmark.timing import Stopwatch, read_memory, time_once

PAGES = (
    "/healthz",
    "/reports/verify/",
    "/dashboard/",
    "/summary/",
    "/targets/1.1-countries/",
    "/targets/1.2-fields/",
    "/records/initiative/",
    "/records/initiative/?q=training",
    "/records/initiative/?target=1.1-initiatives&counts=yes",
    "/records/decision/?target=2.1-decisions&counts=no",
    "/records/initiative/new/",
    "/review/",
    "/my-work/",
    "/reports/2019/1/",
    "/reports/2019/1/page/",
)
"""First two that show nothing: one without a frame, and one with little but the frame."""

COLUMNS = (
    "page",
    "after a change",
    "queries",
    "unchanged",
    "queries",
    "bytes",
    "compressed",
    "status",
)

_changes = count(1)


def save_change() -> None:
    """Save a record that counts towards targets, as a form does: with its history."""
    record = Initiative.objects.filter(status="approved").order_by("pk")[0]
    record.summary = f"Changed {next(_changes)} times."
    with transaction.atomic():
        record.save()


def measure_pages(
    reader: User, runs: int, addresses: Sequence[str] = PAGES
) -> Iterator[tuple[object, ...]]:
    """Yield a row of the table for each page, and last the peak memory."""
    client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_ENCODING="gzip")
    client.force_login(reader)
    for address in addresses:
        visit = partial(client.get, address)
        plain = client.get(address, HTTP_ACCEPT_ENCODING="identity")
        packed = visit()
        save_change()
        changed, unchanged = _count_queries(visit), _count_queries(visit)
        first, again = _time_visits(visit, runs)
        yield (
            f"`{address}`",
            first,
            changed,
            again,
            unchanged,
            f"{len(plain.content):,}",
            f"{len(packed.content):,}",
            packed.status_code,
        )
    yield (f"peak memory {read_memory()} MB", *[""] * (len(COLUMNS) - 1))


def _count_queries(visit: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        visit()
    return len(queries)


def _time_visits(visit: Callable[[], object], runs: int) -> tuple[Stopwatch, Stopwatch]:
    taken: tuple[list[tuple[float, float]], ...] = ([], [])
    for _run in range(runs):
        save_change()
        for times in taken:
            times.append(time_once(visit))
    first, again = (Stopwatch.read(times) for times in taken)
    return first, again
