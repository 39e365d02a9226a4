"""Reading of a CSV file as rows of text: its encoding, its delimiter, its rows."""

import csv
import io
import re
from codecs import lookup
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from charset_normalizer import from_bytes
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators.import_export.files.escaping import unescape
from indicators.import_export.files.headings import MAX_ROWS_ABOVE, ExpectedColumns, is_filled
from indicators.import_export.files.limits import MAX_BYTES, MAX_COLUMNS, MAX_ROWS
from indicators.import_export.files.table import (
    ImportProblem,
    PossibleAnswer,
    Question,
    Reading,
    Row,
    UnreadableFile,
)

DELIMITERS = (",", ";", "\t", "|")

MAX_BEGINNING = 100_000
"""Characters at the start of a file that may belong to its headings."""

ENCODINGS: Mapping[str, str | Promise] = {
    "windows-1252": gettext_lazy("Western languages (Windows-1252)"),
    "iso8859-15": gettext_lazy("Western languages with œ and € (Latin-9)"),
    "windows-1256": gettext_lazy("Arabic (Windows-1256)"),
    "macintosh": gettext_lazy("Mac (Mac Roman)"),
    "cp850": gettext_lazy("MS-DOS (cp850)"),
}
"""The encodings of files that are not UTF-8, as the command and Python name them."""

MAX_SAMPLE = 200_000
"""Bytes of lines with accents or Arabic that the encoding is recognised from."""

LEAST_LEAD = 0.01
"""By how much less chaos (0 to 1) the likeliest encoding is clear."""

MAX_SHOWN = 80
"""Characters of a sample."""

_CELL_ENDS = re.compile(r"[,;\t|\"]")
_LATIN_9 = re.compile(rb"[\xa4\xa6\xa8\xb4\xb8\xbc-\xbe]")
"""The bytes that Latin-9 reads in another way than Windows-1252."""

_NOT_LATIN_9 = re.compile(rb"[\x80-\x9f]")
_NOT_ASCII = re.compile(rb"[^\n]*[\x80-\xff][^\n]*")
_SEPARATOR_LINE = re.compile(r"\s*\"?sep=([^\w\s\"']|\t)\"?[,;\t]*[\r\n]*", re.IGNORECASE)


def read_csv(content: bytes, expected: ExpectedColumns, reading: Reading) -> list[Row]:
    """Return the rows that have a value."""
    csv.field_size_limit(MAX_BYTES)
    encoding = _detect_encoding(content, reading)
    beginning = content[: 4 * MAX_BEGINNING].decode(encoding, errors="ignore")
    delimiter = _detect_delimiter(beginning, expected)
    text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
    rows = (row for row in _read_rows(text, delimiter) if is_filled(row[1]))
    # One row more than is read, so that the next step refuses the file.
    return list(islice(rows, MAX_ROWS_ABOVE + MAX_ROWS + 2))


def _read_rows(text: io.TextIOWrapper, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if number == 1 and _SEPARATOR_LINE.fullmatch(delimiter.join(cells)):
                continue
            if is_filled(cells[MAX_COLUMNS:]):
                raise _too_wide(number)
            yield number, [unescape(cell) for cell in cells[:MAX_COLUMNS]]
    except csv.Error:
        message = _(
            "The quotation marks in this row do not fit. A cell that holds “%(delimiter)s”, a "
            "quotation mark or a line break stands between quotation marks, and those inside it "
            "are doubled."
        )
        raise UnreadableFile(
            ImportProblem(message % {"delimiter": delimiter}, row=number + 1)
        ) from None


def _too_wide(number: int) -> UnreadableFile:
    message = _("The row has more than %(most)s cells. Delete the columns that are not needed.")
    return UnreadableFile(ImportProblem(message % {"most": MAX_COLUMNS}, number))


def _detect_delimiter(beginning: str, expected: ExpectedColumns) -> str:
    """Return the delimiter of the first line ``sep=;``, or that of most known headings."""
    line = _SEPARATOR_LINE.match(beginning)
    if line:
        return line[1]

    def count_headings(delimiter: str) -> tuple[int, int]:
        lines = csv.reader(io.StringIO(beginning, newline=""), delimiter=delimiter)
        rows = islice(filter(None, lines), MAX_ROWS_ABOVE + 1)
        return max(((expected.count(cells), len(cells)) for cells in rows), default=(0, 0))

    return max(DELIMITERS, key=count_headings)


def _detect_encoding(content: bytes, reading: Reading) -> str:
    if _is_encoded(content, "utf-8"):
        return "utf-8-sig"
    lines = _NOT_ASCII.findall(content)
    likely = _rank_encodings(b"\n".join(lines)[:MAX_SAMPLE], content)
    answer = reading.ask(_ask_encoding(likely, lines[:3])) or [likely[0][0]]
    reading.notices.append(
        _("The file is not UTF-8. It was read as %(encoding)s: look at the letters with accents.")
        % {"encoding": ENCODINGS[answer[0]]}
    )
    return answer[0]


def _rank_encodings(sample: bytes, content: bytes) -> list[tuple[str, float]]:
    """Return the encodings that the file can have with their chaos, the likeliest first."""
    possible = {lookup(name).name: name for name in ENCODINGS if _is_encoded(content, name)}
    if _NOT_LATIN_9.search(content) or not _LATIN_9.search(content):
        possible.pop("iso8859-15", None)
    matches = from_bytes(sample, cp_isolation=[name.replace("-", "_") for name in possible])
    found = {lookup(match.encoding).name: match.chaos for match in matches}
    if not found:
        raise UnreadableFile(
            _("The letters of the file cannot be read. Save it as CSV UTF-8 or as .xlsx.")
        )
    ranked = [(possible[name], chaos) for name, chaos in found.items()]
    return [*ranked, *((name, 1.0) for key, name in possible.items() if key not in found)]


def _ask_encoding(likely: Sequence[tuple[str, float]], lines: Sequence[bytes]) -> Question:
    is_clear = len(likely) == 1 or likely[1][1] - likely[0][1] >= LEAST_LEAD
    return Question(
        "encoding",
        _("The file is not UTF-8. Which letters are right?"),
        [
            PossibleAnswer(
                name, str(ENCODINGS[name]), [_decode_sample(line, name) for line in lines]
            )
            for name, _chaos in likely
        ],
        suggested=likely[0][0] if is_clear else "",
    )


def _decode_sample(line: bytes, encoding: str) -> str:
    """Return the first cell of the line with a letter that is not ASCII, as it would be read."""
    cells = _CELL_ENDS.split(line.decode(encoding, errors="replace"))
    return next((cell.strip() for cell in cells if not cell.isascii()), "")[:MAX_SHOWN]


def _is_encoded(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
