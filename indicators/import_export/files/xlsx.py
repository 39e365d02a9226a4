"""The rows of a workbook (XLSX), read only after its ZIP directory was looked at.

What a workbook says of itself is believed nowhere: a wrong dimension would drop rows in silence, a
cell at the far corner of a sheet would cost gigabytes. Its directory and its formats are read by
openpyxl, its cells and texts by ``sheets``, as they come.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import apply_stylesheet

from indicators.import_export.files.limits import (
    MAX_DESCRIPTION,
    MAX_PARTS,
    MAX_RATIO,
    MAX_UNPACKED,
)
from indicators.import_export.files.table import ImportProblem, Row, UnreadableFile
from indicators.import_export.files.xlsx_cells import Formats, SheetReader, texts_in

_DESCRIPTIONS = (
    "[content_types].xml", "_rels/", "docprops/", "xl/_rels/", "xl/workbook.xml", "xl/styles.xml",
    "xl/theme/", "xl/worksheets/_rels/",
)  # fmt: skip
"""The beginnings of the names of parts that are read whole."""


class _Description(ExcelReader):
    """Everything of a workbook but its cells, their texts and its charts."""

    strings_path = ""

    def read_strings(self) -> None:
        part: Any = self.package.find(  # type: ignore[no-untyped-call]
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        )
        self.strings_path = part.PartName[1:] if part is not None else ""

    def describe(self) -> list[tuple[str, str]]:
        """Read it; the name of each sheet with cells, and of its part."""
        self.read_manifest()
        self.read_strings()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)
        return [
            (sheet.name, rel.target)
            for sheet, rel in self.parser.find_sheets()
            if rel.target in self.valid_files and "chartsheet" not in rel.Type
        ]


def rows_of_workbook(content: bytes, sheet: str, notices: list[str]) -> Iterator[Row]:
    """Number and cells of each row of the sheet of that name, else of the first one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_parts(archive)
            _check_kind(archive)
            yield from _rows(archive, content, sheet, notices)
    except UnreadableFile:
        raise
    except Exception as error:
        raise UnreadableFile(_broken()) from error


def _rows(archive: zipfile.ZipFile, content: bytes, name: str, notices: list[str]) -> Iterator[Row]:
    description = _Description(
        io.BytesIO(content), read_only=True, data_only=True, keep_links=False
    )
    path = _sheet_of(description.describe(), name, notices)
    texts: list[str] = []
    if description.strings_path:
        with archive.open(description.strings_path) as part:
            texts = texts_in(part)
    with archive.open(path) as part:
        yield from SheetReader(texts, _formats_of(description.wb)).rows(part)


def _formats_of(book: Any) -> Formats:
    """How the cells of each style show their number."""

    def name_of(style: Any) -> str:
        number = style.numFmtId
        if number < BUILTIN_FORMATS_MAX_SIZE:
            return BUILTIN_FORMATS.get(number, "General")
        return str(book._number_formats[number - BUILTIN_FORMATS_MAX_SIZE])

    dates, spans = book._date_formats, book._timedelta_formats
    names = {place: name_of(book._cell_styles[place]) for place in dates}
    return Formats(names, frozenset(spans), book.epoch)


def _broken() -> ImportProblem:
    return ImportProblem(
        _("The workbook is broken. Open it in your spreadsheet program and save it anew as .xlsx.")
    )


def _check_parts(archive: zipfile.ZipFile) -> None:
    """Refuse, by its directory alone, an archive that would unpack to more than a workbook does."""
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, 1):
        raise UnreadableFile(
            ImportProblem(_("The workbook unpacks to more than is read. Divide it into several."))
        )
    described = (part for part in parts if part.filename.casefold().startswith(_DESCRIPTIONS))
    if any(part.file_size > MAX_DESCRIPTION for part in described):
        raise UnreadableFile(
            ImportProblem(_("The workbook unpacks to more than is read. Divide it into several."))
        )
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableFile(
            ImportProblem(_("The workbook is protected by a password. Save it without one."))
        )
    if len({part.filename for part in parts}) < len(parts):
        raise UnreadableFile(_broken())


def _check_kind(archive: zipfile.ZipFile) -> None:
    names = {name.casefold() for name in archive.namelist()}
    if "xl/workbook.xml" not in names:
        raise UnreadableFile(
            ImportProblem(
                _(
                    "The file is no Excel workbook (.xlsx). "
                    "Save it as .xlsx or as CSV in your spreadsheet program."
                )
            )
        )
    if any(name.endswith("vbaproject.bin") for name in names):
        raise UnreadableFile(
            ImportProblem(_("The workbook holds macros. Save it as .xlsx without them."))
        )
    if any(name.startswith("xl/externallinks/") for name in names):
        raise UnreadableFile(
            ImportProblem(
                _(
                    "The workbook takes values from other workbooks. "
                    "Copy its cells and paste them as values into a new one."
                )
            )
        )


def _sheet_of(sheets: Sequence[tuple[str, str]], name: str, notices: list[str]) -> str:
    """The part of the sheet of that name, else of the first one, which is said when several are."""
    if not sheets:
        raise UnreadableFile(ImportProblem(_("The workbook has no sheet with cells.")))
    named = dict(reversed(sheets)).get(name)
    if named is None and len(sheets) > 1:
        notices.append(
            _("The workbook has %(number)s sheets. Only the first, “%(title)s”, was read.")
            % {"number": len(sheets), "title": sheets[0][0]}
        )
    return named or sheets[0][1]
