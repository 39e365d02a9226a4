"""Error reports: what to correct in each row, and the import of the good rows."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from indicators.import_export.exports.column_help import build_column_help
from indicators.import_export.exports.templates import write_csv_template, write_xlsx_template
from indicators.import_export.importer import validate_file
from indicators.import_export.rows.columns import column_names, headings_for
from indicators.models import Event, ImportPreview, ImportRun
from strategy.choices import RecordKind
from strategy.text import fold_accents
from tests.conftest import client_of
from tests.factories import make_record, make_user
from tests.support.samples.import_files import AT, check, summarize

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]

MIXED = (
    "Référence;Titre;role;kind;country;notes\n"
    "EVT-1;Round table;contributed;conference;Sénégal;=1+1\n"
    "EVT-2;Workshop;attended;workshop;Sengal;\n"
    ";;attended;atelier;;-5\n"
    "EVT-4;Webinar;organised;webinar;;\n"
)
LANGUAGES = ("en", "fr", "es", "ar")


def preview(client: Client, content: str | bytes = MIXED, name: str = "events.csv") -> str:
    """Upload a file; return the URL of its preview."""
    data = content if isinstance(content, bytes) else content.encode()
    file = SimpleUploadedFile(name, data)
    response = client.post(reverse("indicators:import_start"), {"kind": "event", "file": file})
    assert response.status_code == 302, response.context["form"].errors
    return response["Location"]


def given_back(client: Client, ending: str) -> bytes:
    identifier = ImportPreview.objects.latest("pk").uuid
    response = client.get(reverse("indicators:import_errors", args=[identifier, ending]))
    assert response.status_code == 200
    assert f"events-errors.{ending}" in response["Content-Disposition"]
    return response.content if ending == "csv" else b"".join(response.streaming_content)


def table_of(content: bytes, ending: str) -> list[list[str]]:
    if ending == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return [[str(cell.value or "") for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_file_comes_back_with_what_to_do_beside_each_row(ending, officer_client):
    text = officer_client.get(preview(officer_client)).content.decode()
    assert "The file, with what to do beside each row:" in text
    rows = table_of(given_back(officer_client, ending), ending)
    assert rows[0] == ["What to do", "Référence", "Titre", "role", "kind", "country", "notes"]
    assert [row[1] for row in rows[1:]] == ["EVT-1", "EVT-2", "", "EVT-4"]
    assert rows[1][0] == rows[4][0] == ""
    assert rows[2][0] == "country: “Sengal” is not a country. Did you mean Senegal?"
    assert rows[3][0].startswith("Titre: Enter the title.")
    assert rows[1][6] in ("'=1+1", "=1+1")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_mended_file_is_read_without_its_column_of_errors(ending, officer_client, officer):
    preview(officer_client)
    content = given_back(officer_client, ending)
    rows = table_of(content, ending)
    rows[2][5], rows[3][2], rows[3][4] = "Senegal", "A visit", "workshop"
    target = io.StringIO(newline="")
    csv.writer(target).writerows(rows)
    checked = check("event", target.getvalue(), officer)
    assert summarize(checked) == "new 4, changed 0, unchanged 0, error 0"
    checked.write()
    assert Event.objects.get(reference="EVT-1").notes == "=1+1"


def test_good_rows_are_imported_alone_only_when_that_is_asked_for(officer_client):
    address = preview(officer_client)
    text = officer_client.get(address).content.decode()
    assert "Import only the 2 good rows" in text
    assert "2 rows in error are then left out" in text
    officer_client.post(address)
    assert not Event.objects.exists()
    response = officer_client.post(address, {"rows": "good"}, follow=True)
    assert set(Event.objects.values_list("reference", flat=True)) == {"EVT-1", "EVT-4"}
    assert "2 rows in error were left out." in response.content.decode()
    run = ImportRun.objects.get()
    assert (run.new, run.left_out) == (2, 2)
    rows = table_of(given_back(officer_client, "csv"), "csv")
    assert [row[1] for row in rows[1:]] == ["EVT-2", ""]
    assert officer_client.get(address)["Location"] == reverse(
        "indicators:import_detail", args=[run.uuid]
    )
    officer_client.post(address, {"rows": "good"})
    assert Event.objects.count() == 2


def test_good_rows_wait_for_another_look_when_something_changed(officer_client):
    make_record("event", reference="EVT-4", title="Before")
    address = preview(officer_client)
    Event.objects.update(title="Meanwhile", version=2)
    response = officer_client.post(address, {"rows": "good"}, follow=True)
    assert "Records changed since you looked." in response.content.decode()
    assert Event.objects.get().title == "Meanwhile"


def test_a_file_without_good_rows_or_with_a_missing_column_offers_no_part(officer_client):
    bad = "reference,title,role,kind\nA,,organised,conference\n"
    for text in (bad, "reference,title,role\nB,x,organised\n"):
        page = officer_client.get(preview(officer_client, text)).content.decode()
        assert "Import only" not in page
        officer_client.post(preview(officer_client, text), {"rows": "good"})
    assert not Event.objects.exists()


def test_nobody_else_gets_the_file_and_it_is_forgotten_after_a_day(officer_client):
    address = preview(officer_client)
    officer_client.post(address, {"rows": "good"})
    errors = reverse("indicators:import_errors", args=[ImportPreview.objects.get().uuid, "csv"])
    other = client_of(make_user("officer", "montreal", username="other"))
    assert other.get(errors).status_code == 404
    for hours, kept in ((2, 2), (25, 1)):
        ImportPreview.objects.update(created_at=timezone.now() - timedelta(hours=hours))
        preview(officer_client)
        assert ImportPreview.objects.count() == kept


def test_a_file_without_errors_is_not_given_back(officer_client):
    preview(officer_client, "reference,title,role,kind\nA,x,organised,conference\n")
    identifier = ImportPreview.objects.get().uuid
    address = reverse("indicators:import_errors", args=[identifier, "csv"])
    assert officer_client.get(address).status_code == 404


def test_a_text_that_tells_who_a_child_is_is_kept_nowhere(officer_client):
    secret = "Awa Diop, 9 years old, lives there"
    text = f"reference,title,role,kind,country,notes\nA,x,organised,conference,NE,{secret!r}\n"
    bad = text.replace(repr(secret), f'"{secret}"')
    text = officer_client.get(preview(officer_client, bad)).content.decode()
    kept = ImportPreview.objects.get()
    assert "lives there" not in text
    assert "lives there" not in str(kept.outcome)
    assert "Take it out" in kept.rows
    assert "lives there" not in kept.rows
    assert "lives there" not in kept.table
    back = given_back(officer_client, "csv").decode()
    assert "lives there" not in back
    assert "Take it out" in back


# Files to fill in


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(RecordKind))
def test_the_file_to_fill_in_is_read_in_every_language(kind, language, officer):
    with translation.override(language):
        target = io.BytesIO()
        write_xlsx_template(kind, target)
        lines = write_csv_template(kind)
        headings = [guide.heading for guide in build_column_help(kind)]
    known = headings_for(kind)
    assert {known[fold_accents(one)] for one in headings} == set(column_names(kind))
    for content in (target.getvalue(), lines.encode()):
        checked = validate_file(kind, content, by=officer, at=AT)
        problems = [str(problem) for problem in checked.outcome.problems]
        assert problems == [
            "file: The file has headings and no row below them. Add a row for each record."
        ]
        assert any("is the example" in notice for notice in checked.outcome.notices)


def test_headings_and_words_of_the_file_to_fill_in_are_those_of_the_reader():
    with translation.override("fr"):
        target = io.BytesIO()
        write_xlsx_template(RecordKind.EVENT, target)
    sheet, _explanation, words = openpyxl.load_workbook(target).worksheets
    assert sheet["A1"].value == "Référence"
    assert sheet["A2"].value == "Exemple"
    lists = {
        next(iter(one.sqref.ranges)).min_col: one.formula1
        for one in sheet.data_validations.dataValidation
        if one.type == "list"
    }
    headings = [cell.value for cell in sheet[1]]
    country = 1 + list(column_names(RecordKind.EVENT)).index("country")
    assert headings[country - 1] != "country"
    assert country in lists
    assert "Sénégal" in [row[country - 1].value for row in words.iter_rows()]


def test_a_record_whose_reference_is_the_word_is_no_example(officer):
    make_record("event", reference="Example", title="Before")
    checked = check("event", "reference,title\nExample,After\n", officer)
    assert summarize(checked) == "new 0, changed 1, unchanged 0, error 0"
