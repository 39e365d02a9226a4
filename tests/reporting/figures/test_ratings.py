"""Ratings at the boundaries of every threshold."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from reporting.figures.ratings import (
    RatingInput,
    YearActual,
    calculate_expected,
    calculate_projection,
    rate_target,
    rate_year,
    round_for_rating,
    worst_rating,
)
from reporting.wording.formatting import format_bounds
from strategy.choices import Frequency, Measure, Rating, YearState
from strategy.models import Indicator, Objective, Plan, Priority, Target
from tests.factories import with_version

PLAN = Plan(code="2017-2020", starts_on=date(2017, 1, 1), ends_on=date(2020, 12, 31))


def target(minimum: str | None, maximum: str | None = None, **values: object) -> Target:
    objective = Objective(priority=Priority(plan=PLAN, number=1), code="1.1")
    defaults = {"measure": Measure.COUNT, "frequency": Frequency.WHOLE_PLAN}
    return with_version(
        Target(indicator=Indicator(objective=objective), **{**defaults, **values}),
        minimum=Decimal(minimum) if minimum else None,
        maximum=Decimal(maximum) if maximum else None,
    )


def rated(of: Target, value: str | None, as_of: date, records: int = 10) -> Rating:
    number = None if value is None else Decimal(value)
    return rate_target(RatingInput(of, number, records, (), as_of))


HALF = date(2018, 12, 31)
END = date(2020, 12, 31)


@pytest.mark.parametrize(
    ("value", "as_of", "rating"),
    [
        ("50", date(2017, 1, 1), Rating.ACHIEVED),
        ("49", date(2020, 12, 30), Rating.ON_TRACK),
        ("49", date(2020, 12, 31), Rating.NOT_ACHIEVED),
        ("50", date(2021, 6, 30), Rating.ACHIEVED),
        ("23", HALF, Rating.ON_TRACK),
        ("22", HALF, Rating.AT_RISK),
        ("15", HALF, Rating.AT_RISK),
        ("14", HALF, Rating.OFF_TRACK),
        ("0", HALF, Rating.OFF_TRACK),
        (None, HALF, Rating.NO_DATA),
        (None, date(2017, 1, 31), Rating.NO_DATA),
        ("0", date(2016, 12, 31), Rating.TOO_EARLY),
        ("0", date(2017, 7, 1), Rating.TOO_EARLY),
        ("0", date(2017, 7, 2), Rating.OFF_TRACK),
    ],
)
def test_a_count_over_the_plan(value: str | None, as_of: date, rating: Rating) -> None:
    assert rated(target("50"), value, as_of) == rating


@pytest.mark.parametrize(
    ("value", "rating"),
    [
        ("657", Rating.ON_TRACK),
        ("656.9999", Rating.AT_RISK),
        ("438", Rating.AT_RISK),
        ("437.9999", Rating.OFF_TRACK),
    ],
)
def test_the_thresholds_belong_to_the_better_rating(value: str, rating: Rating) -> None:
    daily = target("1461")
    assert calculate_expected(daily, HALF) == 730
    assert rated(daily, value, HALF) == rating


def test_the_eighth_of_the_plan_ends_where_the_test_above_says() -> None:
    day = date(2017, 7, 1)
    assert PLAN.elapsed(day) < PLAN.too_early_below <= PLAN.elapsed(day + timedelta(days=1))


@pytest.mark.parametrize(
    ("value", "records", "as_of", "rating"),
    [
        ("25", 4, HALF, Rating.ON_TRACK),
        ("24.9999", 4, HALF, Rating.AT_RISK),
        ("20", 4, HALF, Rating.AT_RISK),
        ("19.9", 4, HALF, Rating.OFF_TRACK),
        ("25", 3, HALF, Rating.TOO_EARLY),
        ("25", 3, date(2020, 12, 31), Rating.ACHIEVED),
        ("24.9", 40, date(2020, 12, 31), Rating.NOT_ACHIEVED),
        (None, 0, HALF, Rating.NO_DATA),
    ],
)
def test_a_share_that_must_hold(
    value: str | None, records: int, as_of: date, rating: Rating
) -> None:
    level = target("25", measure=Measure.SMALLEST_SHARE, frequency=Frequency.LEVEL)
    assert rated(level, value, as_of, records) == rating


MET, MISSED, NONE = YearState.MET, YearState.NOT_MET, YearState.NO_DATA
DUE, OPEN = YearState.DUE, YearState.OPEN


@pytest.mark.parametrize(
    ("states", "rating"),
    [
        ([OPEN, OPEN, OPEN, OPEN], Rating.TOO_EARLY),
        ([DUE, OPEN, OPEN, OPEN], Rating.TOO_EARLY),
        ([MET, OPEN, OPEN, OPEN], Rating.ON_TRACK),
        ([MET, DUE, OPEN, OPEN], Rating.ON_TRACK),
        ([MET, MISSED, OPEN, OPEN], Rating.AT_RISK),
        ([NONE, MET, OPEN, OPEN], Rating.AT_RISK),
        ([NONE, OPEN, OPEN, OPEN], Rating.NO_DATA),
        ([NONE, NONE, NONE, NONE], Rating.NO_DATA),
        ([MISSED, NONE, MET, OPEN], Rating.OFF_TRACK),
        ([MET, MET, MET, DUE], Rating.ON_TRACK),
        ([MET, MET, MET, MET], Rating.ACHIEVED),
        ([MET, MET, MISSED, MET], Rating.NOT_ACHIEVED),
        ([MET, MET, NONE, MET], Rating.NOT_ACHIEVED),
    ],
)
def test_a_target_for_every_year(states: list[YearState], rating: Rating) -> None:
    yearly = target("1", frequency=Frequency.EVERY_YEAR)
    years = [YearActual(y, None, s) for y, s in zip(PLAN.years, states, strict=True)]
    assert rate_target(RatingInput(yearly, None, 0, years, HALF)) == rating


@pytest.mark.parametrize(
    ("value", "as_of", "state"),
    [
        (None, date(2018, 12, 30), OPEN),
        ("1", date(2018, 12, 30), OPEN),
        ("1", date(2018, 12, 31), MET),
        ("0", date(2018, 12, 31), DUE),
        (None, date(2019, 6, 30), DUE),
        (None, date(2019, 7, 1), NONE),
        ("0", date(2019, 7, 1), MISSED),
        ("1", date(2019, 3, 13), MET),
    ],
)
def test_a_year_whose_report_is_due_six_months_later(
    value: str | None, as_of: date, state: YearState
) -> None:
    yearly = target("1", frequency=Frequency.EVERY_YEAR, due_months=6)
    number = None if value is None else Decimal(value)
    assert rate_year(yearly, PLAN.year("2018"), number, as_of) == state


def test_above_the_range_is_not_met() -> None:
    growth = target("10", "20", measure=Measure.GROWTH, frequency=Frequency.EVERY_YEAR)
    assert rate_year(growth, PLAN.year("2018"), Decimal("23.1"), HALF) == MISSED
    assert rate_year(growth, PLAN.year("2018"), Decimal("20"), HALF) == MET


def test_an_objective_takes_its_worst_target() -> None:
    order = list(Rating)
    for position, rating in enumerate(order):
        assert worst_rating(order[position:]) == rating
    assert worst_rating([]) == Rating.NO_TARGET


@pytest.mark.parametrize(
    ("value", "text"),
    [("24.96", "24.96"), ("24.9999", "24.9999"), ("25", "25.0"), ("23.80952", "23.8"),
     ("24.95", "24.95"), ("33.33333", "33.3"), ("0", "0.0")],
)  # fmt: skip
def test_a_rounded_value_never_contradicts_the_verdict(value: str, text: str) -> None:
    level = target("25", measure=Measure.SMALLEST_SHARE, frequency=Frequency.LEVEL)
    assert str(round_for_rating(Decimal(value), level)) == text


def test_a_value_just_above_the_range_keeps_its_decimals() -> None:
    growth = target("10", "20", measure=Measure.GROWTH, frequency=Frequency.EVERY_YEAR)
    assert str(round_for_rating(Decimal("20.04"), growth)) == "20.04"
    assert str(round_for_rating(Decimal("9.99"), growth)) == "9.99"


def test_a_count_is_shown_whole() -> None:
    assert str(round_for_rating(Decimal("13"), target("25"))) == "13"


def test_the_pace_needed_is_what_is_missing_over_the_time_left() -> None:
    pace = calculate_projection(target("25"), Decimal(13), HALF)
    assert pace is not None
    assert pace.at_end == Decimal(13) * 1461 / 730
    assert pace.needed_a_year == Decimal(12) * Decimal("365.25") / 731


def test_no_pace_is_needed_once_the_minimum_is_reached() -> None:
    for value in (Decimal(25), Decimal(26)):
        pace = calculate_projection(target("25"), value, HALF)
        assert pace is not None
        assert pace.needed_a_year is None
    late = calculate_projection(target("25"), Decimal(24), date(2020, 12, 30))
    assert late is not None
    assert late.needed_a_year == Decimal("365.25")


def test_there_is_no_pace_before_the_plan_nor_one_needed_after_it() -> None:
    assert calculate_projection(target("25"), Decimal(0), date(2016, 12, 31)) is None
    assert calculate_projection(target("25"), None, HALF) is None
    over = calculate_projection(target("25"), Decimal(13), date(2020, 12, 31))
    assert over is not None
    assert over.needed_a_year is None


@pytest.mark.parametrize(
    ("minimum", "maximum", "value", "half", "end"),
    [
        (None, "2", "0", Rating.ON_TRACK, Rating.ACHIEVED),
        (None, "2", "2", Rating.ON_TRACK, Rating.ACHIEVED),
        (None, "2", "3", Rating.OFF_TRACK, Rating.NOT_ACHIEVED),
        ("1", "3", "0", Rating.OFF_TRACK, Rating.NOT_ACHIEVED),
        ("1", "3", "1", Rating.ON_TRACK, Rating.ACHIEVED),
        ("1", "3", "3", Rating.ON_TRACK, Rating.ACHIEVED),
        ("1", "3", "5", Rating.OFF_TRACK, Rating.NOT_ACHIEVED),
    ],
)
def test_the_bounds_of_a_count(
    minimum: str | None, maximum: str, value: str, half: Rating, end: Rating
) -> None:
    """Example G."""
    bounded = target(minimum, maximum)
    assert (rated(bounded, value, HALF), rated(bounded, value, END)) == (half, end)


@pytest.mark.parametrize(
    ("minimum", "maximum", "value", "rating"),
    [
        ("25", "40", "40", Rating.ON_TRACK),
        ("25", "40", "40.01", Rating.OFF_TRACK),
        ("25", "40", "20", Rating.AT_RISK),
        (None, "40", "0", Rating.ON_TRACK),
        (None, "40", "41", Rating.OFF_TRACK),
    ],
)
def test_a_level_above_its_maximum_is_off_track(
    minimum: str | None, maximum: str, value: str, rating: Rating
) -> None:
    level = target(minimum, maximum, measure=Measure.SMALLEST_SHARE, frequency=Frequency.LEVEL)
    assert rated(level, value, HALF) == rating


def test_a_year_above_its_maximum_is_missed_before_it_is_due() -> None:
    most = target(None, "2", frequency=Frequency.EVERY_YEAR, due_months=6)
    states = [rate_year(most, PLAN.year("2018"), Decimal(number), HALF) for number in (0, 2, 3)]
    assert states == [MET, MET, MISSED]


def test_a_target_without_minimum_expects_nothing_and_needs_no_pace() -> None:
    most = target(None, "2")
    assert calculate_expected(most, HALF) is None
    pace = calculate_projection(most, Decimal(1), HALF)
    assert pace is not None
    assert pace.needed_a_year is None
    assert format_bounds(most) == "at most 2"
    assert format_bounds(target("1", "3")) == "1–3"


@pytest.mark.parametrize(
    ("value", "rating"),
    [("45", Rating.ON_TRACK), ("44.9999", Rating.AT_RISK), ("30", Rating.AT_RISK),
     ("29.9999", Rating.OFF_TRACK)],
)  # fmt: skip
def test_a_count_exactly_at_a_threshold(value: str, rating: Rating) -> None:
    """0.90 and 0.60 of 50 expected; the floor of 50 does not decide."""
    plan = Plan(code="even", starts_on=date(2019, 1, 1), ends_on=date(2020, 2, 4))
    assert plan.elapsed(date(2019, 7, 19)) == Decimal("0.5")
    even = target("100")
    even.indicator.objective.priority.plan = plan
    assert rated(even, value, date(2019, 7, 19)) == rating


def test_a_pace_needed_of_nothing_is_none() -> None:
    for value in ("25", "26"):
        reached = calculate_projection(target("25"), Decimal(value), HALF)
        assert reached is not None
        assert reached.needed_a_year is None
    missing = calculate_projection(target("25"), Decimal("24.99"), HALF)
    assert missing is not None
    assert missing.needed_a_year is not None
    assert missing.needed_a_year > 0


def test_too_early_ends_on_the_day_of_its_share() -> None:
    of, day = target("50"), date(2017, 3, 31)
    plan = Plan(code=PLAN.code, starts_on=PLAN.starts_on, ends_on=PLAN.ends_on)
    plan.too_early_below = PLAN.elapsed(day)
    of.indicator.objective.priority = Priority(plan=plan, number=1)
    assert rated(of, "0", day) == Rating.OFF_TRACK
    assert rated(of, "0", day - timedelta(days=1)) == Rating.TOO_EARLY


def test_what_is_due_already_is_never_too_early() -> None:
    a_record_a_day = target("1461")
    assert rated(a_record_a_day, "10", date(2017, 1, 10)) == Rating.ON_TRACK
    assert rated(a_record_a_day, "9", date(2017, 1, 10)) == Rating.TOO_EARLY


def test_example_d_asks_for_whole_records() -> None:
    assert rated(target("5"), "1", date(2017, 12, 31)) == Rating.ON_TRACK
    assert rated(target("3"), "0.5", date(2017, 12, 31)) == Rating.AT_RISK


def test_a_level_just_above_its_minimum_is_rounded_to_it() -> None:
    of = target("25", measure=Measure.SMALLEST_SHARE, frequency=Frequency.LEVEL)
    assert str(round_for_rating(Decimal("25.04"), of)) == "25.0"


def test_the_pace_so_far_is_of_a_year_and_leads_to_the_end() -> None:
    projection = calculate_projection(target("50"), Decimal(4), date(2017, 12, 31))
    assert projection is not None
    assert f"{projection.a_year:.4f} {projection.at_end:.4f}" == "4.0027 16.0110"


def test_nothing_is_missing_without_a_minimum() -> None:
    projection = calculate_projection(target(None, "2"), Decimal(0), HALF)
    assert projection is not None
    assert projection.needed_a_year is None


def test_a_half_is_rounded_up() -> None:
    of = target("25", measure=Measure.SMALLEST_SHARE, frequency=Frequency.LEVEL)
    assert str(round_for_rating(Decimal("13.25"), of)) == "13.3"


def test_a_level_just_below_at_risk_keeps_its_decimals() -> None:
    of = target("25", measure=Measure.SMALLEST_SHARE, frequency=Frequency.LEVEL)
    assert str(round_for_rating(Decimal("19.96"), of)) == "19.96"
