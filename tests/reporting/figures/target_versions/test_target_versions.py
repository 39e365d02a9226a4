"""Targets have versions: every figure as of a day uses the version in force on that day."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client

from reporting.annual_report.issuing import issue_annual_report
from reporting.dashboards.target_detail import build_target_detail
from reporting.figures.progress import build_progress, build_quarters
from reporting.figures.rollup import TargetRow, build_rollup, build_target_row
from strategy.choices import Rating, YearState
from strategy.models import Plan, Target, TargetVersion, User
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
    years = build_target_detail(target, as_of).years
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


def test_the_files_of_the_summary_tell_changes_and_milestones(
    plan: Plan, fewer_initiatives: TargetVersion, officer: User, officer_client: Client
) -> None:
    TargetVersion.objects.filter(pk=fewer_initiatives.pk).update(
        milestones={"2019": "20", "2020": "40"}
    )

    def read(address: str, **query: str) -> dict[str, dict[str, str]]:
        text = officer_client.get(address, query).content.decode("utf-8-sig")
        return {each["target"]: each for each in csv.DictReader(io.StringIO(text))}

    before = read("/summary.csv", as_of="2019-02-28")["1.1-initiatives"]
    assert (before["milestones"], before["target_changes"]) == ("", "")
    rows = read("/summary.csv", as_of="2019-12-31")
    assert rows["1.1-initiatives"]["milestones"] == "2019: 20; 2020: 40"
    change = rows["1.1-initiatives"]["target_changes"]
    assert change.startswith("Target changed from 50 to 40 on 1 March 2019")
    assert fewer_initiatives.reason in change
    assert rows["1.1-countries"]["target_changes"] == ""
    assert officer_client.get("/summary.xlsx", {"as_of": "2019-12-31"}).status_code == 200
    report = issue_annual_report(plan, "2019", officer, datetime(2020, 3, 2, tzinfo=UTC))
    sealed = read(f"/reports/2019/{report.version}/summary.csv")["1.1-initiatives"]
    assert "milestones" not in sealed, "the file goes into PDFs, which are compared with it"
    assert "target_changes" not in sealed
