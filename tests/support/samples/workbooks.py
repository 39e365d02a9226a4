"""XLSX files written by hand, also such as no program writes."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import openpyxl


def workbook_of(*rows: Sequence[Any], **formats: str) -> bytes:
    """Return a workbook as openpyxl writes it, with its strings in a shared table."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    for cell, number_format in formats.items():
        sheet[cell].number_format = number_format  # type: ignore[index]
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def changed_workbook(content: bytes, **parts: bytes | None) -> bytes:
    """Return the workbook with other parts; in names ``__`` is ``/`` and ``_x`` is ``.xml``."""
    target = io.BytesIO()
    wanted = {name.replace("__", "/").replace("_xml", ".xml"): part for name, part in parts.items()}
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", 8) as new:
        for name in [*old.namelist(), *(wanted.keys() - set(old.namelist()))]:
            part = wanted.get(name, old.read(name) if name in old.namelist() else None)
            if part is not None:
                new.writestr(name, part)
    return target.getvalue()


PLAIN = workbook_of(["reference", "title"], ["A", "Police training"])


SHEET = "xl__worksheets__sheet1_xml"


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


HEAD = f'<row r="1">{cell("A1", "reference")}{cell("B1", "title")}</row>'


_ODS_NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("number", "datastyle"),
    )
)
ODS_STYLES = (
    '<number:date-style style:name="N1"><number:month/><number:year/></number:date-style>'
    '<style:style style:name="month" style:family="table-cell" style:data-style-name="N1"/>'
    '<style:style style:name="hidden" style:family="table">'
    '<style:table-properties table:display="false"/></style:style>'
)


def ods_cell(text: str, attributes: str = "") -> str:
    kind = "" if "value-type" in attributes else ' office:value-type="string"'
    shown = f"<text:p>{text}</text:p>" if text else ""
    return f"<table:table-cell{kind if text else ''} {attributes}>{shown}</table:table-cell>"


def ods_row(*cells: str, attributes: str = "") -> str:
    inner = "".join(cell if cell.startswith("<") else ods_cell(cell) for cell in cells)
    return f"<table:table-row {attributes}>{inner}</table:table-row>"


def ods_table(name: str, *rows: str, attributes: str = "") -> str:
    return f'<table:table table:name="{name}" {attributes}>{"".join(rows)}</table:table>'


def ods_of(*tables: str, manifest: str = "<manifest/>") -> bytes:
    """Return an ODS file as LibreOffice lays it out, of tables written by hand."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_ODS_NAMESPACES}>'
        f"<office:automatic-styles>{ODS_STYLES}</office:automatic-styles><office:body>"
        f"<office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        kind = zipfile.ZipInfo("mimetype")
        archive.writestr(kind, "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return target.getvalue()
