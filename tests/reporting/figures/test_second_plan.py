"""Another plan needs rows only: other years, levels, fields, thresholds and targets."""

from datetime import date
from decimal import Decimal

import pytest

from reporting.figures.rollup import build_rollup
from strategy.choices import Rating, YearState
from strategy.models import Plan
from tests.factories import make_approved
from tests.support.database.fixtures import load_fixtures

TODAY = date(2022, 9, 30)


@pytest.fixture
def second(db: None) -> Plan:
    load_fixtures("countries", "reference", "plan_2017_2020", "tests/fixtures/april_plan.json")
    return Plan.objects.get(code="april-plan")


@pytest.fixture
def _records(second: Plan) -> None:
    for country, starts_on, fields in (
        ("NE", "2021-04-01", ["justice", "online"]),
        ("ML", "2022-03", ["climate"]),
        ("CA", "2021", ["violence"]),
        ("BF", "2022-09-30", ["emergencies"]),
        ("NE", "2022-10-01", ["justice"]),
    ):
        make_approved(
            "initiative", countries=[country], starts_on=starts_on, fields_of_activity=fields
        )
    make_approved("decision", instrument="law", occurred_on="2021-12")
    make_approved("decision", instrument="policy", authority_country="CA", occurred_on="2021-12")
    make_approved("event", kind="webinar", occurred_on="2022-03-31")
    make_approved("event", kind="webinar", role="contributed", occurred_on="2022-05-02")
    make_approved(
        "action_report", filed_under=["B2"], year_covered="2021-2022", issued_on="2022-06-15"
    )
    for year, amount in (("2020-2021", "1000"), ("2021-2022", "1050"), ("2022-2023", "1000")):
        make_approved("annual_budget", year=year, amount=amount)


@pytest.mark.usefixtures("_records")
def test_every_figure_of_the_second_plan(second: Plan) -> None:
    rollup = build_rollup(second, TODAY)
    assert [line.objective.code for line in rollup.objectives] == ["A1", "A2", "B1", "B2"]
    read = {line.target.code: (line.value, line.rating) for line in rollup.targets}
    assert read == {
        "A1-initiatives": (4, Rating.OFF_TRACK),
        "A1-sahel": (3, Rating.ACHIEVED),
        "A2-fields": (Decimal(50) / 3, Rating.TOO_EARLY),
        "B1-instruments": (1, Rating.ON_TRACK),
        "B1-webinars": (0, Rating.ON_TRACK),
        "B2-report": (None, Rating.ON_TRACK),
        "B2-budget": (Decimal(-50) * 100 / 1050, Rating.ON_TRACK),
    }
    assert rollup.year.label == "2022-2023"


@pytest.mark.usefixtures("_records")
def test_its_years_run_from_april(second: Plan) -> None:
    webinars = next(
        line for line in build_rollup(second, TODAY).targets if line.target.code == "B1-webinars"
    )
    assert [(one.year.label, one.value, one.state) for one in webinars.years] == [
        ("2021-2022", 1, YearState.MET),
        ("2022-2023", 0, YearState.OPEN),
        ("2023-2024", None, YearState.OPEN),
    ]


@pytest.mark.usefixtures("_records")
def test_the_first_plan_does_not_see_what_came_after_it(second: Plan) -> None:
    first = Plan.objects.get(code="2017-2020")
    for line in build_rollup(first, TODAY).targets:
        assert not line.actual.evidence.exists(), line.target
