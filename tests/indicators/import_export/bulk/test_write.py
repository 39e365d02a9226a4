"""Imports: all rows or none, by the rules of approval, in a constant number of statements."""

from typing import NoReturn

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.models import (
    Event,
    Evidence,
    Initiative,
    Status,
)
from indicators.workflow.actions import ConcurrentEdit, save_record
from tests.factories import make_record
from tests.support.samples.import_files import AT, FULL, INITIATIVE, LATER, check, summarize

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]


def test_approval_needs_evidence_and_a_second_person(officer, manager):
    text = (
        "reference,title,role,kind,evidence_url\n"
        "A,x,organised,conference,https://example.org/a\nB,x,organised,conference,\n"
    )
    checked = check("event", text, officer)
    assert len(checked.approvable(manager)) == 1
    assert checked.approvable(officer) == []
    assert checked.write(manager) == 1
    approved, waiting = Event.objects.order_by("reference")
    assert (approved.status, approved.approved_by, approved.approved_at) == (
        Status.APPROVED, manager, AT,
    )  # fmt: skip
    assert (approved.changed_by, approved.version) == (officer, 2)
    assert [past.history_user for past in approved.history.all()] == [manager, officer]
    assert (waiting.status, waiting.version) == (Status.SUBMITTED, 1)


def test_records_that_the_file_leaves_as_they_are_may_be_approved_too(officer, manager):
    text = (
        "reference,title,role,kind,evidence_url\nA,x,organised,conference,https://example.org/a\n"
    )
    check("event", text, officer).write()
    again = check("event", text, officer, LATER)
    assert again.write(manager) == 1
    assert Event.objects.get().status == Status.APPROVED
    assert check("event", text, officer, LATER).write(manager) == 0


def test_a_file_of_evidence_is_enough_for_approval(officer, manager):
    record = make_record("event", reference="EVT-1", entered_by=officer)
    Evidence.objects.create(record=record, file="evidence/x.pdf", name="decree.pdf")
    assert check("event", "reference,title\nEVT-1,Another\n", officer).write(manager) == 1


def test_nothing_is_written_when_a_record_changed_meanwhile(officer, staff):
    record = make_record("event", reference="EVT-1", entered_by=staff)
    text = (
        "reference,title,role,kind\nEVT-1,From the file,organised,conference\n"
        "EVT-2,x,organised,conference\n"
    )
    checked = check("event", text, officer)
    record.title = "From the browser"
    save_record(record, by=staff, at=LATER)
    with pytest.raises(ConcurrentEdit):
        checked.write()
    assert Event.objects.get().title == "From the browser"


def test_nothing_is_written_when_a_reference_was_taken_meanwhile(officer):
    text = "reference,title,role,kind\nA,x,organised,conference\nB,y,organised,conference\n"
    checked = check("event", text, officer)
    make_record("event", reference="B")
    with pytest.raises(ConcurrentEdit):
        checked.write()
    assert [event.reference for event in Event.objects.all()] == ["B"]


def test_a_fault_of_the_program_is_no_error_of_the_file(officer, monkeypatch):
    def fail(*args: object) -> dict[str, str]:
        raise ZeroDivisionError

    monkeypatch.setattr("indicators.import_export.rows.validation.validate_values", fail)
    with pytest.raises(ZeroDivisionError):
        check("event", "reference,title,role,kind\nA,x,organised,conference\n", officer)


def test_nothing_is_written_when_the_writing_stops_half_way(officer, monkeypatch):
    make_record("project", reference="PRJ-1")
    checked = check("initiative", INITIATIVE + FULL, officer)
    struck = []

    def stop(*args: object, **kwargs: object) -> None:
        struck.append(Initiative.objects.count())
        raise KeyboardInterrupt

    monkeypatch.setattr("indicators.import_export.bulk.write.copy_into_history", stop)
    with pytest.raises(KeyboardInterrupt):
        checked.write()
    assert struck == [1]
    assert not Initiative.objects.exists()
    assert not Evidence.objects.exists()


def _many(number: int) -> str:
    rows = (
        f"{{0}}-{n},Niger: session {n},PRJ-1,country,NE;ML,justice,training,security_forces,"
        f"2018,2019,,https://example.org/{n},\n"
        for n in range(number)
    )
    return INITIATIVE + "".join(rows)


