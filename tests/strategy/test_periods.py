"""Days, reporting years and partial dates."""

from datetime import date

import pytest

from strategy.dates.periods import PartialDate, Period, add_months, quarter_ends, reporting_year
from strategy.models import Plan, UnknownYear


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2018", "2018-01-01", "2018-12-31"),
        ("2018-02", "2018-02-01", "2018-02-28"),
        ("2020-02", "2020-02-01", "2020-02-29"),
        (" 2018-03-30 ", "2018-03-30", "2018-03-30"),
    ],
)
def test_a_partial_date_knows_its_first_and_last_day(text: str, first: str, last: str) -> None:
    known = PartialDate.parse(text)
    assert (known.first.isoformat(), known.last.isoformat()) == (first, last)
    assert str(known) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["", "18", "2018-3", "2018-13", "2018-02-30", "30/03/2018", "2018-03-30T00", "0000", "٢٠١٨"],
)
def test_what_is_no_date_is_named_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="“"):
        PartialDate.parse(text)


def test_a_year_from_april_is_called_by_both_its_years() -> None:
    year = reporting_year(2017, 4)
    assert (year.starts_on, year.ends_on, year.label) == (
        date(2017, 4, 1),
        date(2018, 3, 31),
        "2017-2018",
    )


def test_a_plan_has_the_years_that_it_touches_and_of_them_its_own_days() -> None:
    plan = Plan(code="x", starts_on=date(2021, 6, 1), ends_on=date(2023, 3, 31), year_starts_in=4)
    assert [y.label for y in plan.years] == ["2021-2022", "2022-2023"]
    assert plan.years[0].starts_on == date(2021, 6, 1)
    assert plan.year_before.label == "2020-2021"
    assert plan.year_at(date(2020, 1, 1)).label == "2021-2022"
    assert plan.year_at(date(2030, 1, 1)).label == "2022-2023"
    with pytest.raises(UnknownYear, match="2021-2022, 2022-2023"):
        plan.year("2021")


def test_the_plan_of_four_years_has_1461_days() -> None:
    plan = Plan(code="x", starts_on=date(2017, 1, 1), ends_on=date(2020, 12, 31))
    assert plan.period.days == 1461
    assert plan.period.elapsed_days(date(2017, 12, 31)) == 365
    assert plan.period.elapsed_days(date(2018, 12, 31)) == 730
    assert plan.elapsed(date(2016, 1, 1)) == 0
    assert plan.elapsed(date(2022, 1, 1)) == 1


def test_months_after_keeps_the_end_of_a_month() -> None:
    assert add_months(date(2018, 12, 31), 6) == date(2019, 6, 30)
    assert add_months(date(2019, 6, 30), 6) == date(2019, 12, 31)
    assert add_months(date(2018, 8, 30), 6) == date(2019, 2, 28)
    assert add_months(date(2018, 1, 15), 1) == date(2018, 2, 15)


def test_quarters_end_with_the_period() -> None:
    ends = quarter_ends(Period(date(2017, 1, 1), date(2017, 11, 30)))
    assert [e.isoformat() for e in ends] == ["2017-03-31", "2017-06-30", "2017-09-30", "2017-11-30"]
