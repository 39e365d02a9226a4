"""Hostile files: refused with the reason, in limited time and memory, measured from outside."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.samples.workbooks import HEAD, PLAIN, SHEET, cell, changed_workbook

ROOT = Path(__file__).parents[4]

MOST_SECONDS = 2
MOST_MEGABYTES = 100

READ = """
import json, pathlib, re, resource, sys, time
import django
django.setup()
from indicators.import_export.files.headings import ExpectedColumns
from indicators.import_export.files.reading import read_table
from indicators.import_export.files.table import Reading, UnreadableFile
content = open(sys.argv[1], "rb").read()
status = pathlib.Path("/proc/self/status")
def peak():
    # The peak that getrusage tells begins at that of the program which started this one.
    if status.exists():
        return int(re.search(r"VmHWM:\\s*(\\d+)", status.read_text())[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, began = peak(), time.process_time()
try:
    headings = {"reference": "reference", "title": "title"}
    expected = ExpectedColumns("event", headings, headings)
    told = f"{len(read_table(content, expected, Reading()).rows)} rows"
except UnreadableFile as error:
    told = str(error)
print(json.dumps([told, time.process_time() - began, peak() - before]))
"""
"""A program that reads one file and prints the error, the seconds and the additional megabytes."""


def measured(path: Path) -> tuple[str, float, float]:
    run = subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "ibcr_rbm.settings", "PATH": "", "IBCR_DEMO": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    told, seconds, megabytes = json.loads(run.stdout.splitlines()[-1])
    return told, seconds, megabytes


NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet(*pieces: str, before: str = "") -> bytes:
    head = f'<?xml version="1.0"?>{before}<worksheet xmlns="{NAMESPACE}"><sheetData>'
    whole = head + "".join(pieces) + "</sheetData></worksheet>"
    return changed_workbook(PLAIN, **{SHEET: whole.encode()})


def noise(number: int) -> str:
    """Return text that compresses badly, so that its ratio does not look like a bomb's."""
    return "".join(f"{n * 2654435761 % 2**32:08x}" for n in range(number))


def bomb_of_zeros() -> bytes:
    return changed_workbook(PLAIN, xl__media=b"\0" * 150_000_000)


def bomb_of_empty_cells() -> bytes:
    row = "".join('<c r="A1"/>'.replace("A1", f"{letter}2") for letter in "ABCDEFGHIJ")
    return sheet(HEAD, f'<row r="2">{row}</row>', "<row/>" * 6_000_000, f"<!--{noise(60_000)}-->")


def bomb_of_cells_in_a_row() -> bytes:
    return sheet(HEAD, f'<row r="2">{"<c/>" * 6_000_000}</row>', f"<!--{noise(60_000)}-->")


def bomb_of_blank_rows() -> bytes:
    return sheet(HEAD, f"<row>{'<c/>' * 100}</row>" * 60_000, f"<!--{noise(60_000)}-->")


def bomb_of_attributes() -> bytes:
    names = " ".join(f'a{n}=""' for n in range(500_000))
    return sheet(HEAD, f'<row r="2" {names}/>')


def bomb_of_texts() -> bytes:
    return with_texts("<si><t>ab</t></si>" * 2_000_000)


def deep_texts() -> bytes:
    return with_texts("<x>" * 4_000_000)


def with_texts(texts: str) -> bytes:
    strings = f'<sst xmlns="{NAMESPACE}">{texts}</sst>'
    kinds = zipfile.ZipFile(io.BytesIO(PLAIN)).read("[Content_Types].xml")
    told = (
        b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/'
        b'vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
    )
    parts = {"[Content_Types]_xml": kinds.replace(b"</Types>", told)}
    return changed_workbook(
        PLAIN, xl__sharedStrings_xml=strings.encode(), pad=noise(90_000).encode(), **parts
    )


def bomb_of_styles() -> bytes:
    styles = f'<styleSheet xmlns="{NAMESPACE}">' + "<xf/>" * 1_000_000 + "</styleSheet>"
    return changed_workbook(PLAIN, xl__styles_xml=styles.encode())


def entities() -> bytes:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    declared = f'<!DOCTYPE x [<!ENTITY e0 "aaaaaaaaaa">{levels}]>'
    return sheet('<row r="1"><c r="A1" t="str"><v>&e9;</v></c></row>', before=declared)


def entities_in_styles() -> bytes:
    styles = f'<!DOCTYPE x [<!ENTITY e "a">]><styleSheet xmlns="{NAMESPACE}">&e;</styleSheet>'
    return changed_workbook(PLAIN, xl__styles_xml=styles.encode())


def far_cell() -> bytes:
    return sheet(HEAD, f'<row r="1048576">{cell("XFD1048576", "x")}</row>')


def formula() -> bytes:
    return sheet(HEAD, '<row r="2"><c r="A2"><f>A1</f></c></row>')


def many_columns() -> bytes:
    return (",".join(f"column {n}" for n in range(10_001)) + "\n").encode() * 50


def many_columns_in_a_sheet() -> bytes:
    letters = [a + b + c for a in "ABCDEFGHIJKLMNO" for b in ALPHABET for c in ALPHABET][:10_001]
    return sheet('<row r="1">' + "".join(cell(f"{one}1", "x") for one in letters) + "</row>")


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def stale_dimension() -> bytes:
    xml = (
        f'<?xml version="1.0"?><worksheet xmlns="{NAMESPACE}"><dimension ref="A1:XFD1048576"/>'
        f'<sheetData><row r="1">{cell("A1", "reference")}</row>'
        f'<row r="2">{cell("A2", "x")}</row></sheetData></worksheet>'
    )
    return changed_workbook(PLAIN, **{SHEET: xml.encode()})


def macros() -> bytes:
    return changed_workbook(PLAIN, xl__vbaProject_bin=b"x", **{"xl__vbaProject.bin": b"x"})


def outside_links() -> bytes:
    return changed_workbook(PLAIN, xl__externalLinks__externalLink1_xml=b"<x/>")


def deep_elements() -> bytes:
    return sheet(HEAD, "<x>" * 300_000, "</x>" * 300_000, f"<!--{noise(30_000)}-->")


def long_quotation() -> bytes:
    return b'reference\n"' + b"x\n" * 10_000_000


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (bomb_of_zeros, "unpacks to more than is read"),
        (bomb_of_empty_cells, "unpacks to more than is read"),
        (bomb_of_cells_in_a_row, "unpacks to more than is read"),
        (bomb_of_blank_rows, "unpacks to more than is read"),
        (bomb_of_attributes, "unpacks to more than is read"),
        (deep_texts, "unpacks to more than is read"),
        (bomb_of_texts, "unpacks to more than is read"),
        (bomb_of_styles, "unpacks to more than is read"),
        (entities, "broken"),
        (entities_in_styles, "broken"),
        (far_cell, "The sheet reaches to the cell XFD1048576"),
        (formula, "row 2, A: The cell holds a formula without a value."),
        (many_columns, "row 1: The row has more than 100 cells."),
        (many_columns_in_a_sheet, "The sheet reaches to the cell"),
        (stale_dimension, "1 rows"),
        (macros, "The workbook holds macros."),
        (outside_links, "values from other workbooks"),
        (deep_elements, "unpacks to more than is read"),
        (long_quotation, "row 2: The quotation marks"),
    ],
)
def test_a_hostile_file_is_refused_or_bounded(made, words, tmp_path):
    path = tmp_path / "hostile"
    path.write_bytes(made())
    told, seconds, megabytes = measured(path)
    assert words in told
    assert seconds < MOST_SECONDS
    assert megabytes < MOST_MEGABYTES


def test_the_measure_sees_a_file_that_costs_more(tmp_path, monkeypatch):
    """Check that the measurement detects a bomb that is unpacked."""
    path = tmp_path / "hostile"
    path.write_bytes(bomb_of_zeros())
    unpacking = "import zipfile\nkept = zipfile.ZipFile(sys.argv[1]).read('xl/media')\n"
    whole = READ.replace("try:\n", f"{unpacking}try:\n")
    monkeypatch.setattr("tests.indicators.import_export.files.test_hostile.READ", whole)
    _told, _seconds, megabytes = measured(path)
    assert megabytes > MOST_MEGABYTES
