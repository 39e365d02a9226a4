"""Which records count at the boundaries of dates, places and roles, and why others do not."""

from datetime import date

import pytest

from indicators.counting.rules import (
    counted_records,
    excluded_records,
    plan_window,
    with_exclusion_reason,
)
from strategy.choices import Reason
from strategy.dates.periods import Window
from strategy.models import Plan, Target
from tests.factories import make_approved, make_record

END = date(2020, 12, 31)


def target_of(plan: Plan, code: str) -> Target:
    return Target.objects.of_plan(plan).with_rules().get(code=code)


def reason_for(plan: Plan, code: str, record: object, as_of: date = END) -> str | None:
    """Return why a record does not count for a target; None if it counts."""
    target = target_of(plan, code)
    window = plan_window(target, as_of)
    [found] = with_exclusion_reason(target, window).filter(pk=record.pk)  # type: ignore[attr-defined]
    does_count = counted_records(target, window).filter(pk=found.pk).exists()
    is_left_out = excluded_records(target, window).filter(pk=found.pk).exists()
    assert does_count == (found.reason is None) != is_left_out
    reason: str | None = found.reason
    return reason


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "reason"),
    [
        ("2015-11-05", "2021-01-31", None),
        ("2015", "2016", Reason.OUTSIDE_PERIOD),
        ("2016-10", "2017-09", None),
        ("2016", "2017", None),
        ("2016", "2016-12-31", Reason.OUTSIDE_PERIOD),
        ("2016-03", "2017-01-01", None),
        ("2015-01", None, None),
        ("2020", None, None),
        ("2021", None, Reason.OUTSIDE_PERIOD),
        ("2021-01-01", "2022", Reason.OUTSIDE_PERIOD),
        (None, "2018", Reason.NO_DATE),
    ],
)
def test_a_span_counts_where_it_surely_overlaps_the_plan(
    plan: Plan, starts_on: str | None, ends_on: str | None, reason: Reason | None
) -> None:
    record = make_approved("initiative", starts_on=starts_on, ends_on=ends_on)
    assert reason_for(plan, "1.1-initiatives", record) == reason


@pytest.mark.parametrize(
    ("occurred_on", "as_of", "reason"),
    [
        ("2018", date(2018, 12, 31), None),
        ("2018", date(2018, 12, 30), Reason.AFTER_AS_OF),
        ("2018-02", date(2018, 2, 28), None),
        ("2018-02", date(2018, 2, 27), Reason.AFTER_AS_OF),
        ("2018-02-10", date(2018, 2, 10), None),
        ("2018-02-10", date(2018, 2, 9), Reason.AFTER_AS_OF),
        ("2016-12-31", END, Reason.OUTSIDE_PERIOD),
        ("2016", END, Reason.OUTSIDE_PERIOD),
        ("2017-01-01", END, None),
        ("2020-12", END, None),
        ("2021-01-01", END, Reason.OUTSIDE_PERIOD),
        (None, END, Reason.NO_DATE),
    ],
)
def test_a_partial_date_counts_from_the_last_day_that_it_could_be(
    plan: Plan, occurred_on: str | None, as_of: date, reason: Reason | None
) -> None:
    record = make_approved("decision", occurred_on=occurred_on)
    assert reason_for(plan, "2.1-decisions", record, as_of) == reason


def test_only_an_approved_record_counts(plan: Plan) -> None:
    for status in ("draft", "submitted", "returned", "withdrawn"):
        record = make_record("event", status=status, evidence=1)
        assert reason_for(plan, "2.3-events", record) == Reason.NOT_APPROVED


def test_what_cannot_be_approved_for_want_of_evidence_says_so(plan: Plan) -> None:
    record = make_record("event", status="submitted", evidence=0)
    assert reason_for(plan, "2.3-events", record) == Reason.NO_EVIDENCE


@pytest.mark.parametrize(
    ("countries", "scope", "initiatives", "in_countries"),
    [
        (["NE"], "country", None, None),
        (["CA"], "country", Reason.OUTSIDE_GEOGRAPHY, Reason.OUTSIDE_GEOGRAPHY),
        (["CA", "NE"], "regional", None, None),
        ([], "global", None, Reason.OUTSIDE_GEOGRAPHY),
        ([], "regional", None, Reason.OUTSIDE_GEOGRAPHY),
        ([], "country", Reason.OUTSIDE_GEOGRAPHY, Reason.OUTSIDE_GEOGRAPHY),
    ],
)
def test_where_an_initiative_counts(
    plan: Plan,
    countries: list[str],
    scope: str,
    initiatives: Reason | None,
    in_countries: Reason | None,
) -> None:
    record = make_approved("initiative", countries=countries, scope=scope)
    assert reason_for(plan, "1.1-initiatives", record) == initiatives
    assert reason_for(plan, "1.1-countries", record) == in_countries


