"""Indicators judged by a rubric: the last approved assessment, its step and its rating."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F

from reporting.dashboards.results_framework import build_results_framework
from reporting.exports.results import build_json
from reporting.figures.rollup import TargetRow, build_rollup, build_target_row
from reporting.wording.formatting import format_value
from strategy.choices import Rating, Reason, YearState
from strategy.models import Plan, RubricStep, Target
from tests.factories import make_approved, make_record
from tests.support.database.fixtures import load_fixtures

TODAY = date(2022, 12, 31)


@pytest.fixture(autouse=True)
def plan(db: None) -> Plan:
    load_fixtures("countries", "reference", "tests/fixtures/qualitative_plan.json")
    return Plan.objects.get(code="qualitative")


def assess(indicator: str, on: str, step: str, **values: Any) -> Any:
    rubric = "adoption" if indicator == "Q1.1" else "voice"
    found = RubricStep.objects.get(rubric__code=rubric, code=step)
    make = make_record if "status" in values else make_approved
    return make("assessment", indicator=indicator, assessed_on=on, step=found, **values)


def row(code: str, as_of: date = TODAY) -> TargetRow:
    return build_target_row(Target.objects.with_rules().get(code=code), as_of)


def test_the_figure_is_the_step_of_the_last_assessment_by_date() -> None:
    assert (row("oversight").value, row("oversight").rating) == (None, Rating.NO_DATA)
    assess("Q1.1", "2022-06-30", "most")
    assess("Q1.1", "2021", "all")
    assess("Q1.2", "2022-07-01", "informed")
    assess("Q1.1", "2022-09", "none", status="submitted")
    found = row("oversight")
    assert found.value == Decimal(4)
    assert format_value(found.value, found.target) == "In place in most projects"
    judged = [(str(each.on), each.number) for each in found.actual.measurement.judgements]
    assert judged == [("2021", 5), ("2022-06-30", 4)]
    assert row("oversight", date(2022, 6, 29)).value == Decimal(5)
    assert found.this_year.value == Decimal(4)


@pytest.mark.parametrize(
    ("step", "rating", "at_end"),
    [
        ("all", Rating.ON_TRACK, Rating.ACHIEVED),
        ("most", Rating.ON_TRACK, Rating.ACHIEVED),
        ("some", Rating.AT_RISK, Rating.NOT_ACHIEVED),
        ("planned", Rating.OFF_TRACK, Rating.NOT_ACHIEVED),
        ("none", Rating.OFF_TRACK, Rating.NOT_ACHIEVED),
    ],
)
def test_the_step_next_below_the_minimum_is_at_risk(
    step: str, rating: Rating, at_end: Rating
) -> None:
    assess("Q1.1", "2021-06-30", step)
    assert row("oversight").rating == rating
    assert row("oversight", date(2024, 12, 31)).rating == at_end


def test_steps_with_gaps_in_their_numbers_keep_their_order() -> None:
    for step in RubricStep.objects.filter(rubric__code="adoption").order_by("-number"):
        RubricStep.objects.filter(pk=step.pk).update(number=step.number * 10)
    Target.objects.get(code="oversight").versions.update(minimum=40)
    assess("Q1.1", "2021-06-30", "some")
    assert (row("oversight").value, row("oversight").rating) == (Decimal(30), Rating.AT_RISK)


def test_a_year_is_judged_by_its_own_assessment() -> None:
    assess("Q1.3", "2021-06-30", "deciding")
    years = row("reception").years
    assert [year.value for year in years] == [Decimal(3), None, None, None]
    assert [year.state for year in years[:2]] == [YearState.MET, YearState.NO_DATA]


def test_what_is_left_out_says_why() -> None:
    assess("Q1.2", "2022", "consulted", reference="other")
    assess("Q1.1", "2022", "most", reference="draft", status="draft", evidence=1)
    make_approved("assessment", indicator="Q1.1", assessed_on="2022-02", reference="number")
    assert dict(row("oversight").actual.excluded.values_list("reference", F("reason"))) == {
        "other": Reason.OTHER_INDICATOR,
        "draft": Reason.NOT_APPROVED,
        "number": Reason.NO_STEP,
    }


def test_a_survey_is_read_as_a_ratio_and_a_value_as_the_latest() -> None:
    survey = Target.objects.get(code="voice")
    words = {"record_kind": "assessment", "frequency": "level"}
    numbers = {"column": "numerator", "base_column": "denominator"}
    Target.objects.filter(pk=survey.pk).update(measure="ratio", **words, **numbers)
    for on, part, whole in (("2021", 8, 12), ("2022", 1, 2)):
        make_approved(
            "assessment", indicator="Q1.2", assessed_on=on, numerator=part, denominator=whole
        )
    make_approved("assessment", indicator="Q1.1", numerator=1, denominator=1, assessed_on="2022")
    found = row("voice").actual.measurement
    assert (found.numerator, found.denominator) == (9, 14)
    latest = {"measure": "latest", "column": "value", "base_column": ""}
    Target.objects.filter(pk=survey.pk).update(**latest)
    assert row("voice").value is None
    make_approved("assessment", indicator="Q1.2", assessed_on="2021-03", value="4.5")
    make_approved("assessment", indicator="Q1.2", assessed_on="2021-02", value="9")
    assert row("voice").value == Decimal("4.5")


def test_other_programs_read_the_step_s_number_and_words(plan: Plan) -> None:
    assess("Q1.1", "2022-06-30", "some")
    rollup = build_rollup(plan, TODAY)
    told: Any = build_json(rollup)
    first, second, _third = told["objectives"][0]["targets"]
    assert (first["value"], first["minimum"], first["denominator"]) == ("3", "4", None)
    assert first["step"] == {"code": "some", "name": "In place in some projects"}
    assert (second["value"], second["step"]) == (None, None)


def test_steps_have_no_variance(plan: Plan) -> None:
    assess("Q1.1", "2022-06-30", "some")
    (group,) = build_results_framework(plan, TODAY).groups
    assert [each.variance for each in group.rows] == [None, None, None]
