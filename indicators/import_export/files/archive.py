"""The parts of a ZIP archive (XLSX, ODS), whose sizes are limited before they are parsed."""

import zipfile
from collections.abc import Collection, Iterator
from typing import IO, Any
from xml.etree.ElementTree import Element, iterparse
from xml.parsers import expat

from django.utils.translation import gettext as _

from indicators.import_export.files.limits import (
    MAX_BLANK,
    MAX_COLUMNS,
    MAX_DEPTH,
    MAX_DESCRIPTION,
    MAX_EMPTY,
    MAX_PARTS,
    MAX_RATIO,
    MAX_ROWS,
    MAX_UNPACKED,
    MIN_BLANK_CELL,
    MIN_SUSPECT,
)
from indicators.import_export.files.table import UnreadableFile
from strategy.text import format_count


class InvalidSheet(ValueError):
    """A sheet has a document type, or rows or cells that are not in order."""


class BoundedPart:
    """The stream of a part without a document type, and so without entities.

    Raises UnreadableFile when it has much markup and few values. defusedxml refuses entities too,
    but parses in Python, which took a third longer.
    """

    def __init__(self, part: IO[bytes]) -> None:
        self._part = part
        self._allowed, self._blank = MAX_EMPTY, MAX_BLANK
        self._prolog: expat.XMLParserType | None = expat.ParserCreate()
        self._prolog.StartDoctypeDeclHandler = self._refuse_doctype
        self._prolog.StartElementHandler = self._end_prolog

    def allow(self, size: int) -> None:
        self._allowed += size

    def allow_blank(self, row: Element) -> None:
        """Allow a row of cells without a value, until such rows reach ``MAX_BLANK``."""
        size = sum(map(_measure_tag, row))
        self._blank -= max(size, MIN_BLANK_CELL * len(row))
        if size and self._blank >= 0:
            self._allowed += size + _measure_tag(row)

    def read(self, size: int = -1, /) -> bytes:
        data = self._part.read(size)
        self._allowed -= len(data)
        if self._allowed < 0:
            raise make_size_error()
        if self._prolog:
            self._prolog.Parse(data)
        return data

    def _refuse_doctype(self, *_declaration: object) -> None:
        raise InvalidSheet

    def _end_prolog(self, *_element: object) -> None:
        self._prolog = None


def _measure_tag(element: Element) -> int:
    """Return about how many bytes the element has in its part, without its children."""
    attributes = element.items()
    return len("<c/>") + sum(len(name) + len(value) + len(' =""') for name, value in attributes)


def iterate_elements(
    part: BoundedPart,
    tags: Collection[str],
    last: Collection[str] = (),
    starts: Collection[str] = (),
) -> Iterator[Any]:
    """Yield the elements with these tags, each emptied afterwards, until one of ``last`` starts.

    Those of ``starts`` are yielded before their children.
    """
    depth = 0
    for event, element in iterparse(part, ("start", "end")):
        if event == "start":
            depth += 1
            if depth > MAX_DEPTH:
                raise make_size_error()
            if element.tag in last:
                return
            if element.tag in starts:
                yield element
            continue
        depth -= 1
        if element.tag in tags:
            yield element
            element.clear()


def make_broken_error() -> UnreadableFile:
    return UnreadableFile(
        _("The workbook is broken. Open it in your spreadsheet program and save it anew as .xlsx.")
    )


def make_size_error() -> UnreadableFile:
    return UnreadableFile(_("The workbook unpacks to more than is read. Divide it into several."))


def make_extent_error(cell: str) -> UnreadableFile:
    return UnreadableFile(
        _(
            "The sheet reaches to the cell %(cell)s; %(rows)s rows and %(columns)s columns are "
            "read. Delete what is not needed, or divide the file into several."
        )
        % {"cell": cell, "rows": format_count(MAX_ROWS), "columns": MAX_COLUMNS}
    )


def make_password_error() -> UnreadableFile:
    return UnreadableFile(_("The workbook is protected by a password. Save it without one."))


def check_parts(archive: zipfile.ZipFile, descriptions: tuple[str, ...]) -> None:
    """Refuse an archive that would unpack to more than a workbook, by its directory alone.

    ``descriptions`` are prefixes of the names of parts that are read whole.
    """
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    is_suspect = unpacked > MIN_SUSPECT and unpacked > MAX_RATIO * max(packed, 1)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or is_suspect:
        raise make_size_error()
    described = (part for part in parts if part.filename.casefold().startswith(descriptions))
    if any(part.file_size > MAX_DESCRIPTION for part in described):
        raise make_size_error()
    if any(part.flag_bits & 1 for part in parts):
        raise make_password_error()
    if len({part.filename for part in parts}) < len(parts):
        raise make_broken_error()
