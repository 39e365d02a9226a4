"""Milestones of a target bend the line of expected values (counting rules, 4.3 and example H)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils.translation import override

from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf.document import render_html
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from reporting.dashboards.target_detail import build_target_detail
from reporting.figures.ratings import (
    RatingInput,
    calculate_expected,
    calculate_projection,
    list_expected_points,
    rate_target,
)
from reporting.figures.rollup import build_rollup, build_target_row
from reporting.wording import formatting, sentences, target_notes
from strategy.choices import Frequency, Measure, Rating
from strategy.models import Indicator, Objective, Plan, Priority, Target, TargetVersion, User
from strategy.plan.validation import validate_plan
from tests.factories import make_approved, with_version
from tests.support.samples.target_versions import add_version

PLAN = Plan(code="2017-2020", starts_on=date(2017, 1, 1), ends_on=date(2020, 12, 31))
EXAMPLE_H = {"2018": "10", "2020": "50"}
MARCH_2020 = datetime(2020, 3, 14, 15, 0, tzinfo=UTC)


def target(
    minimum: int, milestones: dict[str, str], as_of: date = PLAN.ends_on, **values: object
) -> Target:
    objective = Objective(priority=Priority(plan=PLAN, number=1), code="1.1")
    defaults = {"measure": Measure.COUNT, "frequency": Frequency.WHOLE_PLAN}
    made = Target(indicator=Indicator(objective=objective), **{**defaults, **values})
    return with_version(made, minimum=Decimal(minimum), milestones=milestones).as_of(as_of)


def level(as_of: date) -> Target:
    share = {"measure": Measure.SMALLEST_SHARE, "frequency": Frequency.LEVEL}
    return target(25, {"2018": "15", "2020": "25"}, as_of, **share)


def rated(of: Target, value: str, as_of: date) -> Rating:
    return rate_target(RatingInput(of.as_of(as_of), Decimal(value), 10, (), as_of))


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (date(2016, 12, 31), "0.00"),
        (date(2017, 12, 31), "5.00"),
        (date(2018, 12, 31), "10.00"),
        (date(2019, 1, 1), "10.05"),
        (date(2019, 12, 31), "29.97"),
        (date(2020, 12, 31), "50.00"),
        (date(2021, 6, 30), "50.00"),
    ],
)
def test_example_h(as_of: date, expected: str) -> None:
    assert f"{calculate_expected(target(50, EXAMPLE_H), as_of):.2f}" == expected


def test_example_h_rates_by_the_milestones() -> None:
    ratings = [rated(target(50, EXAMPLE_H), value, date(2019, 12, 31)) for value in ("27", "26")]
    assert ratings == [Rating.ON_TRACK, Rating.AT_RISK]
    assert rated(target(50, EXAMPLE_H), "10", date(2018, 12, 31)) == Rating.ON_TRACK
    assert rated(target(50, {}), "10", date(2018, 12, 31)) == Rating.OFF_TRACK


def test_after_the_last_milestone_the_minimum_is_expected() -> None:
    early = target(10, {"2018": "10"})
    assert f"{calculate_expected(early, date(2017, 12, 31)):.2f}" == "5.00"
    assert calculate_expected(early, date(2020, 3, 1)) == 10


def test_a_milestone_of_zero_expects_nothing_yet() -> None:
    late = target(8, {"2018": "0", "2020": "8"})
    assert rated(late, "0", date(2018, 6, 30)) == Rating.TOO_EARLY
    assert rated(late, "1", date(2018, 6, 30)) == Rating.ON_TRACK


def test_the_pace_needed_leads_to_the_next_milestone() -> None:
    first = calculate_projection(target(50, EXAMPLE_H), Decimal(4), date(2017, 12, 31))
    assert first is not None
    assert first.needed_by is not None
    assert (f"{first.needed_a_year:.2f}", first.needed_by.label) == ("6.00", "2018")
    ahead = calculate_projection(target(50, EXAMPLE_H), Decimal(12), date(2017, 12, 31))
    assert ahead is not None
    assert ahead.needed_by is not None
    assert (f"{ahead.needed_a_year:.2f}", ahead.needed_by.label) == ("12.66", "2020")
    just = calculate_projection(target(50, EXAMPLE_H), Decimal(10), date(2017, 12, 31))
    assert just is not None
    assert just.needed_by is not None
    assert just.needed_by.label == "2020"
    missed = calculate_projection(target(50, EXAMPLE_H), Decimal(4), date(2018, 12, 31))
    assert missed is not None
    assert missed.needed_by is not None
    assert (f"{missed.needed_a_year:.2f}", missed.needed_by.label) == ("22.98", "2020")
    reached = calculate_projection(target(50, EXAMPLE_H), Decimal(50), date(2017, 12, 31))
    assert reached is not None
    assert reached.needed_a_year is None


@pytest.mark.parametrize(
    ("as_of", "minimum"),
    [
        (date(2018, 12, 30), None),
        (date(2018, 12, 31), 15),
        (date(2020, 12, 30), 15),
        (date(2020, 12, 31), 25),
    ],
)
def test_a_level_asks_for_the_last_milestone_that_is_due(as_of: date, minimum: int | None) -> None:
    assert level(as_of).minimum == minimum
    assert calculate_expected(level(as_of), as_of) is None


def test_a_level_is_rated_by_its_milestones() -> None:
    days = (date(2018, 6, 30), date(2019, 12, 31), date(2020, 12, 31))
    of = level(PLAN.ends_on)
    assert [rated(of, "15", day) for day in days] == [
        Rating.TOO_EARLY, Rating.ON_TRACK, Rating.NOT_ACHIEVED,
    ]  # fmt: skip
    assert rated(of, "12", date(2019, 12, 31)) == Rating.AT_RISK
    assert rated(of, "11.9", date(2019, 12, 31)) == Rating.OFF_TRACK


def test_the_expected_line_has_a_corner_at_each_milestone() -> None:
    assert list_expected_points(target(50, EXAMPLE_H)) == (
        (date(2016, 12, 31), 0), (date(2018, 12, 31), 10), (date(2020, 12, 31), 50),
    )  # fmt: skip
    assert list_expected_points(target(50, {})) == (
        (date(2016, 12, 31), 0), (date(2020, 12, 31), 50),
    )  # fmt: skip
    assert list_expected_points(level(PLAN.ends_on)) == (
        (date(2018, 12, 31), 15), (date(2020, 12, 31), 25),
    )  # fmt: skip


def test_milestones_in_words() -> None:
    with override("en"):
        assert formatting.format_milestones(target(50, EXAMPLE_H).version) == (
            "milestones: 10 by the end of 2018 and 50 by the end of 2020"
        )
        assert formatting.format_milestones(target(50, {}).version) == ""
        share = formatting.format_milestones(level(PLAN.ends_on).version)
        assert share == "milestones: 15\u00a0% by the end of 2018 and 25\u00a0% by the end of 2020"
        assert target_notes.format_unit(level(date(2018, 6, 30))) == "(nothing yet)"


@pytest.mark.parametrize(
    ("code", "milestones", "sentence"),
    [
        ("1.1-initiatives", EXAMPLE_H, ""),
        ("1.1-initiatives", {"2018": 10, "2019": 10.5, "2020": 50}, ""),
        ("1.1-initiatives", {"2019": "50"}, ""),
        ("1.1-initiatives", {"2018": "10", "2019": "10", "2020": "50"}, ""),
        ("1.1-initiatives", ["2018", "10"], "Milestones: write each year with its number."),
        ("1.1-initiatives", {"2021": "50"}, "Milestones: the plan has no year “2021”."),
        ("1.1-initiatives", {"2020": "many"}, "The milestone of 2020 must be a number"),
        ("1.1-initiatives", {"2020": "-1"}, "The milestone of 2020 must be a number"),
        ("1.1-initiatives", {"2020": True}, "The milestone of 2020 must be a number"),
        ("1.1-initiatives", {"2018": "NaN"}, "The milestone of 2018 must be a number"),
        (
            "1.1-initiatives",
            {"2018": "20", "2019": "19", "2020": "50"},
            "The milestone of 2019 is below that of 2018.",
        ),
        ("1.1-initiatives", {"2018": "10"}, "The last milestone, that of 2018, must equal"),
        ("1.1-initiatives", {"2018": "10", "2020": "60"}, "The last milestone, that of 2020"),
        ("1.2-fields", {"2017": "30", "2018": "20", "2020": "25"}, ""),
        ("3.3-sponsors", {"2020": "2"}, "A target for every year has no milestones."),
    ],
)
def test_a_plan_names_what_is_wrong_with_its_milestones(
    plan: Plan, code: str, milestones: object, sentence: str
) -> None:
    TargetVersion.objects.filter(target__code=code).update(milestones=milestones)
    errors = [str(problem) for problem in validate_plan(plan) if not problem.is_warning]
    assert len(errors) == (1 if sentence else 0)
    assert all(sentence in error and code in error for error in errors)


def test_milestones_need_a_minimum(plan: Plan) -> None:
    version = TargetVersion.objects.get(target__code="1.1-initiatives")
    version.minimum, version.maximum, version.milestones = None, Decimal(50), {"2020": "50"}
    with pytest.raises(ValidationError, match="Milestones need a minimum"):
        version.clean()


def test_a_statement_may_name_a_milestone(plan: Plan) -> None:
    version = TargetVersion.objects.get(target__code="1.1-initiatives")
    version.milestones, version.statement_en = EXAMPLE_H, "50 initiatives, 10 of them by 2018"
    version.clean()
    version.milestones = {}
    with pytest.raises(ValidationError, match="The number 10 is no minimum"):
        version.clean()


@pytest.fixture
def initiatives(plan: Plan) -> Plan:
    """Count 12 initiatives, and ask for 10 by the end of 2018 and 50 by the end of 2020."""
    for number in range(12):
        make_approved("initiative", title=f"Training {number}", starts_on="2018-05")
    TargetVersion.objects.filter(target__code="1.1-initiatives").update(milestones=EXAMPLE_H)
    return plan


def test_quarters_and_years_expect_the_milestones(initiatives: Plan) -> None:
    row_target = Target.objects.of_plan(initiatives).with_rules().get(code="1.1-initiatives")
    as_of = date(2019, 12, 31)
    row = build_target_row(row_target, as_of)
    assert (row.value, f"{row.expected:.2f}", row.rating) == (12, "29.97", Rating.OFF_TRACK)
    years = build_target_detail(row_target, as_of).years
    assert [f"{year.expected:.2f}" for year in years] == ["5.00", "10.00", "29.97"]


def test_the_bar_of_the_dashboard_marks_what_the_milestones_expect(initiatives: Plan) -> None:
    rows = {
        row.target.code: row for row in build_rollup(initiatives, PLAN.year("2018").ends_on).targets
    }
    row = rows["1.1-initiatives"]
    assert sentences.calculate_share_due(row) == Decimal("0.2")
    assert sentences.calculate_share_due(rows["1.1-countries"]) is None
    assert sentences.calculate_share_due(rows["1.2-fields"]) == 1
    with override("en"):
        text = sentences.describe_bar(row, Decimal("0.5"))
    assert text == "24\u00a0% of the target; 20\u00a0% expected by now."


def test_the_chart_of_a_level_names_its_last_milestone() -> None:
    assert formatting.format_bounds(level(date(2019, 12, 31))) == "15\u00a0%"
    assert formatting.format_final_bounds(level(date(2019, 12, 31))) == "25\u00a0%"


def test_pages_and_files_name_the_milestones(initiatives: Plan, officer_client: Client) -> None:
    query = {"as_of": "2018-12-31", "plan": initiatives.code}
    words = "ilestones: 10 by the end of 2018 and 50 by the end of 2020"
    page = officer_client.get("/targets/1.1-initiatives/", query).content.decode()
    assert page.count(words) == 2
    assert "progress is expected in a straight line to each milestone" in page
    assert "19.0 a year until the end of 2020" in page
    assert words in officer_client.get("/summary/", query).content.decode()
    assert "10 by the end of 2018" in officer_client.get("/plan/", query).content.decode()


def test_a_report_keeps_the_milestones_that_it_was_issued_with(
    initiatives: Plan, officer: User
) -> None:
    report = issue_annual_report(initiatives, "2019", officer, MARCH_2020)
    TargetVersion.objects.filter(target__code="1.1-initiatives").update(milestones={})
    row = next(iter(read_snapshot(load_rows(report)).rollup.targets))
    assert row.target.version.milestones == EXAMPLE_H
    assert f"{calculate_expected(row.target, date(2018, 12, 31)):.2f}" == "10.00"
    html = render_html(load_rows(report), "en")
    assert html.count("ilestones: 10 by the end of 2018 and 50 by the end of 2020") == 3


def test_a_report_rates_a_level_by_the_milestone_of_its_day(plan: Plan, officer: User) -> None:
    for field in ("justice", "justice", "justice", "violence", "emergencies"):
        make_approved("initiative", fields_of_activity=[field], starts_on="2018-05")
    milestones = {"2018": "15", "2020": "25"}
    TargetVersion.objects.filter(target__code="1.2-fields").update(milestones=milestones)
    add_version("1.2-fields", "2019-06-01", milestones={"2018": "18", "2020": "25"})
    report = issue_annual_report(plan, "2019", officer, MARCH_2020)
    rows = {row.target.code: row for row in read_snapshot(load_rows(report)).rollup.targets}
    row = rows["1.2-fields"]
    assert (row.value, row.target.minimum, row.rating) == (20, 18, Rating.ON_TRACK)
