"""Benchmark of an import through its pages: time, memory and the wait of other writers.

The import is committed, so that other writers wait as long as users would, and then undone.
"""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from django.db import DatabaseError, connection, models, transaction

from indicators.import_export.previews import confirm, make_preview
from indicators.import_export.undo import undo
from indicators.models import ImportPreview, Initiative
from strategy.choices import RecordKind
from tools.benchmark.timing import Importing, measure_peak_memory

PAUSE = 0.002

_STATUS = Path("/proc/self/status")
_CLEARING = Path("/proc/self/clear_refs")


class OtherWriter(threading.Thread):
    """A concurrent writer that saves one record again and again."""

    def __init__(self, key: int) -> None:
        super().__init__(daemon=True)
        self._key, self._longest, self._is_over = key, 0.0, threading.Event()

    def run(self) -> None:
        try:
            while not self._is_over.is_set():
                self._save()
                time.sleep(PAUSE)
        finally:
            connection.close()

    def _save(self) -> None:
        began = time.perf_counter()
        # A save that fails because the database is locked has waited too.
        with suppress(DatabaseError), transaction.atomic():
            Initiative.objects.filter(pk=self._key).update(notes=models.F("notes"))
        self._longest = max(self._longest, time.perf_counter() - began)

    def stop(self) -> float:
        """Stop the thread; return the longest time of a save, in seconds."""
        self._is_over.set()
        self.join()
        return self._longest


def measure_screens(importing: Importing) -> Iterator[str]:
    """Yield the cost of each page of an import, from the upload to the undo.

    It is confirmed twice: alone for its own time, then during saves by another writer.
    """
    by, at = importing.by, importing.at
    _forget_peak()
    before = _in_memory("VmRSS")
    times = [time.perf_counter()]
    made = _previewed(importing)
    times.append(time.perf_counter())
    run = confirm(ImportPreview.objects.get(pk=made), by=by, at=at)
    times.append(time.perf_counter())
    grown = _in_memory("VmHWM") - before
    undo(run, by=by, at=at)
    times.append(time.perf_counter())
    looked, confirmed, undone = (f"{end - start:.2f} s" for start, end in pairwise(times))
    yield (
        f"{importing.number} initiatives on the screens: previewed {looked}, "
        f"confirmed {confirmed}, taken back {undone}; memory grew by {grown} MB at most; "
        f"somebody else who saved meanwhile waited {_longest_wait(importing) * 1000:.0f} ms at most"
    )


def _previewed(importing: Importing) -> int:
    made = make_preview(
        RecordKind.INITIATIVE, importing.content, "benchmark.csv", by=importing.by, at=importing.at
    )
    return made.pk


def _longest_wait(importing: Importing) -> float:
    by, at, made = importing.by, importing.at, _previewed(importing)
    other = OtherWriter(Initiative.objects.order_by("pk")[0].pk)
    other.start()
    run = confirm(ImportPreview.objects.get(pk=made), by=by, at=at)
    waited = other.stop()
    undo(run, by=by, at=at)
    return waited


def _forget_peak() -> None:
    # Linux only: the peak restarts at the memory that is in use now.
    with suppress(OSError):
        _CLEARING.write_text("5", encoding="ascii")


def _in_memory(name: str) -> int:
    if not _STATUS.exists():
        return measure_peak_memory()
    found = re.search(rf"{name}:\s+(\d+) kB", _STATUS.read_text(encoding="ascii"))
    return int(found[1]) // 1024 if found else 0
