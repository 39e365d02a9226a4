"""The row of headings of a sheet, and the columns that it names."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from django.utils.translation import gettext as _

from indicators.import_export.files.table import (
    ImportProblem,
    PossibleAnswer,
    Question,
    Reading,
    Row,
    UnreadableFile,
)
from indicators.safeguarding.detection import has_child_name
from strategy.countries import find_nearest_name, suggest_name
from strategy.text import fold_accents, join_plain

IGNORED = "-"
"""The name of a column that is not read."""

MAX_ROWS_ABOVE = 20
"""The most rows above the headings: a title, instructions, the day of printing."""

LEAST_HEADINGS = 4
"""The headings that make a row of headings, or half of its cells."""

UNKNOWN_COLUMNS = "leave-out"
KIND = "kind"

_OF_FORM_TOOLS = re.compile(
    r"_(?:id|uuid|submission_time|submitted_by|validation_status|status|notes|tags|index"
    r"|attachments|geolocation|version_?|parent_index|parent_table_name|bamboo_dataset_id"
    r"|xform_id_string|.+_(?:latitude|longitude|altitude|precision))"
    r"|__version__|(?:meta/)?(?:instanceid|rootuuid|instancename)|formhub/uuid"
    r"|deviceid|simserial|subscriberid|submissiondate|submitterid|submittername|formversion"
    r"|reviewstate|attachmentspresent|attachmentsexpected",
    re.IGNORECASE,
)
"""Headings that KoboToolbox, ODK and SurveyCTO add to their exports."""


@dataclass(frozen=True, eq=False)
class ExpectedColumns:
    """The columns of a kind of record.

    ``headings`` maps each accepted heading, folded, to its column; ``shown`` maps each column to
    its heading in messages. ``required`` are the columns that new records need, ``key`` the column
    that finds existing records. ``name`` is the plural name of the kind.
    """

    kind: str
    headings: Mapping[str, str]
    shown: Mapping[str, str]
    required: Collection[str] = ()
    key: str = "reference"
    name: str = ""

    def match(self, cells: Sequence[str]) -> list[str]:
        """Return the column of each cell, empty where it is no heading."""
        return [
            "" if belongs_to_form_tool(cell) else self.headings.get(fold_accents(cell), "")
            for cell in cells
        ]

    def count(self, cells: Sequence[str]) -> int:
        return len(set(self.match(cells)) - {"", IGNORED})

    def count_unknown(self, cells: Sequence[str]) -> int:
        """Return the number of headings of no column, without those of form tools."""
        pairs = zip(cells, self.match(cells), strict=True)
        return sum(
            bool(cell.strip()) and not name and not belongs_to_form_tool(cell)
            for cell, name in pairs
        )

    def describes_records(self, cells: Sequence[str]) -> bool:
        """Whether the cells are headings of records, and not one of them in a list of columns."""
        columns = set(self.match(cells))
        filled = sum(bool(cell.strip()) for cell in cells)
        is_row_of_headings = self.count(cells) >= min(LEAST_HEADINGS, filled / 2)
        return is_row_of_headings and (
            self.key in columns or (bool(self.required) and columns.issuperset(self.required))
        )


def refuse_identifiers(names: Iterable[str]) -> None:
    """Refuse names of sheets or columns that may identify a child: notices contain them."""
    if any(map(has_child_name, names)):
        sentence = _(
            "The name of a sheet or a column looks like a child’s. "
            "Rename it, then choose the file again."
        )
        raise UnreadableFile(sentence)


def is_filled(cells: Sequence[str]) -> bool:
    return any(cell.strip() for cell in cells)


def belongs_to_form_tool(heading: str) -> bool:
    return _OF_FORM_TOOLS.fullmatch(heading.strip()) is not None


def find_headings(rows: Sequence[Row], expected: ExpectedColumns) -> int:
    """Return the place of the row with most of the headings among the first rows; 0 if none."""
    counts = [expected.count(cells) for _number, cells in rows[: MAX_ROWS_ABOVE + 1]]
    return counts.index(max(counts)) if counts else 0


def check_kind(
    cells: Sequence[str],
    expected: ExpectedColumns,
    others: Sequence[ExpectedColumns],
    reading: Reading,
) -> None:
    """Ask whether the records are of another kind, if the headings fit it better."""
    unknown = expected.count_unknown(cells)
    if not unknown:
        return
    fits = {other: other.count_unknown(cells) for other in others}
    best = min(fits.values(), default=unknown)
    likely = [
        other
        for other, number in fits.items()
        if number == best and set(other.required) <= set(other.match(cells))
    ]
    if best >= unknown or not likely:
        return
    sentence = _("The headings are not those of: %(kind)s. They look like: %(kinds)s.")
    reading.ask(
        Question(
            KIND,
            sentence % {"kind": expected.name, "kinds": join_plain(one.name for one in likely)},
            [
                PossibleAnswer(one.kind, _("Import as: %(kind)s") % {"kind": one.name})
                for one in likely
            ]
            + [PossibleAnswer(expected.kind, _("Keep: %(kind)s") % {"kind": expected.name})],
            options=[f"import_records {one.kind} …" for one in likely],
        )
    )
    reading.require_answers()


def match_columns(
    number: int, cells: Sequence[str], expected: ExpectedColumns, reading: Reading
) -> tuple[str, ...]:
    """Return the columns of the headings, empty where there is no heading."""
    columns = expected.match(cells)
    if not any(columns):
        # Some headings contain a comma.
        message = _("This row holds none of the headings. They are: %(columns)s.")
        shown = {"columns": "; ".join(expected.shown.values())}
        raise UnreadableFile(ImportProblem(message % shown, number))
    left_out = _find_left_out(number, cells, columns, expected, reading)
    problems = []
    for place, (cell, name) in enumerate(zip(cells, columns, strict=True)):
        heading = " ".join(cell.split())
        if heading in left_out:
            columns[place] = IGNORED
        elif heading and not name:
            problems.append(_build_unknown(number, heading, expected))
        elif name and name in columns[:place]:
            message = _("This column is there twice. Delete one of the two.")
            problems.append(ImportProblem(message, number, heading))
    if problems:
        raise UnreadableFile(*problems)
    return tuple(columns)


def _find_left_out(
    number: int,
    cells: Sequence[str],
    columns: Sequence[str],
    expected: ExpectedColumns,
    reading: Reading,
) -> Collection[str]:
    """Return the unknown headings that are not read; those of form tools need no question."""
    unknown = [
        " ".join(cell.split())
        for cell, name in zip(cells, columns, strict=True)
        if cell.strip() and not name
    ]
    added = [heading for heading in unknown if belongs_to_form_tool(heading)]
    if added:
        sentence = _("These columns of a form tool were left out: %(columns)s.")
        reading.notices.append(sentence % {"columns": join_plain(added)})
    others = list(dict.fromkeys(heading for heading in unknown if heading not in added))
    refuse_identifiers(others)
    if not others:
        return added
    answer = reading.ask(_ask_about_unknown(number, others, expected))
    if answer:
        sentence = _("These columns were left out: %(columns)s.")
        reading.notices.append(sentence % {"columns": join_plain(answer)})
    return [*added, *(others if answer is None else answer)]


def _ask_about_unknown(number: int, unknown: Sequence[str], expected: ExpectedColumns) -> Question:
    columns = "; ".join(expected.shown.values())
    return Question(
        UNKNOWN_COLUMNS,
        _("Some columns are not of this kind of record. Which should be left out?"),
        [PossibleAnswer(heading, heading, [_suggest(heading, expected)]) for heading in unknown],
        has_several=True,
        options=["--leave-out-unknown", *(f"--{UNKNOWN_COLUMNS} {quote(one)}" for one in unknown)],
        details=[_build_unknown(number, heading, expected) for heading in unknown],
        hint=_("The columns are: %(columns)s.") % {"columns": columns},
    )


def _build_unknown(number: int, heading: str, expected: ExpectedColumns) -> ImportProblem:
    sentence = _("There is no such column.") + _suggest(heading, expected)
    return ImportProblem(sentence, number, heading)


def _suggest(heading: str, expected: ExpectedColumns) -> str:
    names = [name for name, column in expected.headings.items() if column in expected.shown]
    close = find_nearest_name(fold_accents(heading), names)
    return suggest_name(expected.shown[expected.headings[close]]) if close else ""
