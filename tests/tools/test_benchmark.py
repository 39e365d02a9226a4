"""The benchmark measures correctly, on records whose figures are confirmed independently."""

import asyncio
import io
import itertools
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.urls import resolve

from indicators.models import Initiative
from reporting.annual_report.pdf import document
from reporting.annual_report.snapshot.builder import build_report_rows
from reporting.figures.rollup import build_rollup
from strategy.choices import Role
from strategy.models import Country, Plan, User
from tests.factories import make_office, make_record
from tools.benchmark import large, pages, pdf, rollup
from tools.benchmark.command import Command
from tools.benchmark.data import Filler
from tools.benchmark.imports import Importing, OtherWriter, measure_screens
from tools.benchmark.load import people
from tools.benchmark.load.server import read_family_time
from tools.benchmark.timing import read_memory

NOON = datetime(2021, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def filled(plan: Plan) -> Plan:
    make_office("dakar")
    assert Filler(plan, NOON).fill(50) >= 50
    return plan


def test_hand_written_sql_gives_the_values_of_the_roll_up(plan: Plan) -> None:
    make_office("dakar")
    Filler(plan, NOON).fill(200)
    canada = Country.objects.get(code="CA").pk
    for year in (2017, 2018, 2019, 2020):
        day = date(year, 12, 31)
        by_sql = rollup.calculate_values(plan.pk, canada, day)
        assert rollup.find_differences(build_rollup(plan, day), by_sql) == []
        assert by_sql["1.1-countries"]
        assert by_sql["3.3-budget"]
        by_sql["1.1-countries"] += 1
        assert len(rollup.find_differences(build_rollup(plan, day), by_sql)) == 1


def test_hand_written_sql_does_all_the_work_of_the_roll_up(plan: Plan) -> None:
    make_office("dakar")
    Filler(plan, NOON).fill(1_500)
    canada = Country.objects.get(code="CA").pk
    figures = build_rollup(plan, plan.ends_on)
    lines = rollup.calculate_parts(plan.pk, canada, plan.ends_on)
    assert rollup.find_part_differences(figures, lines) == []
    counted = {line[0]: place for place, line in enumerate(lines) if any(line[3:])}
    assert counted.keys() >= rollup.PARTS.keys() - {"3.2-report"}, "as 3.1, of other records"
    for code, place in counted.items():
        without = lines[:place] + lines[place + 1 :]
        assert rollup.find_part_differences(figures, without), code


@pytest.mark.one_database
def test_the_roll_up_is_measured_beside_both_statements(filled: Plan) -> None:
    row = rollup.measure_rollup(filled, filled.ends_on, 50, 1)
    assert len(row) == len(rollup.COLUMNS)
    assert row[-1] == "all equal"
    assert [
        column for column, cell in zip(rollup.COLUMNS, row, strict=True) if "times" in str(cell)
    ] == ["ratio", "ratio"]


@pytest.mark.one_database
def test_each_page_is_visited_after_a_change_and_again(filled: Plan, officer: User) -> None:
    [frame, summary, last] = pages.measure_pages(officer, 1, ("/reports/verify/", "/summary/"))
    assert [frame[0], summary[0]] == ["`/reports/verify/`", "`/summary/`"]
    assert frame[-1] == summary[-1] == 200
    assert "MB" in str(last[0])
    saved = Initiative.objects.filter(summary__startswith="Changed").get()
    assert saved.history.count() > 1


def test_the_pages_that_are_measured_exist() -> None:
    reads = itertools.chain(pages.PAGES, large.PAGES, *people.READS.values())
    for address in reads:
        assert resolve(urlsplit(address.format(reference="INI-1")).path)


def test_the_import_that_is_measured_leaves_nothing(filled: Plan, officer: User) -> None:
    before = Initiative.objects.count()
    lines = list(Importing(filled, officer, NOON, 12).lines(runs=1))
    assert "import of 12 initiatives" in lines[0]
    assert Initiative.objects.count() == before


def test_a_file_on_the_screens_is_measured_and_taken_back(filled: Plan, officer: User) -> None:
    before = Initiative.objects.count()
    [line] = measure_screens(Importing(filled, officer, NOON, 12))
    figures = re.findall(r"\d+(?:\.\d+)? (?:s|ms|MB)\b", line)
    assert line.startswith("- 12 initiatives on the screens")
    assert len(figures) == 5
    assert Initiative.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_somebody_who_saves_is_seen_to_wait_for_a_lock() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite's test database is in memory, where nobody waits")
    key = make_record("initiative").pk
    calm, waiting = OtherWriter(key), OtherWriter(key)
    calm.start()
    time.sleep(0.3)
    undisturbed = calm.stop()
    with transaction.atomic():
        Initiative.objects.filter(pk=key).update(notes="x")
        waiting.start()
        time.sleep(1)
    disturbed = waiting.stop()
    assert disturbed > 0.8
    assert disturbed > undisturbed


def test_without_pango_the_report_is_not_measured(
    plan: Plan, officer: User, without_pango: None
) -> None:
    assert list(pdf.measure_reports(plan, officer, NOON, 1)) == [
        "- report: not measured, since Pango is not installed"
    ]


@pytest.mark.one_database
def test_the_command_measures_on_a_database_of_its_own(
    plan: Plan, without_pango: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without the report, which a test below measures.
    calls = []
    creation = connection.creation
    monkeypatch.setattr(creation, "create_test_db", lambda **_how: calls.append("made"))
    monkeypatch.setattr(creation, "destroy_test_db", lambda *_a, **_how: calls.append("destroyed"))
    monkeypatch.setitem(connection.settings_dict["TEST"], "NAME", None)
    out = io.StringIO()
    call_command(
        Command(),
        *("--only", "PDF", "ROLLUP", "IMPORT", "--sizes", "50"),
        *("--rows", "3", "--large", "4", "--runs", "1"),
        stdout=out,
    )
    assert calls == ["made", "destroyed"]
    assert re.search(r"^\| \d+ \|.*all equal", out.getvalue(), re.MULTILINE)
    assert "report: not measured" in out.getvalue()
    assert "4 initiatives on the screens: previewed" in out.getvalue()
    assert User.objects.get(username="benchmark").role == Role.OFFICER


def test_another_database_is_measured_by_starting_again(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    def start(*command: object) -> None:
        started.append(command)
        raise SystemExit

    monkeypatch.setattr("os.execv", start)
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    with pytest.raises(SystemExit):
        call_command(Command(), "--database", "postgres://nowhere/x")
    assert len(started) == 1


@pytest.mark.one_database
@pytest.mark.skipif(not document.is_available(), reason="Pango is not installed")
def test_the_report_is_measured_in_each_language(
    filled: Plan, officer: User, fake_pdf: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document, "render_plain", lambda html: html.encode())
    monkeypatch.setattr(pdf, "measure_peak_of", lambda *_asked, is_pdf: 200 if is_pdf else 100)
    *lines, note, reading = pdf.measure_reports(filled, officer, NOON, 1)
    assert [line[:22] for line in lines] == [
        f"- report of 2020 in {language}" for language in ("en", "fr", "es", "ar")
    ]
    line = lines[-1]
    assert re.search(r"times; \d+ pages, \d+ KB \(\d+ KB of data\), peak memory \d+ MB", line)
    assert "VmHWM" in note
    assert reading.endswith("%")


@pytest.mark.one_database
def test_memory_is_that_of_the_process_and_not_of_who_asks(filled: Plan, officer: User) -> None:
    rows = build_report_rows(filled, "2018", officer, NOON)
    without = pdf.measure_peak_of(rows, "en", is_pdf=False)
    held = b"x" * (300 * 1024 * 1024)
    assert abs(pdf.measure_peak_of(rows, "en", is_pdf=False) - without) < 100
    assert read_memory() > len(held) // 1024**2, "the control: this process does hold it"


def test_sql_multiplies_records_with_their_links(filled: Plan) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("written for PostgreSQL")
    before, records = read_figures(filled), large.count_records()
    large.copy_records(2)
    budgets = len(filled.years) + 1
    assert large.count_records() == 3 * (records - budgets) + budgets
    after = read_figures(filled)
    assert after["1.1-initiatives"] == 3 * before["1.1-initiatives"] > 0
    assert after["1.1-countries"] == before["1.1-countries"]
    assert after["1.2-fields"] == before["1.2-fields"]


def read_figures(plan: Plan) -> dict[str, Decimal]:
    return {
        row.target.code: row.value or Decimal(0) for row in build_rollup(plan, plan.ends_on).targets
    }


def test_a_tenth_of_what_people_do_are_writes() -> None:
    visits, writes = use_a_server(b"HTTP/1.0 %s x\r\nLocation: /records/initiative/INI-1/\r\n\r\n")
    assert not {visit.fault for visit in visits} - {""}
    assert 0.09 < writes / len(visits) < 0.13
    assert {"POST /records/initiative/REF/submit/", "GET /my-work/"} <= {v.page for v in visits}


def test_an_unexpected_answer_is_an_error() -> None:
    visits, _writes = use_a_server(b"HTTP/1.0 500 %s\r\n\r\n")
    assert all("500" in visit.fault for visit in visits)


def use_a_server(answer: bytes) -> tuple[list[people.Visit], int]:
    """Let a member of staff visit 300 pages of a server that gives this answer."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(answer % (b"302" if head.startswith(b"POST") else b"200"))
        writer.close()

    async def use() -> people.Person:
        server = await asyncio.start_server(serve, people.HOST, 0)
        port = server.sockets[0].getsockname()[1]
        stock = people.Stock(["INI-1"], [])
        person = people.Person(port, "", ["/my-work/"], stock, Role.STAFF, thought=0)
        async with server:
            await person.use(lambda: len(person.visits) >= 300)
        return person

    # A browser of an earlier test may have left a loop running in this thread.
    with ThreadPoolExecutor(1) as thread:
        person = thread.submit(asyncio.run, use()).result()
    return person.visits, person.writes


@pytest.mark.skipif(not Path("/proc").exists(), reason="read on Linux only")
def test_the_processor_time_of_a_server_is_that_of_its_whole_family() -> None:
    code = "import subprocess, sys; [subprocess.run([sys.executable, '-c', 'sum(range(10**7))'])]"
    with subprocess.Popen([sys.executable, "-c", f"{code}; input()"], stdin=subprocess.PIPE) as one:
        for _attempt in range(600):
            if read_family_time({one.pid}) > 0.1:
                break
            time.sleep(0.1)
        else:
            pytest.fail("the processor time of the ended child is missing")
        one.communicate(b"\n")
