"""Files of many formats: what is read, what is refused, and the messages."""

import io
import string
import unicodedata
import warnings
import zipfile
from dataclasses import dataclass
from datetime import date, datetime

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter import Workbook

from indicators.import_export.files import archive, limits, reading, xlsx
from indicators.import_export.files.escaping import (
    decode_text,
    encode_text,
    escape_for_workbook,
    unescape,
)
from indicators.import_export.files.headings import ExpectedColumns
from indicators.import_export.files.reading import read_table
from indicators.import_export.files.table import OpenQuestions, Reading, UnreadableFile
from strategy.text import escape_for_csv
from tests.support.samples.workbooks import HEAD, PLAIN, SHEET, cell, changed_workbook, workbook_of

MARCH = datetime.fromisoformat("2018-03-01")

HEADINGS = {
    "reference": "reference",
    "title": "title",
    "starts on": "starts_on",
    "debut": "starts_on",
}
SHOWN = {"reference": "Reference", "title": "Title", "starts_on": "Start"}


@dataclass
class ReadTable:
    """A table whose rows were all read."""

    columns: tuple[str, ...]
    rows: list[list[str]]
    numbers: list[int]
    notices: list[str]


def read(content: bytes, kind: str = "initiative", **answers: str) -> ReadTable:
    given = {name.replace("_", "-"): [value] for name, value in answers.items()}
    asked = Reading(given, accepts_suggestions=True)
    table = read_table(content, ExpectedColumns(kind, HEADINGS, SHOWN), asked)
    asked.require_answers()
    rows = list(table.rows)
    numbers = [number for number, _cells in rows]
    return ReadTable(table.columns, [cells for _number, cells in rows], numbers, table.notices)


def problem_of(content: bytes) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(content)
    return "\n".join(str(problem) for problem in caught.value.problems)


def sheet_with(cells: str) -> bytes:
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = f'<?xml version="1.0"?><worksheet xmlns="{namespace}">{cells}</worksheet>'
    return changed_workbook(PLAIN, **{SHEET: xml.encode()})


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_csv_is_read_whatever_wrote_it(delimiter, encoding, line_end):
    lines = [["reference", "title"], ["A", '"Formation, à Dakar; ""policière"""'], [], ["B", ""]]
    text = line_end.join(delimiter.join(line) for line in lines)
    table = read(text.encode(encoding))
    assert table.columns == ("reference", "title")
    assert table.rows == [["A", 'Formation, à Dakar; "policière"'], ["B", ""]]
    assert table.numbers == [2, 4]
    assert table.notices == []


def test_windows_1252_is_read_and_said():
    table = read("reference,title\nA,Sécurité – police\n".encode("cp1252"))
    assert table.rows == [["A", "Sécurité – police"]]
    assert "Windows-1252" in table.notices[0]


def test_a_cell_may_hold_line_breaks_and_separators_of_every_sort():
    table = read('title;reference\n"One\r\ntwo\u2028three\x0bfour";A\n'.encode())
    assert table.rows == [["One\r\ntwo\u2028three\x0bfour", "A"]]


