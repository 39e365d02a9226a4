"""A file's rows as text, and problems in them."""

from dataclasses import dataclass, field

from django.utils.text import capfirst
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """A mistake in a file: its place and how to correct it.

    Rows are numbered as in a spreadsheet: the headings are row 1. Without a row it concerns the
    whole file, without a column the whole row.
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
        return self.message if self.row is None else capfirst(str(self))


class UnreadableFile(Exception):
    """The file is broken, has the wrong format, or has unknown headings.

    A text is a problem of the whole file.
    """

    def __init__(self, *problems: ImportProblem | str) -> None:
        self.problems = [
            ImportProblem(problem) if isinstance(problem, str) else problem for problem in problems
        ]
        super().__init__("; ".join(map(str, self.problems)))


Row = tuple[int, list[str]]
"""The number of a row in the file, and its cells as text."""


@dataclass
class Table:
    """The rows of a file as text, with the names of their columns.

    ``headings`` are the column headings as written in the file. ``notices`` state assumptions that
    were made while reading it.
    """

    columns: tuple[str, ...]
    headings: tuple[str, ...]
    rows: list[Row]
    notices: list[str] = field(default_factory=list)

    def with_empty(self, column: str, heading: str) -> "Table":
        rows = [(number, ["", *cells]) for number, cells in self.rows]
        return Table((column, *self.columns), (heading, *self.headings), rows, self.notices)
