"""Priorities, objectives and indicators without rows below them are shown as they are."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from reporting.annual_report.content.pages import build_context
from reporting.annual_report.snapshot.builder import build_report_rows
from reporting.annual_report.snapshot.reader import read_snapshot
from reporting.figures.rollup import build_rollup
from strategy.choices import Rating
from strategy.models import Indicator, Objective, Plan, Priority, User
from tests.support.html_tree import text_of, tree_of

DAY = date(2018, 12, 31)


@pytest.fixture
def childless(plan: Plan) -> Plan:
    """The plan with a priority, an objective and an indicator that have nothing below them."""
    first = plan.priorities.get(number=1)
    Priority.objects.create(plan=plan, number=9, title_en="Mobilise agents of change")
    bare = Objective.objects.create(
        priority=first,
        number=9,
        code="1.9",
        statement_en="Children are heard",
        short_title_en="Heard",
    )
    Indicator.objects.create(objective=bare, number=1, code="1.9", statement_en="Share of projects")
    Objective.objects.create(
        priority=first, number=10, code="1.10", statement_en="Balance", short_title_en="Balance"
    )
    Indicator.objects.create(
        objective=first.objectives.get(code="1.1"), number=9, code="1.1b", statement_en="Partners"
    )
    return plan


def test_objectives_without_targets_are_in_their_place_and_not_rated(childless: Plan) -> None:
    rows = build_rollup(childless, DAY).objectives
    assert [row.objective.code for row in rows][:6] == ["1.1", "1.2", "1.3", "1.9", "1.10", "2.1"]
    bare = {row.objective.code: row for row in rows}
    assert (bare["1.9"].rating, bare["1.10"].rating) == (Rating.NO_TARGET, Rating.NO_TARGET)
    assert [row.code for row in bare["1.9"].unmeasured] == ["1.9"]
    assert [row.code for row in bare["1.1"].unmeasured] == ["1.1b"]
    assert bare["1.1"].table_height == len(bare["1.1"].targets) + 1


def test_pages_show_them_as_they_are(childless: Plan, officer_client: Client) -> None:
    for address in ("/plan/", "/summary/?as_of=2018-12-31"):
        text = text_of(tree_of(officer_client.get(address)))
        for words in ("Mobilise agents of change", "No objective yet", "Children are heard"):
            assert words in text, (address, words)
        assert "No target set" in text
        assert "No indicator yet" in text
    dashboard = text_of(tree_of(officer_client.get("/dashboard/?as_of=2018-12-31")))
    assert "Share of projects No target set" in dashboard
    assert "1.10 Balance No indicator yet" in dashboard


def test_the_results_name_them_without_targets(childless: Plan) -> None:
    out = StringIO()
    call_command("results", plan="2017-2020", as_of="2018-12-31", format="json", stdout=out)
    objectives = {row["code"]: row for row in json.loads(out.getvalue())["objectives"]}
    assert objectives["1.9"] == {"code": "1.9", "rating": "no_target", "targets": []}


def test_a_report_names_them(childless: Plan, officer: User) -> None:
    rows = build_report_rows(childless, "2018", officer, timezone.now())
    context = build_context(read_snapshot(rows))
    assert [row.number for row in rows.priorities] == [1, 2, 3, 9]
    assert context["verdict"]
