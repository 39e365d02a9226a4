"""The worked examples of the counting rules, section 6."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client

from indicators.counting.statements import run
from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from reporting.exports.results import build_json
from reporting.figures.measures import MeasuredValue, read_actuals
from reporting.figures.ratings import calculate_expected
from reporting.figures.rollup import TargetRow, build_rollup, build_target_row
from reporting.figures.trends import build_trend
from strategy.choices import Rating, YearState
from strategy.dates.periods import Window
from strategy.models import Condition, Plan, Target, TargetVersion, User
from strategy.plan.validation import validate_plan
from tests.factories import make_approved, make_record

ABROAD = ["AF", "AO", "BD", "BF", "BJ", "CD", "CI", "CO", "CR", "GT", "HN", "HT", "MA", "MG", "NE"]


def line(plan: Plan, code: str, as_of: str) -> TargetRow:
    target = Target.objects.of_plan(plan).with_rules().get(code=code)
    return build_target_row(target, date.fromisoformat(as_of))


def budget(year: int, amount: str, **values: str) -> None:
    make_approved("annual_budget", year=str(year), amount=amount, **values)


def growth_of(plan: Plan, year: int) -> tuple[Decimal | None, YearState]:
    one = next(y for y in line(plan, "3.3-budget", "2020-12-31").years if y.year.label == str(year))
    return one.value, one.state


class TestOneSeriesThreeRatings:
    """Example A."""

    @pytest.fixture(autouse=True)
    def _series(self, plan: Plan) -> None:
        for number, country in enumerate(ABROAD):
            begun = "2018-05" if number < 13 else "2019-11-05"
            make_approved("initiative", countries=[country], starts_on=begun)

    @pytest.mark.parametrize(
        ("as_of", "value", "line_value", "rating"),
        [
            ("2018-12-31", 13, "12.49", Rating.ON_TRACK),
            ("2019-12-31", 15, "18.74", Rating.AT_RISK),
            ("2020-12-31", 15, "25.00", Rating.NOT_ACHIEVED),
        ],
    )
    def test_countries(
        self, plan: Plan, as_of: str, value: int, line_value: str, rating: Rating
    ) -> None:
        read = line(plan, "1.1-countries", as_of)
        assert (read.value, read.rating) == (value, rating)
        assert read.expected is not None
        assert read.expected.quantize(Decimal("0.01")) == Decimal(line_value)


class TestFields:
    """Example B."""

    def _make(self, **numbers: int) -> None:
        for field, number in numbers.items():
            for _one in range(number):
                make_approved("initiative", fields_of_activity=field.split("_"))

    def _shares(self, plan: Plan) -> tuple[list[Decimal], TargetRow]:
        read = line(plan, "1.2-fields", "2019-06-30")
        return [piece.value for piece in read.actual.measurement.slices], read

    def test_nine_seven_four_is_at_risk(self, plan: Plan) -> None:
        self._make(justice=9, violence=7, emergencies=4)
        shares, read = self._shares(plan)
        assert shares == [45, 35, 20]
        assert (read.value, read.rating) == (20, Rating.AT_RISK)

    def test_eight_seven_five_meets(self, plan: Plan) -> None:
        self._make(justice=8, violence=7, emergencies=5)
        read = self._shares(plan)[1]
        assert (read.value, read.rating) == (25, Rating.ON_TRACK)

    def test_nine_seven_five_is_never_rounded_up(self, plan: Plan) -> None:
        self._make(justice=9, violence=7, emergencies=5)
        read = self._shares(plan)[1]
        assert read.value is not None
        assert read.value.quantize(Decimal("0.1")) == Decimal("23.8")
        assert read.rating == Rating.AT_RISK

    def test_an_initiative_with_every_field_weighs_one(self, plan: Plan) -> None:
        self._make(justice_violence_emergencies=1)
        shares, read = self._shares(plan)
        assert shares == [Decimal(100) / 3] * 3
        assert read.actual.measurement.denominator == 1

    def test_two_fields_split_one_initiative(self, plan: Plan) -> None:
        self._make(justice_violence=1, justice=1, violence=1, emergencies=1)
        shares, read = self._shares(plan)
        assert shares == [Decimal("37.5"), Decimal("37.5"), 25]
        assert (read.actual.measurement.numerator, read.actual.measurement.denominator) == (1, 4)


class TestGrowth:
    """Example C."""

    @pytest.mark.parametrize(
        ("amount", "value", "state"),
        [
            ("110", "10", YearState.MET),
            ("120", "20", YearState.MET),
            ("120.01", "20.01", YearState.NOT_MET),
            ("109.99", "9.99", YearState.NOT_MET),
        ],
    )
    def test_both_bounds_are_included(
        self, plan: Plan, amount: str, value: str, state: YearState
    ) -> None:
        budget(2016, "100")
        budget(2017, amount)
        assert growth_of(plan, 2017) == (Decimal(value), state)

    def test_without_a_baseline_the_first_year_has_no_data(self, plan: Plan) -> None:
        budget(2017, "110")
        assert growth_of(plan, 2017) == (None, YearState.NO_DATA)

    def test_the_first_year_without_its_base_is_not_the_base_itself(self, plan: Plan) -> None:
        budget(2017, "100")
        budget(2018, "110")
        found = line(plan, "3.3-budget", "2017-12-31").this_year.measurement
        assert (found.value, found.numerator, found.denominator) == (None, None, None)
        assert growth_of(plan, 2018) == (10, YearState.MET)

    def test_a_gap_leaves_two_years_without_data(self, plan: Plan) -> None:
        for year, amount in ((2016, "100"), (2017, "110"), (2019, "130"), (2020, "145")):
            budget(year, amount)
        assert [growth_of(plan, year)[1] for year in (2017, 2018, 2019, 2020)] == [
            YearState.MET,
            YearState.NO_DATA,
            YearState.NO_DATA,
            YearState.MET,
        ]

    def test_currencies_are_never_compared(self, plan: Plan) -> None:
        budget(2016, "100", currency="CAD")
        budget(2017, "110", currency="USD")
        assert growth_of(plan, 2017)[0] is None

    def test_a_base_of_zero_gives_no_data(self, plan: Plan) -> None:
        budget(2016, "0")
        budget(2017, "110")
        assert growth_of(plan, 2017) == (None, YearState.NO_DATA)


class TestEarlyDays:
    """Example D."""

    def test_nothing_yet_after_three_months_is_too_early(self, plan: Plan) -> None:
        make_record("initiative", starts_on="2017-02")
        read = line(plan, "1.1-initiatives", "2017-03-31")
        assert (read.value, read.rating) == (0, Rating.TOO_EARLY)

    def test_the_first_whole_decision_is_on_track(self, plan: Plan) -> None:
        make_approved(
            "decision", authority_country="CA", countries_concerned=["CA"], occurred_on="2017-06-01"
        )
        read = line(plan, "2.2-decisions", "2017-12-31")
        assert (read.value, read.rating) == (1, Rating.ON_TRACK)
        assert calculate_expected(read.target, date(2017, 12, 31)) == Decimal(5) * 365 / 1461


class TestLaterRecords:
    """Example E."""

    def test_a_record_dated_later_changes_no_earlier_figure(self, plan: Plan) -> None:
        assert line(plan, "2.1-countries", "2018-12-31").value is None
        make_approved("country_support", country="SN", starts_on="2019-05")
        earlier = line(plan, "2.1-countries", "2018-12-31")
        assert (earlier.value, earlier.rating) == (None, Rating.NO_DATA)
        assert line(plan, "2.1-countries", "2019-12-31").value == 1

    def test_a_year_stays_as_it_was_known(self, plan: Plan) -> None:
        make_record("sponsor", first_agreement_on="2018-11-05")
        assert line(plan, "3.3-sponsors", "2018-10-31").this_year.value is None
        assert line(plan, "3.3-sponsors", "2018-11-05").this_year.value == 0

    def test_a_draft_is_known_from_its_date_and_the_curve_with_it(self, plan: Plan) -> None:
        make_record("event", occurred_on="2018-05-14")
        trend = build_trend(line(plan, "2.3-events", "2019-12-31").target, date(2019, 12, 31))
        assert trend is not None
        assert trend.value_at(date(2018, 5, 13)) is None
        assert trend.value_at(date(2018, 5, 14)) == 0
        assert trend.value_at(date(2019, 12, 31)) == 0

    def test_a_value_that_does_not_count_makes_a_distinct_count_known(self, plan: Plan) -> None:
        make_approved("initiative", countries=["CA"], starts_on="2017-03-01")
        make_approved("initiative", countries=["SN", "CA"], starts_on="2018-06-01")
        trend = build_trend(line(plan, "1.1-countries", "2019-12-31").target, date(2019, 12, 31))
        assert trend is not None
        assert trend.days == (date(2017, 3, 1), date(2018, 6, 1))
        assert trend.values == (0, 1)


def test_a_distinct_count_without_a_condition_takes_every_value(plan: Plan) -> None:
    for sector in ("justice", "health", "education", "justice"):
        make_approved(
            "sector_strengthened",
            sector=sector,
            country="CA",
            state="in_use",
            occurred_on="2018-03-01",
        )
    read = line(plan, "1.3-sectors", "2018-12-31")
    assert read.value == 3
    assert [piece.records for piece in read.actual.measurement.slices] == [2, 1, 1]


class TestBounds:
    """Example G."""

    @pytest.fixture(autouse=True)
    def _at_most_two(self, plan: Plan) -> None:
        statements = {f"statement_{code}": "At most 2" for code in ("en", "fr", "es", "ar")}
        TargetVersion.objects.filter(target__code="2.3-events").update(
            minimum=None, maximum=2, **statements
        )
        make_record("event", occurred_on="2018-02-01")

    @pytest.mark.parametrize(
        ("number", "during", "at_the_end"),
        [
            (0, Rating.ON_TRACK, Rating.ACHIEVED),
            (2, Rating.ON_TRACK, Rating.ACHIEVED),
            (3, Rating.OFF_TRACK, Rating.NOT_ACHIEVED),
        ],
    )
    def test_at_most_two_events(
        self, plan: Plan, number: int, during: Rating, at_the_end: Rating
    ) -> None:
        for _one in range(number):
            make_approved("event", occurred_on="2018-05-14")
        rows = [line(plan, "2.3-events", day) for day in ("2019-12-31", "2020-12-31")]
        assert [(row.value, row.rating, row.expected) for row in rows] == [
            (number, during, None),
            (number, at_the_end, None),
        ]

    def test_pages_and_files_name_the_maximum(self, plan: Plan, officer_client: Client) -> None:
        make_approved("event", occurred_on="2018-05-14")
        query = {"as_of": "2019-12-31", "plan": plan.code}
        target = officer_client.get("/targets/2.3-events/", query).content.decode()
        assert "at most 2" in target
        assert "The figure is in its range: at most 2." in target
        assert "none, the minimum is reached" not in target
        assert "of at most 2" in officer_client.get("/dashboard/", query).content.decode()
        assert "at most 2" in officer_client.get("/plan/", query).content.decode()
        assert officer_client.get("/summary.xlsx", query).status_code == 200
        [kept] = [
            told
            for objective in build_json(build_rollup(plan, date(2019, 12, 31)))["objectives"]
            for told in objective["targets"]
            if told["code"] == "2.3-events"
        ]
        assert (kept["minimum"], kept["maximum"]) == (None, "2")
        assert validate_plan(plan) == []

    def test_a_report_keeps_an_empty_minimum(self, plan: Plan, officer: User) -> None:
        report = issue_annual_report(plan, "2018", officer, datetime(2019, 3, 1, tzinfo=UTC))
        [row] = [
            row
            for row in read_snapshot(load_rows(report)).rollup.targets
            if row.target.code == "2.3-events"
        ]
        assert (row.target.minimum, row.target.maximum) == (None, 2)
        assert row.rating == Rating.ON_TRACK


class TestValuesAtTheEdges:
    """What a measure takes, and what it has no base for."""

    def test_a_distinct_count_takes_only_the_values_that_meet_every_condition(
        self, plan: Plan
    ) -> None:
        make_approved("initiative", countries=["NE", "CA", "SN"], starts_on="2018-05")
        found = line(plan, "1.1-countries", "2018-12-31")
        assert [part.code for part in found.actual.measurement.slices] == ["NE", "SN"]
        trend = build_trend(found.target, date(2018, 12, 31))
        assert trend is not None
        assert trend.values[-1] == found.value == 2
        Condition.objects.create(
            target=found.target, number=9, dimension="country", test="inside", codes=["SN", "CA"]
        )
        found = line(plan, "1.1-countries", "2018-12-31")
        assert [part.code for part in found.actual.measurement.slices] == ["SN"]

    def test_a_distinct_count_without_a_condition_takes_every_value(self, plan: Plan) -> None:
        make_approved("initiative", countries=["NE", "CA"], starts_on="2018-05")
        Condition.objects.filter(target__code="1.1-countries").delete()
        assert line(plan, "1.1-countries", "2018-12-31").value == 2

    def test_a_growth_has_no_value_without_its_base(self, plan: Plan) -> None:
        budget(2016, "0")
        budget(2017, "100")
        assert growth_of(plan, 2017) == (None, YearState.NO_DATA)
        target = line(plan, "3.3-budget", "2018-12-31").target
        windows = [
            Window(period, date(2018, 12, 31))
            for period in (plan.year_before, plan.year("2017"), plan.year("2018"), plan.period)
        ]
        measured = [actual.measurement for actual in run(read_actuals(target, windows))]
        assert measured == [
            MeasuredValue(None),
            MeasuredValue(None, Decimal(100), Decimal(0)),
            MeasuredValue(None),
            MeasuredValue(None),
        ]

    def test_a_record_of_every_field_is_split_among_all_of_them(self, plan: Plan) -> None:
        every = [field.code for field in plan.fields_of_activity.all()]
        make_approved("initiative", fields_of_activity=every, starts_on="2018-05")
        measured = line(plan, "1.2-fields", "2018-12-31").actual.measurement
        assert measured.denominator == 1
        assert {part.records for part in measured.slices} == {1}
        assert {part.value for part in measured.slices} == {Decimal(100) / len(every)}
        make_approved("initiative", fields_of_activity=every[:1], starts_on="2018-05")
        measured = line(plan, "1.2-fields", "2018-12-31").actual.measurement
        assert measured.denominator == 2
        assert measured.value == Decimal(100) / (len(every) * 2)
