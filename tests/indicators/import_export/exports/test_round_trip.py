"""Importing an exported file changes nothing, for any values of records, in CSV and XLSX."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.import_export.exports.records import (
    TooLongForWorkbook,
    exported_records,
    stream_csv,
    write_workbook,
)
from indicators.import_export.importer import validate_file
from indicators.import_export.rows.columns import column_names
from indicators.import_export.rows.results import RowStatus
from indicators.models import Evidence
from strategy.choices import RecordKind
from strategy.models import Indicator, User
from tests.factories import MODELS, ONE_A_YEAR, make_record, make_user
from tests.support.samples.import_files import VALUES
from tests.support.samples.random_records import TEXT, random_record

AT = datetime(2019, 9, 2, 14, 30, tzinfo=UTC)
SAMPLES = Path(__file__).parents[4] / "fixtures" / "records"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]


def exported(kind: RecordKind, ending: str) -> bytes:
    if ending == "csv":
        return "".join(stream_csv(kind, exported_records(kind), has_mark=True)).encode()
    target = io.BytesIO()
    write_workbook(kind, exported_records(kind), target)
    return target.getvalue()


def counts_of(kind: RecordKind, content: bytes, by: User) -> dict[str, int]:
    outcome = validate_file(kind, content, by=by, at=AT).outcome
    assert outcome.is_good, list(map(str, outcome.problems))
    return {state.value: number for state, number in outcome.counts.items() if number}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", list(RecordKind))
def test_every_kind_reads_back_as_unchanged(kind, ending, officer):
    for code in ("3.1", "3.2"):
        assert Indicator.objects.get(code=code)
    links = ["https://example.org/a?x=1;y=2", "https://example.org/b,c"]
    full = make_record(kind, notes=' "x" ', evidence=links, status="approved", **VALUES[kind])
    others = {"year": "2019"} if kind in ONE_A_YEAR else {}
    make_record(kind, status="returned", **others)  # type: ignore[arg-type]
    make_record(kind, status="withdrawn", **others)  # type: ignore[arg-type]
    assert set(VALUES[kind]) < set(full.COLUMNS)
    content = exported(kind, ending)
    assert counts_of(kind, content, officer) == {"unchanged": 2}
    again = make_user("officer", username="second")
    before = {record.pk: record.version for record in MODELS[kind].objects.all()}
    validate_file(kind, content, by=again, at=AT).write()
    assert {record.pk: record.version for record in MODELS[kind].objects.all()} == before


@pytest.mark.parametrize("kind", list(RecordKind))
def test_an_export_brings_the_records_into_an_empty_database(kind, officer):
    make_record(kind, evidence=["https://example.org/a"], status="approved", **VALUES[kind])
    content = exported(kind, "csv")
    record = MODELS[kind].objects.get()
    Evidence.objects.all().delete()
    record.history.all().delete()
    record.delete()
    validate_file(kind, content, by=officer, at=AT).write()
    assert exported(kind, "csv") == content.replace(b"Two\r\n", b"Two\n")


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
@pytest.mark.parametrize("kind", ["initiative", "decision", "sponsor", "activity"])
def test_random_cells_read_back_as_unchanged(kind, data, officer):
    kind = RecordKind(kind)
    with transaction.atomic():
        records = [random_record(kind, data) for _number in range(data.draw(st.integers(1, 3)))]
        for ending in ("csv", "xlsx"):
            content = exported(kind, ending)
            assert counts_of(kind, content, officer) == {"unchanged": len(records)}
        transaction.set_rollback(True)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.lists(TEXT, min_size=13, max_size=13), min_size=1, max_size=3))
def test_random_files_give_an_outcome_and_never_a_failure(rows, officer):
    target = io.StringIO(newline="")
    csv.writer(target).writerows([column_names(RecordKind.INITIATIVE), *rows])
    outcome = validate_file(
        RecordKind.INITIATIVE, target.getvalue().encode(), by=officer, at=AT
    ).outcome
    told = [str(problem) for problem in outcome.problems]
    assert all(line.startswith(("row ", "file: ")) for line in told)
    assert outcome.counts[RowStatus.ERROR] == len(told)
    assert outcome.digest


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=300) | st.binary(max_size=300).map(lambda b: b"PK\x03\x04" + b))
def test_random_bytes_are_refused_and_never_a_failure(content, officer):
    outcome = validate_file(RecordKind.EVENT, content, by=officer, at=AT).outcome
    assert not outcome.is_good


def test_a_text_is_never_a_formula(officer):
    make_record("event", title="=1+1", place="@x", reference="EVT-1")
    line = "".join(stream_csv(RecordKind.EVENT, exported_records(RecordKind.EVENT))).splitlines()[1]
    assert line.startswith("EVT-1,'=1+1,organised,conference,,'@x,")
    sheet = openpyxl.load_workbook(io.BytesIO(exported(RecordKind.EVENT, "xlsx"))).active
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=1+1", "s")  # type: ignore[index]


@pytest.mark.parametrize(
    "title", ["<r><t>x</t></r>", "<r></r>", "_x000D_", "_x005F_x000D_", "_x005F\rb"]
)
def test_a_text_that_looks_like_the_inside_of_a_workbook_stays_text(title, officer):
    make_record("event", title=title)
    assert counts_of(RecordKind.EVENT, exported(RecordKind.EVENT, "xlsx"), officer) == {
        "unchanged": 1
    }


def test_amounts_and_people_are_numbers_in_a_workbook(officer):
    make_record("sponsor", amount="1250.50", currency="CAD")
    sheet = openpyxl.load_workbook(io.BytesIO(exported(RecordKind.SPONSOR, "xlsx"))).active
    assert (sheet["E1"].value, sheet["E2"].value) == ("amount", 1250.5)  # type: ignore[index]


def test_a_text_too_long_for_a_workbook_goes_into_csv_only(officer):
    make_record("event", notes="x" * 40_000)
    with pytest.raises(TooLongForWorkbook, match="40,000 characters"):
        exported(RecordKind.EVENT, "xlsx")
    assert counts_of(RecordKind.EVENT, exported(RecordKind.EVENT, "csv"), officer) == {
        "unchanged": 1
    }


def test_a_spreadsheet_program_may_change_line_ends(officer):
    make_record("event", notes="One\r\ntwo", reference="EVT-1")
    make_record("event", notes="\r=1+1", reference="EVT-2")
    content = exported(RecordKind.EVENT, "csv").replace(b"One\r\ntwo", b"One\ntwo")
    assert b"'\r=1+1" in content
    content = content.replace(b"'\r=1+1", b"'\n=1+1")
    assert counts_of(RecordKind.EVENT, content, officer) == {"unchanged": 2}


def test_the_command_exports_what_the_other_reads_back(officer, tmp_path, capsys):
    make_record("event", status="approved")
    for name in ("events.csv", "Events.XLSX"):
        path = str(tmp_path / name)
        call_command("export_records", "event", path)
        call_command("import_records", "event", path)
        assert capsys.readouterr().out.splitlines() == [
            f"{path}: 1 records of the kind event",
            "new 0, changed 0, unchanged 1, errors 0",
        ]
    assert (tmp_path / "events.csv").read_bytes().startswith(b"reference,title,")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Events.XLSX", "events.csv"]


def test_the_command_leaves_the_old_file_when_it_cannot_write(tmp_path):
    make_record("event", notes="x" * 40_000)
    path = tmp_path / "events.xlsx"
    path.write_text("old")
    with pytest.raises(CommandError, match="was not written: A text has 40,000"):
        call_command("export_records", "event", str(path))
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("events.xlsx", "old")]
    for args, words in (
        (("evnt", str(path)), "There is no kind"),
        (("event", str(tmp_path / "events.ods")), "end the name of the file in .csv or .xlsx"),
        (("event", str(tmp_path / "no" / "events.csv")), "No such file or directory"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("export_records", *args)


def test_the_sample_records_come_in_clean_and_twice_change_nothing(staff, manager):
    kinds = [kind for kind in RecordKind if (SAMPLES / f"{kind}.csv").exists()]
    for kind in kinds:
        content = (SAMPLES / f"{kind}.csv").read_bytes()
        counts = counts_of(kind, content, staff)
        assert set(counts) == {"new"}
        assert validate_file(kind, content, by=staff, at=AT).write(manager) == counts["new"]
        assert counts_of(kind, content, staff) == {"unchanged": counts["new"]}
    assert len(kinds) == 13
