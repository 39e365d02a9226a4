"""What is stored of a file between its preview and its confirmation."""

import json

import pytest
from django.utils import timezone

from indicators.import_export import previews
from indicators.import_export.files.table import ImportProblem
from indicators.import_export.rows import validation
from indicators.import_export.rows.results import FieldDiff, ImportResult, RowResult, RowStatus
from indicators.models import AnnualBudget, Event
from indicators.safeguarding import detection
from indicators.workflow.actions import save_record
from strategy.choices import RecordKind
from tests.factories import make_record

ROWS = (
    RowResult(2, RowStatus.NEW, "A", "Alpha"),
    RowResult(3, RowStatus.ERROR, "B", problems=(ImportProblem("Wrong.", 3, "title"),)),
    RowResult(
        4, RowStatus.CHANGED, "C", "Gamma", 7, (FieldDiff("x", "1", "2"),), stops_counting=True
    ),
    RowResult(5, RowStatus.NEW, "", "Delta"),
    RowResult(6, RowStatus.UNCHANGED, "E", "Epsilon", 3),
)


def outcome_of(*rows: RowResult) -> ImportResult:
    outcome = ImportResult(RecordKind.EVENT)
    for row in rows:
        outcome.add(row)
    return outcome


def numbers(outcome: ImportResult) -> dict[str, list[int]]:
    return {state: [row.number for row in outcome.rows_with(state)] for state in RowStatus}


def test_rows_are_kept_by_what_they_would_do():
    outcome = outcome_of(*ROWS)
    assert numbers(outcome) == {"error": [3], "changed": [4], "new": [2, 5], "unchanged": [6]}
    assert outcome.rows == list(ROWS)
    assert (outcome.stop_counting, outcome.nameless) == (1, 1)
    assert [str(problem) for problem in outcome.problems] == ["row 3, title: Wrong."]


@pytest.mark.parametrize("place", [0, 2, 3])
def test_a_row_refused_after_all_stands_among_those_in_error_and_nowhere_else(place):
    outcome, row = outcome_of(*ROWS), ROWS[place]
    outcome.refuse(ImportProblem("Twice.", row.number, "year"))
    outcome.refuse(ImportProblem("Twice again.", row.number, "year"))
    without = outcome_of(*(one for one in ROWS if one is not row))
    expected = numbers(without)
    expected["error"] = sorted([*expected["error"], row.number])
    assert numbers(outcome) == expected
    assert outcome.tally == {state: len(expected[state]) for state in RowStatus}
    assert outcome.counts[RowStatus.ERROR] == 2
    assert outcome.digest == without.digest != outcome_of(*ROWS).digest
    assert (outcome.stop_counting, outcome.nameless) == (without.stop_counting, without.nameless)
    assert [row.number for row in outcome.rows] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.state} {row.number}")
def test_a_row_is_read_back_from_json_as_it_was(row):
    assert RowResult.from_json(json.loads(json.dumps(row.as_json()))) == row


@pytest.mark.django_db
def test_a_preview_holds_a_character_that_no_database_stores_as_text(officer):
    padding = "A,plain\n" + "B," + "x" * 5_000 + "\n"
    content = f"reference,title\n{padding}C,N\x00UL\n".encode()
    made = previews.make_preview(RecordKind.EVENT, content, "a.csv", by=officer, at=timezone.now())
    made.refresh_from_db()
    assert dict(previews.load_table(made).rows)[4] == ["C", "N\x00UL"]
    assert 4 in [row.number for row in previews.load_rows(made, RowStatus.ERROR)]


_BUDGETS = ("A,2017,1", "B,2017,2", "C,2018,many", "D,2018,4", "E,2018,5", "F,2019,6")
BUDGETS = "".join(
    f"{row}\n"
    for row in (
        "reference,year,amount,currency,basis",
        *(f"{row},CAD,approved" for row in _BUDGETS),
    )
)


@pytest.mark.django_db
def test_doubles_and_other_errors_are_shown_in_the_order_of_the_file_and_left_out_together(
    officer,
):
    now = timezone.now()
    made = previews.make_preview(
        RecordKind.ANNUAL_BUDGET, BUDGETS.encode(), "budgets.csv", by=officer, at=now
    )
    assert [row.number for row in previews.load_rows(made, RowStatus.ERROR)] == [3, 4, 6]
    assert [row.number for row in previews.load_rows(made, RowStatus.NEW)] == [2, 5, 7]
    run = previews.confirm(made, by=officer, at=now, is_partial=True)
    assert (run.new, run.left_out) == (3, 3)
    assert set(AnnualBudget.objects.values_list("reference", flat=True)) == {"A", "D", "F"}


@pytest.mark.django_db
def test_a_text_is_searched_for_a_childs_identity_once_and_again_where_records_changed(
    officer, monkeypatch
):
    searched: list[str] = []

    def search(cells: dict[str, str], before: dict[str, str]) -> dict[str, str]:
        searched.extend(cells.values())
        return detection.find_cell_errors(cells, before)

    monkeypatch.setattr(validation, "find_cell_errors", search)
    now = timezone.now()
    record = make_record("event", reference="EVT-1", title="First", entered_by=officer)
    made = previews.make_preview(
        RecordKind.EVENT, b"reference,title\nEVT-1,Second\n", "a.csv", by=officer, at=now
    )
    assert searched == ["Second"]
    record.title = "Changed meanwhile"
    save_record(record, by=officer, at=now)
    with pytest.raises(previews.PreviewOutdated):
        previews.confirm(made, by=officer, at=now)
    assert searched == ["Second", "Second"]
    previews.confirm(made.__class__.objects.get(), by=officer, at=now)
    assert searched == ["Second", "Second"]
    assert Event.objects.get().title == "Second"
