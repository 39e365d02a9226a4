"""Files looked at before they are confirmed: kept for their owner for an hour, then forgotten."""

import hashlib
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import Any

from django.core.cache import cache
from django.db import models
from django.utils.translation import gettext as _

from indicators.import_export.files.table import Table, UnreadableFile
from indicators.import_export.importer import read_kind_table, refuse_who_may_not, revalidate_table
from indicators.import_export.rows.columns import headings_in
from indicators.import_export.rows.packed import PackedRows, values_in
from indicators.import_export.rows.resources import RecordResource
from indicators.import_export.rows.results import (
    FieldDiff,
    ImportResult,
    RowResult,
    RowStatus,
    rows_in,
)
from indicators.models import ImportPreview, ImportRun
from indicators.workflow.actions import ConcurrentEdit, InvalidTransition, WorkflowError
from strategy.choices import RecordKind
from strategy.models import User

LIFETIME = timedelta(hours=1)

ERRORS_LIFETIME = timedelta(days=1)
"""How long the rows in error can be had after the good ones were imported."""


class PreviewOutdated(WorkflowError):
    """The records or the rules changed since the preview, so the file would do something else."""


def make_preview(
    kind: RecordKind,
    content: bytes,
    file_name: str,
    *,
    by: User,
    at: datetime,
    progress: uuid.UUID | None = None,
) -> ImportPreview:
    """Compare a file with the records and keep what it would do.

    ``progress`` is the name by which its owner's page asks how far that is. Raises UnreadableFile
    when its rows cannot be told, ActionDenied when the person may not import.
    """
    refuse_who_may_not(by)
    table = read_kind_table(content, kind)
    kept, counted = StoredRows(table), ImportProgress(by, progress or uuid.uuid4())

    def keep(number: int, cells: Sequence[str]) -> None:
        kept.take(number, cells)
        counted.note()

    outcome = RecordResource(kind, by, at).check(table, keep=keep)
    if not any(outcome.tally.values()):
        raise UnreadableFile(*outcome.file_problems)
    _forget(at)
    return ImportPreview.objects.create(
        owner=by,
        kind=kind,
        file_name=file_name[:200],
        table=kept.content(),
        sha256=hashlib.sha256(content).hexdigest(),
        created_at=at,
        **_told(outcome),
    )


def _forget(at: datetime) -> None:
    over = models.Q(imported_at=None, created_at__lt=at - LIFETIME)
    ImportPreview.objects.filter(over | models.Q(created_at__lt=at - ERRORS_LIFETIME)).delete()


def preview_of(identifier: uuid.UUID, owner: User) -> ImportPreview | None:
    """The owner's preview of that name; nobody else has one."""
    return ImportPreview.objects.filter(uuid=identifier, owner=owner).first()


def is_over(preview: ImportPreview, at: datetime) -> bool:
    """Whether its hour is over."""
    return at - preview.created_at > LIFETIME


class PreviewRows:
    """The rows of a preview that would do the same, of which a page is read when it is shown.

    Each names the columns as the file itself does; new rows have their cells as changes.
    """

    def __init__(self, preview: ImportPreview, state: RowStatus) -> None:
        tally = preview.outcome["tally"]
        self._preview, self._state = preview, state
        self._first = sum(tally[one] for one in list(RowStatus)[: list(RowStatus).index(state)])
        self._number: int = tally[state]

    def __len__(self) -> int:
        return self._number

    def __getitem__(self, wanted: slice) -> list[RowResult]:
        start, stop, _step = wanted.indices(self._number)
        rows = list(rows_in(self._preview.rows, self._first + start, self._first + stop))
        if self._state == RowStatus.NEW:
            rows = _with_cells(self._preview, rows)
        headings = headings_in(kept_table(self._preview.table), RecordKind(self._preview.kind))
        return [row.with_headings(headings) for row in rows]


def _with_cells(preview: ImportPreview, rows: Sequence[RowResult]) -> list[RowResult]:
    """New rows, in the order of the file, with their cells as changes from nothing."""
    wanted = {row.number: row for row in rows}
    table = kept_table(preview.table)
    for number, cells in takewhile(lambda row: row[0] <= max(wanted, default=0), table.rows):
        if number in wanted:
            named = zip(table.columns, cells, strict=True)
            changes = [FieldDiff(name, "", text) for name, text in named if text]
            wanted[number] = wanted[number].with_changes(changes)
    return list(wanted.values())


def has_errors(preview: ImportPreview) -> bool:
    """Whether some of its rows cannot be imported."""
    return bool(preview.outcome["tally"][RowStatus.ERROR])


