"""Import and export in the browser: previewed, then confirmed once, by the owner only."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from indicators.import_export import previews
from indicators.import_export.exports.column_help import build_column_help
from indicators.import_export.rows.columns import column_names
from indicators.models import Event, ImportPreview, ImportRun, Status
from indicators.workflow.actions import approve, save_record
from strategy.choices import RecordKind, Role
from tests.conftest import client_of
from tests.factories import make_record, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]

GOOD = (
    "reference,title,role,kind,country,evidence_url\n"
    "EVT-1,Round table,contributed,conference,Sénégal,https://example.org/a\n"
    "EVT-2,<b>Workshop</b>,attended,workshop,,\n"
)


def send(client: Client, text: str | bytes = GOOD, kind: str = "event", name: str = "events.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return client.post(
        reverse("indicators:import_start"),
        {"kind": kind, "file": SimpleUploadedFile(name, content)},
    )


def previewed(client: Client, text: str = GOOD, kind: str = "event") -> str:
    """Upload a good file; return the URL of its preview."""
    response = send(client, text, kind)
    assert response.status_code == 302
    return response["Location"]


def page(client: Client, address: str, **params: str) -> str:
    response = client.get(address, params)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_first_page_offers_every_kind_with_its_files(officer_client):
    text = page(officer_client, reverse("indicators:import_start"))
    for kind in RecordKind:
        assert reverse("indicators:import_template", args=[kind, "xlsx"]) in text
        assert reverse("indicators:import_template", args=[kind, "csv"]) in text
    assert "Columns of the file" not in text


def test_the_columns_of_a_kind_are_explained(officer_client):
    text = page(officer_client, reverse("indicators:import_start"), kind="event")
    for column in column_names(RecordKind.EVENT):
        assert f"<bdi>{column}</bdi>" in text
    assert "co_organised</bdi> (Co-organised)" in text
    assert 'value="event" selected' in text
    assert page(officer_client, reverse("indicators:import_start"), kind="nonsense")


def test_a_file_is_looked_at_and_nothing_is_written(officer_client, officer):
    address = previewed(officer_client)
    preview = ImportPreview.objects.get()
    assert (preview.owner, preview.kind, preview.file_name) == (officer, "event", "events.csv")
    text = page(officer_client, address)
    assert "The file brings 2 new records" in text
    assert "country: “Sénégal” was read as SN (Senegal)." in text
    assert "&lt;b&gt;Workshop&lt;/b&gt;" in text
    assert not Event.objects.exists()


def test_confirming_writes_all_of_it_once(officer_client, officer):
    address = previewed(officer_client)
    response = officer_client.post(address, follow=True)
    run = ImportRun.objects.get()
    assert response.redirect_chain == [(reverse("indicators:import_detail", args=[run.uuid]), 302)]
    assert "Imported: 2 new, 0 changed." in response.content.decode()
    assert (
        list(Event.objects.values_list("status", "entered_by__username"))
        == [(Status.SUBMITTED, "camille")] * 2
    )
    assert not ImportPreview.objects.exists()
    again = officer_client.post(address)
    assert (again.status_code, again.url) == (302, response.redirect_chain[0][0])
    assert Event.objects.count() == 2


def test_a_script_that_uploads_a_file_gets_the_previews_location(officer_client):
    file = SimpleUploadedFile("events.csv", GOOD.encode())
    response = officer_client.post(
        reverse("indicators:import_start"),
        {"kind": "event", "file": file},
        headers={"X-Sending": "yes"},
    )
    preview = ImportPreview.objects.get()
    assert response.status_code == 201
    assert response["Location"] == reverse("indicators:import_preview", args=[preview.uuid])


def test_a_file_without_references_that_is_confirmed_twice_at_once_is_written_once(
    officer_client, officer
):
    previewed(officer_client, "title,role,kind\nConference,organised,conference\n")
    first, second = ImportPreview.objects.get(), ImportPreview.objects.get()
    previews.confirm(first, by=officer, at=timezone.now())
    with pytest.raises(previews.ConcurrentEdit, match="imported already"):
        previews.confirm(second, by=officer, at=timezone.now())
    assert Event.objects.count() == 1


def test_changes_are_shown_before_and_after(officer_client, manager):
    record = make_record("event", reference="EVT-1", status="submitted", evidence=1)
    approve(record, by=manager, at=timezone.now())
    make_record("event", reference="EVT-2", title="Unchanged")
    rows = "EVT-1,Another title\nEVT-2,Unchanged\n"
    text = page(officer_client, previewed(officer_client, f"reference,title\n{rows}"))
    assert "The file changes 1 record" in text
    assert "<del><bdi>Conference on child witnesses</bdi></del>" in text
    assert "<ins><bdi>Another title</bdi></ins>" in text
    assert "1 of the changed records is approved: it stops counting" in text


def test_errors_are_shown_row_by_row_and_nothing_can_be_confirmed(officer_client):
    bad = GOOD.replace("Sénégal", "Sengal").replace("<b>Workshop</b>", "")
    address = previewed(officer_client, bad)
    text = page(officer_client, address)
    assert "<title>Error: What the file would change" in text
    assert "There are 2 things to correct in the file" in text
    assert "“Sengal” is not a country. Did you mean Senegal?" in text
    assert "Import all of it" not in text
    response = officer_client.post(address, follow=True)
    assert "Something in the file is wrong. Nothing was written." in response.content.decode()
    assert not Event.objects.exists()


def test_columns_are_called_as_the_file_calls_them(officer_client):
    make_record("event", reference="EVT-1", title="x")
    with override("fr"):
        called = {guide.name: guide.heading for guide in build_column_help(RecordKind.EVENT)}
    headings = ";".join(called[name] for name in ("reference", "title", "country"))
    address = previewed(officer_client, f"{headings}\nEVT-1;y;Sengal\n")
    assert called["country"] != "country"
    assert f"<bdi>{called['country']}</bdi>" in page(officer_client, address, show="error")
    address = previewed(officer_client, f"{headings}\nEVT-1;y;\n")
    assert f"<bdi>{called['title']}</bdi>" in page(officer_client, address, show="changed")
    assert "<bdi>country</bdi>" not in page(officer_client, address, show="error")


def test_a_column_that_the_file_has_not_is_called_as_its_reader_calls_it(officer_client):
    address = previewed(officer_client, "title,amount\nUNICEF,5\n", "sponsor")
    assert "<bdi>Currency</bdi>" in page(officer_client, address, show="error")
    identifier = address.strip("/").rpartition("/")[2]
    back = officer_client.get(reverse("indicators:import_errors", args=[identifier, "csv"]))
    assert "Currency: Enter the currency" in back.content.decode()


def test_a_missing_column_is_said_above_the_rows(officer_client):
    text = page(officer_client, previewed(officer_client, "title\nConference\n"))
    assert "The column “IBCR&#x27;s role” is missing. New records need it." in text


def test_the_rows_of_one_state_are_shown_page_by_page(officer_client):
    rows = "".join(f"EVT-{n},Session {n},organised,workshop\n" for n in range(120))
    address = previewed(officer_client, f"reference,title,role,kind\n{rows}")
    assert "<bdi>Session 49</bdi>" in page(officer_client, address)
    second = page(officer_client, address, show="new", page="3")
    assert "<bdi>Session 119</bdi>" in second
    assert "<bdi>Session 49</bdi>" not in second
    assert "There is no page" not in page(officer_client, address, show="unchanged")
    for params in ({"show": "all"}, {"page": "abc"}, {"page": "4"}):
        assert officer_client.get(address, params).status_code == 400


def test_looking_costs_the_same_whatever_the_rows(officer_client):
    counts = []
    for number in (1, 60):
        rows = "".join(f"EVT-{n},Session {n},organised,workshop\n" for n in range(number))
        address = previewed(officer_client, f"reference,title,role,kind\n{rows}")
        with CaptureQueriesContext(connection) as captured:
            page(officer_client, address)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_file_that_changes_nothing_cannot_be_confirmed(officer_client):
    make_record("event", reference="EVT-1", title="x")
    text = page(officer_client, previewed(officer_client, "reference,title\nEVT-1,x\n"))
    assert "The file changes nothing" in text
    assert "Import all of it" not in text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty. Begin it with a row of headings."),
        (b"%PDF-1.7", "The file is a PDF. Save the records as CSV, XLSX or ODS."),
        (b"PK\x03\x04 broken", "The workbook is broken."),
        (b"a,b\n1,2\n", "Row 1: This row holds none of the headings."),
        (b"title,Title\n1,2\n", "Row 1, Title: This column is there twice. Delete one of the two."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_on_the_first_page(content, words, officer_client):
    response = send(officer_client, content)
    assert response.status_code == 400
    text = response.content.decode()
    assert "<title>Error: Import records" in text
    assert text.count(words) == 2
    assert not ImportPreview.objects.exists()


def test_a_missing_file_and_an_unknown_kind_are_said(officer_client):
    response = officer_client.post(reverse("indicators:import_start"), {"kind": "evnt"})
    assert response.status_code == 400
    assert "Choose a file." in response.content.decode()
    assert "evnt is not one of the available choices" in response.content.decode()


def test_a_file_that_is_too_large_is_refused_before_it_is_read(officer_client, monkeypatch):
    monkeypatch.setattr("indicators.import_export.forms.MAX_BYTES", 10)
    response = send(officer_client)
    assert response.status_code == 400
    assert "Divide it into several" in response.content.decode()


def test_nobody_else_sees_the_preview(officer_client):
    address = previewed(officer_client)
    other = client_of(make_user(Role.OFFICER, "montreal", username="other"))
    assert other.get(address).status_code == 404
    assert other.post(address).status_code == 404
    assert not Event.objects.exists()


def test_after_an_hour_it_is_over(officer_client, settings):
    settings.SESSION_IDLE_SECONDS = 2 * 3600
    address = previewed(officer_client)
    with time_machine.travel(timezone.now() + timedelta(minutes=59), tick=False):
        assert officer_client.get(address).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        response = officer_client.post(address, follow=True)
        assert response.redirect_chain[0][0] == f"{reverse('indicators:import_start')}?kind=event"
        assert "waited for more than an hour" in response.content.decode()
        assert not Event.objects.exists()
        previewed(officer_client)
        assert ImportPreview.objects.count() == 1


def test_what_changed_meanwhile_has_to_be_looked_at_again(officer_client, officer):
    record = make_record("event", reference="EVT-1", title="First", entered_by=officer)
    address = previewed(officer_client, "reference,title\nEVT-1,From the file\n")
    record.title = "From the browser"
    save_record(record, by=officer, at=timezone.now())
    response = officer_client.post(address, follow=True)
    assert "Records changed since you looked." in response.content.decode()
    assert "<del><bdi>From the browser</bdi></del>" in response.content.decode()
    assert Event.objects.get().title == "From the browser"
    officer_client.post(address)
    assert Event.objects.get().title == "From the file"


def test_what_changed_in_the_very_moment_is_not_written_over(officer_client, officer, monkeypatch):
    record = make_record("event", reference="EVT-1", title="First", entered_by=officer)
    address = previewed(officer_client, "reference,title\nEVT-1,From the file\n")
    check = previews.revalidate_table

    def check_then_change(*args: object, **kwargs: object) -> object:
        checked = check(*args, **kwargs)  # type: ignore[arg-type]
        record.title = "From the browser"
        save_record(record, by=officer, at=timezone.now())
        return checked

    monkeypatch.setattr(previews, "revalidate_table", check_then_change)
    response = officer_client.post(address, follow=True)
    assert "Someone else changed these records meanwhile." in response.content.decode()
    assert Event.objects.get().title == "From the browser"
    assert ImportPreview.objects.exists()


@pytest.mark.parametrize("kind", list(RecordKind))
def test_the_file_to_fill_in_is_accepted_as_it_is_filled_in(kind, officer_client):
    response = officer_client.get(reverse("indicators:import_template", args=[kind, "xlsx"]))
    assert f'filename="{kind}.xlsx"' in response["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    sheet, explanation, _words = book.worksheets
    headings = [guide.heading for guide in build_column_help(kind)]
    assert [cell.value for cell in sheet[1]] == headings
    assert (sheet.title, explanation.title, sheet.max_row) == (kind, "Explanation", 2)
    assert sheet["A2"].value == "Example"
    assert explanation.max_row == len(column_names(kind)) + 1
    assert len(sheet.data_validations.dataValidation) == len(column_names(kind))
    sheet.append([f"X-{n}" for n in range(len(column_names(kind)))])
    target = io.BytesIO()
    book.save(target)
    response = send(officer_client, target.getvalue(), kind, "filled.xlsx")
    assert response.status_code == 302
    assert "things to correct" in page(officer_client, response["Location"])
    lines = officer_client.get(
        reverse("indicators:import_template", args=[kind, "csv"])
    ).content.decode()
    written = list(csv.reader(io.StringIO(lines.lstrip("\ufeff"), newline="")))
    assert [written[0], written[1][0], len(written)] == [headings, "Example", 2]


def exported(client: Client, kind: str, ending: str, **params: str) -> list[str]:
    """Return the references in the export of a list."""
    response = client.get(reverse("indicators:record_export", args=[kind, ending]), params)
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    content = b"".join(response.streaming_content)
    if ending == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]  # type: ignore[misc]
    assert rows[0] == list(column_names(RecordKind(kind)))
    return [row[0] for row in rows[1:]]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_list_is_exported_as_its_address_describes_it(ending, manager_client):
    make_record("event", reference="EVT-1", title="Training of judges", status="approved")
    make_record("event", reference="EVT-2", title="Training of police", country="SN")
    make_record("event", reference="EVT-3", title="Gala", kind="fundraising", status="approved")
    assert set(exported(manager_client, "event", ending)) == {"EVT-1", "EVT-2", "EVT-3"}
    assert exported(manager_client, "event", ending, sort="name", q="training") == [
        "EVT-1",
        "EVT-2",
    ]
    assert exported(manager_client, "event", ending, status="approved", q="gala") == ["EVT-3"]
    figure = {"target": "2.3-events", "as_of": "2020-12-31"}
    assert exported(manager_client, "event", ending, **figure) == ["EVT-1"]
    assert set(exported(manager_client, "event", ending, counts="no", **figure)) == {
        "EVT-2", "EVT-3",
    }  # fmt: skip


def test_the_export_of_a_list_reads_back_as_unchanged(officer_client):
    make_record("event", reference="EVT-1", title="=1+1", status="approved", country="SN")
    response = officer_client.get(reverse("indicators:record_export", args=["event", "csv"]))
    content = b"".join(response.streaming_content)
    assert "The file changes nothing" in page(
        officer_client, send(officer_client, content)["Location"]
    )


def test_an_export_costs_the_same_whatever_the_records(manager_client):
    counts = []
    for number in (1, 20):
        for _number in range(number):
            make_record("initiative", evidence=2, countries=["NE", "SN"])
        with CaptureQueriesContext(connection) as captured:
            exported(manager_client, "initiative", "csv")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_an_address_that_means_nothing_is_said(manager_client):
    address = reverse("indicators:record_export", args=["event", "csv"])
    for params, words in (
        ({"as_of": "2018-02-30", "target": "2.3-events"}, "is not a day"),
        ({"status": "lost"}, "is not one of these"),
        ({"sort": "colour"}, "cannot be sorted"),
    ):
        response = manager_client.get(address, params)
        assert response.status_code == 400
        assert words in response.content.decode()
    make_record("event", notes="x" * 40_000)
    response = manager_client.get(reverse("indicators:record_export", args=["event", "xlsx"]))
    assert (response.status_code, "Export as CSV" in response.content.decode()) == (400, True)


def test_staff_export_nothing_and_only_officers_import(staff_client, manager_client, board_client):
    export, start = (
        reverse("indicators:record_export", args=["event", "csv"]),
        reverse("indicators:import_start"),
    )
    template = reverse("indicators:import_template", args=["event", "csv"])
    assert [client.get(export).status_code for client in (staff_client, board_client)] == [403, 403]
    for client in (staff_client, manager_client, board_client):
        assert client.get(start).status_code == 403
        assert client.get(template).status_code == 403
        assert send(client).status_code == 403
    assert Client().get(start).status_code == 302
