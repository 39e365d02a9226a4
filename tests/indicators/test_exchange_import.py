"""Importing: what each row does, what is wrong with it in words, and all of it or nothing."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.exchange.importing import Import, check_file
from indicators.exchange.outcome import RowState
from indicators.history import EvidenceChange
from indicators.models import (
    AnnualBudget,
    CountrySupport,
    Event,
    Evidence,
    Initiative,
    Record,
    Status,
)
from indicators.sources import SOURCES
from indicators.workflow import NotAllowed, NotPossible, StaleRecord, save_record
from strategy.models import Indicator, Plan, User
from strategy.periods import PartialDate
from strategy.vocabulary import RecordKind, Role
from tests.factories import make_record, make_user

AT = datetime(2019, 9, 2, 14, 30, tzinfo=UTC)
LATER = datetime(2019, 9, 3, 14, 30, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]

STATES = (RowState.NEW, RowState.CHANGED, RowState.UNCHANGED, RowState.ERROR)

INITIATIVE = (
    "reference,title,project,scope,countries,fields_of_activity,kinds,target_groups,"
    "starts_on,ends_on,summary,evidence_url,notes\n"
)
FULL = (
    "INI-1,Niger: police training,PRJ-1,country,NE,justice,training;tool,security_forces,"
    "2018-03,2019-12-31,Six sessions,https://example.org/a;https://example.org/b,A note\n"
)


def check(kind: str, text: str, by: User, at: datetime = AT) -> Import:
    return check_file(RecordKind(kind), text.encode(), by=by, at=at)


def told(checked: Import) -> str:
    counts = checked.outcome.counts
    return ", ".join(
        f"{state} {counts[state]}" for state in ("new", "changed", "unchanged", "error")
    )


def errors(kind: str, text: str, by: User) -> list[str]:
    checked = check(kind, text, by)
    with pytest.raises(NotPossible, match="Nothing was written"):
        checked.write()
    assert not SOURCES[RecordKind(kind)].model._base_manager.exists()
    return [str(problem) for problem in checked.outcome.problems]


def codes(record: Record, name: str) -> list[str]:
    return list(getattr(record, name).order_by("code").values_list("code", flat=True))


def test_a_new_row_becomes_a_submitted_record_of_the_office_of_who_imports(officer):
    project = make_record("project", reference="PRJ-1")
    checked = check("initiative", INITIATIVE + FULL, officer)
    assert told(checked) == "new 1, changed 0, unchanged 0, error 0"
    assert not Initiative.objects.exists()
    checked.write()
    record = Initiative.objects.get()
    assert (record.reference, record.title, record.project) == (
        "INI-1", "Niger: police training", project,
    )  # fmt: skip
    assert (record.status, record.version, record.office) == (Status.SUBMITTED, 1, officer.office)
    assert (record.entered_by, record.changed_by) == (officer, officer)
    assert (record.entered_at, record.changed_at, record.submitted_at) == (AT, AT, AT)
    assert (record.approved_by, record.approved_at) == (None, None)
    assert (record.scope, record.summary, record.notes) == ("country", "Six sessions", "A note")
    assert (record.starts_on, record.ends_on) == (PartialDate("2018-03"), PartialDate("2019-12-31"))
    assert codes(record, "countries") == ["NE"]
    assert codes(record, "fields_of_activity") == ["justice"]
    assert codes(record, "kinds") == ["tool", "training"]
    assert codes(record, "target_groups") == ["security_forces"]
    links = list(record.evidence.values_list("url", "added_by__username"))
    assert links == [("https://example.org/a", "camille"), ("https://example.org/b", "camille")]


def test_a_new_record_has_one_row_of_history_with_its_values_of_several(officer):
    make_record("project", reference="PRJ-1")
    check("initiative", INITIATIVE + FULL, officer).write()
    record = Initiative.objects.get()
    past = record.history.get()
    assert (past.history_type, past.history_user, past.history_date) == ("+", officer, AT)
    assert (past.title, past.version, past.entered_at) == (record.title, 1, AT)
    assert sorted(link.capability.code for link in past.kinds.all()) == ["tool", "training"]
    assert [link.country.code for link in past.countries.all()] == ["NE"]
    change = EvidenceChange.from_text(past.history_change_reason)
    assert change.added == ("https://example.org/a", "https://example.org/b")


def test_the_same_file_twice_changes_nothing(officer):
    make_record("project", reference="PRJ-1")
    check("initiative", INITIATIVE + FULL, officer).write()
    again = check("initiative", INITIATIVE + FULL, officer, LATER)
    assert told(again) == "new 0, changed 0, unchanged 1, error 0"
    again.write()
    record = Initiative.objects.get()
    assert (record.version, record.changed_at, record.history.count()) == (1, AT, 1)
    assert record.evidence.count() == 2


def test_a_changed_row_writes_only_what_differs_and_the_record_waits_again(officer, manager):
    make_record("project", reference="PRJ-1")
    check("initiative", INITIATIVE + FULL, officer).write(manager)
    before = Initiative.objects.get()
    assert before.status == Status.APPROVED
    changed = FULL.replace("training;tool", "tool;mapping").replace(
        "example.org/b", "example.org/c"
    )
    checked = check("initiative", INITIATIVE + changed.replace("Six", "Seven"), officer, LATER)
    row = checked.outcome.rows[0]
    assert [(change.column, change.old, change.new) for change in row.changes] == [
        ("kinds", "training;tool", "tool;mapping"),
        ("summary", "Six sessions", "Seven sessions"),
        (
            "evidence_url",
            "https://example.org/a;https://example.org/b",
            "https://example.org/a;https://example.org/c",
        ),
    ]
    assert row.stops_counting
    kept = before.evidence.get(url="https://example.org/a")
    checked.write()
    record = Initiative.objects.get()
    assert (record.pk, record.reference, record.entered_at) == (before.pk, "INI-1", AT)
    assert (record.status, record.submitted_at) == (Status.SUBMITTED, LATER)
    assert record.was_approved
    assert (record.changed_at, record.version) == (LATER, before.version + 1)
    assert record.creation_token == before.creation_token
    assert codes(record, "kinds") == ["mapping", "tool"]
    assert codes(record, "countries") == ["NE"]
    assert set(record.evidence.values_list("url", flat=True)) == {
        "https://example.org/a", "https://example.org/c",
    }  # fmt: skip
    assert record.evidence.get(url="https://example.org/a") == kept


def test_a_changed_record_has_one_more_row_of_history(officer):
    make_record("project", reference="PRJ-1")
    check("initiative", INITIATIVE + FULL, officer).write()
    changed = FULL.replace("training;tool", "mapping").replace("/b", "/c")
    check("initiative", INITIATIVE + changed, officer, LATER).write()
    last, first = Initiative.objects.get().history.all()
    assert (last.history_type, last.history_date, last.version) == ("~", LATER, 2)
    assert last.entered_at == AT
    assert [link.capability.code for link in last.kinds.all()] == ["mapping"]
    assert [link.country.code for link in last.countries.all()] == ["NE"]
    assert {link.capability.code for link in first.kinds.all()} == {"training", "tool"}
    change = EvidenceChange.from_text(last.history_change_reason)
    assert change == EvidenceChange(("https://example.org/c",), ("https://example.org/b",))


def test_columns_that_the_file_does_not_have_stay_as_they_are(officer):
    make_record("project", reference="PRJ-1")
    check("initiative", INITIATIVE + FULL, officer).write()
    checked = check("initiative", "Reference;Notes\nINI-1;Another note\n", officer, LATER)
    assert told(checked) == "new 0, changed 1, unchanged 0, error 0"
    checked.write()
    record = Initiative.objects.get()
    assert (record.notes, record.title) == ("Another note", "Niger: police training")
    assert codes(record, "countries") == ["NE"]
    assert record.evidence.count() == 2


def test_an_empty_cell_empties_the_value(officer):
    make_record("project", reference="PRJ-1")
    check("initiative", INITIATIVE + FULL, officer).write()
    emptied = "INI-1,Niger: police training,,,NE,,,,,,,,\n"
    check("initiative", INITIATIVE + emptied, officer, LATER).write()
    record = Initiative.objects.get()
    assert (record.project, record.scope, record.starts_on) == (None, "country", None)
    assert (codes(record, "kinds"), codes(record, "countries")) == ([], ["NE"])
    assert not record.evidence.exists()


def test_files_of_evidence_stay_whatever_the_links_become(officer):
    record = make_record("event", reference="EVT-1", status="submitted", evidence=1)
    Evidence.objects.create(record=record, file="evidence/x.pdf", name="decree.pdf")
    check("event", "reference,evidence_url\nEVT-1,\n", officer).write()
    assert [item.name for item in record.evidence.all()] == ["decree.pdf"]


def test_rows_without_reference_get_one_each_and_that_is_said(officer):
    text = "title,role,kind\nConference,organised,conference\nWorkshop,attended,workshop\n"
    checked = check("event", text, officer)
    assert "2 rows have no reference" in checked.outcome.notices[0]
    checked.write()
    references = set(Event.objects.values_list("reference", flat=True))
    assert len(references) == 2
    assert all(reference.startswith("EVT-") for reference in references)
    assert told(check("event", text, officer)) == "new 2, changed 0, unchanged 0, error 0"


def test_drafts_and_returned_records_that_change_are_submitted(officer):
    make_record("event", reference="EVT-1", status="draft")
    make_record("event", reference="EVT-2", status="returned")
    text = "reference,title\nEVT-1,Another title\nEVT-2,Conference on child witnesses\n"
    check("event", text, officer).write()
    assert Event.objects.get(reference="EVT-1").status == Status.SUBMITTED
    assert Event.objects.get(reference="EVT-2").status == Status.RETURNED


def test_country_names_of_every_language_are_taken_and_the_code_is_said(officer):
    text = (
        "reference,title,country,support\n"
        "A,x,Sénégal,technical\nB,x,senegal,technical\nC,x,بوركينا فاسو,technical\n"
        "D,x,República Democrática del Congo,technical\nE,x,ml,technical\nF,x,RDC,technical\n"
    )
    checked = check("country_support", text, officer)
    checked.write()
    found = CountrySupport.objects.order_by("reference").values_list("country__code", flat=True)
    assert list(found) == ["SN", "SN", "BF", "CD", "ML", "CD"]
    assert "country: “Sénégal” was read as SN (Senegal)." in checked.outcome.notices
    assert len(checked.outcome.notices) == 5


def test_words_of_closed_lists_are_taken_by_code_and_by_name(officer):
    rows = "A,x,Co-organised,WEBINAR\nB,x,Attended only,Project closing meeting\n"
    text = f"reference,title,role,kind\n{rows}"
    check("event", text, officer).write()
    found = Event.objects.order_by("reference").values_list("role", "kind")
    assert list(found) == [("co_organised", "webinar"), ("attended", "closing")]


def test_amounts_are_read_with_spaces_and_either_decimal_sign(officer):
    text = (
        "reference;year;amount;currency\n"
        "A;2016;1 000 000;CAD\nB;2017;1100000,50;CAD\nC;2018;1\u00a0250\u202f000.5;CAD\nD;2019;7;\n"
    )
    check("annual_budget", text, officer).write()
    found = AnnualBudget.objects.order_by("year").values_list("amount", "currency", "basis")
    assert [(str(amount), currency, basis) for amount, currency, basis in found] == [
        ("1000000.00", "CAD", "approved"),
        ("1100000.50", "CAD", "approved"),
        ("1250000.50", "CAD", "approved"),
        ("7.00", "CAD", "approved"),
    ]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("A,x,country,Sengal,,,", "countries: “Sengal” is not a country. Did you mean Senegal?"),
        ("A,x,country,Atlantis,,,", "countries: “Atlantis” is not a country. Write its name or"),
        ("A,x,country,NE;XX,,,", "countries: “XX” is not a country."),
        ("A,x,country,,,,", "countries: Enter the country."),
        ("A,,country,NE,,,", "title: Enter the title."),
        ("A,x,continental,NE,,,", "scope: “continental” is not one of the codes: country,"),
        ("A,x,country,NE,2018-02-30,,", "starts_on: “2018-02-30” does not exist in the calendar."),
        ("A,x,country,NE,spring,,", "starts_on: “spring” is not a date. Write 2018, 2018-03"),
        (
            "A,x,country,NE,03/04/2018,,",
            "starts_on: “03/04/2018” can be read in two ways. Write 2018-04-03 or 2018-03-04.",
        ),
        ("A,x,country,NE,30.03.2018,,", "starts_on: “30.03.2018” is not written year first."),
        ("A,x,country,NE,31/31/2018,,", "starts_on: “31/31/2018” is not a date."),
        ("A,x,country,NE,2019,2018-12,", "ends_on: Enter a date that is not before 2019"),
        ("A,x,country,NE,,,PRJ-9", "project: There is no project “PRJ-9”. Import it first"),
        ("A/B,x,country,NE,,,", "reference: Write the reference with letters"),
        ("new,x,country,NE,,,", "reference: “new” cannot be a reference."),
        (f"{'A' * 41},x,country,NE,,,", "reference: The text has 41 characters; at most 40"),
        (f"A,{'x' * 251},country,NE,,,", "title: The text has 251 characters; at most 250"),
        ("A,x\x07y,country,NE,,,", "title: It holds a character that cannot be shown."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_initiative_is_said_by_row_and_column(cells, words, officer):
    text = f"reference,title,scope,countries,starts_on,ends_on,project\n{cells}\n"
    found = errors("initiative", text, officer)
    assert any(error.startswith(f"row 2, {words}") for error in found), found


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("annual_budget", "year,amount\n2018,a lot", "amount: “a lot” is not a number."),
        ("annual_budget", "year,amount\n2018,$100", "amount: “$100” is not a number."),
        ("annual_budget", "year,amount\n2018,1e5", "amount: “1e5” is not a number."),
        ("annual_budget", "year,amount\n2018,NaN", "amount: “NaN” is not a number."),
        (
            "annual_budget", 'year,amount\n2018,"1,234"',
            "amount: “1,234” can be read in two ways. Write 1234, or 1.23.",
        ),
        ("annual_budget", "year,amount\n2018,0.1234", "amount: “0.1234” has more than 2 decimals."),
        ("annual_budget", "year,amount\n2018,9876543210123", "amount: “9876543210123” is too"),
        ("annual_budget", "year,amount\n2018,", "amount: Enter the amount."),
        ("annual_budget", "year,amount\nlast,1", "year: Write the year as 2018"),
        ("annual_budget", "year,amount\n2018-2020,1", "year: Enter two years that follow"),
        ("annual_budget", "year,amount,currency\n2018,1,dollars", "currency: The text has 7"),
        (
            "annual_budget", "year,amount\n2018,1\n2018,2",
            "row 3, year: There is such a record already: row 2.",
        ),
        ("sponsor", "title,amount\nUNICEF,5", "currency: Enter the currency of the amount"),
        ("sponsor", "title,evidence_url\nUNICEF,ibcr.org", "evidence_url: “ibcr.org” is no"),
        (
            "sponsor", "title,evidence_url\nUNICEF,https://a.org/b;www.c.org",
            "evidence_url: “www.c.org” is not a link.",
        ),
        (
            "sponsor", f"title,evidence_url\nUNICEF,https://a.org/{'x' * 1000}",
            "evidence_url: The link has 1014 characters; at most 1000",
        ),
        ("activity", "title,initiative,women\nx,INI-9,many", "women: “many” is not a whole"),
        ("activity", "title,initiative,men\nx,INI-9,-3", "men: “-3” is not a whole number."),
        ("activity", "title,initiative,men\nx,INI-9,9999999999", "men: “9999999999” is too large."),
        ("activity", "title,initiative\nx,", "initiative: Enter the initiative."),
        ("action_report", "title,filed_under\nx,9.9", "filed_under: “9.9” is not one of the codes:"),
        (
            "policy_update", "title,change,areas\nx,new,human_ressources",
            "areas: “human_ressources” is not one of the codes: human_resources, professional_",
        ),
        ("event", "title,role\nx,organised", "file: The column “kind” is missing. New records"),
        (
            "decision", "title,tittle\nx,y",
            "row 1, tittle: There is no such column. Did you mean title? The columns are: ",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_the_remedy(kind, text, words, officer):
    found = errors(kind, text, officer)
    words = words if words.startswith(("row ", "file: ")) else f"row 2, {words}"
    assert any(error.startswith(words) for error in found), found


def test_characters_that_no_database_holds_are_an_error_and_no_failure(officer):
    blank = "\n" * 5_000
    text = f"reference,title,countries,project{blank}\nA\x00B,x\x00,N\x00,P\x00\n"
    found = errors("initiative", text, officer)
    sentence = "It holds a character that cannot be shown. Type the text anew."
    columns = ("reference", "title", "project", "countries")
    assert found == [f"row 5002, {column}: {sentence}" for column in columns]


def test_all_that_is_wrong_in_all_rows_is_told_at_once_and_nothing_is_written(officer):
    good = "A,x,country,NE,2018,2019,\n"
    bad = "B,,country,Sengal,2019,2018,\nA,x,regional,,,,\n"
    text = f"reference,title,scope,countries,starts_on,ends_on,project\n{good}{bad}"
    assert errors("initiative", text, officer) == [
        "row 3, title: Enter the title.",
        "row 3, countries: “Sengal” is not a country. Did you mean Senegal?",
        "row 3, ends_on: Enter a date that is not before 2019, or correct that one.",
        "row 4, reference: “A” is in row 2 too. Give each record its own reference.",
    ]


def test_two_unchanged_rows_with_one_reference_are_an_error_too(officer):
    make_record("event", reference="EVT-1")
    row = "EVT-1,Conference on child witnesses\n"
    checked = check("event", f"reference,title\n{row}{row}", officer)
    assert "row 3, reference: “EVT-1” is in row 2 too." in str(next(checked.outcome.problems))


def test_a_budget_that_is_there_under_another_reference_is_an_error(officer):
    make_record("annual_budget", reference="BUD-1", year="2018")
    found = check("annual_budget", "reference,year,amount\nBUD-2,2018,5\n", officer)
    assert [str(problem) for problem in found.outcome.problems] == [
        "row 2, year: There is such a record already: BUD-1. Change that one instead."
    ]
    moved = "reference,year,amount\nBUD-1,2019,5\nBUD-2,2018,5\n"
    assert told(check("annual_budget", moved, officer)) == "new 1, changed 1, unchanged 0, error 0"


def test_a_cancelled_record_stays_as_it_is(officer):
    make_record("event", reference="EVT-1", status="cancelled")
    same = "reference,title\nEVT-1,Conference on child witnesses\n"
    assert told(check("event", same, officer)) == "new 0, changed 0, unchanged 1, error 0"
    other = check("event", "reference,title\nEVT-1,Another\n", officer)
    assert "row 2, reference: The record is cancelled." in str(next(other.outcome.problems))


def test_staff_cannot_change_the_records_of_another_office(staff):
    make_record("event", reference="EVT-1", entered_by=make_user(Role.STAFF, "dakar"))
    checked = check("event", "reference,title\nEVT-1,Mine now\n", staff)
    assert "belongs to another office" in str(next(checked.outcome.problems))


@pytest.mark.parametrize("role", [Role.BOARD, Role.ADMIN, None])
def test_who_may_not_enter_records_may_not_import_them(role):
    with pytest.raises(NotAllowed, match="may not enter records"):
        check("event", "reference\nA\n", make_user(role))


def test_who_has_no_office_cannot_import():
    with pytest.raises(NotAllowed, match="needs an office"):
        check("event", "reference\nA\n", make_user(Role.OFFICER, None))


def test_approval_needs_evidence_and_a_second_person(officer, manager):
    text = (
        "reference,title,role,kind,evidence_url\n"
        "A,x,organised,conference,https://example.org/a\nB,x,organised,conference,\n"
    )
    checked = check("event", text, officer)
    assert [record.reference for record in checked.approvable(manager)] == ["A"]
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
    with pytest.raises(StaleRecord):
        checked.write()
    assert Event.objects.get().title == "From the browser"


def test_nothing_is_written_when_a_reference_was_taken_meanwhile(officer):
    text = "reference,title,role,kind\nA,x,organised,conference\nB,y,organised,conference\n"
    checked = check("event", text, officer)
    make_record("event", reference="B")
    with pytest.raises(StaleRecord):
        checked.write()
    assert [event.reference for event in Event.objects.all()] == ["B"]


def test_nothing_is_written_when_the_writing_stops_half_way(officer, monkeypatch):
    make_record("project", reference="PRJ-1")
    checked = check("initiative", INITIATIVE + FULL, officer)
    struck = []

    def stop(*args: object, **kwargs: object) -> None:
        struck.append(Initiative.objects.count())
        raise KeyboardInterrupt

    monkeypatch.setattr("indicators.exchange.storing.copy_into_history", stop)
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


def test_records_are_found_a_batch_at_a_time(officer, manager, monkeypatch):
    make_record("project", reference="PRJ-1")
    monkeypatch.setattr("indicators.exchange.known.BATCH", 3)
    monkeypatch.setattr("indicators.exchange.known.batches.__defaults__", (3,))
    text = _many(10).replace("{0}", "A")
    assert check("initiative", text, officer).write(manager) == 10
    assert told(check("initiative", text, officer)) == "new 0, changed 0, unchanged 10, error 0"
    again = check("initiative", text.replace("session", "meeting"), officer)
    assert told(again) == "new 0, changed 10, unchanged 0, error 0"
    assert again.write(manager) == 10
    assert Initiative.history.count() == 40
    assert Initiative.history.last().countries.count() == 2


def run(*args: str) -> list[str]:
    out = io.StringIO()
    call_command(*args, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(
        "reference,title,role,kind,country,evidence_url\n"
        "A,x,organised,conference,Sénégal,https://example.org/a\n"
        "B,y,attended,workshop,,\n",
        encoding="utf-8",
    )
    return path


def test_the_command_says_what_it_did(events, officer, manager):
    assert run("import_records", "event", str(events), "--approve-as", "rosalie") == [
        "new 2, changed 0, unchanged 0, errors 0",
        "note: country: “Sénégal” was read as SN (Senegal).",
        "approved 1",
    ]
    assert run("import_records", "event", str(events), "--user", "camille")[0] == (
        "new 0, changed 0, unchanged 2, errors 0"
    )


def test_the_command_writes_nothing_in_a_rehearsal(events, officer, manager):
    lines = run("import_records", "event", str(events), "--approve-as", "rosalie", "--dry-run")
    assert lines[0] == "new 2, changed 0, unchanged 0, errors 0"
    assert lines[2:] == ["approved 1", "A rehearsal: nothing was written."]
    assert not Event.objects.exists()


def test_the_command_names_every_error_and_ends_with_1(events, officer, capsys):
    events.write_text("reference,title,role,kind\nA,x,organized,conference\nB,,attended,visit\n")
    with pytest.raises(CommandError, match="Nothing was written") as caught:
        call_command("import_records", "event", str(events))
    assert caught.value.returncode == 1
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == "new 0, changed 0, unchanged 0, errors 2"
    assert second.startswith("row 2, role: “organized” is not one of the codes: organised, ")
    assert second.endswith(" Did you mean organised?")
    assert third == "row 3, title: Enter the title."
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("evnt", "FILE"), "There is no kind of record “evnt”. Did you mean event? The kinds are"),
        (("event", "missing.csv"), "missing.csv cannot be read: No such file"),
        (("event", "."), "cannot be read: Is a directory"),
        (("event", "FILE", "--user", "nobody"), "no account “nobody”.*Accounts: aissa, camille"),
        (("event", "FILE", "--approve-as", "gone"), "There is no account “gone”"),
        (("event", "FILE", "--approve-as", "aissa"), "“aissa” may not approve records"),
    ],
)  # fmt: skip
def test_the_command_says_which_argument_is_wrong(args, words, events, officer, manager, staff):
    make_user(Role.MANAGER, username="gone", is_active=False)
    args = [str(events) if arg == "FILE" else arg for arg in args]
    words = words.replace("?", "[?]")
    with pytest.raises(CommandError, match=words):
        call_command("import_records", *args)


def test_without_a_name_it_is_the_only_officer_and_never_a_guess(events, manager):
    with pytest.raises(CommandError, match="There is no M&E officer"):
        call_command("import_records", "event", str(events))
    make_user(Role.OFFICER, None, username="no-office")
    only = make_user(Role.OFFICER, username="only")
    call_command("import_records", "event", str(events))
    assert Event.objects.first().entered_by == only
    make_user(Role.OFFICER, username="second")
    with pytest.raises(CommandError, match="several M&E officers: only, second"):
        call_command("import_records", "event", str(events))
    with pytest.raises(CommandError, match="may not enter records"):
        call_command("import_records", "event", str(events), "--user", "no-office")


def test_an_indicator_that_two_plans_have_is_named_with_its_plan(officer):
    plan = Plan.objects.get(code="2017-2020")
    indicator = Indicator.objects.get(code="3.1", objective__priority__plan=plan)
    other = Plan.objects.create(
        code="2021-2024", title="x", starts_on="2021-01-01", ends_on="2024-12-31"
    )
    priority = other.priorities.create(number=3, title="x")
    objective = priority.objectives.create(number=1, code="3.1", statement="x", short_title="x")
    objective.indicators.create(code="3.1", statement="x")
    text = "reference,title,filed_under\nR,x,{}\n"
    found = check("action_report", text.format("3.1"), officer).outcome.problems
    assert "may mean any of these: 2017-2020/3.1, 2021-2024/3.1. Write the code." in str(
        next(found)
    )
    checked = check("action_report", text.format("2017-2020/3.1;3.2"), officer)
    checked.write()
    filed = SOURCES[RecordKind.ACTION_REPORT].model.objects.get().filed_under
    assert indicator in filed.all()
    assert filed.count() == 2
