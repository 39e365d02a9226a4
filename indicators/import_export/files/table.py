"""The rows of a file as text, and what is wrong in them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.text import capfirst
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class ImportProblem:
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

    def __init__(self, *problems: ImportProblem) -> None:
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

    def with_empty(self, column: str, heading: str) -> "Table":
        """The same table with one more column, first and empty."""
        rows = ((number, ["", *cells]) for number, cells in self.rows)
        return Table((column, *self.columns), (heading, *self.headings), rows, self.notices)
