"""Undo of an import: for a day, except for records that were changed since."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from indicators.import_export import undo
from indicators.models import Event, Evidence, ImportRun, Initiative, Project, Status
from indicators.workflow.actions import ConcurrentEdit, InvalidTransition, approve, save_record
from indicators.workflow.history import EvidenceChange, load_evidence_changes
from strategy.models import User
from tests.factories import make_record
from tests.support.samples.import_files import AT, FULL, INITIATIVE, LATER, check

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]

EVENTS = (
    "reference,title,role,kind,evidence_url\n"
    "EVT-1,Round table,contributed,conference,https://example.org/a\n"
    "EVT-2,Workshop,attended,workshop,https://example.org/b\n"
)


def imported(kind: str, text: str, by: User) -> ImportRun:
    run = ImportRun(file_name="file.csv", sha256="0" * 64)
    check(kind, text, by).write(run=run)
    return run


def test_an_import_keeps_what_it_made_and_changed(officer):
    make_record("event", reference="EVT-2")
    run = imported("event", EVENTS, officer)
    assert (run.new, run.changed, run.unchanged, run.owner) == (1, 1, 0, officer)
    rows = list(run.rows.order_by("-is_new").values_list("is_new", "version"))
    assert rows == [(True, 1), (False, 2)]


def test_new_records_are_deleted_and_a_mended_file_brings_them_again(officer):
    run = imported("event", EVENTS, officer)
    assert undo.undo(run, by=officer, at=LATER) == 0
    assert not Event.objects.exists()
    assert not Evidence.objects.exists()
    assert list(Evidence.history.values_list("history_type", flat=True)) == ["-", "-", "+", "+"]
    assert list(Event.history.values_list("history_type", "history_user")) == [
        ("-", officer.pk), ("-", officer.pk), ("+", officer.pk), ("+", officer.pk),
    ]  # fmt: skip
    imported("event", EVENTS.replace("Workshop", "Seminar"), officer)
    assert Event.objects.count() == 2


def test_changed_records_get_their_former_values_back_in_a_step_of_their_own(officer, manager):
    make_record("project", reference="PRJ-1")
    check("initiative", INITIATIVE + FULL, officer).write(manager)
    before = Initiative.objects.get()
    assert before.status == Status.APPROVED
    changed = FULL.replace("training;tool", "mapping").replace("example.org/b", "example.org/c")
    changed = changed.replace("Six sessions", "Seven").replace(",NE,", ",SN;ML,")
    run = imported("initiative", INITIATIVE + changed, officer)
    assert Initiative.objects.get().status == Status.SUBMITTED
    assert undo.undo(run, by=manager, at=LATER) == 0
    record = Initiative.objects.get()
    assert (record.version, record.changed_by, record.changed_at) == (
        before.version + 2, manager, LATER,
    )  # fmt: skip
    for name in ("title", "summary", "status", "approved_by", "approved_at", "entered_at"):
        assert getattr(record, name) == getattr(before, name), name
    assert sorted(record.kinds.values_list("code", flat=True)) == ["tool", "training"]
    assert list(record.countries.values_list("code", flat=True)) == ["NE"]
    assert set(record.evidence.values_list("url", flat=True)) == {
        "https://example.org/a", "https://example.org/b",
    }  # fmt: skip
    last = record.history.first()
    assert (last.history_type, last.history_user, last.version) == ("~", manager, record.version)
    assert sorted(link.capability.code for link in last.kinds.all()) == ["tool", "training"]
    changes = load_evidence_changes(Initiative, [record.pk])[record.pk]
    assert changes[record.version] == EvidenceChange(
        ("https://example.org/b",), ("https://example.org/c",)
    )


def test_what_was_edited_or_approved_since_stays_and_is_listed(officer, manager, staff):
    make_record("event", reference="EVT-0", title="Before", entered_by=staff)
    text = EVENTS + "EVT-3,Third,attended,workshop,\nEVT-0,From the file,organised,conference,\n"
    run = imported("event", text, officer)
    approve(Event.objects.get(reference="EVT-1"), by=manager, at=LATER)
    edited = Event.objects.get(reference="EVT-3")
    edited.title = "By hand"
    save_record(edited, by=officer, at=LATER)
    assert undo.undo(run, by=officer, at=LATER) == 2
    titles = dict(Event.objects.values_list("reference", "title"))
    assert titles == {"EVT-0": "Before", "EVT-1": "Round table", "EVT-3": "By hand"}
    left = {one.record.reference: one.why for one in undo.find_undo_blockers(run)}
    assert set(left) == {"EVT-1", "EVT-3"}
    assert left["EVT-3"] == "It was edited, approved or returned since."


def test_a_new_record_that_others_belong_to_stays(officer):
    run = imported("project", "reference,title\nPRJ-1,Police\nPRJ-2,Courts\n", officer)
    make_record("initiative", project=Project.objects.get(reference="PRJ-1"))
    assert undo.undo(run, by=officer, at=LATER) == 1
    assert list(Project.objects.values_list("reference", flat=True)) == ["PRJ-1"]
    assert [one.why for one in undo.find_undo_blockers(run)] == ["Other records belong to it."]


def test_an_import_is_taken_back_once_and_for_a_day(officer):
    run = imported("event", EVENTS, officer)
    with pytest.raises(InvalidTransition, match="24 hours"):
        undo.undo(run, by=officer, at=AT + timedelta(hours=24, seconds=1))
    assert Event.objects.count() == 2
    undo.undo(run, by=officer, at=AT + timedelta(hours=24))
    with pytest.raises(ConcurrentEdit, match="taken back already"):
        undo.undo(run, by=officer, at=AT + timedelta(hours=24))


def test_records_without_history_stay(officer):
    record = make_record("event", reference="EVT-2")
    record.history.all().delete()
    run = imported("event", EVENTS, officer)
    assert undo.undo(run, by=officer, at=LATER) == 1
    assert Event.objects.get().title == "Workshop"


def test_many_are_taken_back_at_the_cost_of_few(officer, django_assert_max_num_queries):
    rows = "".join(f"E{n},x,organised,conference,https://a.org/{n}\n" for n in range(60))
    head = "reference,title,role,kind,evidence_url\n"
    imported("event", head + rows, officer)
    run = imported("event", (head + rows).replace(",x,", ",y,") + "N,x,organised,visit,\n", officer)
    with django_assert_max_num_queries(40):
        assert undo.undo(run, by=officer, at=LATER) == 0
    assert set(Event.objects.values_list("title", "version")) == {("x", 3)}


# In the browser


def send(client: Client, text: str, **posted: str) -> str:
    """Upload a file and confirm its preview; return the URL of the redirect."""
    file = SimpleUploadedFile("events.csv", text.encode())
    address = client.post(reverse("indicators:import_start"), {"kind": "event", "file": file})[
        "Location"
    ]
    return client.post(address, posted)["Location"]


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_page_of_an_import_takes_it_back(officer_client, officer):
    assert "Nothing was imported" in page(officer_client, reverse("indicators:import_list"))
    address = send(officer_client, EVENTS)
    text = page(officer_client, address)
    assert "Take back 2 records" in text
    assert "events.csv" in page(officer_client, reverse("indicators:import_list"))
    response = officer_client.post(address, follow=True)
    assert "The import was taken back." in response.content.decode()
    assert not Event.objects.exists()
    text = page(officer_client, address)
    assert "took the import back" in text
    assert "Take back 2 records" not in text
    response = officer_client.post(address, follow=True)
    assert "taken back already" in response.content.decode()


def test_the_page_lists_what_stays(officer_client, manager):
    address = send(officer_client, EVENTS)
    approve(Event.objects.get(reference="EVT-1"), by=manager, at=timezone.now())
    text = page(officer_client, address)
    assert "Take back 1 record" in text
    assert "1 record stays as it is" in text
    assert "Round table" in text
    response = officer_client.post(address, follow=True)
    assert "taken back, except for 1 record." in response.content.decode()


def test_after_a_day_the_page_only_says_so(officer_client):
    address = send(officer_client, EVENTS)
    ImportRun.objects.update(at=timezone.now() - timedelta(hours=25))
    assert "these are over" in page(officer_client, address)
    response = officer_client.post(address, follow=True)
    assert "can be taken back for 24 hours" in response.content.decode()
    assert Event.objects.count() == 2
