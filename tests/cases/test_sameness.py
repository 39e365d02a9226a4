"""Records that are the same thing in another spelling: found, and never recorded twice."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from indicators.import_export.importer import Import, validate_file
from indicators.import_export.previews import confirm, load_rows, make_preview
from indicators.import_export.rows.results import RowStatus
from indicators.import_export.undo import undo
from indicators.models import (
    AnnualBudget,
    Event,
    ImportRun,
    Initiative,
    Network,
    Sponsor,
    Status,
)
from indicators.workflow.actions import ConcurrentEdit, UniqueValueTaken, restore, save_record
from strategy.choices import RecordKind
from strategy.models import User
from strategy.text import fold_spelling
from tests.factories import NOON, make_approved, make_record, make_user
from tests.support.samples.form_answers import post_new, read_text

FILES = Path(__file__).parent / "files"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "officer", "manager")]


def run(kind: str, file: Path | str, *options: str) -> list[str]:
    out = io.StringIO()
    path = FILES / file if isinstance(file, str) else file
    call_command("import_records", kind, str(path), "--approve-as", "rosalie", *options, stdout=out)
    return out.getvalue().splitlines()


def refuse(kind: str, file: Path | str, capsys: pytest.CaptureFixture[str]) -> str:
    path = FILES / file if isinstance(file, str) else file
    with pytest.raises(CommandError) as caught:
        call_command("import_records", kind, str(path), "--approve-as", "rosalie")
    assert caught.value.returncode == 1
    return capsys.readouterr().out + str(caught.value)


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ("INI-1", "ini-1", True),
        ("Fondation Páthy", "FONDATION  PATHY", True),
        ("Straße", "STRASSE", True),
        ("Cœur", "COEUR", True),
        ("L’Appel", "l'appel", True),
        ("Save\u00a0the Children", "Save the Children", True),
        ("أمل", "امل", True),
        ("A-٣", "A-3", True),
        ("A-۳۱", "A-٣١", True),
        ("A1", "A2", False),
        ("A-٣", "A-4", False),
        ("A.1", "A-1", False),
        ("A 11", "A1 1", False),
    ],
)
def test_capitals_accents_spaces_and_scripts_of_digits_make_no_difference(first, second, is_same):
    assert (fold_spelling(first) == fold_spelling(second)) is is_same


def test_a_lower_case_copy_of_a_file_changes_nothing():
    assert run("initiative", "stored-initiatives.csv")[0] == (
        "new 5, changed 0, unchanged 0, errors 0"
    )
    assert run("initiative", "references-lower-case.csv")[0] == (
        "new 0, changed 0, unchanged 5, errors 0"
    )
    assert sorted(Initiative.objects.values_list("reference", "status")) == [
        (f"CIN-0{number}", Status.APPROVED) for number in range(1, 6)
    ]


def test_references_that_are_twins_are_refused_naming_both_rows(capsys):
    output = refuse("event", "references-case-twins.csv", capsys)
    assert "row 3, reference: “DUP-1” is in row 2 too." in output
    assert not Event.objects.exists()


def test_one_sponsor_in_two_spellings_is_refused_naming_both_rows(capsys):
    output = refuse("sponsor", "duplicate-sponsor-other-case.csv", capsys)
    assert "row 3, title: There is such a record already: row 2 (“UNICEF”)." in output
    assert not Sponsor.objects.exists()


def test_sessions_name_their_initiative_in_any_spelling(tmp_path):
    run("initiative", "stored-initiatives.csv")
    path = tmp_path / "sessions.csv"
    path.write_text("reference,title,initiative,starts_on\nACT-1,Session,çin-01,2018-03\n")
    assert run("activity", path)[0] == "new 1, changed 0, unchanged 0, errors 0"


@pytest.mark.parametrize("kind", [RecordKind.SPONSOR, RecordKind.NETWORK])
def test_a_form_refuses_a_name_that_is_recorded(officer_client: Client, kind):
    there = make_record(kind, title="Fondation Páthy")
    response = post_new(officer_client, kind, title="FONDATION  Pathy")
    assert response.status_code == 400
    assert f"“Fondation Páthy” ({there.reference}). Open that one" in read_text(response)
    assert type(there).objects.count() == 1


def test_a_form_refuses_a_reference_in_another_spelling(officer_client: Client):
    make_record("event", reference="EVT-É1")
    response = post_new(officer_client, RecordKind.EVENT, reference="evt-e1")
    assert response.status_code == 400
    assert "Another record has the reference “evt-e1”." in read_text(response)


def test_a_reference_is_one_in_any_digits(officer: User, officer_client: Client):
    make_record("event", reference="A-٣")
    response = post_new(officer_client, RecordKind.EVENT, reference="A-3")
    assert "Another record has the reference “A-3”." in read_text(response)
    found = validate_file(RecordKind.EVENT, b"reference,title\nA-3,Mended\n", by=officer, at=NOON)
    assert [draft.record.reference for draft in found.drafts] == ["A-٣"]


def test_staff_learn_nothing_of_a_sponsor_of_another_office(staff_client: Client):
    elsewhere = make_user(office="dakar")
    make_record("sponsor", title="Fondation Páthy", reference="SPO-1", entered_by=elsewhere)
    response = post_new(staff_client, RecordKind.SPONSOR, title="fondation pathy")
    assert response.status_code == 400
    assert "Another office has recorded this already." in read_text(response)
    assert "SPO-1" not in read_text(response)
    assert "Páthy" not in read_text(response)


def test_the_database_refuses_a_twin_that_was_saved_meanwhile(officer):
    make_record("network", title="Réseau Ado")
    twin = Network(title="reseau ado", support="member")
    with pytest.raises(UniqueValueTaken) as caught:
        save_record(twin, by=officer, at=NOON)
    assert caught.value.field == "title"


def test_a_withdrawn_sponsor_comes_back_only_while_its_name_is_free(officer):
    withdrawn = make_record("sponsor", title="UNICEF", status=Status.WITHDRAWN)
    make_approved("sponsor", title="Unicef")
    with pytest.raises(UniqueValueTaken, match="“Unicef”"):
        restore(withdrawn, by=officer, at=NOON)


def test_editing_a_record_keeps_its_own_reference_and_name(officer):
    record = make_record("sponsor", title="UNICEF", reference="SPO-1")
    record.title = "Unicef"
    assert save_record(record, by=officer, at=NOON).version == 2
    found = validate_file(
        RecordKind.SPONSOR, b"reference,title\nspo-1,UNICEF\n", by=officer, at=NOON
    )
    assert [change.column for draft in found.drafts for change in draft.changes] == ["title"]


BUDGETS = "reference,year,amount,currency,basis\n"


def check_budgets(rows: str, by: User) -> Import:
    return validate_file(RecordKind.ANNUAL_BUDGET, (BUDGETS + rows).encode(), by=by, at=NOON)


def years() -> dict[str, str]:
    return dict(AnnualBudget.objects.values_list("reference", "year"))


SHIFT = "B1,2018,1,CAD,approved\nB2,2019,1,CAD,approved\nB3,2020,1,CAD,approved\n"
SWAP = "B1,2018,1,CAD,approved\nB2,2017,1,CAD,approved\n"


@pytest.mark.parametrize("rows", [SHIFT, SWAP])
def test_budgets_exchange_their_years_and_get_them_back(officer, rows):
    for number in (1, 2, 3):
        make_record("annual_budget", reference=f"B{number}", year=f"201{6 + number}", amount="1")
    before, run = years(), ImportRun(file_name="budgets.csv")
    check_budgets(rows, officer).write(run=run)
    after = dict(line.split(",")[:2] for line in rows.splitlines())
    assert years() == before | after
    assert undo(run, by=officer, at=NOON) == 0
    assert years() == before


@pytest.mark.parametrize("is_new", [True, False])
def test_years_that_cannot_be_exchanged_back_say_what_to_do(officer, is_new):
    for number in (1, 2):
        make_record("annual_budget", reference=f"B{number}", year=f"201{6 + number}", amount="1")
    run = ImportRun(file_name="budgets.csv")
    check_budgets("B1,2018,1,CAD,approved\nB2,2019,1,CAD,approved\n", officer).write(run=run)
    if is_new:
        make_record("annual_budget", reference="B3", year="2017", amount="1")
    else:
        edited = AnnualBudget.objects.get(reference="B1")
        edited.notes = "Checked"
        save_record(edited, by=officer, at=NOON)
    after = years()
    with pytest.raises(ConcurrentEdit, match="Change that record first, or import the former"):
        undo(run, by=officer, at=NOON)
    assert years() == after
    assert ImportRun.objects.get().undone_at is None
    if is_new:
        AnnualBudget.objects.get(reference="B3").delete()
        assert undo(run, by=officer, at=NOON) == 0
    else:
        former = "B1,2017,1,CAD,approved\nB2,2018,1,CAD,approved\n"
        check_budgets(former, officer).write()
    assert years() == {"B1": "2017", "B2": "2018"}


def test_a_new_budget_takes_the_year_that_another_row_gives_up(officer):
    make_record("annual_budget", reference="B1", year="2018", amount="1")
    check_budgets("B1,2019,1,CAD,approved\nB3,2018,1,CAD,approved\n", officer).write()
    assert years() == {"B1": "2019", "B3": "2018"}


def test_a_year_that_a_refused_row_does_not_give_up_is_refused_at_the_row(officer):
    make_record("annual_budget", reference="B1", year="2018", amount="1")
    make_record("annual_budget", reference="B2", year="2019", amount="1")
    rows = "B1,2019,1,CAD,approved\nB3,2018,1,CAD,approved\nB4,2021,1,CAD,approved\n"
    preview = make_preview(
        RecordKind.ANNUAL_BUDGET, (BUDGETS + rows).encode(), "b.csv", by=officer, at=NOON
    )
    problems = [problem for row in load_rows(preview, RowStatus.ERROR) for problem in row.problems]
    assert [problem.sentence for problem in problems] == [
        "Row 2, year: There is such a record already: B2. Change that one instead.",
        "Row 3, year: There is such a record already: B1. Change that one instead.",
    ]
    assert confirm(preview, by=officer, at=NOON, is_partial=True).new == 1
    assert years() == {"B1": "2018", "B2": "2019", "B4": "2021"}
