"""A later day never changes what an earlier one shows, and a reversal carries its mark."""

from datetime import date

import pytest
from django.test import Client

from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.snapshot.reader import load_rows
from reporting.figures.rollup import build_rollup
from strategy.models import Plan, User
from tests.factories import NOON
from tests.support.html_tree import text_of, tree_of
from tests.support.samples.case_files import run_import

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "officer", "manager")]

MARK = "reversed on 1 September 2018"


def value_of(plan: Plan, code: str, day: date) -> object:
    rows = build_rollup(plan, day).targets
    return next(row.value for row in rows if row.target.code == code)


def test_a_support_of_2019_leaves_2018_without_data(plan: Plan) -> None:
    run_import("country_support", "later-support.csv", "--approve-as", "rosalie")
    assert value_of(plan, "2.1-countries", date(2018, 12, 31)) is None
    assert value_of(plan, "2.1-countries", date(2019, 12, 31)) == 1


def test_a_reversed_decision_counts_and_is_marked_wherever_it_is_listed(
    plan: Plan, officer: User, manager_client: Client, board_client: Client
) -> None:
    run_import("decision", "reversed-decision.csv", "--approve-as", "rosalie")
    assert value_of(plan, "2.1-decisions", date(2018, 12, 31)) == 1
    for url in ("/targets/2.1-decisions/", "/records/decision/"):
        assert MARK in text_of(tree_of(manager_client.get(url)))
    record = text_of(tree_of(manager_client.get("/records/decision/CDE-01/")))
    assert MARK.replace("r", "R", 1) in record
    report = issue_annual_report(plan, "2018", officer, NOON)
    assert MARK in document.render_html(load_rows(report), "en")
    page = board_client.get("/reports/2018/1/?target=2.1-decisions")
    assert MARK in text_of(tree_of(page))
