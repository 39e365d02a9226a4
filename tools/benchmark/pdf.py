"""Benchmark of a report's PDF in each language: time, pages, bytes and memory.

Memory is the peak of a separate process, compared with that of a process that makes the pages but
no PDF. On Linux it is ``VmHWM``, as ``ru_maxrss`` of a new process starts at its parent's memory.
Elsewhere it is ``ru_maxrss``.
"""

import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings

from reporting.annual_report.content.data_files import build_data_files
from reporting.annual_report.pdf import document
from reporting.annual_report.snapshot.builder import build_report_rows
from reporting.annual_report.snapshot.reader import read_snapshot
from reporting.annual_report.verification.compare import Verification, verify
from reporting.models import ReportRows
from strategy.models import Plan, User
from tools.benchmark.timing import KB, time_in_turn

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)

_IN_A_PROCESS = """
import pickle, sys
import django
django.setup()
from reporting.annual_report.pdf import document
from tools.benchmark.timing import read_memory
rows, language, is_pdf = pickle.load(sys.stdin.buffer)
document.render_html(rows, language)
if is_pdf:
    document.render(rows, language)
print(read_memory())
"""


@dataclass(frozen=True)
class Memory:
    """The peak memory of a process in MB: with the PDF, and with the pages alone."""

    with_pdf: int
    pages_alone: int

    def __str__(self) -> str:
        return (
            f"{self.with_pdf} MB, {self.with_pdf / self.pages_alone:.1f} times "
            "the same process without the PDF"
        )


def measure_reports(plan: Plan, by: User, at: datetime, runs: int) -> Iterator[str]:
    """Yield the cost of the report's pages and PDF, and of bare WeasyPrint on the same HTML."""
    if not document.is_available():
        yield "- report: not measured, since Pango is not installed"
        return
    rows = build_report_rows(plan, plan.years[-1].label, by, at)
    for language in LANGUAGES:
        yield _line(rows, language, runs)
    yield "- (peak memory: VmHWM on Linux, else ru_maxrss, of a process that does nothing else)"
    yield from _verification(rows, runs)


def _line(rows: ReportRows, language: str, runs: int) -> str:
    html = document.render_html(rows, language)
    mine, bare = time_in_turn(
        [partial(document.render, rows, language), partial(document.render_plain, html)], runs
    )
    made = document.render(rows, language)
    return (
        f"- report of {rows.report.year} in {language} {mine}, bare WeasyPrint {bare}: "
        f"{mine.against(bare)}; {made.pages} pages, {len(made.content) // KB} KB "
        f"({_carried(rows) // KB} KB of data), peak memory {measure_memory(rows, language)}"
    )


def _carried(rows: ReportRows) -> int:
    return sum(
        len(file.content) for file in build_data_files(rows, read_snapshot(rows), is_draft=False)
    )


def measure_memory(rows: ReportRows, language: str) -> Memory:
    return Memory(
        measure_peak_of(rows, language, is_pdf=True), measure_peak_of(rows, language, is_pdf=False)
    )


def measure_peak_of(rows: ReportRows, language: str, *, is_pdf: bool) -> int:
    """Return the peak of a process that makes the pages, and the PDF if `is_pdf`, in MB."""
    done = subprocess.run(
        [sys.executable, "-c", _IN_A_PROCESS],
        input=pickle.dumps((rows, language, is_pdf)),
        capture_output=True,
        check=True,
        cwd=settings.BASE_DIR,
    )
    return int(done.stdout)


def _verification(rows: ReportRows, runs: int) -> Iterator[str]:
    content = document.render(rows, LANGUAGES[0]).content

    def read() -> Verification:
        return verify(content)

    reading, making = time_in_turn([read, partial(document.render, rows, LANGUAGES[0])], runs)
    share = reading.processor / making.processor
    yield f"- reading the file back {reading}, making it {making}: {share:.1%}"