def test_headings_may_be_those_of_another_language_and_stand_in_any_order():
    assert read("Début;Reference\n2018;A\n".encode()).columns == ("starts_on", "reference")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "file: The file is empty."),
        (b" \n\n", "file: The file is empty."),
        (b"\n,,\n", "file: The file is empty."),
        (b"reference,title\n", "file: The file has headings and no row below them."),
        (b"a,b\n1,2\n", "row 1: This row holds none of the headings."),
        (b"%PDF-1.7 and so on", "file: The file is a PDF."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel file (.xls) or is protected by a password"),
        ("reference\nA".encode("utf-16"), "UTF-16"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not CSV, XLSX or ODS"),
        (b"reference\n\x81\x8d\n", "file: The file is not UTF-8. Which letters are right?"),
        (bytes([*range(1, 32), *range(128, 256)]), "The letters of the file cannot be read."),
        (b'reference,title\nA,"open\n', "row 2: The quotation marks"),
        (b'reference,title\nA,ok\nB,"x"y\n', "row 3: The quotation marks"),
        (b"reference,titel\nA,B\n", "row 1, titel: There is no such column. Did you mean Title?"),
        (b"reference,title,Title\nA,B,C\n", "row 1, Title: This column is there twice."),
        (b"reference,title\nA\n", "row 2: The row has 1 cells under 2 headings."),
        (b"reference,title\nA,B,C\n", "row 2: The row has 3 cells under 2 headings."),
        (b"reference,,title\nA,B,C\n", "row 2: A cell stands below no heading."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(content, words):
    assert words in problem_of(content)


def test_a_file_or_a_table_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 2)
    assert "row 4: There are more than 2 rows." in problem_of(b"reference\nA\nB\nC\n")
    monkeypatch.setattr(reading, "MAX_BYTES", 1024**2)
    assert "larger than 1 MB" in problem_of(b"x" * (1024**2 + 1))
    many = ",".join(["reference", *["x"] * 10_000])
    assert "more than 100 cells" in problem_of(f"{many}\n{many}".encode())


def test_separators_at_the_end_of_rows_count_for_nothing():
    many = "," * 10_000
    table = read(f"reference,title{many}\nA,x\nB,y{many}\n".encode())
    assert (table.columns, table.rows) == (("reference", "title"), [["A", "x"], ["B", "y"]])


def test_a_workbook_is_read_as_its_reader_sees_it():
    table = read(
        workbook_of(
            ["reference", "title", "starts_on"],
            [7, "Police training", 2018],
            [0.1 + 0.2, True, date(2018, 3, 30)],
            [None, None, None],
            ["C", "x", MARCH],
            ["D", "x", MARCH],
            ["E", "x", MARCH.replace(hour=14, minute=30)],
            C5='[$-409]mmm"-d-"yy',
            C6="yyyy",
        )
    )
    assert table.rows == [
        ["7", "Police training", "2018"],
        ["0.3", "TRUE", "2018-03-30"],
        ["C", "x", "2018-03"],
        ["D", "x", "2018"],
        ["E", "x", "2018-03-01 14:30:00"],
    ]
    assert table.numbers == [2, 3, 5, 6, 7]


def test_a_stale_dimension_drops_no_row():
    rows = "".join(
        f'<row r="{n}">{cell(f"A{n}", f"R{n}")}{cell(f"B{n}", "x")}</row>' for n in range(2, 6)
    )
    table = read(sheet_with(f'<dimension ref="A1:B2"/><sheetData>{HEAD}{rows}</sheetData>'))
    assert [row[0] for row in table.rows] == ["R2", "R3", "R4", "R5"]


@pytest.mark.parametrize("place", ["XFD1048576", "XFD2", "A20002", "ZZZZZZ2"])
def test_a_cell_far_away_is_refused_before_it_costs_anything(place):
    number = "".join(filter(str.isdigit, place))
    far = f'<row r="{number}">{cell(place, "x")}</row>'
    words = problem_of(sheet_with(f"<sheetData>{HEAD}{far}</sheetData>"))
    assert f"The sheet reaches to the cell {place}; 20,000 rows" in words


def test_the_reader_s_own_language_has_the_numbers_of_a_refusal():
    far = f'<row r="20002">{cell("A20002", "x")}</row>'
    with override("es"):
        words = problem_of(sheet_with(f"<sheetData>{HEAD}{far}</sheetData>"))
    assert "20.000 filas" in words


def test_empty_cells_far_away_do_no_harm():
    far = '<row r="2">' + cell("A2", "R") + '<c r="XFD2" s="0"/></row><row r="1048576"/>'
    assert read(sheet_with(f"<sheetData>{HEAD}{far}</sheetData>")).rows == [["R", ""]]


def test_cells_of_spaces_far_away_do_no_harm():
    far = "".join(f'<row r="{n}">{cell(f"A{n}", " &#160;")}</row>' for n in (30_000, 50_000))
    record = f'<row r="2">{cell("A2", "R")}{cell("XFD2", " ")}</row>'
    assert read(sheet_with(f"<sheetData>{HEAD}{record}{far}</sheetData>")).rows == [["R", ""]]


def test_bordered_cells_without_values_count_for_nothing():
    border = "".join(f'<c r="{letter}{{n}}" s="1"/>' for letter in "ABCDEFGHIJ")
    rows = "".join(f'<row r="{n}">{border.format(n=n)}</row>' for n in range(3, 5_003))
    record = f'<row r="2">{cell("A2", "R")}</row>'
    assert read(sheet_with(f"<sheetData>{HEAD}{record}{rows}</sheetData>")).rows == [["R", ""]]


def test_five_thousand_formatted_rows_of_26_cells_count_for_nothing():
    written = 'customFormat="false" ht="12.8" hidden="false" customHeight="false" collapsed="false"'
    letters = string.ascii_uppercase
    cells = "".join(f'<c r="{one}%s" s="1"/>' for one in letters)
    rows = "".join(
        f'<row r="{n}" {written}>{cells.replace("%s", str(n))}</row>' for n in range(3, 5_003)
    )
    record = f'<row r="2">{cell("A2", "R")}</row>'
    last = f'<row r="5003">{cell("A5003", "S")}</row>'
    table = read(sheet_with(f"<sheetData>{HEAD}{record}{rows}{last}</sheetData>"))
    assert (table.rows, table.numbers) == ([["R", ""], ["S", ""]], [2, 5003])


def test_rows_and_columns_without_a_size_are_hidden():
    rows = f'{HEAD}<row r="2" ht="0" customHeight="1">{cell("A2", "R")}{cell("B2", "x")}</row>'
    columns = '<cols><col min="2" max="16384" width="0" customWidth="1"/></cols>'
    with pytest.raises(OpenQuestions) as caught:
        read(sheet_with(f"{columns}<sheetData>{rows}</sheetData>"))
    assert [question.sentence for question in caught.value.questions] == [
        "Hidden or filtered rows: 2. Should they be imported?",
        "Hidden columns: title. Should they be imported?",
    ]


def test_long_texts_are_read():
    text = "".join(f"{n * 2654435761 % 2**32:08x}" for n in range(3_000))
    rows = "".join(
        f'<row r="{n}">{cell(f"A{n}", f"R{n}")}{cell(f"B{n}", f"{n} {text}")}</row>'
        for n in range(2, 202)
    )
    table = read(sheet_with(f"<sheetData>{HEAD}{rows}</sheetData>"))
    assert [row[1] for row in table.rows] == [f"{n} {text}" for n in range(2, 202)]


def test_texts_that_cells_share_are_read_exactly():
    texts = ["_x005F_x000D_", "_x000D_", " two  spaces ", "a\nb", "é"]
    content = workbook_of(["reference", "title"], *([f"R{n}", t] for n, t in enumerate(texts)))
    assert [row[1] for row in read(content).rows] == ["_x000D_", "\r", *texts[2:]]


def test_formatted_parts_of_a_text_are_joined_without_its_phonetic_guide():
    rich = "<is><r><t>Police </t></r><r><t>training</t></r><rPh><t>guide</t></rPh></is>"
    row = f'<row r="2"><c r="A2" t="inlineStr">{rich}</c></row>'
    assert read(sheet_with(f"<sheetData>{HEAD}{row}</sheetData>")).rows == [["Police training", ""]]


def test_cells_that_do_not_say_where_they_are_stand_one_after_the_other():
    def bare(*texts: str) -> str:
        return "<row>" + "".join(cell("", text).replace(' r=""', "") for text in texts) + "</row>"

    rows = bare("reference", "title") + bare("A", "x")
    assert read(sheet_with(f"<sheetData>{rows}</sheetData>")).rows == [["A", "x"]]


def test_rows_out_of_order_are_no_workbook():
    rows = f'<row r="5">{cell("A5", "x")}</row><row r="2">{cell("A2", "y")}</row>'
    assert "broken" in problem_of(sheet_with(f"<sheetData>{HEAD}{rows}</sheetData>"))


def test_a_formula_counts_by_its_value_and_never_without_one():
    with_value = '<row r="2"><c r="A2" t="str"><f>1+1</f><v>two</v></c></row>'
    assert read(sheet_with(f"<sheetData>{HEAD}{with_value}</sheetData>")).rows == [["two", ""]]
    without = f'<row r="2">{cell("A2", "x")}<c r="B2"><f>1+1</f></c></row>'
    words = problem_of(sheet_with(f"<sheetData>{HEAD}{without}</sheetData>"))
    assert "row 2, B: The cell holds a formula without a value." in words


def test_an_error_in_a_cell_is_named():
    broken = '<row r="2"><c r="A2" t="e"><v>#REF!</v></c></row>'
    assert "row 2, A: The cell holds the error #REF!." in problem_of(
        sheet_with(f"<sheetData>{HEAD}{broken}</sheetData>")
    )


def test_entities_are_not_expanded():
    xml = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData>'
        b"</worksheet>"
    )
    assert "broken" in problem_of(changed_workbook(PLAIN, **{SHEET: xml}))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"xl__vbaProject.bin": b"x"}, "The workbook holds macros."),
        ({"xl__externalLinks__externalLink1_xml": b"<x/>"}, "values from other workbooks"),
        ({"xl__workbook_xml": None}, "no Excel workbook"),
        ({"xl__workbook_xml": b"<nothing"}, "broken"),
        ({SHEET: b"<worksheet"}, "broken"),
    ],
)
def test_a_workbook_that_cannot_be_trusted_is_refused(parts, words):
    assert words in problem_of(changed_workbook(PLAIN, **parts))


