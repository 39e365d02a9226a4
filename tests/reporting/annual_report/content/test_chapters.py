"""The chapters on money, people reached and learning: stored when issued, sealed, and shown."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from indicators.models import Activity, AnnualBudget, Project
from reporting.annual_report.content.chapters import build_budgets
from reporting.annual_report.content.data_files import write_figures
from reporting.annual_report.drafting.proposal import build_proposal
from reporting.annual_report.drafting.texts import get_draft
from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.sealing.keys import list_trusted_keys
from reporting.annual_report.sealing.seals import (
    SealFault,
    SealProblem,
    find_seal_problem,
    load_sealed_rows,
)
from reporting.annual_report.snapshot.reader import read_snapshot
from reporting.models import AnnualReport
from strategy.models import Plan, Target, User
from tests.factories import make_approved, make_record
from tests.support.html_tree import text_of, tree_of

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
CHAPTERS = ("money", "people_reached", "learning")
WHY = {"en": "One came late."}


@pytest.fixture
def records(plan: Plan) -> Plan:
    for year, amount, currency in (
        *(("2016", "100", "CAD"), ("2017", "115", "CAD"), ("2017", "50", "EUR")),
        *(("2018", "60", "EUR"), ("2019", "999", "CAD")),
    ):
        make_approved("annual_budget", year=year, amount=amount, currency=currency)
    project = make_approved(
        *("project",),
        title="Safe courts",
        starts_on="2017",
        direct_people=120,
        indirect_people=4000,
        people_basis="estimated",
        gender_equality="principal",
    )
    make_approved(
        "project", title="Ended before", starts_on="2015", ends_on="2016", direct_people=7
    )
    initiative = make_approved("initiative", project=project, countries=["SN"])
    sessions: tuple[tuple[str, dict[str, int]], ...] = (
        ("2017-05", {"women": 3, "girls": 2}),
        ("2018-02", {"women": 4, "men": 5}),
        ("2018-09", {"boys": 6}),
        ("2019-02", {"girls": 90}),
    )
    for starts_on, people in sessions:
        make_approved("activity", initiative=initiative, starts_on=starts_on, **people)
    make_record("activity", initiative=initiative, starts_on="2018-03", girls=50)
    evaluation = make_approved(
        *("evaluation",),
        title="Midway",
        project=project,
        level="final",
        completed_on="2018-06",
        relevance="fully_met",
    )
    make_approved("evaluation", title="Earlier", level="final", completed_on="2017-06")
    recommendations: dict[str, dict[str, Any]] = {
        "Late one": {"due_on": "2018-09-30", "done_on": None},
        "Open one": {"due_on": "2019-09-30", "done_on": None},
        "Done one": {"done_on": "2018-10", "response": "accepted"},
        "Refused one": {"response": "rejected", "done_on": None},
        "Done before": {"done_on": "2017-10"},
    }
    for title, values in recommendations.items():
        make_approved("recommendation", title=title, evaluation=evaluation, **values)
    make_approved(
        *("lesson",),
        title="Ask early",
        year="2018",
        level="final",
        learned="Secret words",
        state="applied",
        applied_in=initiative.reference,
    )
    make_approved("lesson", title="Of another year", year="2017", level="final", learned="x")
    return plan


@pytest.fixture
def report(records: Plan, officer: User) -> AnnualReport:
    issued = issue_annual_report(records, "2018", officer, MARCH_2019)
    return AnnualReport.objects.get(pk=issued.pk)


def test_budgets_of_two_currencies_are_neither_added_up_nor_compared(report: AnnualReport) -> None:
    assert [
        (one["year"], one["currency"], one["amount"], one["growth"]) for one in report.money
    ] == [
        ("2016", "CAD", "100.00", None),
        ("2017", "CAD", "115.00", "15"),
        ("2017", "EUR", "50.00", None),
        ("2018", "EUR", "60.00", "20"),
    ]
    with override("en"):
        last = build_budgets(report.money)[-1]
    assert (last.amount.replace("\N{NO-BREAK SPACE}", " "), last.growth[:4]) == ("60 EUR", "20.0")


def test_a_confidential_budget_is_not_named(records: Plan, officer: User) -> None:
    AnnualBudget.objects.filter(year="2017", currency="CAD").update(confidential=True)
    issued = issue_annual_report(records, "2018", officer, MARCH_2019)
    money: Any = AnnualReport.objects.get(pk=issued.pk).money
    assert [(one["year"], one["amount"]) for one in money] == [
        ("2016", "100.00"),
        ("2017", "50.00"),
        ("2018", "60.00"),
    ]


def test_people_are_sums_of_what_was_written_down(report: AnnualReport) -> None:
    reached: Any = report.people_reached
    nothing = dict.fromkeys(("sex_not_recorded", "children_sex_not_recorded"))
    assert reached["years"] == [
        {"code": "2017", "women": 3, "men": None, "girls": 2, "boys": None, **nothing},
        {"code": "2018", "women": 4, "men": 5, "girls": None, "boys": 6, **nothing},
    ]
    assert reached["all"]["women"] == 3 + 4
    [project] = reached["projects"]
    assert (project["title"], project["direct_people"], project["indirect_people"]) == (
        *("Safe courts", 120),
        4000,
    )
    assert (project["people_basis"], project["gender_equality"]) == ("estimated", "principal")
    assert project["child_participation"] == ""


def test_the_year_s_learning_is_stored_with_its_state_on_the_day(report: AnnualReport) -> None:
    learning: Any = report.learning
    [evaluation] = learning["evaluations"]
    assert (evaluation["title"], evaluation["project"]) == ("Midway", "Safe courts")
    assert evaluation["steps"]["relevance"] == "fully_met"
    assert evaluation["steps"]["impact"] == "not_assessed"
    assert [(one["title"], one["state"]) for one in learning["recommendations"]] == [
        ("Late one", "overdue"),
        ("Open one", "to_do"),
        ("Done one", "done"),
        ("Refused one", "rejected"),
    ]
    [lesson] = learning["lessons"]
    assert (lesson["title"], lesson["state"], len(lesson["applied_in"])) == (
        "Ask early",
        "applied",
        1,
    )
    assert "Secret words" not in json.dumps(learning), "the words of a lesson are for staff"


@pytest.mark.parametrize("column", CHAPTERS)
def test_a_chapter_is_sealed(report: AnnualReport, column: str) -> None:
    rows, trusted = load_sealed_rows(report), list_trusted_keys()
    assert find_seal_problem(rows, trusted) is None
    setattr(rows.report, column, None)
    changed = SealProblem(SealFault.ROW_MISSING, ("report", column))
    assert find_seal_problem(rows, trusted) == changed


def test_an_issued_report_keeps_its_chapters(report: AnnualReport, records: Plan) -> None:
    before = {name: getattr(report, name) for name in CHAPTERS}
    AnnualBudget.objects.update(amount=1)
    Activity.objects.update(girls=1000)
    Project.objects.update(title="Renamed")
    report.refresh_from_db()
    assert {name: getattr(report, name) for name in CHAPTERS} == before
    load_sealed_rows(report)


def test_a_report_without_such_records_has_no_chapters(plan: Plan, officer: User) -> None:
    report = issue_annual_report(plan, "2018", officer, MARCH_2019)
    assert [getattr(report, name) for name in CHAPTERS] == [None] * 3
    rows = load_sealed_rows(AnnualReport.objects.get())
    text = document.render_html(rows, "en")
    assert 'id="money"' not in text
    assert 'id="learning"' not in text
    figures = json.loads(write_figures(rows, read_snapshot(rows)))
    assert not set(CHAPTERS) & set(figures), "the files of earlier reports stay as they were"


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_page_and_pdf_show_the_chapters(
    report: AnnualReport, board_client: Client, language: str
) -> None:
    board_client.cookies["django_language"] = language
    page = tree_of(board_client.get("/reports/2018/1/page/"))
    paper = document.render_html(load_sealed_rows(report), language)
    for text in (text_of(page), paper):
        for words in ("Safe courts", "Midway", "Late one", "Refused one", "Ask early", "EUR"):
            assert words in text, words
        assert "Of another year" not in text
        assert "Earlier" not in text
        assert "Secret words" not in text
        assert "999" not in text, "the budget of a later year"


def test_page_one_names_the_people_of_the_year(report: AnnualReport, board_client: Client) -> None:
    text = text_of(tree_of(board_client.get("/reports/2018/1/page/")))
    line = "People at sessions in 2018: Women: 4; Men: 5; Boys: 6."
    assert line in text
    assert text.index(line) < text.index("at a glance")


def test_a_correction_of_a_chapter_alone_is_one(
    report: AnnualReport, records: Plan, officer: User
) -> None:
    second = get_draft(records, "2018", 2)
    assert not build_proposal(second, officer, MARCH_2019, WHY).is_rewritten
    Activity.objects.filter(boys=6).update(boys=8)
    assert build_proposal(second, officer, MARCH_2019, WHY).is_rewritten


def test_children_who_were_recorded_later_are_restated(
    report: AnnualReport, records: Plan, officer: User
) -> None:
    Activity.objects.filter(girls=2).update(girls=12)
    rows = build_proposal(get_draft(records, "2019", 1), officer, MARCH_2019).rows
    [found] = [one for one in rows.report.restatements if one.get("field") == "girls"]
    assert (found["year"], found["old"], found["new"]) == ("2018", "2", "12")
    assert "People reached, Girls" in document.render_html(rows, "en").replace("</", " </")


def test_a_baseline_is_sealed_and_shown(records: Plan, officer: User) -> None:
    Target.objects.filter(code="1.1-initiatives").update(
        baseline_value="2.00", baseline_on="2017-06-30"
    )
    issue_annual_report(records, "2018", officer, MARCH_2019)
    Target.objects.update(baseline_value=None, baseline_on=None)
    rows = load_sealed_rows(AnnualReport.objects.get())
    text = document.render_html(rows, "en").replace("\N{NO-BREAK SPACE}", " ")
    assert text.count("2 initiatives on 30 June 2017") == 2, "with the target and in the framework"
    figures = json.loads(write_figures(rows, read_snapshot(rows)))
    target = figures["objectives"][0]["targets"][0]
    assert target["baseline"] == {"value": "2", "on": "2017-06-30"}
    other = replace(rows, actuals=rows.actuals)
    other.actuals[0].baseline_value = None
    problem = find_seal_problem(other, list_trusted_keys())
    assert problem == SealProblem(SealFault.ROW_CHANGED, ("target", "1.1-initiatives"))
