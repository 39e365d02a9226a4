"""Files with columns of other origin, of another kind, and dates in one order of day and month."""

import itertools
from pathlib import Path

import openpyxl
import pytest
from django.utils.translation import override

from indicators.import_export.files.headings import check_kind
from indicators.import_export.files.table import OpenQuestions, Reading
from indicators.import_export.rows.columns import list_expected_columns
from indicators.models import Event, Initiative
from strategy.choices import RecordKind
from tests.support.samples.case_files import answer, read_page, refuse_import, run_import, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "officer")]

HEAD = "reference,title,role,kind,country,occurred_on"


def written(folder: Path, *lines: str) -> Path:
    path = folder / "events.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_the_columns_of_a_form_tool_are_left_out_with_a_word():
    lines = run_import("event", "kobo-extra-columns.csv")
    assert lines[0] == "new 3, changed 0, unchanged 0, errors 0"
    assert lines[1] == (
        "note: These columns of a form tool were left out: "
        "_id, _uuid, _submission_time, __version__."
    )


def test_a_column_of_a_form_tool_is_not_taken_for_one_of_ours(tmp_path):
    path = written(tmp_path, f"{HEAD},notes,_notes", "A,x,organised,workshop,SN,2018,mine,theirs")
    run_import("event", path)
    assert Event.objects.get().notes == "mine"


def test_other_unknown_columns_are_asked_about(tmp_path, officer_client):
    path = written(
        tmp_path, f"{HEAD},Budget line,titel", "A,x,organised,workshop,SN,2018-03-01,7,y"
    )
    lines = refuse_import("event", path)
    assert lines[1] == "row 1, Budget line: There is no such column."
    assert lines[2] == "row 1, titel: There is no such column. Did you mean Title?"
    assert "--leave-out-unknown; --leave-out 'Budget line'; --leave-out titel" in lines[3]
    refuse_import("event", path, "--leave-out", "Budget line")
    assert run_import("event", path, "--leave-out-unknown")[:2] == [
        "new 1, changed 0, unchanged 0, errors 0",
        "note: These columns were left out: Budget line, titel.",
    ]
    page = upload(officer_client, "event", path)
    assert "Did you mean Title?" in read_page(officer_client, page)
    preview = answer(officer_client, page, leave_out=["Budget line", "titel"])
    assert "These columns were left out: Budget line, titel." in read_page(officer_client, preview)


def test_an_unknown_column_that_is_not_left_out_is_named(tmp_path, officer_client):
    path = written(tmp_path, f"{HEAD},Budget line", "A,x,organised,workshop,SN,2018-03-01,7")
    page = upload(officer_client, "event", path)
    response = officer_client.post(page, {})
    assert response.status_code == 400
    assert "Row 1, Budget line: There is no such column." in response.content.decode()


def test_names_of_columns_and_sheets_that_may_identify_a_child_are_refused(tmp_path):
    column = written(tmp_path, f"{HEAD},Fatou 12 ans", "A,x,organised,workshop,SN,2018-03-01,7")
    lines = refuse_import("event", column)
    assert len(lines) == 2
    assert "Fatou" not in lines[1]
    book = openpyxl.Workbook()
    book.create_sheet("Fatou 12 ans")
    book.save(tmp_path / "book.xlsx")
    assert "Fatou" not in refuse_import("event", tmp_path / "book.xlsx")[1]


def test_initiatives_given_as_projects_are_recognised(officer_client):
    lines = refuse_import("project", "initiatives-as-projects.csv")
    assert len(lines) == 2
    assert lines[1] == (
        "file: The headings are not those of: projects. They look like: initiatives. "
        "Answer with one of: import_records initiative …."
    )
    page = upload(officer_client, "project", "initiatives-as-projects.csv")
    assert "Import as: initiatives" in read_page(officer_client, page)
    preview = answer(officer_client, page, kind="initiative")
    assert "The file brings 3 new records" in read_page(officer_client, preview)
    officer_client.post(preview)
    assert Initiative.objects.count() == 3


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_the_template_of_each_kind_is_recognised_as_any_other(language):
    with override(language):
        expected = {kind: list_expected_columns(kind) for kind in RecordKind}
        for kind, given in itertools.permutations(RecordKind, 2):
            headings = list(expected[kind].shown.values())
            with pytest.raises(OpenQuestions) as caught:
                check_kind(headings, expected[given], list(expected.values()), Reading())
            [question] = caught.value.questions
            assert [choice.value for choice in question.choices] == [kind, given]
        for kind, own in expected.items():
            check_kind(list(own.shown.values()), expected[kind], list(expected.values()), Reading())


def test_the_given_kind_can_be_confirmed(officer_client):
    page = upload(officer_client, "project", "initiatives-as-projects.csv")
    again = answer(officer_client, page, kind="project")
    assert again == page
    assert "Which should be left out?" in read_page(officer_client, again)


def test_a_date_that_proves_the_order_orders_all():
    lines = run_import("event", "day-month-year-column.csv")
    assert lines[0] == "new 20, changed 0, unchanged 0, errors 0"
    assert sum("The day comes first" in line for line in lines) == 1
    assert "“02/01/2018” was read as 2018-01-02." in lines[1]
    dates = {str(event.occurred_on) for event in Event.objects.all()}
    assert (min(dates), max(dates)) == ("2018-01-02", "2018-09-06")


@pytest.mark.parametrize(
    ("dates", "stored"),
    [
        (["03/04/2018", "01/15/2018"], ["2018-01-15", "2018-03-04"]),
        (["03/04/2018", "15/01/2018"], ["2018-01-15", "2018-04-03"]),
        (["03.04.2018", "٣١-١٢-٢٠١٨"], ["2018-04-03", "2018-12-31"]),
    ],
)
def test_either_order_can_be_proved(dates, stored, tmp_path):
    rows = (f"E-{n},x{n},organised,workshop,SN,{date}" for n, date in enumerate(dates))
    run_import("event", written(tmp_path, HEAD, *rows))
    assert sorted(str(event.occurred_on) for event in Event.objects.all()) == stored


@pytest.mark.parametrize(
    ("order", "stored", "shown"),
    [("day-first", "2018-04-03", "3 April 2018"), ("month-first", "2018-03-04", "4 March 2018")],
)
def test_without_proof_the_order_is_asked_once(order, stored, shown, tmp_path, officer_client):
    rows = [f"E-{n},x{n},organised,workshop,SN,03/04/2018" for n in range(3)]
    path = written(tmp_path, HEAD, *rows)
    lines = refuse_import("event", path)
    assert len(lines) == 2
    assert "--date-order day-first; --date-order month-first" in lines[1]
    page = upload(officer_client, "event", path)
    assert f": 03/04/2018 is {shown}" in read_page(officer_client, page)
    run_import("event", path, "--date-order", order)
    assert {str(event.occurred_on) for event in Event.objects.all()} == {stored}


def test_dates_of_both_orders_prove_nothing(tmp_path):
    rows = (
        f"E-{n},x{n},organised,workshop,SN,{date}"
        for n, date in enumerate(["03/04/2018", "15/01/2018", "01/15/2018"])
    )
    lines = refuse_import("event", written(tmp_path, HEAD, *rows))
    assert [line.partition(":")[0] for line in lines[1:]] == ["row 2, occurred_on", "note", "note"]
    assert "“15/01/2018” was read as 2018-01-15" in lines[2]
