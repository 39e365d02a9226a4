"""verify_report: recognises what was issued, and says what differs in what was not."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from reporting.annual_report.pdf import document
from reporting.annual_report.snapshot.builder import build_report_rows
from reporting.annual_report.verification.extraction import extract_files
from reporting.models import AnnualReport
from strategy.models import User
from tests.support.samples.documents.report_files import alter, target, wrap

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
needs_pango = pytest.mark.skipif(not document.is_available(), reason="Pango is not installed")


Run = Callable[[bytes], tuple[int, str]]


def test_an_issued_file_is_genuine(report: AnnualReport, content: bytes, run: Run) -> None:
    code, said = run(content)
    assert code == 0, said
    assert "annual report 2018 of the plan 2017-2020, version 1, in English" in said
    assert "issued on 2019-03-14 by Camille" in said
    assert "figures and ratings in the file are those in the database" in said
    assert "genuine." in said


def test_any_byte_altered_is_found(content: bytes, run: Run) -> None:
    for place in range(0, len(content), len(content) // 40):
        one = bytearray(content)
        one[place] ^= 1
        code, said = run(bytes(one))
        assert code == 1, place
        assert "The database holds no file with its bytes" in said
    code, said = run(content + b"\n")
    assert code == 1
    assert "All its data are those in the database: what differs lies elsewhere" in said
    assert "It says that it is the annual report 2018 of the plan 2017-2020, version 1" in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda told: told.update(value="7"),
            "1.1-countries, value: in the file 7, in the database 3",
        ),
        (
            lambda told: told.update(value=None),
            "1.1-countries, value: in the file no data, in the database 3",
        ),
        (
            lambda told: told.update(rating="achieved"),
            "1.1-countries, rating: in the file achieved, in the database off_track",
        ),
        (lambda told: told["cited"].pop(0), "/1.1-countries/cited/"),
        (lambda told: told["records"].pop(), "/records/"),
        (lambda told: told.update(rule="Counts whatever one likes."), "/1.1-countries/rule"),
        (lambda told: told.update(minimum="2"), "/1.1-countries/minimum"),
    ],
)
def test_an_altered_figure_is_named(
    change: Callable[[dict[str, Any]], None], said: str, content: bytes, run: Run
) -> None:
    code, told = run(alter(content, lambda figures: change(target(figures, "1.1-countries"))))
    assert code == 1
    assert said in told, told


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (["thresholds", "at_risk_from"], "0.010"),
        (["starts_on"], "0001-01-01"),
        (["ends_on"], "9999-12-31"),
    ],
)
def test_an_altered_definition_of_the_plan_is_named(
    place: list[str], value: str, content: bytes, run: Run
) -> None:
    def change(figures: dict[str, Any]) -> None:
        *outer, name = place
        for key in outer:
            figures = figures[key]
        figures[name] = value

    code, told = run(alter(content, change))
    assert code == 1
    assert "/" + "/".join(place) in told


def test_an_altered_table_of_records_is_named(content: bytes, run: Run) -> None:
    code, told = run(content.replace(b"Decree on", b"Decree 0n"))
    assert code == 1
    assert "are those in the database" in told
    assert "ibcr-annual-report-2018-records.csv" in told


def test_a_consistently_altered_growth_is_named(content: bytes, run: Run) -> None:
    def change(figures: dict[str, Any]) -> None:
        told = target(figures, "3.3-budget")
        told["value"] = told["numerator"] = told["this_year"] = "15"
        told["years"][1] = {"year": "2018", "value": "15", "state": "met"}

    code, told = run(alter(content, change))
    assert code == 1
    assert "3.3-budget, value: in the file 15, in the database 30.7217391304" in told


def test_a_figure_altered_in_the_database_is_named(
    report: AnnualReport, content: bytes, run: Run
) -> None:
    table = "reporting_reportedactual"
    on = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {table}_never_changes{on}")
        cursor.execute(f"UPDATE {table} SET value = 9 WHERE code = '1.1-countries'")
    code, told = run(content)
    assert code == 1
    assert "1.1-countries, value: in the file 3, in the database 9" in told


def test_an_added_rating_of_an_officer_is_named_apart_from_the_rule_s(
    content: bytes, run: Run
) -> None:
    def change(figures: dict[str, Any]) -> None:
        told = target(figures, "1.1-countries")
        told["override"] = {"calculated": "off_track", "reason": "Signed", "at": "2019-01-02"}
        told["rating"] = "on_track"

    code, told = run(alter(content, change))
    assert code == 1
    assert "1.1-countries, rating: in the file on_track, in the database off_track" in told
    assert "1.1-countries, rating by the rule" not in told


def test_a_draft_is_recognised(
    report: AnnualReport, officer: User, fake_pdf: None, run: Run
) -> None:
    rows = build_report_rows(report.plan, "2018", officer, MARCH_2019)
    code, told = run(document.render(rows, "en", is_draft=True).content)
    assert code == 1
    assert "It is a draft. No draft is ever issued." in told


def test_an_earlier_version_is_genuine_and_superseded(
    report: AnnualReport, content: bytes, run: Run
) -> None:
    later = AnnualReport.objects.get(pk=report.pk)
    later.pk, later.version, later.corrects = None, 2, report
    later.issued_at = datetime(2019, 5, 2, 9, 0, tzinfo=UTC)
    later.save(force_insert=True)
    code, told = run(content)
    assert code == 0, told
    assert "Superseded: version 2 of this report was issued on 2019-05-02." in told


def test_a_file_written_anew_by_another_program_can_still_be_compared(
    content: bytes, run: Run
) -> None:
    code, told = run(wrap(*extract_files(content), compress=True))
    assert code == 1
    assert "All its data are those in the database" in told


@pytest.mark.django_db
def test_a_file_that_is_not_there_or_too_large_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match="no such file") as missing:
        call_command("verify_report", str(tmp_path / "none.pdf"))
    assert missing.value.returncode == 2
    with pytest.raises(CommandError, match="no such file"):
        call_command("verify_report", str(tmp_path))
    monkeypatch.setattr("reporting.management.commands.verify_report.MAX_FILE_SIZE", 3)
    (tmp_path / "large.pdf").write_bytes(b"%PDF")
    with pytest.raises(CommandError, match="larger than any report") as large:
        call_command("verify_report", str(tmp_path / "large.pdf"))
    assert large.value.returncode == 2
