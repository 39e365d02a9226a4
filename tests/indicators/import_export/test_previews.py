"""What is kept of a file between its preview and its confirmation."""

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as some

from indicators.import_export import previews
from indicators.import_export.files.table import ImportProblem
from indicators.import_export.rows import resources
from indicators.import_export.rows.packed import PackedRows, values_in
from indicators.import_export.rows.results import FieldDiff, ImportResult, RowResult, RowStatus
from indicators.models import AnnualBudget, Event
from indicators.safeguarding import detection
from indicators.workflow.actions import save_record
from strategy.choices import RecordKind
from tests.factories import make_record

VALUES = some.lists(some.lists(some.none() | some.integers() | some.text() | some.booleans()))


@given(VALUES)
def test_lines_come_back_as_they_were_whatever_they_hold(values):
    lines = PackedRows()
    for number, value in enumerate(values):
        assert list(values_in(lines.content())) == values[:number]
        lines.add(value)
    assert len(lines) == len(values)
    assert list(values_in(lines.content(), 1, 3)) == values[1:3]
    more = PackedRows()
    more.add("first")
    more.add_all_of(lines)
    assert list(values_in(memoryview(more.content()))) == ["first", *values]


def test_a_line_longer_than_what_is_unpacked_at_a_time_is_one_line():
    lines = PackedRows()
    for value in ("a" * 3_000_000, "\ud800", "b"):
        lines.add(value)
    assert list(values_in(lines.content())) == ["a" * 3_000_000, "\ud800", "b"]
    assert len(lines.content()) < 50_000


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
    return {state: [row.number for row in outcome.rows_of(state)] for state in RowStatus}


def test_rows_are_kept_by_what_they_would_do():
    outcome = outcome_of(*ROWS)
    assert numbers(outcome) == {"error": [3], "changed": [4], "new": [2, 5], "unchanged": [6]}
    assert [row for state in RowStatus for row in outcome.rows_of(state)] == [
        ROWS[place] for place in (1, 2, 0, 3, 4)
    ]
    assert (outcome.stop_counting, outcome.nameless) == (1, 1)
    assert [str(problem) for problem in outcome.problems] == ["row 3, title: Wrong."]


@pytest.mark.parametrize("place", [0, 2, 3])
def test_a_row_refused_after_all_stands_among_those_in_error_and_nowhere_else(place):
    outcome, row = outcome_of(*ROWS), ROWS[place]
    outcome.refuse(row, ImportProblem("Twice.", row.number, "year"))
    outcome.refuse(row, ImportProblem("Twice again.", row.number, "year"))
    without = outcome_of(*(one for one in ROWS if one is not row))
    expected = numbers(without)
    expected["error"] = sorted([*expected["error"], row.number])
    assert numbers(outcome) == expected
    assert outcome.tally == {state: len(expected[state]) for state in RowStatus}
    assert outcome.counts[RowStatus.ERROR] == 2
    assert outcome.digest == without.digest != outcome_of(*ROWS).digest
    assert (outcome.stop_counting, outcome.nameless) == (without.stop_counting, without.nameless)
    told = [number for state in RowStatus for number in expected[state]]
    assert [values[0] for values in values_in(outcome.content())] == told


BUDGETS = "reference,year,amount\nA,2017,1\nB,2017,2\nC,2018,many\nD,2018,4\nE,2018,5\nF,2019,6\n"


@pytest.mark.django_db
def test_doubles_and_other_errors_are_shown_in_the_order_of_the_file_and_left_out_together(
    officer,
):
    now = timezone.now()
    made = previews.make_preview(
        RecordKind.ANNUAL_BUDGET, BUDGETS.encode(), "budgets.csv", by=officer, at=now
    )
    assert [row.number for row in previews.PreviewRows(made, RowStatus.ERROR)[:]] == [3, 4, 6]
    assert [row.number for row in previews.PreviewRows(made, RowStatus.NEW)[1:]] == [5, 7]
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
        return detection.errors_of_cells(cells, before)

    monkeypatch.setattr(resources, "errors_of_cells", search)
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
