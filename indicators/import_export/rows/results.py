"""The effect of importing a file: what each of its rows would do, or what is wrong in it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from indicators.import_export.files.table import ImportProblem
from strategy.choices import RecordKind


class RowStatus(TextChoices):
    """The effect of one row."""

    ERROR = "error", pgettext_lazy("row", "In error")
    CHANGED = "changed", pgettext_lazy("row", "Changed")
    NEW = "new", pgettext_lazy("row", "New")
    UNCHANGED = "unchanged", pgettext_lazy("row", "Unchanged")


class FieldDiff(NamedTuple):
    """A cell that differs from the record: its text now, and its text in the file."""

    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RowResult:
    """The effect of one row: its changes, or its problems; a new record has no version.

    ``stops_counting`` means that the record is approved and would wait for another approval.
    """

    number: int
    state: RowStatus
    reference: str = ""
    name: str = ""
    version: int | None = None
    changes: Sequence[FieldDiff] = ()
    problems: Sequence[ImportProblem] = ()
    stops_counting: bool = False

    def with_headings(self, headings: Mapping[str, str]) -> "RowResult":
        def heading(column: str) -> str:
            return headings.get(column, column)

        return replace(
            self,
            changes=[change._replace(column=heading(change.column)) for change in self.changes],
            problems=[
                replace(problem, column=heading(problem.column)) for problem in self.problems
            ],
        )

    def as_json(self) -> list[object]:
        problems = [(problem.message, problem.row, problem.column) for problem in self.problems]
        fields = (self.number, self.state, self.reference, self.name, self.version)
        return [*fields, self.changes, problems, self.stops_counting]

    @classmethod
    def from_json(cls, values: Sequence[Any]) -> "RowResult":
        number, state, reference, name, version, changes, problems, stops_counting = values
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
    """The effect of importing a whole file; ``headings`` name the columns in messages."""

    kind: RecordKind
    file_problems: Sequence[ImportProblem] = ()
    notices: list[str] = field(default_factory=list)
    headings: Mapping[str, str] = field(default_factory=dict)
    rare_dates: int = 0
    """The number of new dates of rare years, which somebody has to confirm."""
    _rows: dict[int, RowResult] = field(default_factory=dict)

    def add(self, row: RowResult) -> None:
        self._rows[row.number] = row

    def refuse(self, problem: ImportProblem) -> None:
        """Mark the problem's row as in error, unless it is in error already."""
        if problem.row is not None and (row := self._rows[problem.row]).state != RowStatus.ERROR:
            self._rows[problem.row] = replace(
                row, state=RowStatus.ERROR, changes=(), problems=[problem], stops_counting=False
            )

    @property
    def rows(self) -> list[RowResult]:
        return list(self._rows.values())

    def rows_with(self, state: RowStatus) -> list[RowResult]:
        return [row for row in self.rows if row.state == state]

    @property
    def problems(self) -> Iterator[ImportProblem]:
        yield from self.file_problems
        for row in self.rows_with(RowStatus.ERROR):
            yield from row.with_headings(self.headings).problems

    @property
    def tally(self) -> dict[RowStatus, int]:
        return {state: len(self.rows_with(state)) for state in RowStatus}

    @property
    def counts(self) -> dict[RowStatus, int]:
        """The number of rows of each state; for errors the number of problems."""
        problem_count = len(self.file_problems) + sum(len(row.problems) for row in self.rows)
        return {**self.tally, RowStatus.ERROR: problem_count}

    @property
    def is_good(self) -> bool:
        return not self.counts[RowStatus.ERROR]

    @property
    def has_changes(self) -> bool:
        return bool(self.tally[RowStatus.NEW] or self.tally[RowStatus.CHANGED])

    @property
    def stop_counting(self) -> int:
        """The number of approved records that would wait for another approval."""
        return sum(row.stops_counting for row in self.rows)

    @property
    def nameless(self) -> int:
        """The number of new records without a reference in the file."""
        return sum(not row.reference for row in self.rows_with(RowStatus.NEW))

    @property
    def digest(self) -> str:
        return compute_digest(self.kind, (row.as_json() for row in self.rows))


def compute_digest(kind: RecordKind, rows: Iterable[Sequence[object]]) -> str:
    """Return a fingerprint of the effect of the good rows, which are as in JSON."""
    # Without the version of an unchanged record: an edit may leave the row unchanged.
    effects = [
        [number, state, changes, state == RowStatus.CHANGED and version]
        for number, state, _reference, _name, version, changes, *_rest in rows
        if state != RowStatus.ERROR
    ]
    return hashlib.sha256(json.dumps([kind, effects]).encode()).hexdigest()