def test_the_number_of_queries_does_not_grow_with_the_rows(officer, manager):
    make_record("project", reference="PRJ-1")
    counts = []
    for prefix, number in (("W", 1), ("A", 2), ("B", 20)):
        queries = []
        for text in (_many(number), _many(number).replace("2018", "2017")):
            with CaptureQueriesContext(
                connection,
            ) as captured:
                check("initiative", text.replace("{0}", prefix), officer).write(manager)
            queries.append(len(captured))
        counts.append(queries)
    assert counts[1] == counts[2]


def _forbid(*args: object, **kwargs: object) -> NoReturn:
    raise AssertionError("not while others wait for the transaction")


COMPUTING = (
    "indicators.import_export.rows.widgets.Widget.clean",
    "indicators.import_export.rows.widgets.normalize_text",
    "indicators.import_export.rows.validation.find_cell_errors",
    "indicators.models.record.fold_spelling",
    "indicators.import_export.bulk.prepare.uuid.uuid4",
    "django.db.models.UUIDField.get_db_prep_value",
    "strategy.dates.fields.PartialDateField.get_prep_value",
    "indicators.models.Evidence.__init__",
    "indicators.models.Initiative.__init__",
)


def test_the_transaction_computes_nothing_and_its_statements_do_not_grow(officer, monkeypatch):
    make_record("project", reference="PRJ-1")
    made = []
    for number in (2, 20):
        checked = check("initiative", _many(number).replace("{0}", f"P{number}"), officer)
        with monkeypatch.context() as during, CaptureQueriesContext(connection) as captured:

            def begin(captured=captured, during=during):
                captured.initial_queries = len(connection.queries_log)
                for name in COMPUTING:
                    during.setattr(name, _forbid)

            checked.write(claim=begin)
        statements = [query["sql"].rpartition(" times: ")[2] for query in captured]
        made.append([statement.split()[0] for statement in statements])
    assert made[0] == made[1]
    assert set(made[0]) <= {"SELECT", "INSERT", "COPY", "WITH", "RELEASE"}
    assert len(made[0]) <= 20
    assert Initiative.objects.count() == 22


def test_the_history_of_evidence_has_the_version_that_changed_it(officer):
    text = "reference,title,role,kind,evidence_url\nA,x,organised,conference,{}\n"
    check("event", text.format("https://example.org/a;https://example.org/b"), officer).write()
    uuids = dict(Evidence.objects.values_list("url", "uuid"))
    check(
        "event", text.format("https://example.org/b;https://example.org/c"), officer, LATER
    ).write()
    uuids |= dict(Evidence.objects.values_list("url", "uuid"))
    event = Event.objects.get()
    assert [
        (past.history_type, past.url[-1], past.record_version, past.history_date, past.uuid)
        for past in Evidence.history.order_by("history_id")
    ] == [
        (sort, url[-1], version, at, uuids[url])
        for sort, url, version, at in (
            ("+", "https://example.org/a", 1, AT),
            ("+", "https://example.org/b", 1, AT),
            ("-", "https://example.org/a", 2, LATER),
            ("+", "https://example.org/c", 2, LATER),
        )
    ]
    for past in Evidence.history.all():
        assert (past.object_id, past.history_user, past.added_by) == (event.pk, officer, officer)
        assert past.history_change_reason is None


def test_records_are_found_a_batch_at_a_time(officer, manager, monkeypatch):
    make_record("project", reference="PRJ-1")
    monkeypatch.setattr("indicators.import_export.rows.existing.BATCH", 3)
    monkeypatch.setattr("indicators.import_export.rows.existing.split_batches.__defaults__", (3,))
    text = _many(10).replace("{0}", "A")
    assert check("initiative", text, officer).write(manager) == 10
    assert (
        summarize(check("initiative", text, officer)) == "new 0, changed 0, unchanged 10, error 0"
    )
    again = check("initiative", text.replace("session", "meeting"), officer)
    assert summarize(again) == "new 0, changed 10, unchanged 0, error 0"
    assert again.write(manager) == 10
    assert Initiative.history.count() == 40
    assert Initiative.history.last().countries.count() == 2
