"""The report of a project: its texts, and its figures in PDF and Word."""

import io
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import override
from docx import Document

from reporting.annual_report.pdf.document import is_available
from reporting.dashboards.subject_page import find_figures
from reporting.exports.project_report import ProjectReport, build_project_report
from reporting.exports.project_report_files import render_report_html, write_report_docx
from reporting.models import ProjectNarrative
from reporting.wording.formatting import format_value
from strategy.choices import Role
from strategy.models import Plan, Subject, SubjectKind, User
from tests.conftest import client_of
from tests.factories import make_approved, make_user
from tests.support.database.fixtures import load_fixtures
from tests.support.html_tree import text_of, tree_of
from tests.support.query_baselines import Baseline

DAY = date(2018, 12, 31)
PAGE, PDF, WORD = (
    "/projects/PRJ-1/report/",
    "/projects/PRJ-1/report.pdf",
    "/projects/PRJ-1/report.docx",
)
TEXTS = {"context": "Trainers moved.", "progress": "", "equality": "", "lessons": "", "finance": ""}


@pytest.fixture
def project(plan: Plan) -> Any:
    project = make_approved(
        "project", reference="PRJ-1", donors="Global Affairs Canada", direct_people=40
    )
    initiative = make_approved("initiative", project=project, countries=["NE"])
    make_approved("activity", initiative=initiative, women=12, girls=5)
    make_approved("lesson", project=project)
    make_approved("evaluation", project=project, summary="Schools teach it.")
    return project


def build(project: Any, plan: Plan) -> ProjectReport:
    return build_project_report(project, plan, DAY, make_user(Role.OFFICER))


def cells_of(report: ProjectReport) -> list[str]:
    return [
        cell
        for section in report.sections
        for table in section.tables
        for row in (table.heads, *table.rows)
        for cell in row
    ]


def test_the_report_has_the_outline_of_the_donor(project: Any, plan: Plan) -> None:
    report = build(project, plan)
    assert [section.title for section in report.sections] == [
        *("Context", "Outcomes", "Outputs", "People"),
        *("Gender equality", "Lessons", "Risks", "Finance"),
    ]
    cells = cells_of(report)
    for words in ("Global Affairs Canada", "40", "12", "5", "Schools teach it."):
        assert words in cells


def test_its_figures_are_those_of_the_roll_up(project: Any, plan: Plan) -> None:
    cells = cells_of(build(project, plan))
    figures = list(
        find_figures(plan, DAY, Subject(SubjectKind.PROJECT, "PRJ-1"), make_user(Role.OFFICER))
    )
    assert len(figures) > 1
    for figure in figures:
        assert format_value(figure.row.value, figure.row.target) in cells


def test_a_project_with_a_plan_reports_baseline_target_actual_and_variance(db: None) -> None:
    load_fixtures(
        "countries", "reference", "plan_2017_2020", "tests/fixtures/logic_model_plan.json"
    )
    Plan.objects.filter(code="gac").update(project_reference="PRJ-1")
    project = make_approved("project", reference="PRJ-1")
    make_approved("initiative", project=project, starts_on="2018-06")
    make_approved("initiative", starts_on="2018-06")
    report = build_project_report(
        project, Plan.objects.get(code="2017-2020"), date(2019, 3, 31), make_user(Role.OFFICER)
    )
    outcomes = report.sections[1].tables
    assert outcomes[-1].caption.startswith("Output")
    row = next(row for table in outcomes for row in table.rows if row[3] == "1")
    assert row[4] == "\N{MINUS SIGN}3.0 from the value expected by this day"


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_word_and_html_have_every_text_in_each_language(
    project: Any, plan: Plan, language: str
) -> None:
    with override(language):
        report = build(project, plan)
        html = render_report_html(report, "2020-01-01T00:00:00+00:00")
        document = Document(io.BytesIO(write_report_docx(report)))
    word = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert word == cells_of(report)
    assert ('dir="rtl"' in html.split("<head>")[0]) == (language == "ar")
    for section in report.sections:
        assert section.title in html
        assert section.title in [paragraph.text for paragraph in document.paragraphs]
    assert ("bidi" in document.element.xml) == (language == "ar")


@pytest.mark.skipif(not is_available(), reason="PDFs need Pango")
def test_the_pdf_is_made_where_pages_are(project: Any, manager_client: Client) -> None:
    response = manager_client.get(PDF, {"as_of": str(DAY)})
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    assert 'filename="project-prj-1-2018-12-31.pdf"' in response["Content-Disposition"]


def test_texts_are_saved_for_each_language(project: Any, manager_client: Client) -> None:
    assert manager_client.get(PAGE).status_code == 200
    response = manager_client.post(PAGE, {**TEXTS, "seen": "0", "risks": "Elections."})
    assert response.status_code == 302
    manager_client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    manager_client.post(PAGE, {**TEXTS, "seen": "0", "risks": "Des élections."})
    texts = dict(ProjectNarrative.objects.values_list("language", "risks"))
    assert texts == {"en": "Elections.", "fr": "Des élections."}
    document = Document(io.BytesIO(manager_client.get(WORD).content))
    assert "Des élections." in [paragraph.text for paragraph in document.paragraphs]


def test_a_text_names_no_child_and_nothing_is_written_by_halves(
    project: Any, manager_client: Client
) -> None:
    values = {**TEXTS, "seen": "0", "risks": "The girl Aminata Diallo, 12 years old, was heard."}
    page = text_of(tree_of(manager_client.post(PAGE, values), 400))
    assert "Take it out of the text" in page
    assert not ProjectNarrative.objects.exists()


def test_the_second_of_two_edits_overwrites_nothing(project: Any, manager_client: Client) -> None:
    manager_client.post(PAGE, {**TEXTS, "seen": "0", "risks": "First."})
    response = manager_client.post(PAGE, {**TEXTS, "seen": "0", "risks": "Second."})
    assert "Another user saved these texts" in text_of(tree_of(response, 400))
    assert ProjectNarrative.objects.get().risks == "First."
    manager_client.post(PAGE, {**TEXTS, "seen": "1", "risks": "Second."})
    assert ProjectNarrative.objects.get().risks == "Second."


def test_who_may_not_see_the_project_gets_no_report(project: Any, board: User) -> None:
    other = client_of(make_user(Role.STAFF, office="dakar"))
    for address in (PAGE, WORD, PDF):
        assert other.get(address).status_code == 404
        assert client_of(board).get(address).status_code == 403
    assert other.post(PAGE, {**TEXTS, "seen": "0"}).status_code == 404


def test_a_report_costs_as_many_queries_with_many_records(
    project: Any, manager_client: Client, query_baseline: Baseline
) -> None:
    manager_client.get(WORD, {"as_of": "2018-12-30"})
    with query_baseline("project_report"):
        manager_client.get(WORD, {"as_of": str(DAY)})
    for _number in range(12):
        initiative = make_approved("initiative", project=project, countries=["NE"])
        make_approved("activity", initiative=initiative, women=3)
        make_approved("lesson", project=project)
    manager_client.get(WORD, {"as_of": "2018-12-30"})
    with query_baseline("project_report"):
        manager_client.get(WORD, {"as_of": str(DAY)})