def test_a_workbook_with_a_password_or_with_two_parts_of_one_name_is_refused():
    place = PLAIN.index(b"PK\x01\x02") + 8
    locked = PLAIN[:place] + b"\x01" + PLAIN[place + 1 :]
    assert "protected by a password" in problem_of(locked)
    target = io.BytesIO(PLAIN)
    with zipfile.ZipFile(target, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("xl/workbook.xml", "<other/>")
    assert "broken" in problem_of(target.getvalue())


def test_a_broken_archive_and_another_archive_are_told_apart():
    assert "broken" in problem_of(PLAIN[:-200])
    assert "broken" in problem_of(b"PK\x03\x04 and nothing else")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert "no Excel workbook" in problem_of(target.getvalue())


def test_an_archive_bomb_is_refused_by_its_directory(monkeypatch):
    bomb = changed_workbook(PLAIN, xl__media=b"\x00" * 20_000_000)
    assert len(bomb) < 100_000
    monkeypatch.setattr(xlsx, "_WorkbookReader", None)
    assert "unpacks to more than is read" in problem_of(bomb)
    monkeypatch.setattr(archive, "MAX_PARTS", 3)
    assert "unpacks to more than is read" in problem_of(PLAIN)


def book_of(*sheets: tuple[str, list[list[str]]]) -> bytes:
    target = io.BytesIO()
    with Workbook(target) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return target.getvalue()


def test_of_several_sheets_with_records_one_is_chosen_even_if_one_has_the_name_of_the_kind():
    content = book_of(*((name, [["reference"], [name]]) for name in ("first", "second")))
    for kind in ("initiative", "second"):
        with pytest.raises(OpenQuestions) as caught:
            read(content, kind)
        assert [choice.value for choice in caught.value.questions[0].choices] == ["first", "second"]
        assert "--sheet first; --sheet second" in str(caught.value)
    table = read(content, sheet="second")
    assert (table.rows, table.notices) == ([["second"]], [])


def test_the_sheet_with_the_headings_is_read_and_that_is_said_unless_it_has_the_name_of_the_kind():
    content = book_of(
        ("Read me", [["How to fill this in"], ["One row for each"]]),
        ("Empty", [["reference", "title"]]),
        ("Register", [["reference", "title"], ["A", "x"]]),
    )
    table = read(content)
    assert table.rows == [["A", "x"]]
    assert table.notices == ["The workbook has 3 sheets. Only “Register” was read."]
    assert read(content, "Register").notices == []


def test_a_sheet_that_is_not_there_is_asked_for_again():
    content = book_of(("Notes", [["x"]]), ("Register", [["reference"], ["A"]]))
    with pytest.raises(OpenQuestions) as caught:
        read(content, sheet="register 2018")
    assert [choice.value for choice in caught.value.questions[0].choices] == ["Register"]


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+x", "-5", "@cmd", "\tx", "\rx", "'=x", "''-x", "'x", "'", "x=1", ""),
        *(
            "＝1+1",
            "＋x",
            "－5",
            "＠cmd",
            "﹦1",
            "﹢1",
            "﹣1",
            "﹫x",
            "−1",
            " =1",
            "\ufeff=1",
            "' ＝1",
        ),
    ],
)
def test_escaping_and_unescaping_give_back_the_text(text):
    assert unescape(escape_for_csv(text)) == text
    assert unescape(escape_for_workbook(text)) == text
    plain = unicodedata.normalize("NFKC", escape_for_csv(text)).lstrip(" \ufeff")
    assert not plain.startswith(("=", "+", "-", "−", "@", "\t", "\r"))


@given(st.text(alphabet="'=+-@\t\rab＝＋－＠﹦−\ufeff "))
def test_escaping_is_exact_for_every_text(text):
    assert unescape(escape_for_csv(text)) == text
    assert unescape(escape_for_workbook(text)) == text


@given(st.text(alphabet="_x00D5FC<r>\r\x0b\ufffe") | st.text())
def test_the_codes_of_a_workbook_are_exact_for_every_text(text):
    coded = encode_text(text)
    assert decode_text(coded) == text
    assert not coded.startswith("<r>")
    assert not any(ord(letter) < 32 and letter not in "\t\n" for letter in coded)


def test_an_apostrophe_is_taken_away_only_before_a_dangerous_character():
    assert [unescape(text) for text in ("'=1", "'Niger'", "'", "=1")] == [
        "=1",
        "'Niger'",
        "'",
        "=1",
    ]


def test_limits_hold_together():
    assert limits.MAX_COLUMNS < 26 * 26
    assert limits.MAX_BYTES < limits.MAX_UNPACKED
