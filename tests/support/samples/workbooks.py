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
