"""What reading a file comes to: a table, then what its rows would do or what is wrong in them."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import merge
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from indicators.import_export.files.table import ImportProblem
from indicators.import_export.rows.packed import PackedRows, values_in
from strategy.choices import RecordKind


class RowStatus(TextChoices):
    """What a row of a file would do."""

    ERROR = "error", pgettext_lazy("row", "In error")
    CHANGED = "changed", pgettext_lazy("row", "Changed")
    NEW = "new", pgettext_lazy("row", "New")
    UNCHANGED = "unchanged", pgettext_lazy("row", "Unchanged")


class FieldDiff(NamedTuple):
    """A cell that differs from the record: its text now, and the text that it is to have."""

    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RowResult:
    """What one row would do: what changes, or what is wrong.

    ``version`` is the version of the record that the row was compared with, None for a new one;
    ``stops_counting`` says that the record is approved and would wait for approval again.
    """

    number: int
    state: RowStatus
    reference: str = ""
    name: str = ""
    version: int | None = None
    changes: Sequence[FieldDiff] = ()
    problems: Sequence[ImportProblem] = ()
    stops_counting: bool = False

    def with_changes(self, changes: Sequence[FieldDiff]) -> "RowResult":
        return replace(self, changes=changes)

    def with_headings(self, headings: Mapping[str, str]) -> "RowResult":
        """The row with other words for its columns, as far as there are any."""

        def heading(column: str) -> str:
            return headings.get(column, column)

        return replace(
            self,
            changes=[one._replace(column=heading(one.column)) for one in self.changes],
            problems=[replace(one, column=heading(one.column)) for one in self.problems],
        )

    def as_json(self) -> list[Any]:
        """What ``from_json`` makes a row of again."""
        problems = [(problem.message, problem.row, problem.column) for problem in self.problems]
        told = (self.number, self.state, self.reference, self.name, self.version)
        return [*told, self.changes, problems, self.stops_counting]

    @classmethod
    def from_json(cls, told: Sequence[Any]) -> "RowResult":
        *plain, changes, problems, stops_counting = told
        number, state, reference, name, version = plain
        return cls(
            number,
            RowStatus(state),
            reference,
            name,
            version,
            tuple(FieldDiff(*change) for change in changes),
            tuple(ImportProblem(*problem) for problem in problems),
            stops_counting,
        )


@dataclass
class ImportResult:
    """What a whole file would do. Nothing of it is written while anything is wrong.

    The rows are kept by what they would do, packed, so that a long file takes little memory.
    """

    kind: RecordKind
    file_problems: Sequence[ImportProblem] = ()
    notices: list[str] = field(default_factory=list)
    headings: Mapping[str, str] = field(default_factory=dict)
    """What the columns are called where problems are told."""
    stop_counting: int = 0
    """How many approved records would wait for approval again."""
    nameless: int = 0
    """New records whose row has no reference."""
    _rows: Mapping[RowStatus, PackedRows] = field(
        default_factory=lambda: {s: PackedRows() for s in RowStatus}
    )
    _wrong_cells: int = 0
    _refused: dict[int, RowResult] = field(default_factory=dict)

    def add(self, row: RowResult) -> None:
        """Take the next row of the file."""
        self._rows[row.state].add(row.as_json())
        self._wrong_cells += len(row.problems)
        self._count(row, 1)

    def refuse(self, row: RowResult, problem: ImportProblem) -> None:
        """Say of a row that was added as a good one what is wrong with it after all."""
        if row.number not in self._refused:
            wrong = replace(row, state=RowStatus.ERROR, changes=(), problems=[problem])
            self._refused[row.number] = wrong
            self._count(row, -1)

    def _count(self, row: RowResult, step: int) -> None:
        self.stop_counting += step * row.stops_counting
        self.nameless += step * (row.state == RowStatus.NEW and not row.reference)

    def rows_of(self, state: RowStatus) -> Iterator[RowResult]:
        """The rows that would do that, in the order of the file."""
        rows = map(RowResult.from_json, values_in(self._rows[state].content()))
        if state == RowStatus.ERROR:
            refused = sorted(self._refused.values(), key=_number)
            return merge(rows, refused, key=_number)
        return (row for row in rows if row.number not in self._refused)

    def content(self) -> bytes:
        """All rows packed as ``rows_in`` reads them: first those in error, last the unchanged."""
        packed = PackedRows()
        for state in RowStatus:
            if self._refused:
                for row in self.rows_of(state):
                    packed.add(row.as_json())
            else:
                packed.add_all_of(self._rows[state])
        return packed.content()

    @property
    def problems(self) -> Iterator[ImportProblem]:
        """All that is wrong, in the order of the file."""
        yield from self.file_problems
        for row in self.rows_of(RowStatus.ERROR):
            yield from row.with_headings(self.headings).problems

    @property
    def tally(self) -> dict[RowStatus, int]:
        """Rows by what they would do, in the order in which ``content`` holds them."""
        tally = {state: len(self._rows[state]) for state in RowStatus}
        for row in self._refused.values():
            tally[RowStatus.CHANGED if row.version is not None else RowStatus.NEW] -= 1
            tally[RowStatus.ERROR] += 1
        return tally

    @property
    def counts(self) -> dict[RowStatus, int]:
        """Rows by what they would do; for errors the number of things to correct."""
        wrong = len(self.file_problems) + self._wrong_cells + len(self._refused)
        return {**self.tally, RowStatus.ERROR: wrong}

    @property
    def is_good(self) -> bool:
        return not self.counts[RowStatus.ERROR]

    @property
    def changes_something(self) -> bool:
        return bool(self.tally[RowStatus.NEW] or self.tally[RowStatus.CHANGED])

    @property
    def digest(self) -> str:
        """A fingerprint of what the good rows would do: the same on the same records.

        A record that the file leaves as it is may change meanwhile, as long as it still does.
        """
        told = hashlib.sha256(self.kind.encode())
        for row in self.rows_of(RowStatus.CHANGED):
            told.update(json.dumps([row.number, row.version, row.changes]).encode())
        for state in (RowStatus.NEW, RowStatus.UNCHANGED):
            told.update(f"\n{state}".encode())
            for row in self.rows_of(state):
                told.update(f" {row.number}".encode())
        return told.hexdigest()


def _number(row: RowResult) -> int:
    return row.number


def rows_in(content: bytes | memoryview, start: int, stop: int) -> Iterator[RowResult]:
    """The rows that ``ImportResult.content`` packed, from place ``start`` to before ``stop``."""
    return map(RowResult.from_json, values_in(content, start, stop))
