"""What reading a file comes to: a table, then what its rows would do or what is wrong in them."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from strategy.vocabulary import RecordKind


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that must be corrected: where it stands, and what to do.

    Rows are numbered as a spreadsheet numbers them, the headings being row 1; no row means the
    whole file, no column the whole row.
    """

    message: str
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        values = {"row": self.row, "column": self.column, "message": self.message}
        if self.row is None:
            return _("file: %(message)s") % values
        if not self.column:
            return _("row %(row)s: %(message)s") % values
        return _("row %(row)s, %(column)s: %(message)s") % values

    @property
    def sentence(self) -> str:
        """The problem for a page that is about the file anyway."""
        return self.message if self.row is None else capfirst(str(self))


class UnreadableFile(Exception):
    """A file whose rows cannot be told: broken, of another sort, or with unfit headings."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


Row = tuple[int, list[str]]
"""The number of a row in the file, and its cells as text."""


@dataclass
class Table:
    """The rows of a file as text, under the names of columns; they are read as they are asked for.

    ``headings`` are the words that the file itself has above the columns; ``notices`` say what was
    understood that the file does not say itself, and grow while the rows are read.
    """

    columns: tuple[str, ...]
    headings: tuple[str, ...]
    rows: Iterator[Row] = field(default_factory=lambda: iter(()))
    notices: list[str] = field(default_factory=list)

    def with_empty(self, column: str) -> "Table":
        """The same table with one more column, first and empty."""
        rows = ((number, ["", *cells]) for number, cells in self.rows)
        return Table((column, *self.columns), (column, *self.headings), rows, self.notices)


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
            [CellChange(*change) for change in changes],
            [Problem(*problem) for problem in problems],
            stops_counting,
        )


@dataclass
class Outcome:
    """What a whole file would do. Nothing of it is written while anything is wrong."""

    kind: RecordKind
    rows: list[RowOutcome] = field(default_factory=list)
    file_problems: Sequence[Problem] = ()
    notices: list[str] = field(default_factory=list)

    @property
    def problems(self) -> Iterator[Problem]:
        """All that is wrong, in the order of the file."""
        yield from self.file_problems
        for row in self.rows:
            yield from row.problems

    @property
    def counts(self) -> Mapping[RowState, int]:
        """Rows by what they would do; for errors the number of things to correct."""
        counts = dict.fromkeys(RowState, 0)
        for row in self.rows:
            counts[row.state] += 1
        counts[RowState.ERROR] = sum(1 for _problem in self.problems)
        return counts

    @property
    def is_good(self) -> bool:
        return next(self.problems, None) is None

    @property
    def changes_something(self) -> bool:
        return any(row.state in (RowState.NEW, RowState.CHANGED) for row in self.rows)

    @property
    def digest(self) -> str:
        """A fingerprint of what the good rows would do: the same on the same records.

        A record that the file leaves as it is may change meanwhile, as long as it still does.
        """
        told = hashlib.sha256(self.kind.encode())
        for row in self.rows:
            if row.state == RowState.CHANGED:
                line = json.dumps([row.number, row.state, row.version, row.changes])
                told.update(line.encode())
            elif row.state != RowState.ERROR:
                told.update(f"{row.number} {row.state}\n".encode())
        return told.hexdigest()
