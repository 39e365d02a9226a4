"""Workbooks with several sheets, hidden rows and columns, merged and formatted cells."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine
from django.utils import timezone

from indicators.models import Activity, Event, ImportPreview, ImportUpload
from strategy.choices import Role
from tests.conftest import client_of
from tests.factories import make_record, make_user
from tests.support.samples.case_files import (
    FILES,
    answer,
    read_page,
    refuse_import,
    run_import,
    upload,
)
from tests.support.samples.workbooks import ods_of, ods_row, ods_table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "officer")]

HEADINGS = ["reference", "title", "role", "kind", "country", "occurred_on", "evidence_url"]


def event(number: int, **changes: object) -> list[object]:
    values = ["", f"Forum {number}", "organised", "workshop", "SN", "2018-03-01", ""]
    return [changes.get(name, value) for name, value in zip(HEADINGS, values, strict=True)]


def saved(book: openpyxl.Workbook, folder: Path) -> Path:
    path = folder / "book.xlsx"
    book.save(path)
    return path


def register(*rows: list[object]) -> Any:
    """Return a workbook of openpyxl, whose types do not know that its sheet has cells."""
    book: Any = openpyxl.Workbook()
    for row in [HEADINGS, *rows]:
        book.active.append(row)
    return book


def test_the_sheet_with_the_headings_is_read_and_named():
    assert run_import("event", "read-me-sheet-first.xlsx") == [
        "new 2, changed 0, unchanged 0, errors 0",
        "note: The workbook has 2 sheets. Only “Register 2018” was read.",
    ]


def test_of_two_sheets_with_records_one_is_chosen(tmp_path, officer_client):
    book = register(event(1))
    book.active.title = "2017"
    book.create_sheet("2018").append(HEADINGS)
    book["2018"].append(event(2))
    path = saved(book, tmp_path)
    lines = refuse_import("event", path)
    assert "Which sheet should be imported?" in lines[1]
    assert "--sheet 2017; --sheet 2018" in lines[1]
    assert "new 1" in run_import("event", path, "--sheet", "2018")[0]
    assert Event.objects.get().title == "Forum 2"

    questions = upload(officer_client, "event", path)
    page = read_page(officer_client, questions)
    assert "Which sheet should be imported?" in page
    assert 'value="2017"' in page
    preview = answer(officer_client, questions, sheet="2017")
    assert "The file brings 1 new record" in read_page(officer_client, preview)
    assert "Forum 1" in read_page(officer_client, preview)
    assert not ImportUpload.objects.exists()


def test_hidden_sheets_are_offered_as_hidden(tmp_path, officer_client):
    book = register(event(1))
    book.create_sheet("Old").append(HEADINGS)
    book["Old"].append(event(2))
    book["Old"].sheet_state = "hidden"
    path = saved(book, tmp_path)
    assert "Old (hidden)" in read_page(officer_client, upload(officer_client, "event", path))
    lines = run_import("event", path, "--sheet", "Old")
    assert "note: The sheet “Old” is hidden. It was read." in lines


def test_the_headings_are_found_below_a_title(tmp_path):
    book: Any = openpyxl.Workbook()
    for row in [["Register of events 2018"], [], ["Notes", "printed on 3 May"], HEADINGS, event(1)]:
        book.active.append(row)
    lines = run_import("event", saved(book, tmp_path))
    assert lines[0].startswith("new 1,")
    assert lines[1] == "note: The headings are in row 4. The rows above were not read."


def test_hidden_rows_are_asked_about(officer_client):
    lines = refuse_import("event", "hidden-row.xlsx")
    assert lines[1] == (
        "file: Hidden or filtered rows: 3. Should they be imported? "
        "Answer with one of: --hidden-rows read; --hidden-rows leave-out."
    )
    page = upload(officer_client, "event", "hidden-row.xlsx")
    assert "Hidden or filtered rows: 3." in read_page(officer_client, page)
    preview = answer(officer_client, page, hidden_rows="leave-out")
    assert "The file brings 2 new records" in read_page(officer_client, preview)
    assert "Hidden rows were left out: 3." in read_page(officer_client, preview)
    lines = run_import("event", "hidden-row.xlsx", "--hidden-rows", "read")
    assert (lines[0], lines[1]) == (
        "new 3, changed 0, unchanged 0, errors 0",
        "note: Hidden rows were read: 3.",
    )


def test_rows_that_a_filter_hides_are_hidden(tmp_path):
    book = register(event(1), event(2), event(3))
    sheet = book.active
    sheet.auto_filter.ref = "A1:G4"
    sheet.row_dimensions[2].hidden = True
    sheet.row_dimensions[4].hidden = True
    assert "rows: 2, 4." in refuse_import("event", saved(book, tmp_path))[1]


def test_hidden_columns_are_asked_about(tmp_path):
    book = register(event(1, country="ML"), event(2, country="SN"))
    book.active.column_dimensions["E"].hidden = True
    path = saved(book, tmp_path)
    assert "Hidden columns: country. Should they be imported?" in refuse_import("event", path)[1]
    assert (
        "note: Hidden columns were left out: country."
        in run_import("event", path, "--hidden-columns", "leave-out")[1]
    )
    assert set(Event.objects.values_list("country__code", flat=True)) == {None}
    run_import("event", path, "--hidden-columns", "read", "--accept-duplicates")
    assert Event.objects.filter(country__code="ML").count() == 1


@pytest.mark.parametrize(("choice", "linked"), [("repeat", 3), ("first", 1)])
def test_merged_cells_are_asked_about(choice, linked):
    lines = refuse_import("event", "merged-evidence.xlsx")
    assert "Merged cells: I2:I4 (evidence_url)." in lines[1]
    assert "--merged-cells repeat; --merged-cells first" in lines[1]
    lines = run_import("event", "merged-evidence.xlsx", "--merged-cells", choice)
    assert lines[0].startswith("new 3,")
    assert "I2:I4 (evidence_url)" in lines[1]
    assert Event.objects.filter(evidence__isnull=False).count() == linked


@pytest.mark.parametrize(
    ("merged", "words"),
    [
        ("E2:F2", "row 2: Cells of several columns are merged: E2:F2."),
        ("A1:A2", "row 1: The headings are merged with rows below: A1:A2."),
    ],
)
def test_merged_cells_that_have_no_one_reading_are_refused(merged, words, tmp_path):
    book = register(event(1), event(2))
    book.active.merge_cells(merged)
    assert words in refuse_import("event", saved(book, tmp_path))[1]


def test_merged_cells_above_the_headings_do_no_harm(tmp_path):
    book: Any = openpyxl.Workbook()
    for row in [["Register 2018"], HEADINGS, event(1)]:
        book.active.append(row)
    book.active.merge_cells("A1:G1")
    assert run_import("event", saved(book, tmp_path))[0].startswith("new 1,")


def test_several_questions_are_put_on_one_page(tmp_path, officer_client):
    book = register(event(1, occurred_on="02/01/2018"), event(2, occurred_on="03/01/2018"))
    book.active["H1"] = "Budget holder"
    book.active["H2"] = "x"
    book.active.row_dimensions[3].hidden = True
    page = upload(officer_client, "event", saved(book, tmp_path))
    text = read_page(officer_client, page)
    assert all(word in text for word in ("hidden-rows", "date-order", "leave-out", "Budget holder"))
    preview = answer(
        officer_client,
        page,
        hidden_rows="read",
        date_order="month-first",
        leave_out="Budget holder",
    )
    officer_client.post(preview)
    assert sorted(str(one) for one in Event.objects.values_list("occurred_on", flat=True)) == [
        "2018-02-01",
        "2018-03-01",
    ]


def test_formatted_blank_rows_count_for_nothing():
    lines = run_import("event", "five-thousand-bordered-rows.xlsx")
    assert lines[0] == "new 1, changed 0, unchanged 0, errors 0"


def test_a_strict_workbook_is_named():
    assert refuse_import("event", "strict-open-xml.xlsx")[1] == (
        "file: The workbook was saved as “Strict Open XML”. "
        "Save it as “Excel workbook (.xlsx)”, and choose it again."
    )


def test_a_percent_is_no_count(tmp_path):
    initiative = make_record("initiative", reference="INI-1")
    book: Any = openpyxl.Workbook()
    book.active.append(["reference", "title", "initiative", "starts_on", "women", "men"])
    book.active.append(["", "Course", initiative.reference, "2018", 1, 24])
    book.active["E2"].number_format = "0%"
    lines = refuse_import("activity", saved(book, tmp_path))
    assert [line for line in lines if "women" in line] == [
        "row 2, women: “100%” is not a whole number. Write 12, or 0, or nothing if not recorded."
    ]
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (2018, "row 2, F: The cell holds 2018 and shows it as a date of 1905."),
        (99_999_999, "row 2, F: The cell is formatted as a date, and 99999999 is none."),
    ],
)
def test_a_number_in_the_format_of_a_date_is_refused_with_its_cell(number, words, tmp_path):
    book = register(event(1, occurred_on=number))
    book.active["F2"].number_format = "yyyy-mm-dd"
    assert words in refuse_import("event", saved(book, tmp_path))[1]


def test_an_ods_file_is_read_as_a_workbook_is(tmp_path):
    path = tmp_path / "events.ods"
    path.write_bytes(ods_of(ods_table("Sheet1", ods_row(*HEADINGS), ods_row(*map(str, event(1))))))
    assert run_import("event", path)[0].startswith("new 1,")
    assert Event.objects.get().title == "Forum 1"


def test_an_uploaded_file_is_read_by_its_owner_for_an_hour_and_stored_encrypted(
    officer_client, settings
):
    settings.SESSION_IDLE_SECONDS = 2 * 3600
    page = upload(officer_client, "event", "hidden-row.xlsx")
    stored = ImportUpload.objects.get()
    assert (FILES / "hidden-row.xlsx").read_bytes()[:100] not in bytes(stored.content)
    other = client_of(make_user(Role.OFFICER))
    other.cookies["import_key"] = officer_client.cookies["import_key"].value
    assert other.get(page).status_code == 302
    officer_client.cookies["import_key"] = "x"
    assert officer_client.get(page).status_code == 302
    later = timezone.now() + timedelta(hours=1, minutes=1)
    with time_machine.travel(later):
        upload(officer_client, "event", "hidden-row.xlsx")
        assert list(ImportUpload.objects.values_list("pk", flat=True)) != [stored.pk]
        assert ImportUpload.objects.count() == 1


def test_a_question_without_an_answer_is_put_again(officer_client):
    page = upload(officer_client, "event", "hidden-row.xlsx")
    response = officer_client.post(page, {})
    assert response.status_code == 400
    assert "Choose an answer." in response.content.decode()
    assert not ImportPreview.objects.exists()
