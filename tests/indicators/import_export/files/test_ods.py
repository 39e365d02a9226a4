"""ODS files: values, dates, repeated, hidden and merged cells, and hostile ones."""

import time

import pytest

from indicators.import_export.files.headings import ExpectedColumns
from indicators.import_export.files.reading import read_table
from indicators.import_export.files.table import OpenQuestions, Reading, Table, UnreadableFile
from tests.support.samples.workbooks import ods_cell, ods_of, ods_row, ods_table

HEADINGS = {"reference": "reference", "title": "title", "starts on": "starts_on"}
VALUE = "office:value"
HEAD = ods_row("reference", "title", "starts on")
BLANK = (
    '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
)


def read(*tables: str, **answers: str) -> Table:
    given = {name.replace("_", "-"): [value] for name, value in answers.items()}
    reading = Reading(given)
    expected = ExpectedColumns("event", HEADINGS, {name: name for name in HEADINGS.values()})
    table = read_table(ods_of(*tables), expected, reading)
    reading.require_answers()
    return table


def problem_of(*tables: str) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(*tables)
    return str(caught.value)


def questions_of(*tables: str) -> list[str]:
    with pytest.raises(OpenQuestions) as caught:
        read(*tables)
    return [question.sentence for question in caught.value.questions]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (ods_cell("24", 'office:value-type="float" office:value="24"'), "24"),
        (ods_cell("0,3", 'office:value-type="float" office:value="0.30000000000000004"'), "0.3"),
        (ods_cell("24 %", 'office:value-type="percentage" office:value="0.24"'), "24%"),
        (ods_cell("WAHR", 'office:value-type="boolean" office:boolean-value="true"'), "TRUE"),
        (
            ods_cell("05.03.18", 'office:value-type="date" office:date-value="2018-03-05"'),
            "2018-03-05",
        ),
        (
            ods_cell(
                "03.18",
                'table:style-name="month" office:value-type="date" office:date-value="2018-03-01"',
            ),
            "2018-03",
        ),
        (
            ods_cell("x", 'office:value-type="date" office:date-value="2018-03-05T14:30:00"'),
            "2018-03-05 14:30:00",
        ),
        (ods_cell('Two<text:s text:c="2"/>spaces<text:span>!</text:span>'), "Two  spaces!"),
        (ods_cell("One</text:p><text:p>two"), "One\ntwo"),
    ],
)
def test_a_cell_is_read_by_its_value(cell, text):
    table = read(ods_table("Sheet1", HEAD, ods_row("A", "x", cell), BLANK))
    assert table.rows == [(2, ["A", "x", text])]


def test_repeated_rows_and_cells_are_read_as_often():
    same = ods_cell("same", 'table:number-columns-repeated="2"')
    row = ods_row(same, "2018", attributes='table:number-rows-repeated="2"')
    empty = ods_row(attributes='table:number-rows-repeated="3"')
    table = read(ods_table("Sheet1", HEAD, row, empty, ods_row("B", "x", ""), BLANK))
    assert table.rows == [
        (2, ["same", "same", "2018"]),
        (3, ["same", "same", "2018"]),
        (7, ["B", "x", ""]),
    ]


def test_cells_of_spaces_far_away_do_no_harm():
    far = BLANK.replace("<table:table-cell/>", ods_cell(" "))
    assert read(ods_table("Sheet1", HEAD, ods_row("A", "x", "2018"), far)).rows == [
        (2, ["A", "x", "2018"])
    ]


def test_hidden_and_merged_cells_are_asked_about():
    columns = '<table:table-column/><table:table-column table:visibility="collapse"/>'
    merged = ods_cell("2018", 'table:number-rows-spanned="2"')
    covered = "<table:covered-table-cell/>"
    rows = (
        HEAD,
        ods_row("A", "x", merged),
        ods_row("B", "y", covered, attributes='table:visibility="filter"'),
    )
    assert questions_of(ods_table("Sheet1", columns, *rows)) == [
        "Merged cells: C2:C3 (starts on). Does each of their rows have the value?",
        "Hidden or filtered rows: 3. Should they be imported?",
        "Hidden columns: title. Should they be imported?",
    ]
    answers = {"merged_cells": "repeat", "hidden_rows": "read", "hidden_columns": "read"}
    assert read(ods_table("Sheet1", columns, *rows), **answers).rows == [
        (2, ["A", "x", "2018"]),
        (3, ["B", "y", "2018"]),
    ]


def test_of_two_sheets_one_is_chosen_and_a_hidden_one_is_named():
    first = ods_table("2017", HEAD, ods_row("A", "x", ""))
    second = ods_table("2018", HEAD, ods_row("B", "y", ""), attributes='table:style-name="hidden"')
    assert questions_of(first, second) == ["Which sheet should be imported?"]
    table = read(first, second, sheet="2018")
    assert table.rows == [(2, ["B", "y", ""])]
    assert table.notices == ["The sheet “2018” is hidden. It was read."]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            ods_row("A", ods_cell("#REF!", f'table:formula="of:=[.A1]" {VALUE}-type="string"')),
            "row 2, B: The cell holds the error #REF!.",
        ),
        (
            ods_row(
                "A", "x", ods_cell("x", 'office:value-type="date" office:date-value="1905-07-10"')
            ),
            "row 2, C: The cell holds 2018 and shows it as a date of 1905.",
        ),
        (
            ods_row("A", attributes='table:number-rows-repeated="1000000"'),
            "reaches to the cell A10",
        ),
        (
            ods_row(ods_cell("A", 'table:number-columns-repeated="16384"')),
            "reaches to the cell XFD2",
        ),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(row, words):
    assert words in problem_of(ods_table("Sheet1", HEAD, row))


def test_a_row_at_fault_in_another_sheet_is_of_no_matter():
    fault = ods_table("Old", ods_row(ods_cell("#REF!", 'table:formula="of:=[.A1]"')))
    assert read(fault, ods_table("New", HEAD, ods_row("A", "x", ""))).rows == [(2, ["A", "x", ""])]


def test_rows_that_many_sheets_repeat_are_refused_before_they_cost_anything():
    row = ods_row(
        ods_cell("A", 'table:number-columns-repeated="3"'),
        attributes='table:number-rows-repeated="20000"',
    )
    began = time.process_time()
    assert "unpacks to more than is read" in problem_of(
        *(ods_table(f"{n}", HEAD, row) for n in range(500))
    )
    assert time.process_time() - began < 2


def test_a_protected_and_a_broken_file_are_named():
    expected = ExpectedColumns("event", HEADINGS, {})
    for content, words in (
        (ods_of(manifest="<manifest><encryption-data/></manifest>"), "protected by a password"),
        (ods_of("<table:table"), "The workbook is broken."),
    ):
        with pytest.raises(UnreadableFile, match=words):
            read_table(content, expected, Reading())
