"""verify_report where no report was issued before, and the figures that it works out again."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from reporting.annual_report.content.data_files import build_figures
from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.snapshot.builder import build_report_rows
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from reporting.annual_report.verification.figures import FigureKey, read_figures
from reporting.models import ReportFile
from strategy.models import Plan, User
from tests.reporting.annual_report.verification.conftest import make_officer, make_records
from tests.support.recalculation import recalculate
from tests.support.samples.documents.report_files import alter_byte
from tools.benchmark.data import Filler

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
needs_pango = pytest.mark.skipif(not document.is_available(), reason="Pango is not installed")

Run = Callable[[bytes], tuple[int, str]]


@pytest.fixture
def officer(db: None) -> User:
    return make_officer()


@pytest.fixture
def records(plan: Plan) -> Plan:
    make_records()
    return plan


@pytest.mark.parametrize("year", ["2017", "2018", "2019", "2020"])
def test_every_figure_can_be_worked_out_again(records: Plan, officer: User, year: str) -> None:
    rows = build_report_rows(records, year, officer, MARCH_2019)
    figures = json.loads(json.dumps(build_figures(rows, read_snapshot(rows), is_draft=False)))
    told = read_figures(figures)
    assert dict(recalculate(figures, {})) == dict(told)
    assert told[FigureKey("1.1-countries", "value")] not in ("0", None), "the control"


def test_every_figure_of_many_records_of_all_kinds_can_be_worked_out_again(
    plan: Plan, officer: User
) -> None:
    Filler(plan, MARCH_2019).fill(600)
    for year in ("2017", "2018", "2019", "2020"):
        rows = build_report_rows(plan, year, officer, MARCH_2019)
        figures = json.loads(json.dumps(build_figures(rows, read_snapshot(rows), is_draft=False)))
        assert dict(recalculate(figures, {})) == dict(read_figures(figures)), year


def test_a_report_that_was_never_issued_here_is_not_known(
    records: Plan, officer: User, fake_pdf: None, run: Run
) -> None:
    rows = build_report_rows(records, "2018", officer, MARCH_2019)
    code, told = run(document.render(rows, "en").content)
    assert code == 1
    assert (
        "plan 2017-2020, year 2018, version 1, language en. The database has no such report" in told
    )


@needs_pango
def test_a_real_file_is_recognised_and_a_real_byte_missed(
    records: Plan, officer: User, run: Run
) -> None:
    report = issue_annual_report(records, "2018", officer, MARCH_2019)
    file = document.get_report_pdf(report, "fr")
    content = bytes(file.content)
    code, told = run(content)
    assert code == 0, told
    assert "in French" in told
    assert str(load_rows(report).report) and ReportFile.objects.count() == 1
    for place in range(1, len(content), len(content) // 7):
        code, _told = run(alter_byte(content, place))
        assert code == 1, place
    beside_its_data = content.index(b"\n") - 1
    code, told = run(alter_byte(content, beside_its_data))
    assert code == 1
    assert (
        "It says that it is the annual report 2018 of the plan 2017-2020, version 1, in F" in told
    )
