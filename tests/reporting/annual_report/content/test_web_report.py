"""An issued report as a page and as files: the cells of its PDF, for whom, and at what cost."""

import csv
import gzip
import io
import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

import openpyxl
import pytest
import tinyhtml5
from django.test import Client
from django.utils.translation import override

from indicators.models import Initiative
from reporting.annual_report.content.data_files import build_data_files
from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from reporting.models import AnnualReport
from strategy.models import Plan, User
from tests.factories import make_approved, make_record
from tests.support.html_tree import links_in, seen_text_of, text_of, tree_of
from tests.support.query_baselines import Baseline

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
ADDRESS = "/reports/2018/1/"
DATA = ("summary.xlsx", "summary.csv", "records.csv", "figures.json")


@pytest.fixture
def report(plan: Plan, officer: User) -> AnnualReport:
    """Counts, shares, growth, yearly targets, zero and no data."""
    make_approved("initiative", countries=["NE"], fields_of_activity=["justice"], title="<b>Niger")
    make_approved("initiative", countries=["SN"], fields_of_activity=["violence", "justice"])
    make_approved("initiative", countries=["MG"], fields_of_activity=["emergencies"])
    make_record("initiative", status="submitted")
    make_approved("country_support", country="CI")
    make_approved("decision", authority_country="BF")
    make_approved("event", role="attended")
    make_approved("policy_update", areas=["human_resources"], occurred_on="2018-03")
    for year, amount in (("2016", "100"), ("2017", "115"), ("2018", "150.33")):
        make_approved("annual_budget", year=year, amount=amount)
    return issue_annual_report(plan, "2018", officer, MARCH_2019)


def summary_cells(root: Element) -> list[tuple[str, str, str, str]]:
    """Of each row of the summary table: target, this year, since the start, rating."""
    [section] = [one for one in root.iter() if one.get("id") == "summary"]
    if section.tag == "h2":
        section = next(one for one in root.iter("section") if section in list(one))
    found = []
    for row in section.iter("tr"):
        cells = [seen_text_of(cell) for cell in row.iter("td")]
        if len(cells) >= 4:
            target, year, since, rating = cells[-4:]
            found.append((target, year, since, rating))
    return found


def targets_of(figures: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for part in figures["objectives"] for one in part["targets"]]


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_page_xlsx_csv_and_json_say_what_the_pdf_says_cell_by_cell(
    report: AnnualReport, board_client: Client, language: str
) -> None:
    spoken: dict[str, Any] = {"headers": {"accept-language": language}}
    rows = load_rows(report)
    printed = summary_cells(
        tinyhtml5.parse(document.render_html(rows, language), namespace_html_elements=False)
    )
    on_page = summary_cells(tree_of(board_client.get(f"{ADDRESS}page/", **spoken)))
    assert on_page == printed
    assert len(printed) == 14
    told = targets_of(json.loads(board_client.get(f"{ADDRESS}figures.json", **spoken).content))
    content = board_client.get(f"{ADDRESS}summary.csv", **spoken).content.decode("utf-8-sig")
    listed = list(csv.DictReader(io.StringIO(content)))
    book = openpyxl.load_workbook(
        io.BytesIO(board_client.get(f"{ADDRESS}summary.xlsx", **spoken).content)
    )
    cells = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    for one, row, line in zip(told, listed, cells, strict=True):
        names = [name for name in row if not name.endswith("_code")]
        in_sheet = dict(zip(names, line, strict=True))
        assert row["target"] == in_sheet["target"] == one["code"]
        columns = {"value": "value", "value_of_year": "this_year", "expected": "expected"}
        for column, name in {**columns, "minimum": "minimum", "maximum": "maximum"}.items():
            assert row[column] == (one[name] or ""), (one["code"], name)
            number = None if one[name] is None else float(one[name])
            assert in_sheet[column] == pytest.approx(number, abs=1e-9), (one["code"], name)
        assert in_sheet["rating"] == row["rating"]
        assert in_sheet["rule"] == row["rule"] == one["rule"]
        assert (row["version"], in_sheet["version"]) == ("1", 1)


def test_what_is_served_is_what_the_pdf_carries(report: AnnualReport, board_client: Client) -> None:
    rows = load_rows(report)
    with override("en"):
        files = build_data_files(rows, read_snapshot(rows), is_draft=False)
    carried = {file.name: file.content for file in files}
    for name in ("records.csv", "figures.json"):
        response = board_client.get(ADDRESS + name)
        assert response.content == carried[f"ibcr-annual-report-2018-{name}"]
        assert response["Content-Disposition"] == (
            f'attachment; filename="ibcr-annual-report-2018-{name}"'
        )


def test_a_row_leads_to_the_records_that_the_report_cites(
    report: AnnualReport, board_client: Client
) -> None:
    content = board_client.get(f"{ADDRESS}summary.csv").content.decode("utf-8-sig")
    for row in csv.DictReader(io.StringIO(content)):
        assert row["address"].startswith("http://testserver/reports/2018/1/?plan=2017-2020&target=")
        assert row["target"] in text_of(tree_of(board_client.get(row["address"])))


def test_neither_changes_with_the_records(report: AnnualReport, board_client: Client) -> None:
    def read() -> list[Any]:
        page = text_of(tree_of(board_client.get(f"{ADDRESS}page/")))
        return [page, *(board_client.get(ADDRESS + name).content for name in DATA[1:])]

    before = read()
    assert "Niger" in before[0], "the control"
    Initiative.objects.update(title="Something else", starts_on="2022")
    assert read() == before


