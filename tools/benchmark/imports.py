"""Benchmark of an import through its pages: time, memory and the wait of other writers.

The import is committed, so that other writers wait as long as users would, and then undone.
"""

import csv
import io
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, models, transaction

from indicators.import_export.importer import validate_file
from indicators.import_export.previews import confirm, make_preview
from indicators.import_export.undo import undo
from indicators.models import Evidence, ImportPreview, Initiative
from strategy.choices import RecordKind
from strategy.models import Country, FieldOfActivity, Plan, User
from tools.benchmark.data import make_initiatives
from tools.benchmark.timing import (
    read_memory,
    read_processor_time,
    remove_peak,
    time_in_turn,
)

PAUSE = 0.002


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
        remove_peak()
        mine, plain = time_in_turn([self._import, self._bulk_create], runs)
        yield (
            f"- import of {self.number:,} initiatives, checked and written {mine}, "
            f"plain bulk_create {plain}: {mine.against(plain)}; peak memory {read_memory()} MB"
        )

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
    remove_peak()
    before = read_memory("VmRSS")
    times, spent = [time.perf_counter()], [read_processor_time()]

    def look() -> None:
        times.append(time.perf_counter())
        spent.append(read_processor_time())

    made = _previewed(importing)
    look()
    run = confirm(ImportPreview.objects.get(pk=made), by=by, at=at)
    look()
    grown = read_memory() - before
    undo(run, by=by, at=at)
    look()
    looked, confirmed, undone = (
        f"{own_end - own:.2f} s (wall {end - start:.2f})"
        for (own, own_end), (start, end) in zip(pairwise(spent), pairwise(times), strict=True)
    )
    yield (
        f"- {importing.number:,} initiatives on the screens: previewed {looked}, "
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
