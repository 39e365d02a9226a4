"""The measures of later plans (counting rules, section 5, and example I)."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from reporting.annual_report.content.data_files import build_figures
from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from reporting.annual_report.verification.figures import read_figures
from reporting.exports.results import build_json
from reporting.figures.rollup import TargetRow, build_rollup, build_target_row
from reporting.models import ReportedEvidence
from strategy.choices import Rating, Reason, Role
from strategy.models import Condition, Plan, Target, TargetGroup
from tests.factories import make_approved, make_record, make_user
from tests.support.database.fixtures import load_fixtures
from tests.support.recalculation import recalculate

TODAY = date(2022, 12, 31)


@pytest.fixture
def plan(db: None) -> Plan:
    load_fixtures(
        *("countries", "reference", "plan_2017_2020", "tests/fixtures/plan_of_measures.json")
    )
    return Plan.objects.get(code="measures")


def row(code: str, as_of: date = TODAY) -> TargetRow:
    return build_target_row(Target.objects.with_rules().get(code=code), as_of)


def list_reasons(found: TargetRow) -> dict[str, str]:
    """Return why records are left out, by reference."""
    return dict(found.actual.excluded.values_list("reference", F("reason")))


def initiative(number: int, *kinds: str, **values: Any) -> None:
    values = {"countries": ["NE"], "starts_on": "2021-03-01", **values}
    make_approved("initiative", reference=f"I-{number}", kinds=kinds, **values)


@pytest.fixture
def _initiatives(plan: Plan) -> None:
    """Four initiatives in scope, of which three train trainers, and two out of scope."""
    for number in (1, 2, 3):
        initiative(number, "training_of_trainers", "tool")
    initiative(4, "tool")
    initiative(5, "training_of_trainers", countries=["CA"])
    make_record("initiative", reference="I-6", countries=["NE"], starts_on="2021-03-01")


@pytest.mark.usefixtures("_initiatives")
def test_a_share_is_of_the_records_in_scope() -> None:
    found = row("trainers")
    measured = found.actual.measurement
    assert (measured.value, measured.numerator, measured.denominator) == (75, 3, 4)
    assert found.rating == Rating.ON_TRACK
    references = {each.reference for each in found.actual.evidence}
    assert references == {"I-1", "I-2", "I-3", "I-4"}
    assert {each.reference for each in found.actual.numerator_evidence} == references - {"I-4"}
    assert list_reasons(found) == {"I-5": Reason.OUTSIDE_GEOGRAPHY, "I-6": Reason.NO_EVIDENCE}


def test_a_share_of_nothing_is_no_data(plan: Plan) -> None:
    initiative(1, "training_of_trainers", countries=["CA"])
    found = row("trainers")
    assert (found.value, found.rating) == (None, Rating.NO_DATA)


@pytest.mark.parametrize(
    ("met", "others", "rating"),
    [(3, 0, "too_early"), (3, 1, "on_track"), (6, 4, "at_risk"), (2, 3, "off_track")],
)
def test_a_share_is_rated_as_a_level(plan: Plan, met: int, others: int, rating: str) -> None:
    for number in range(met + others):
        initiative(number, "training_of_trainers" if number < met else "tool")
    assert row("trainers").rating == rating


@pytest.mark.usefixtures("_initiatives")
def test_a_share_of_every_year_has_its_years() -> None:
    found = row("yearly-trainers")
    assert [(year.value, year.state) for year in found.years] == [
        (80, "met"),
        (80, "met"),
        (None, "open"),
        (None, "open"),
    ]


def test_the_smallest_share_of_another_dimension(plan: Plan) -> None:
    for number, instrument in enumerate(["law", "law", "law", "policy", "budget"]):
        make_approved(
            "decision", reference=f"D-{number}", instrument=instrument, occurred_on="2021-05-01"
        )
    found = row("instruments")
    assert found.value == 25
    shares = [(one.code, one.value, one.records) for one in found.actual.measurement.slices]
    assert shares == [("law", 75, 3), ("policy", 25, 1)]
    assert found.rating == Rating.ON_TRACK, "at most 30 %: a maximum without a minimum"
    assert list_reasons(found) == {"D-4": Reason.KIND_NOT_COUNTED}


def test_the_smallest_share_of_several_values(plan: Plan) -> None:
    initiative(1, target_groups=["government", "security_forces"])
    initiative(2, target_groups=["government"])
    initiative(3, target_groups=())
    measured = row("groups").actual.measurement
    shares = {one.code: one.value for one in measured.slices}
    assert (shares["government"], shares["security_forces"]) == (75, 25)
    assert (measured.value, measured.denominator) == (0, 2), "a group that nobody served"


def test_the_smallest_share_of_more_parts_than_an_integer_has_bits(plan: Plan) -> None:
    for number in range(40):
        TargetGroup.objects.create(code=f"group_{number}", name_en=f"Group {number}")
    initiative(1, target_groups=["group_38", "group_39"])
    initiative(2, target_groups=["group_39"])
    measured = row("groups").actual.measurement
    shares = {one.code: (one.value, one.records) for one in measured.slices}
    assert (shares["group_38"], shares["group_39"]) == ((25, 1), (75, 2))
    assert (measured.value, measured.denominator) == (0, 2), "the other groups have none"


@pytest.mark.usefixtures("_initiatives")
def test_other_programs_read_both_lists_of_a_share(plan: Plan) -> None:
    told: Any = build_json(build_rollup(plan, TODAY))
    [found] = [one for one in told["objectives"][0]["targets"] if one["code"] == "trainers"]
    assert (found["value"], found["numerator"], found["denominator"]) == ("75", "3", "4")
    assert found["numerator_records"] == ["I-1", "I-2", "I-3"]
    assert found["records"] == ["I-1", "I-2", "I-3", "I-4"]


@pytest.mark.usefixtures("_initiatives")
def test_the_page_of_a_share_opens_both_lists(plan: Plan, client: Client) -> None:
    client.force_login(make_user(Role.OFFICER, "montreal"))
    page = client.get("/targets/trainers/", {"plan": plan.code, "as_of": TODAY.isoformat()})
    text = page.content.decode()
    assert "records in scope that also meet the conditions of the numerator" in text
    assert "counts=numerator" in text
    listed = client.get(
        "/records/initiative/",
        {"target": "trainers", "plan": plan.code, "as_of": str(TODAY), "counts": "numerator"},
    ).content.decode()
    assert "I-3" in listed
    assert "I-4" not in listed
    summary = client.get("/summary/", {"plan": plan.code, "as_of": str(TODAY)}).content.decode()
    assert "3 of 4" in summary


@pytest.mark.usefixtures("_initiatives")
def test_an_issued_report_proves_its_shares(plan: Plan) -> None:
    make_approved("decision", instrument="law", occurred_on="2021-05-01")
    session(1, women=8, men=4)
    session(2, women=1, men=1, starts_on="2022-02")
    by = make_user(Role.OFFICER, "montreal")
    report = issue_annual_report(plan, "2022", by, datetime(2023, 1, 9, tzinfo=UTC))
    cited = ReportedEvidence.objects.filter(actual__code="trainers")
    assert dict(cited.values_list("reference", "numerator")) == {
        **dict.fromkeys(("I-1", "I-2", "I-3"), Decimal(1)),
        "I-4": Decimal(0),
    }
    cited = ReportedEvidence.objects.filter(actual__code="women")
    terms = cited.values_list("reference", "numerator", "denominator")
    assert set(terms) == {("A-1", 8, 12), ("A-2", 1, 2)}
    rows = load_rows(report)
    figures = build_figures(rows, read_snapshot(rows), is_draft=False)
    assert dict(recalculate(figures, {})) == dict(read_figures(figures))


def session(number: int, **values: Any) -> None:
    values = {"women": None, "men": None, "starts_on": f"2021-0{number}-01", **values}
    make_approved("activity", reference=f"A-{number}", **values)


def test_a_sum_adds_up_the_numbers_that_are_known(plan: Plan) -> None:
    session(1, women=4, men=3)
    session(2, sex_not_recorded=20)
    session(3)
    make_record("activity", reference="A-4", starts_on="2021-04-01", women=100)
    found = row("people")
    assert (found.value, found.rating) == (27, Rating.OFF_TRACK)
    assert found.expected == Decimal(200) * 730 / 1461
    assert list_reasons(found) == {"A-3": Reason.NO_NUMBER, "A-4": Reason.NO_EVIDENCE}


def test_children_are_added_up_apart_from_adults(plan: Plan) -> None:
    session(1, women=4, girls=3, boys=2)
    session(2, children_sex_not_recorded=10)
    Target.objects.filter(code="people").update(column="children")
    assert row("people").value == 15
    Target.objects.filter(code="people").update(column="girls")
    assert row("people").value == 3


def test_a_sum_of_no_number_is_no_data(plan: Plan) -> None:
    session(1)
    assert (row("people").value, row("people").rating) == (None, Rating.NO_DATA)
    session(2, men=0)
    assert row("people").value == 0


def test_a_sum_may_be_asked_every_year(plan: Plan) -> None:
    session(1, men=6, ends_on="2021-01-02")
    session(2, men=4, starts_on="2021-12-31", ends_on="2022-01-02")
    found = row("men-a-year")
    assert [(year.value, year.state) for year in found.years][:2] == [(10, "met"), (4, "not_met")]


def test_a_ratio_is_no_mean_of_ratios(plan: Plan) -> None:
    session(1, women=8, men=4)
    session(2, women=1, men=1)
    session(3, men=5)
    session(4)
    found = row("women")
    measured = found.actual.measurement
    assert measured.value is not None
    assert (round(measured.value, 1), measured.numerator, measured.denominator) == (
        Decimal("64.3"),
        9,
        14,
    )
    assert found.rating == Rating.ON_TRACK, "the whole is 14 people, of two records"
    assert list_reasons(found) == {"A-3": Reason.NO_BASE, "A-4": Reason.NO_NUMBER}


def test_a_ratio_of_few_is_too_early_and_over_nothing_no_data(plan: Plan) -> None:
    session(1, women=0, men=0)
    assert row("women").value is None
    session(2, women=2, men=1)
    assert (row("women").rating, row("women").value) == (
        Rating.TOO_EARLY,
        Decimal(200) / 3,
    )


@pytest.mark.parametrize(
    ("people", "rating"), [(3, "off_track"), (4, "at_risk"), (20, "on_track"), (21, "off_track")]
)
def test_the_latest_number_is_never_added_up(plan: Plan, people: int, rating: str) -> None:
    session(5, women=people, starts_on="2022-06")
    session(1, women=9, starts_on="2022-06-29")
    session(3, starts_on="2022-12-01")
    make_record("activity", starts_on="2022-12-02", women=9)
    found = row("last-session")
    assert (found.value, found.rating) == (people, rating), "June means its last day"
    assert row("last-session", date(2022, 6, 29)).value == 9
    assert row("last-session", date(2022, 6, 28)).value is None


def test_growth_compares_a_number_of_a_kind_with_one_record_a_year(plan: Plan) -> None:
    for year, amount in (("2020", 100), ("2021", 110), ("2022", 121)):
        make_approved("annual_budget", year=year, amount=amount)
    assert [year.value for year in row("budget").years][:2] == [10, 10]


def test_growth_and_the_latest_number_of_a_team(plan: Plan) -> None:
    for year, interns in (("2021", 40), ("2022", 50), ("2020", 20)):
        make_approved("team_year", year=year, interns=interns)
    make_approved("team_year", year="2023", interns=None, staff=30)
    team = Target.objects.filter(code="budget")
    Condition.objects.filter(target__code="budget").delete()
    team.update(record_kind="team_year", column="interns")
    assert [year.value for year in row("budget").years][:3] == [100, 25, None]
    team.update(measure="latest", frequency="level")
    assert row("budget", date(2024, 1, 1)).value == 50, "2023 does not say"
    assert row("budget", date(2021, 12, 31)).value == 40