@pytest.mark.parametrize(
    ("authority", "concerned", "abroad", "at_home"),
    [
        ("NE", ["NE"], None, Reason.OUTSIDE_GEOGRAPHY),
        ("CA", ["CA"], Reason.OUTSIDE_GEOGRAPHY, None),
        ("CA", ["BF"], Reason.OUTSIDE_GEOGRAPHY, None),
        ("CA", ["NE"], Reason.OUTSIDE_GEOGRAPHY, Reason.OUTSIDE_GEOGRAPHY),
        ("CA", [], Reason.OUTSIDE_GEOGRAPHY, Reason.OUTSIDE_GEOGRAPHY),
    ],
)
def test_no_decision_counts_twice(
    plan: Plan, authority: str, concerned: list[str], abroad: Reason, at_home: Reason
) -> None:
    record = make_approved("decision", authority_country=authority, countries_concerned=concerned)
    assert reason_for(plan, "2.1-decisions", record) == abroad
    assert reason_for(plan, "2.2-decisions", record) == at_home


@pytest.mark.parametrize(
    ("role", "kind", "reason"),
    [
        ("organised", "conference", None),
        ("co_organised", "workshop", None),
        ("contributed", "webinar", None),
        ("attended", "conference", Reason.ROLE_NOT_COUNTED),
        ("organised", "fundraising", Reason.KIND_NOT_COUNTED),
        ("organised", "visit", Reason.KIND_NOT_COUNTED),
        ("organised", "closing", Reason.KIND_NOT_COUNTED),
    ],
)
def test_which_events_are_key_events(
    plan: Plan, role: str, kind: str, reason: Reason | None
) -> None:
    assert reason_for(plan, "2.3-events", make_approved("event", role=role, kind=kind)) == reason


def test_a_product_counts_once_it_is_in_use(plan: Plan) -> None:
    begun = make_approved("sector_strengthened", state="in_progress")
    abroad = make_approved("sector_strengthened", country="NE")
    assert reason_for(plan, "1.3-sectors", begun) == Reason.NOT_IN_USE
    assert reason_for(plan, "1.3-sectors", abroad) == Reason.OUTSIDE_GEOGRAPHY


def test_an_initiative_without_a_field_stays_out_of_the_balance(plan: Plan) -> None:
    record = make_approved("initiative", fields_of_activity=[])
    assert reason_for(plan, "1.2-fields", record) == Reason.NO_FIELD
    assert reason_for(plan, "1.1-initiatives", record) is None


def test_a_report_counts_where_it_is_filed_for_the_year_it_covers(plan: Plan) -> None:
    record = make_approved("action_report", filed_under=["3.1"], year_covered="2018")
    assert reason_for(plan, "3.1-report", record) is None
    assert reason_for(plan, "3.2-report", record) == Reason.OTHER_INDICATOR
    assert reason_for(plan, "3.1-report", record, date(2019, 3, 12)) == Reason.AFTER_AS_OF
    target = target_of(plan, "3.1-report")
    assert not counted_records(target, Window(plan.year("2019"), END)).exists()


def test_a_report_without_a_day_of_issue_has_no_date(plan: Plan) -> None:
    record = make_approved("action_report", filed_under=["3.1"], issued_on=None)
    assert reason_for(plan, "3.1-report", record) == Reason.NO_DATE


def test_the_budget_before_the_plan_is_its_baseline(plan: Plan) -> None:
    baseline = make_approved("annual_budget", year="2016")
    earlier = make_approved("annual_budget", year="2015")
    spent = make_approved("annual_budget", year="2017", basis="actual")
    assert reason_for(plan, "3.3-budget", baseline) is None
    assert reason_for(plan, "3.3-budget", earlier) == Reason.OUTSIDE_PERIOD
    assert reason_for(plan, "3.3-budget", spent) == Reason.BASIS_NOT_COUNTED


def test_a_record_out_of_scope_changes_nothing_and_one_in_scope_only_its_own(plan: Plan) -> None:
    def numbers() -> dict[str, int]:
        targets = Target.objects.of_plan(plan).with_rules()
        return {t.code: counted_records(t, plan_window(t, END)).count() for t in targets}

    before = numbers()
    make_approved("project")
    make_approved("event", kind="visit")
    assert numbers() == before
    make_approved("country_support")
    assert {code for code, number in numbers().items() if number != before[code]} == {
        "2.1-countries"
    }
