"""What reading a file comes to: a table, then what its rows would do or what is wrong in them."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import merge
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from indicators.import_export.files.table import Problem
from indicators.import_export.rows.packed import Lines, values_in
from strategy.choices import RecordKind


class RowState(TextChoices):
    """What a row of a file would do."""

    ERROR = "error", pgettext_lazy("row", "In error")
    CHANGED = "changed", pgettext_lazy("row", "Changed")
    NEW = "new", pgettext_lazy("row", "New")
    UNCHANGED = "unchanged", pgettext_lazy("row", "Unchanged")


class CellChange(NamedTuple):
    """A cell that differs from the record: its text now, and the text that it is to have."""

    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What one row would do: what changes, or what is wrong.

    ``version`` is the version of the record that the row was compared with, None for a new one;
    ``stops_counting`` says that the record is approved and would wait for approval again.
    """

    number: int
    state: RowState
    reference: str = ""
    name: str = ""
    version: int | None = None
    changes: Sequence[CellChange] = ()
    problems: Sequence[Problem] = ()
    stops_counting: bool = False

    def with_changes(self, changes: Sequence[CellChange]) -> "RowOutcome":
        return replace(self, changes=changes)

    def with_headings(self, headings: Mapping[str, str]) -> "RowOutcome":
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
    def from_json(cls, told: Sequence[Any]) -> "RowOutcome":
        *plain, changes, problems, stops_counting = told
        number, state, reference, name, version = plain
        return cls(
            number,
            RowState(state),
            reference,
            name,
            version,
            tuple(CellChange(*change) for change in changes),
            tuple(Problem(*problem) for problem in problems),
            stops_counting,
        )


@dataclass
class Outcome:
    """What a whole file would do. Nothing of it is written while anything is wrong.

    The rows are kept by what they would do, packed, so that a long file takes little memory.
    """

    kind: RecordKind
    file_problems: Sequence[Problem] = ()
    notices: list[str] = field(default_factory=list)
    headings: Mapping[str, str] = field(default_factory=dict)
    """What the columns are called where problems are told."""
    stop_counting: int = 0
    """How many approved records would wait for approval again."""
    nameless: int = 0
    """New records whose row has no reference."""
    _rows: Mapping[RowState, Lines] = field(default_factory=lambda: {s: Lines() for s in RowState})
    _wrong_cells: int = 0
    _refused: dict[int, RowOutcome] = field(default_factory=dict)

    def add(self, row: RowOutcome) -> None:
        """Take the next row of the file."""
        self._rows[row.state].add(row.as_json())
        self._wrong_cells += len(row.problems)
        self._count(row, 1)

    def refuse(self, row: RowOutcome, problem: Problem) -> None:
        """Say of a row that was added as a good one what is wrong with it after all."""
        if row.number not in self._refused:
            wrong = replace(row, state=RowState.ERROR, changes=(), problems=[problem])
            self._refused[row.number] = wrong
            self._count(row, -1)

    def _count(self, row: RowOutcome, step: int) -> None:
        self.stop_counting += step * row.stops_counting
        self.nameless += step * (row.state == RowState.NEW and not row.reference)

    def rows_of(self, state: RowState) -> Iterator[RowOutcome]:
        """The rows that would do that, in the order of the file."""
        rows = map(RowOutcome.from_json, values_in(self._rows[state].content()))
        if state == RowState.ERROR:
            refused = sorted(self._refused.values(), key=_number)
            return merge(rows, refused, key=_number)
        return (row for row in rows if row.number not in self._refused)

    def content(self) -> bytes:
        """All rows packed as ``rows_in`` reads them: first those in error, last the unchanged."""
        packed = Lines()
        for state in RowState:
            if self._refused:
                for row in self.rows_of(state):
                    packed.add(row.as_json())
            else:
                packed.add_all_of(self._rows[state])
        return packed.content()

    @property
    def problems(self) -> Iterator[Problem]:
        """All that is wrong, in the order of the file."""
        yield from self.file_problems
        for row in self.rows_of(RowState.ERROR):
            yield from row.with_headings(self.headings).problems

    @property
    def tally(self) -> dict[RowState, int]:
        """Rows by what they would do, in the order in which ``content`` holds them."""
        tally = {state: len(self._rows[state]) for state in RowState}
        for row in self._refused.values():
            tally[RowState.CHANGED if row.version is not None else RowState.NEW] -= 1
            tally[RowState.ERROR] += 1
        return tally

    @property
    def counts(self) -> dict[RowState, int]:
        """Rows by what they would do; for errors the number of things to correct."""
        wrong = len(self.file_problems) + self._wrong_cells + len(self._refused)
        return {**self.tally, RowState.ERROR: wrong}

    @property
    def is_good(self) -> bool:
        return not self.counts[RowState.ERROR]

    @property
    def changes_something(self) -> bool:
        return bool(self.tally[RowState.NEW] or self.tally[RowState.CHANGED])

    @property
    def digest(self) -> str:
        """A fingerprint of what the good rows would do: the same on the same records.

        A record that the file leaves as it is may change meanwhile, as long as it still does.
        """
        told = hashlib.sha256(self.kind.encode())
        for row in self.rows_of(RowState.CHANGED):
            told.update(json.dumps([row.number, row.version, row.changes]).encode())
        for state in (RowState.NEW, RowState.UNCHANGED):
            told.update(f"\n{state}".encode())
            for row in self.rows_of(state):
                told.update(f" {row.number}".encode())
        return told.hexdigest()


def _number(row: RowOutcome) -> int:
    return row.number


def rows_in(content: bytes | memoryview, start: int, stop: int) -> Iterator[RowOutcome]:
    """The rows that ``Outcome.content`` packed, from place ``start`` to before ``stop``."""
    return map(RowOutcome.from_json, values_in(content, start, stop))
