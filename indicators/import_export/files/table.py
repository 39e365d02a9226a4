"""A file's rows as text, problems in them, and questions that only the user can answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from shlex import quote

from django.utils.text import capfirst
from django.utils.translation import gettext as _

ALL = "*"
"""The answer that accepts all choices of a question with several."""


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


@dataclass(frozen=True)
class PossibleAnswer:
    """A possible answer, with its words; ``lines`` show what it would read."""

    value: str
    label: str
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class Question:
    """What a file leaves open. ``name`` is also the option of the command that answers it.

    ``options`` are the command's options where they are not the name with each choice.
    ``hint`` helps to answer. ``suggested`` is the value that the command accepts, with a notice.
    ``details`` are the places that it concerns.
    """

    name: str
    sentence: str
    choices: Sequence[PossibleAnswer]
    has_several: bool = False
    options: Sequence[str] = ()
    suggested: str = ""
    details: Sequence[ImportProblem] = ()
    hint: str = ""

    @property
    def problem(self) -> ImportProblem:
        options = self.options or [
            f"--{self.name} {quote(choice.value)}" for choice in self.choices
        ]
        values = {
            "question": f"{self.sentence} {self.hint}".rstrip(),
            "options": "; ".join(options),
        }
        return ImportProblem(_("%(question)s Answer with one of: %(options)s.") % values)

    def accepts(self, values: Sequence[str]) -> bool:
        known = {choice.value for choice in self.choices}
        if self.has_several:
            return list(values) == [ALL] or known.issuperset(values)
        return len(values) == 1 and values[0] in known


class OpenQuestions(UnreadableFile):
    """The file cannot be read before its questions are answered."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = questions
        details = [detail for question in questions for detail in question.details]
        super().__init__(*details, *(question.problem for question in questions))


Answers = Mapping[str, Sequence[str]]
"""The user's answers, by the name of the question."""


class Reading:
    """The answers of the user about a file, its open questions, and notices of assumptions.

    ``accepts_suggestions`` answers questions by their suggestion, where they have one.
    """

    def __init__(
        self, answers: Answers | None = None, *, accepts_suggestions: bool = False
    ) -> None:
        self.answers = answers or {}
        self.accepts_suggestions = accepts_suggestions
        self.questions: list[Question] = []
        self.notices: list[str] = []

    def ask(self, question: Question) -> Sequence[str] | None:
        """Return the answer; without one, note the question and return None."""
        given = self.answers.get(question.name)
        if given is not None and question.accepts(given):
            if list(given) == [ALL]:
                return [choice.value for choice in question.choices]
            return given
        if question.suggested and self.accepts_suggestions:
            return [question.suggested]
        self.questions.append(question)
        return None

    def require_answers(self) -> None:
        """Raise OpenQuestions if there is a question without an answer."""
        if self.questions:
            raise OpenQuestions(self.questions)


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