def rows_in_error(preview: ImportPreview) -> Iterator[RowResult]:
    """The rows that cannot be imported, with what is wrong, in the order of the file."""
    return rows_in(preview.rows, 0, preview.outcome["tally"][RowStatus.ERROR])


def confirm(
    preview: ImportPreview, *, by: User, at: datetime, is_partial: bool = False
) -> ImportRun:
    """Write what the preview shows, once; return what was done.

    A file with errors is written only when ``is_partial`` says that its good rows are wanted alone;
    those in error are then kept for a day. Raises InvalidTransition for a file with errors
    otherwise;
    PreviewOutdated, having put what the file would do now into the preview, when that is no longer
    what was looked at; ConcurrentEdit when it changed in that very moment, or was written already.
    """
    kind = RecordKind(preview.kind)
    if preview.outcome["problems"] or (has_errors(preview) and not is_partial):
        raise InvalidTransition(_("Something in the file is wrong. Nothing was written."))
    numbers = frozenset(row.number for row in rows_in_error(preview))
    looked_at, table = ImportProgress(by, preview.uuid), kept_table(preview.table, numbers)
    checked = revalidate_table(kind, table, by=by, at=at, note=looked_at.note)
    if not checked.outcome.is_good or checked.outcome.digest != preview.digest:
        _look_again(preview, kind, by, at)
        raise PreviewOutdated(
            _("Records changed since you looked. Nothing was written: look again, then import.")
        )
    looked_at.tell()
    run = ImportRun(
        uuid=preview.uuid,
        file_name=preview.file_name,
        sha256=preview.sha256,
        left_out=len(numbers),
    )
    checked.write(run=run, claim=partial(_take, preview, at, numbers))
    return run


def _look_again(preview: ImportPreview, kind: RecordKind, by: User, at: datetime) -> None:
    outcome = RecordResource(kind, by, at).check(kept_table(preview.table))
    outcome.notices = list(dict.fromkeys([*preview.outcome["notices"], *outcome.notices]))
    ImportPreview.objects.filter(pk=preview.pk).update(**_told(outcome))


def _take(preview: ImportPreview, at: datetime, left_out: Collection[int]) -> None:
    """Let the preview go in this transaction: of two who confirm it at once, one finds it gone."""
    waiting = ImportPreview.objects.filter(pk=preview.pk, imported_at=None)
    gone = waiting.update(imported_at=at) if left_out else waiting.delete()[0]
    if not gone:
        raise ConcurrentEdit(_("This file was imported already."))


def _told(outcome: ImportResult) -> Mapping[str, Any]:
    """What the preview keeps of an outcome."""
    return {
        "outcome": {
            "counts": outcome.counts,
            "tally": outcome.tally,
            "notices": outcome.notices,
            "problems": [problem.sentence for problem in outcome.file_problems],
            "stop_counting": outcome.stop_counting,
        },
        "rows": outcome.content(),
        "digest": outcome.digest,
    }


PROGRESS_LIFETIME = 600
"""Seconds for which the last number is kept."""

STEP = 1_000
"""Rows from one number to the next."""


class ImportProgress:
    """Counts the rows that are looked at, and keeps every so many where other processes see it."""

    def __init__(self, owner: User, identifier: uuid.UUID) -> None:
        self._key = _key(owner, identifier)
        self._rows = 0

    def note(self, *_row: object) -> None:
        """One more row was looked at."""
        self._rows += 1
        if self._rows % STEP == 0:
            self.tell()

    def tell(self) -> None:
        """Keep the number as it is now, such as after the last row."""
        cache.set(self._key, self._rows, PROGRESS_LIFETIME)


def count_checked_rows(owner: User, identifier: uuid.UUID) -> int:
    """How many rows were looked at when it was last told; 0 when nothing was."""
    return int(cache.get(_key(owner, identifier), 0))


def _key(owner: User, identifier: uuid.UUID) -> str:
    return f"import-progress:{owner.pk}:{identifier}"


class StoredRows:
    """Takes the rows of a table one by one; ``content`` is then what ``kept_table`` reads."""

    def __init__(self, table: Table) -> None:
        self._lines = PackedRows()
        self._lines.add([table.columns, table.headings])

    def take(self, number: int, cells: Sequence[str]) -> None:
        self._lines.add([number, cells])

    def content(self) -> bytes:
        """All of it."""
        return self._lines.content()


def kept_table(content: bytes | memoryview, without: Collection[int] = ()) -> Table:
    """The table again, as it was read; ``without`` are the numbers of rows that it leaves out."""
    told = values_in(content)
    columns, headings = next(told)
    rows = ((number, cells) for number, cells in told if number not in without)
    return Table(tuple(columns), tuple(headings), rows)
