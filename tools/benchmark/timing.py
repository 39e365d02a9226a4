"""Stopwatches: processor time, wall time and memory of pieces of work, and their table.

Processor time decides: it is the least of several runs, that of this process together with its
backend of a local PostgreSQL. Wall time is the median; other work on the machine lengthens it.
"""

import gc
import re
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

KB = 1024

_STATUS = Path("/proc/self/status")
_CLEARING = Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Stopwatch:
    """Seconds of a piece of work: the median of wall time, the least of processor time."""

    wall: float
    processor: float

    @classmethod
    def read(cls, times: Sequence[tuple[float, float]]) -> "Stopwatch":
        """Return the figures of several runs, each its wall time and its processor time."""
        return cls(statistics.median(wall for wall, _own in times), min(own for _w, own in times))

    def __str__(self) -> str:
        return f"{self.processor * 1000:,.1f} ms (wall {self.wall * 1000:,.0f})"

    def against(self, other: "Stopwatch") -> str:
        return f"{self.processor / other.processor:.2f} times"


def read_processor_time() -> float:
    """Return the processor time of this process and its local backend so far, in seconds."""
    spent = time.process_time()
    if connection.vendor == "postgresql" and connection.connection is not None:
        driver: Any = connection.connection
        if not driver.info.host or driver.info.host.startswith("/"):
            # Linux only.
            with suppress(OSError):
                ran = Path(f"/proc/{driver.info.backend_pid}/schedstat").read_text(encoding="ascii")
                spent += int(ran.split()[0]) / 1e9
    return spent


def time_in_turn(works: Sequence[Callable[[], object]], runs: int) -> list[Stopwatch]:
    """Measure the works by turns, so that other load on the machine affects all of them.

    Each has one run before that is not counted.
    """
    for work in works:
        work()
    taken: list[list[tuple[float, float]]] = [[] for _work in works]
    for _run in range(runs):
        for work, times in zip(works, taken, strict=True):
            times.append(time_once(work))
    return [Stopwatch.read(times) for times in taken]


def time_once(work: Callable[[], object]) -> tuple[float, float]:
    """Return the wall time and the processor time of one run."""
    gc.collect()
    began, spent = time.perf_counter(), read_processor_time()
    work()
    return time.perf_counter() - began, read_processor_time() - spent


def format_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a table of Markdown; the columns after the first are numbers."""
    yield f"| {' | '.join(columns)} |"
    yield f"|---|{'---:|' * (len(columns) - 1)}"
    for row in rows:
        yield f"| {' | '.join(str(cell) for cell in row)} |"


def remove_peak() -> None:
    """Let the peak restart at the memory that is in use now; on Linux only."""
    with suppress(OSError):
        _CLEARING.write_text("5", encoding="ascii")


def read_memory(name: str = "VmHWM") -> int:
    """Return the memory of this process in MB: its peak, or `VmRSS`, what it uses now."""
    if _STATUS.exists():
        [kilobytes] = re.findall(rf"{name}:\s+(\d+) kB", _STATUS.read_text(encoding="ascii"))
        return int(kilobytes) // KB
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (KB * KB if sys.platform == "darwin" else KB)
