"""The effect of each row of a file on its record."""

import gc

import pytest

from indicators.counting.registry import RECORD_SOURCES
from indicators.import_export import importer
from indicators.import_export.rows.results import RowStatus
from indicators.models import (
    AnnualBudget,
    CountrySupport,
    Event,
    Evidence,
    Initiative,
    Record,
    Status,
)
from indicators.workflow.actions import ActionDenied
from indicators.workflow.history import EvidenceChange, load_evidence_changes
from strategy.choices import RecordKind, Role
from strategy.dates.periods import PartialDate
from strategy.models import Indicator, Plan
from tests.factories import make_record, make_user
from tests.support.samples.import_files import AT, FULL, INITIATIVE, LATER, check, summarize

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]


def codes(record: Record, name: str) -> list[str]:
    return list(getattr(record, name).order_by("code").values_list("code", flat=True))


def test_a_new_row_becomes_a_submitted_record_of_the_office_of_who_imports(officer):
    project = make_record("project", reference="PRJ-1")
    checked = check("initiative", INITIATIVE + FULL, officer)
    assert summarize(checked) == "new 1, changed 0, unchanged 0, error 0"
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
    change = load_evidence_changes(Initiative, [record.pk])[record.pk][1]
    assert change.added == ("https://example.org/a", "https://example.org/b")


def test_the_same_file_twice_changes_nothing(officer):
    make_record("project", reference="PRJ-1")
    check("initiative", INITIATIVE + FULL, officer).write()
    again = check("initiative", INITIATIVE + FULL, officer, LATER)
    assert summarize(again) == "new 0, changed 0, unchanged 1, error 0"
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
    row = checked.outcome.rows_with(RowStatus.CHANGED)[0]
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
    change = load_evidence_changes(Initiative, [last.id])[last.id][2]
    assert change == EvidenceChange(("https://example.org/c",), ("https://example.org/b",))


def test_columns_that_the_file_does_not_have_stay_as_they_are(officer):
    make_record("project", reference="PRJ-1")
    check("initiative", INITIATIVE + FULL, officer).write()
    checked = check("initiative", "Reference;Notes\nINI-1;Another note\n", officer, LATER)
    assert summarize(checked) == "new 0, changed 1, unchanged 0, error 0"
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
    assert summarize(check("event", text, officer)) == "new 2, changed 0, unchanged 0, error 0"


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


def test_dates_are_read_as_people_type_them_where_they_have_one_reading(officer):
    typed = {
        "27 3 2018": "2018-03-27", "mars 2018": "2018-03", "30.03.2018": "2018-03-30",
        "3/27/2018": "2018-03-27", "٢٧ آذار ٢٠١٨": "2018-03-27", "marzo de 2018": "2018-03",
        "2018": "2018", "2018-3": "2018-03", "4/4/2018": "2018-04-04",
    }  # fmt: skip
    rows = "".join(f"E{n},x,organised,workshop,{text}\n" for n, text in enumerate(typed))
    text = f"reference,title,role,kind,occurred_on\n{rows}"
    check("event", text, officer).write()
    kept = Event.objects.order_by("reference").values_list("occurred_on", flat=True)
    assert list(map(str, kept)) == list(typed.values())
    assert summarize(check("event", text, officer)) == "new 0, changed 0, unchanged 9, error 0"


def test_words_of_closed_lists_are_taken_by_code_and_by_name(officer):
    rows = "A,x,Co-organised,WEBINAR\nB,x,Attended only,Project closing meeting\n"
    text = f"reference,title,role,kind\n{rows}"
    check("event", text, officer).write()
    found = Event.objects.order_by("reference").values_list("role", "kind")
    assert list(found) == [("co_organised", "webinar"), ("attended", "closing")]


def test_amounts_are_read_with_spaces_and_either_decimal_sign(officer):
    text = (
        "reference;year;amount;currency;basis\n"
        "A;2016;1 000 000;CAD;approved\nB;2017;1100000,50;CAD;approved\n"
        "C;2018;1\u00a0250\u202f000.5;CAD;approved\nD;2019;7;CAD;approved\n"
    )
    check("annual_budget", text, officer).write()
    found = AnnualBudget.objects.order_by("year").values_list("amount", "currency", "basis")
    assert [(str(amount), currency, basis) for amount, currency, basis in found] == [
        ("1000000.00", "CAD", "approved"),
        ("1100000.50", "CAD", "approved"),
        ("1250000.50", "CAD", "approved"),
        ("7.00", "CAD", "approved"),
    ]


def test_a_withdrawn_record_stays_as_it_is(officer):
    make_record("event", reference="EVT-1", status="withdrawn")
    same = "reference,title\nEVT-1,Conference on child witnesses\n"
    assert summarize(check("event", same, officer)) == "new 0, changed 0, unchanged 1, error 0"
    other = check("event", "reference,title\nEVT-1,Another\n", officer)
    assert "row 2, reference: The record is withdrawn." in str(next(other.outcome.problems))


def test_staff_cannot_change_the_records_of_another_office(staff):
    make_record("event", reference="EVT-1", entered_by=make_user(Role.STAFF, "dakar"))
    checked = check("event", "reference,title\nEVT-1,Mine now\n", staff)
    assert "belongs to another office" in str(next(checked.outcome.problems))


@pytest.mark.parametrize("role", [Role.BOARD, Role.ADMIN, None])
def test_who_may_not_enter_records_may_not_import_them(role):
    with pytest.raises(ActionDenied, match="may not enter records"):
        check("event", "reference\nA\n", make_user(role))


def test_who_has_no_office_cannot_import():
    with pytest.raises(ActionDenied, match="needs an office"):
        check("event", "reference\nA\n", make_user(Role.OFFICER, None))  # type: ignore[arg-type]


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
    filed = RECORD_SOURCES[RecordKind.ACTION_REPORT].model.objects.get().filed_under
    assert indicator in filed.all()
    assert filed.count() == 2


def test_garbage_is_collected_again_after_a_file(officer, monkeypatch):
    collecting = []

    def fail(*_arguments):
        collecting.append(gc.isenabled())
        raise RuntimeError

    check("initiative", INITIATIVE + FULL, officer)
    assert gc.isenabled()
    monkeypatch.setattr(importer, "read_kind_table", fail)
    with pytest.raises(RuntimeError):
        check("initiative", INITIATIVE + FULL, officer)
    assert [*collecting, gc.isenabled()] == [False, True]
