"""Rating overrides: when they apply, what they change, and who may set them."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from reporting.figures.rollup import TargetRow, build_rollup, build_target_row
from reporting.models import AnnualReport, RatingOverride
from strategy.choices import Rating
from strategy.models import Plan, Target, User
from tests.factories import NOON, make_approved

CODE = "2.3-networks"
MAY_2018 = date(2018, 5, 31)
END_OF_2018 = date(2018, 12, 31)
REASON = "Two networks signed in January, after the year’s last day."


def line(plan: Plan, as_of: date) -> TargetRow:
    return next(one for one in build_rollup(plan, as_of).targets if one.target.code == CODE)


def make_override(plan: Plan, by: User, **values: object) -> RatingOverride:
    given: dict[str, object] = {
        "rating": Rating.ON_TRACK,
        "reason": REASON,
        "valid_from": MAY_2018,
        "made_at": NOON,
    }
    if "target" not in values:
        given["target"] = Target.objects.of_plan(plan).get(code=CODE)
    return RatingOverride.objects.create(by=by, **{**given, **values})


@pytest.fixture
def network(plan: Plan) -> None:
    make_approved("network", starts_on="2017-06")


@pytest.mark.usefixtures("network")
class TestWhenItApplies:
    @pytest.mark.parametrize(
        ("as_of", "applies"),
        [
            (date(2018, 5, 30), False),
            (MAY_2018, True),
            (END_OF_2018, True),
            (date(2019, 1, 1), False),
        ],
    )
    def test_from_its_day_to_the_end_of_that_reporting_year(
        self, plan: Plan, officer: User, as_of: date, applies: bool
    ) -> None:
        make_override(plan, officer)
        assert (line(plan, as_of).override is not None) == applies

    def test_of_the_last_year_it_applies_ever_after(self, plan: Plan, officer: User) -> None:
        make_override(plan, officer, valid_from=date(2020, 12, 31))
        assert line(plan, date(2024, 6, 1)).rating == Rating.ON_TRACK

    def test_the_newest_wins_and_withdrawn_gives_way_to_the_one_before(
        self, plan: Plan, officer: User
    ) -> None:
        make_override(plan, officer, rating=Rating.ON_TRACK)
        later = datetime(2019, 7, 1, tzinfo=UTC)
        newest = make_override(plan, officer, rating=Rating.OFF_TRACK, made_at=later)
        assert line(plan, END_OF_2018).rating == Rating.OFF_TRACK
        newest.withdrawn_at, newest.withdrawn_by = timezone.now(), officer
        newest.save()
        assert line(plan, END_OF_2018).rating == Rating.ON_TRACK

    def test_a_rating_of_an_earlier_day_replaces_no_later_one(
        self, plan: Plan, officer: User
    ) -> None:
        make_override(plan, officer, rating=Rating.ON_TRACK, valid_from=END_OF_2018)
        newer = datetime(2019, 7, 1, tzinfo=UTC)
        make_override(plan, officer, rating=Rating.AT_RISK, made_at=newer)
        assert line(plan, date(2018, 6, 30)).rating == Rating.AT_RISK
        assert line(plan, END_OF_2018).rating == Rating.ON_TRACK


@pytest.mark.usefixtures("network")
class TestWhatItChanges:
    def test_both_ratings_are_there_with_who_when_and_why(self, plan: Plan, officer: User) -> None:
        before = line(plan, END_OF_2018)
        assert (before.rating, before.calculated, before.override) == (
            Rating.OFF_TRACK,
            Rating.OFF_TRACK,
            None,
        )
        make_override(plan, officer)
        found = line(plan, END_OF_2018)
        assert (found.rating, found.calculated) == (Rating.ON_TRACK, Rating.OFF_TRACK)
        assert found.override is not None
        assert (found.override.reason, found.override.by) == (REASON, str(officer))
        assert found.override.at == NOON
        assert found.value == before.value

    def test_the_objective_takes_the_worst_of_the_ratings_that_stand(
        self, plan: Plan, officer: User
    ) -> None:
        make_override(plan, officer, rating=Rating.NOT_ACHIEVED)
        objectives = build_rollup(plan, END_OF_2018).objectives
        ratings = {one.objective.code: one.rating for one in objectives}
        assert ratings["2.3"] == Rating.NOT_ACHIEVED

    def test_one_target_alone_says_the_same_as_the_roll_up(self, plan: Plan, officer: User) -> None:
        make_override(plan, officer)
        target = Target.objects.with_rules().of_plan(plan).get(code=CODE)
        assert build_target_row(target, END_OF_2018).override == line(plan, END_OF_2018).override

    def test_an_issued_report_keeps_both_after_the_override_is_withdrawn(
        self, plan: Plan, officer: User
    ) -> None:
        row = make_override(plan, officer)
        live = line(plan, END_OF_2018)
        issued = issue_annual_report(plan, "2018", officer, datetime(2019, 3, 1, tzinfo=UTC))
        row.withdrawn_at, row.withdrawn_by = timezone.now(), officer
        row.save()
        read = read_snapshot(load_rows(AnnualReport.objects.get(pk=issued.pk)))
        [kept] = [one for one in read.rollup.targets if one.target.code == CODE]
        assert (kept.rating, kept.calculated, kept.override) == (
            live.rating,
            live.calculated,
            live.override,
        )
        others = [one for one in read.rollup.targets if one.target.code != CODE]
        assert all(one.override is None and one.rating == one.calculated for one in others)


class TestTheDatabaseHoldsIt:
    @pytest.mark.parametrize(
        "wrong", [{"reason": ""}, {"rating": "fine"}, {"withdrawn_at": NOON}], ids=str
    )
    def test_a_reason_a_rating_and_who_withdrew(
        self, plan: Plan, officer: User, wrong: dict[str, object]
    ) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            make_override(plan, officer, **wrong)


def test_a_reporting_year_need_not_be_a_calendar_year(second: Plan, officer: User) -> None:
    target = Target.objects.of_plan(second).earliest("pk")
    make_override(second, officer, target=target, valid_from=date(2021, 12, 1))
    for day, applies in ((date(2022, 3, 31), True), (date(2022, 4, 1), False)):
        assert (build_target_row(target, day).override is not None) == applies
