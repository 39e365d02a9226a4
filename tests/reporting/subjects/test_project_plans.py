"""A project's own plan: the same rows and roll-up, over the records of the project alone."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from indicators.counting.contributions import find_contributions, load_targets
from indicators.counting.forecast import forecast_contributions
from reporting.annual_report.calendar import build_calendars
from reporting.figures.rollup import build_rollup
from strategy.choices import Reason, RecordKind
from strategy.models import Plan
from tests.factories import make_approved
from tests.support.database.fixtures import load_fixtures
from tests.support.html_tree import text_of, tree_of

DAY = date(2019, 3, 31)
CODE = "1111.1-initiatives"


@pytest.fixture
def own_plan(db: None) -> Plan:
    """The plan of the project PRJ-1, next to that of the Bureau; request it before any user."""
    load_fixtures(
        "countries", "reference", "plan_2017_2020", "tests/fixtures/logic_model_plan.json"
    )
    Plan.objects.filter(code="gac").update(project_reference="PRJ-1")
    return Plan.objects.get(code="gac")


@pytest.fixture
def initiatives(own_plan: Plan) -> tuple[Any, Any]:
    """An initiative of the project, and one of another project."""
    own, other = (
        make_approved("initiative", project=make_approved("project", reference=reference))
        for reference in ("PRJ-1", "PRJ-2")
    )
    return own, other


def contributions_of(record: Any) -> dict[str, Reason | None]:
    found = find_contributions(RecordKind.INITIATIVE, [record], load_targets(), DAY)
    return {
        each.target.code: each.reason for each in found[record.pk] if each.target.plan.code == "gac"
    }


def test_its_targets_count_the_records_of_the_project_only(
    own_plan: Plan, initiatives: tuple[Any, Any]
) -> None:
    make_approved("initiative")
    rows = {row.target.code: row for row in build_rollup(own_plan, DAY).targets}
    assert rows[CODE].value == 1
    assert list(rows[CODE].actual.evidence) == [initiatives[0]]
    assert list(rows[CODE].actual.excluded) == []
    bureau = Plan.objects.get(code="2017-2020")
    values = {row.target.code: row.value for row in build_rollup(bureau, DAY).targets}
    assert values["1.1-initiatives"] == 3, "the Bureau's plan counts every record"


def test_records_of_other_projects_are_not_asked(initiatives: tuple[Any, Any]) -> None:
    own, other = initiatives
    assert contributions_of(own)[CODE] is None
    assert contributions_of(other) == {}


def test_a_form_is_told_by_its_project(own_plan: Plan, initiatives: tuple[Any, Any]) -> None:
    for initiative in initiatives:
        values = {"project": initiative.project, "starts_on": initiative.starts_on}
        values["countries"] = list(initiative.countries.all())
        forecast = forecast_contributions(RecordKind.INITIATIVE, values, load_targets(), DAY)
        codes = {f.contribution.target.code for f in forecast if f.contribution.counts}
        assert (CODE in codes) == (initiative == initiatives[0])


def test_it_never_takes_the_first_place(own_plan: Plan) -> None:
    Plan.objects.exclude(pk=own_plan.pk).update(is_shown_first=False, is_outline=True)
    current = Plan.objects.current(date(2030, 1, 1))
    assert current
    assert current.code == "2017-2020"
    own_plan.is_shown_first = True
    with pytest.raises(ValidationError, match="cannot be shown first"):
        own_plan.validate_constraints()


def test_no_annual_report_is_due(own_plan: Plan) -> None:
    assert own_plan not in [calendar.plan for calendar in build_calendars(date(2021, 1, 1))]


def test_the_page_of_the_project_shows_it(
    initiatives: tuple[Any, Any], manager_client: Client
) -> None:
    page = tree_of(manager_client.get(f"/projects/PRJ-1/?as_of={DAY}"))
    assert "The project’s own plan" in text_of(page)
    [link] = [
        link.get("href", "")
        for link in page.iter("a")
        if f"target={CODE}" in link.get("href", "") and "plan=gac" in link.get("href", "")
    ]
    assert manager_client.get(link).context["page"].paginator.count == 1
    assert "The project’s own plan" not in text_of(tree_of(manager_client.get("/projects/PRJ-2/")))
