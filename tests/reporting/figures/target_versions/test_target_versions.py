"""Targets have versions: every figure as of a day uses the version in force on that day."""

from datetime import date
from decimal import Decimal

import pytest

from reporting.dashboards.target_detail import build_target_detail
from reporting.figures.progress import build_progress, build_quarters
from reporting.figures.rollup import TargetRow, build_rollup, build_target_row
from strategy.choices import Rating, YearState
from strategy.models import Plan, Target, TargetVersion
from tests.factories import make_approved
from tests.support.samples.target_versions import add_version

pytestmark = pytest.mark.django_db


def row(plan: Plan, code: str, as_of: str) -> TargetRow:
    rollup = build_rollup(plan, date.fromisoformat(as_of))
    return next(each for each in rollup.targets if each.target.code == code)


@pytest.fixture
def fewer_initiatives(plan: Plan) -> TargetVersion:
    """Count 20 initiatives by the end of 2018, of 50, and of 40 from 1 March 2019."""
    for number in range(20):
        make_approved("initiative", title=f"Training {number}", starts_on="2018-05")
    return add_version(
        "1.1-initiatives", "2019-03-01", minimum=Decimal(40), statement_en="40 initiatives"
    )


@pytest.mark.parametrize(
    ("as_of", "minimum", "expected", "statement"),
    [
        ("2018-12-31", 50, "24.98", "50 initiatives"),
        ("2019-02-28", 50, "27.00", "50 initiatives"),
        ("2019-03-01", 40, "21.63", "40 initiatives"),
        ("2019-12-31", 40, "29.98", "40 initiatives"),
        ("2016-12-31", 50, "0.00", "50 initiatives"),
    ],
)
def test_example_f(
    plan: Plan, fewer_initiatives: TargetVersion, as_of: str, minimum: int, expected: str,
    statement: str,
) -> None:  # fmt: skip
    found = row(plan, "1.1-initiatives", as_of)
    assert found.target.minimum == minimum
    assert found.expected is not None
    assert f"{found.expected:.2f}" == expected
    assert found.target.statement == statement


def test_example_f_is_at_risk_both_years(plan: Plan, fewer_initiatives: TargetVersion) -> None:
    for day, ratio in (("2018-12-31", "0.801"), ("2019-12-31", "0.667")):
        found = row(plan, "1.1-initiatives", day)
        assert (found.value, found.rating) == (20, Rating.AT_RISK)
        assert found.expected is not None
        assert f"{20 / found.expected:.3f}" == ratio


def test_the_row_of_one_target_has_the_same_version(
    plan: Plan, fewer_initiatives: TargetVersion
) -> None:
    target = Target.objects.of_plan(plan).with_rules().get(code="1.1-initiatives")
    for day, minimum in ((date(2018, 12, 31), 50), (date(2019, 12, 31), 40)):
        assert build_target_row(target, day).target.minimum == minimum


def test_each_quarter_expects_what_its_own_version_asks(
    plan: Plan, fewer_initiatives: TargetVersion
) -> None:
    as_of = date(2019, 12, 31)
    progress = build_progress(row(plan, "1.1-initiatives", "2019-12-31"), as_of)
    expected = {quarter.day: quarter.expected for quarter in build_quarters(progress, as_of)}
    assert f"{expected[date(2018, 12, 31)]:.2f}" == "24.98"
    assert f"{expected[date(2019, 3, 31)]:.2f}" == "22.45"
    target = Target.objects.of_plan(plan).with_rules().get(code="1.1-initiatives")
    years = build_target_detail(target, as_of, None).years
    assert [f"{year.expected:.2f}" for year in years] == ["12.49", "24.98", "29.98"]


def test_a_year_is_rated_by_the_version_of_its_last_day(plan: Plan) -> None:
    for number, year in enumerate((2017, 2018, 2019)):
        make_approved("sponsor", title=f"Sponsor {number}", first_agreement_on=f"{year}-05-02")
    add_version("3.3-sponsors", "2018-12-31", minimum=Decimal(1))
    states = [year.state for year in row(plan, "3.3-sponsors", "2019-12-31").years]
    assert states == [YearState.NOT_MET, YearState.MET, YearState.MET, YearState.OPEN]
    add_version("3.3-sponsors", "2019-12-31", minimum=Decimal(2))
    states = [year.state for year in row(plan, "3.3-sponsors", "2019-12-31").years]
    assert states == [YearState.NOT_MET, YearState.MET, YearState.NOT_MET, YearState.OPEN]


def test_a_version_changes_the_figures_of_its_target_only(plan: Plan) -> None:
    day = date(2019, 12, 31)
    before = {each.target.code: each for each in build_rollup(plan, day).targets}
    add_version("1.1-initiatives", "2019-03-01", minimum=Decimal(40))
    after = {each.target.code: each for each in build_rollup(plan, day).targets}
    assert before.pop("1.1-initiatives").expected != after.pop("1.1-initiatives").expected
    for code, was in before.items():
        now = after[code]
        assert (now.value, now.expected, now.rating) == (was.value, was.expected, was.rating)