def test_the_two_pages_hold_every_part_and_lead_to_it(
    report: AnnualReport, board_client: Client
) -> None:
    trees = {name: tree_of(board_client.get(ADDRESS + name)) for name in ("page/", "page/method/")}
    there = {
        (name, str(one.get("id")))
        for name, tree in trees.items()
        for one in tree.iter()
        if one.get("id")
    }
    led_to = set()
    for link in links_in(trees["page/"]):
        address, mark, part = link.partition("#")
        if mark and address in ("", f"{ADDRESS}page/method/"):
            led_to.add(("page/method/" if address else "page/", part))
    assert led_to <= there
    assert {("page/", "summary"), ("page/", "priority-1"), ("page/", "people")} & there <= led_to
    second = ("framework", "countries", "limits")
    assert {("page/method/", part) for part in second} <= led_to
    said = " ".join(text_of(tree) for tree in trees.values()).replace("\u00a0", " ")
    for words in (
        "Issued on 14 March 2019 by Camille, version 1.",
        "Counts each country outside Canada once",
        "90 % of what is expected",
        "Madagascar",
    ):
        assert words in said, words
    for tree in trees.values():
        heads = [one.tag for one in tree.iter() if one.tag in ("h1", "h2", "h3", "h4")]
        assert heads.count("h1") == 1
        assert all(int(b[1]) - int(a[1]) <= 1 for a, b in pairwise(heads))


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_map_stands_beside_its_table_as_in_the_pdf(
    report: AnnualReport, board_client: Client, language: str
) -> None:
    rows = load_rows(report)
    printed = tinyhtml5.parse(document.render_html(rows, language), namespace_html_elements=False)
    answer = board_client.get(f"{ADDRESS}page/method/", headers={"accept-language": language})
    maps = []
    for tree in (printed, tree_of(answer)):
        [world] = [one for one in tree.iter() if "map" in str(one.get("class", "")).split()]
        groups = [one for one in world.iter() if "on_track" in str(one.get("class", ""))]
        maps.append(
            [(mark.get("d"), mark.get("cx"), one.get("class")) for one in groups for mark in one]
        )
    assert maps[0] == maps[1]
    assert len(maps[1]) == 5
    assert [
        one for one in tree_of(answer).iter("table") if one.get("aria-labelledby") == "countries"
    ]


def test_every_picture_of_a_count_has_its_quarters_in_a_table(
    report: AnnualReport, board_client: Client
) -> None:
    tree = tree_of(board_client.get(f"{ADDRESS}page/"))
    [table] = [
        one
        for one in tree.iter("table")
        if any(part.get("id") == "quarters" for part in one.iter("caption"))
    ]
    rows = {
        text_of(next(row.iter("th"))): [text_of(cell) for cell in row.iter("td")]
        for row in list(table.iter("tr"))[1:]
    }
    assert len(rows) == len([one for one in tree.iter() if one.get("class") == "chart"]) == 8
    first, *_others, last = rows["1.1 Initiatives"]
    assert (first, last) == ("no data 3.1", "3 25.0")
    assert rows["1.3 Sectors, product in use"] == ["no data"]


def test_the_page_is_light(report: AnnualReport, board_client: Client) -> None:
    content = board_client.get(f"{ADDRESS}page/").content
    assert len(gzip.compress(content)) < 20_000
    assert b" style=" not in content
    assert b"<script>" not in content


def test_a_corrected_version_says_that_another_took_its_place(
    report: AnnualReport, board_client: Client
) -> None:
    page = text_of(tree_of(board_client.get(f"{ADDRESS}page/")))
    assert "corrected this one" not in page, "the control"
    later = AnnualReport.objects.get(pk=report.pk)
    later.pk, later.version, later.corrects = None, 2, report
    later.issued_at = datetime(2019, 5, 2, 9, 0, tzinfo=UTC)
    later.save(force_insert=True)
    page = text_of(tree_of(board_client.get(f"{ADDRESS}page/")))
    assert "Version 2 corrected this one on 2 May 2019." in page


@pytest.mark.parametrize("name", ["page/", "page/method/", *DATA])
def test_only_who_may_read_reports_may_read_these(
    report: AnnualReport, name: str, staff_client: Client, manager_client: Client
) -> None:
    assert staff_client.get(ADDRESS + name).status_code == 403
    assert manager_client.get(ADDRESS + name).status_code == 200
    assert manager_client.get(f"/reports/2018/7/{name}").status_code == 404
    assert manager_client.get(f"/reports/2031/1/{name}").status_code == 404


@pytest.mark.parametrize("records", [1, 12])
def test_they_cost_few_queries(
    plan: Plan, officer: User, board_client: Client, query_baseline: Baseline, records: int
) -> None:
    for _number in range(records):
        make_approved("initiative", countries=["NE"], fields_of_activity=["justice"])
    issue_annual_report(plan, "2018", officer, MARCH_2019)
    board_client.get("/reports/")
    with query_baseline("report_web"):
        board_client.get(f"{ADDRESS}page/")
    with query_baseline("report_data"):
        board_client.get(f"{ADDRESS}summary.xlsx")
