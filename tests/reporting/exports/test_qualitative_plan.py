"""A plan of qualitative indicators only, on every page, in every file and report."""

from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from reporting.annual_report.content.data_files import build_figures
from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from reporting.annual_report.verification.figures import read_figures
from reporting.models import AnnualReport, ReportedActual
from strategy.models import Plan, RubricStep, User
from tests.factories import make_approved
from tests.support.database.fixtures import load_fixtures
from tests.support.html_tree import text_of, tree_of
from tests.support.recalculation import recalculate

AT = datetime(2023, 1, 9, 15, 0, tzinfo=UTC)
DAY = "as_of=2022-12-31"
WHY = "Three of four oversight bodies have two seats for children."
PAGES = ("/dashboard/", "/summary/", "/targets/oversight/", "/plan/", "/plan/pmf/")


@pytest.fixture
def plan(db: None) -> Plan:
    load_fixtures("countries", "reference", "tests/fixtures/qualitative_plan.json")
    steps = {step.code: step for step in RubricStep.objects.all()}
    found = (("Q1.1", "2021-12", "planned"), ("Q1.1", "2022-11-30", "some"), ("Q1.2", "2022", None))
    for indicator, on, code in found:
        step = steps[code or "consulted"]
        make_approved(
            "assessment", indicator=indicator, assessed_on=on, step=step, justification=WHY
        )
    return Plan.objects.get(code="qualitative")


@pytest.fixture
def report(plan: Plan, officer: User) -> AnnualReport:
    return issue_annual_report(plan, "2022", officer, AT)


def read_page(client: Client, page: str) -> str:
    response = client.get(page, follow=True)
    assert response.status_code == 200, (page, response.content[:500])
    return text_of(tree_of(response))


@pytest.mark.parametrize("page", PAGES)
def test_each_page_has_the_words_of_the_steps(
    plan: Plan, officer_client: Client, page: str
) -> None:
    text = read_page(officer_client, f"{page}?{DAY}")
    assert (
        "In place in most projects" if page == "/plan/" else "In place in some projects"
    ) in text


def test_the_page_of_a_target_has_its_steps_over_time_and_why(
    plan: Plan, officer_client: Client
) -> None:
    page = officer_client.get(f"/targets/oversight/?{DAY}")
    tree, text = tree_of(page), text_of(tree_of(page))
    assert "Dec 2021 Planned 30 Nov 2022 In place in some projects" in text
    assert f"Why this step: {WHY}" in text
    assert "From “In place in most projects” it is on track" in text
    assert "never averaged and never a percentage" in text
    shapes = [
        [box.get("fill") for box in svg.iter() if box.tag.endswith("rect")]
        for svg in tree.iter()
        if svg.tag.endswith("svg") and svg.get("viewBox") == "0 0 50 10"
    ]
    filled = ["currentColor"]
    assert shapes == [filled * 2 + ["none"] * 3, filled * 3 + ["none"] * 2]


def test_no_page_shows_a_step_as_a_percentage(plan: Plan, officer_client: Client) -> None:
    for page in (*PAGES, "/targets/voice/", "/targets/reception/"):
        text = read_page(officer_client, f"{page}?{DAY}")
        of_time = text.replace("50\u00a0%", "")
        assert "3\u00a0%" not in of_time and "60\u00a0%" not in of_time, page


def test_the_steps_of_an_arabic_page_fill_from_the_right(
    plan: Plan, officer_client: Client
) -> None:
    officer_client.cookies["django_language"] = "ar"
    page = officer_client.get(f"/targets/oversight/?{DAY}")
    assert "قائمة في بعض المشاريع" in text_of(tree_of(page))
    assert 'transform="matrix(-1 0 0 1 50 0)"' in page.content.decode()


def test_files_have_numbers_for_programs_and_words_for_people(
    plan: Plan, officer_client: Client
) -> None:
    csv = officer_client.get(f"/summary.csv?{DAY}").content.decode("utf-8-sig")
    assert "In place in some projects" in csv
    book = load_workbook(BytesIO(officer_client.get(f"/summary.xlsx?{DAY}").content))
    heads, first, *_others = book.worksheets[0].iter_rows(values_only=True)
    told = dict(zip(heads, first, strict=True))
    assert (told["Reached"], told["Step of the rubric"]) == (3, "In place in some projects")
    word = Document(BytesIO(officer_client.get(f"/plan/framework.docx?{DAY}").content))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    assert "In place in some projects" in cells
    for form in ("table", "csv", "json"):
        out = StringIO()
        call_command("results", "--as-of", "2022-12-31", "--format", form, stdout=out)
        assert out.getvalue()


def test_a_report_keeps_the_words_and_the_reasons_as_issued(
    report: AnnualReport, officer_client: Client
) -> None:
    RubricStep.objects.update(name_en="Another word")
    parts = {"year": "2022", "version": 1}
    for name in ("report_detail", "report_web", "report_method"):
        assert "Another word" not in read_page(
            officer_client, reverse(f"reporting:{name}", kwargs=parts)
        )
    text = read_page(officer_client, reverse("reporting:report_web", kwargs=parts))
    assert "In place in some projects (at least “In place in most projects”)" in text
    assert f"Why this step: {WHY}" in text
    assert "Dec 2021 Planned" in text
    told = ReportedActual.objects.get(code="oversight").judgement
    assert told and told["found"] == [
        {"on": "2021-12", "number": 2},
        {"on": "2022-11-30", "number": 3},
    ]
    assert ReportedActual.objects.filter(judgement=None).count() == 0


def test_an_issued_report_is_recalculated_from_its_citations(report: AnnualReport) -> None:
    rows = load_rows(report)
    figures = build_figures(rows, read_snapshot(rows), is_draft=False)
    assert dict(recalculate(figures, {})) == dict(read_figures(figures))


@pytest.mark.skipif(not document.is_available(), reason="needs Pango")
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_pdf_is_made(report: AnnualReport, language: str, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    arguments = ["--plan", "qualitative", "--year", "2022", "--language", language]
    call_command("render_report", *arguments, "--output", str(file), stdout=StringIO())
    assert file.read_bytes().startswith(b"%PDF")
