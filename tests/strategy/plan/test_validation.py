"""``check_plan`` lists what is meaningless in a plan's rows, with place and remedy."""

from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from strategy.models import (
    Condition,
    CountryList,
    FieldOfActivity,
    Indicator,
    Objective,
    Plan,
    Priority,
    ResultLevel,
    Rubric,
    RubricStep,
    Section,
    Target,
    TargetVersion,
)
from strategy.plan.validation import validate_plan, validate_relations
from tests.factories import make_country

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> Plan:
    """Create a valid plan of one priority, one objective and two targets."""
    plan = Plan.objects.create(
        code="small", title="Small", starts_on=date(2021, 4, 1), ends_on=date(2023, 3, 31),
        year_starts_in=4, **in_all_languages("title", "Small plan"),
    )  # fmt: skip
    for code in ("justice", "violence"):
        field = FieldOfActivity.objects.create(code=code, **in_all_languages("name", code))
        plan.fields_of_activity.add(field)
    priority = Priority.objects.create(plan=plan, number=1, **in_all_languages("title", "First"))
    objective = Objective.objects.create(
        priority=priority, number=1, code="1.1",
        **in_all_languages("statement", "Help"), **in_all_languages("short_title", "Help"),
    )  # fmt: skip
    indicator = Indicator.objects.create(
        objective=objective, code="1.1", **in_all_languages("statement", "Number"),
        **in_all_languages("baseline", "Not measured before"),
    )  # fmt: skip
    make_target(indicator, "1.1-decisions")
    condition = Condition.objects.create(
        target=Target.objects.get(), number=1, dimension="instrument", codes=["law"]
    )
    assert condition.pk
    return plan


def in_all_languages(column: str, text: str) -> dict[str, str]:
    return {f"{column}_{code}": text for code, _name in settings.LANGUAGES}


def make_target(indicator: Indicator, code: str, **values: Any) -> Target:
    defaults: dict[str, Any] = {
        "record_kind": "decision",
        "measure": "count",
        "frequency": "whole_plan",
        **in_all_languages("name", "name"),
        **in_all_languages("unit", "unit"),
    }
    target = Target.objects.create(indicator=indicator, code=code, **{**defaults, **values})
    TargetVersion.objects.create(
        target=target,
        in_force_from=target.plan.starts_on,
        minimum=Decimal(5),
        **in_all_languages("statement", "statement"),
        **in_all_languages("rule", "rule"),
    )
    return target


def list_problems(plan: Plan) -> list[str]:
    return [str(problem) for problem in validate_plan(plan)]


def errors(plan: Plan) -> list[str]:
    return [str(problem) for problem in validate_plan(plan) if not problem.is_warning]


def test_a_good_plan_has_no_problem(plan: Plan) -> None:
    assert list_problems(plan) == []


def test_a_dimension_that_the_kind_does_not_offer(plan: Plan) -> None:
    Condition.objects.update(dimension="event_role", codes=["organised"])
    (error,) = errors(plan)
    assert error.startswith("condition 1.1-decisions 1: dimension: ")
    assert "It has: country, authority_country, instrument." in error


def test_a_code_that_a_closed_list_does_not_have(plan: Plan) -> None:
    Condition.objects.update(codes=["rumour"])
    (error,) = errors(plan)
    assert "“instrument” has no code rumour" in error


@pytest.mark.parametrize(
    ("kind", "dimension", "codes", "what"),
    [
        ("decision", "country", ["XX"], "country XX"),
        ("initiative", "field_of_activity", ["justice", "climate"], "field of activity climate"),
        ("initiative", "target_group", ["pirates"], "target group pirates"),
        ("initiative", "capability", ["magic"], "kind of initiative magic"),
        ("sector_strengthened", "sector", ["mining"], "sector mining"),
        ("policy_update", "policy_area", ["parking"], "policy area parking"),
        ("action_report", "indicator", ["9.9"], "indicator 9.9"),
    ],
)
def test_a_code_that_is_no_row(
    plan: Plan, kind: str, dimension: str, codes: list[str], what: str
) -> None:
    Target.objects.update(record_kind=kind)
    Condition.objects.update(dimension=dimension, codes=codes)
    (error,) = errors(plan)
    assert error.startswith("condition 1.1-decisions 1: codes: ")
    assert f"there is no {what}." in error


def test_an_indicator_of_another_plan_is_no_row_of_this_one(plan: Plan) -> None:
    Target.objects.update(record_kind="action_report")
    Condition.objects.update(dimension="indicator", codes=["1.1"])
    assert errors(plan) == []
    Indicator.objects.update(code="1.2")
    (error,) = errors(plan)
    assert "there is no indicator 1.1." in error


def test_lists_of_countries_stand_on_countries_only(plan: Plan) -> None:
    africa = CountryList.objects.create(code="africa", name="Africa")
    africa.countries.add(make_country("NE"))
    Condition.objects.get().country_lists.add(africa)
    (error,) = errors(plan)
    assert "Only a condition on countries may name lists of countries." in error


def test_a_condition_on_nothing(plan: Plan) -> None:
    Condition.objects.update(dimension="country", codes=[])
    Condition.objects.get().country_lists.add(
        CountryList.objects.create(code="empty", name="Empty")
    )
    (error,) = errors(plan)
    assert "Name at least one code or list of countries." in error


@pytest.mark.parametrize("model", [Objective, Indicator, Target])
def test_a_code_used_twice_in_a_plan(plan: Plan, model: Any) -> None:
    second = Priority.objects.create(plan=plan, number=2, **in_all_languages("title", "Second"))
    other = Objective.objects.create(
        priority=second, number=1, code="1.1" if model is Objective else "2.1",
        **in_all_languages("statement", "Help"), **in_all_languages("short_title", "Help"),
    )  # fmt: skip
    indicator = Indicator.objects.create(
        objective=other,
        code="1.1" if model is Indicator else "2.1",
        **in_all_languages("statement", "Number"),
    )
    make_target(indicator, "1.1-decisions" if model is Target else "2.1-decisions")
    found = errors(plan)
    assert len(found) == 2
    assert all("stands 2 times in this plan" in error for error in found)


def test_two_plans_may_use_the_same_codes(plan: Plan) -> None:
    assert errors(plan) == []
    Plan.objects.create(code="next", title="Next", starts_on="2023-04-01", ends_on="2025-03-31")
    assert errors(plan) == []
    assert errors(Plan.objects.get(code="next")) == [
        "plan next: It has no priority. Add the first one."
    ]


def test_levels_with_nothing_below_them(plan: Plan) -> None:
    for model in (Target, Indicator, Objective):
        model.objects.all().delete()
        assert errors(plan) == []
    Priority.objects.all().delete()
    assert errors(plan) == ["plan small: It has no priority. Add the first one."]


def share(plan: Plan, minimum: int) -> None:
    Condition.objects.all().delete()
    Target.objects.update(
        record_kind="initiative",
        measure="smallest_share",
        dimension="field_of_activity",
        frequency="level",
    )
    TargetVersion.objects.update(minimum=minimum)


def test_a_share_needs_fields(plan: Plan) -> None:
    share(plan, 25)
    assert errors(plan) == []
    plan.fields_of_activity.clear()
    (error,) = errors(plan)
    assert "A share needs the plan's fields of activity" in error


def test_shares_that_cannot_all_be_reached(plan: Plan) -> None:
    share(plan, 50)
    assert errors(plan) == []
    share(plan, 51)
    (error,) = errors(plan)
    assert error.startswith(
        "version of a target 1.1-decisions 2021-04-01: minimum: 2 fields cannot each have 51"
    )


def test_a_target_without_a_version_from_the_plans_first_day(plan: Plan) -> None:
    TargetVersion.objects.update(in_force_from="2021-04-02")
    (error,) = errors(plan)
    assert error.startswith("target 1.1-decisions: It has no version in force from 2021-04-01")


def test_a_minimum_below_nothing(plan: Plan) -> None:
    TargetVersion.objects.update(minimum=-1)
    (error,) = errors(plan)
    assert "Write a number of at least 0." in error


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"measure": "distinct"}, "dimension: This measure needs a dimension."),
        ({"measure": "growth"}, "Growth is computed on kinds with one record a year."),
        ({"measure": "sum"}, "column: This measure needs a number. Choose it."),
        ({"measure": "sum", "column": "women"}, "has no number “women”. It has: -."),
        ({"column": "women"}, "column: This measure uses no number. Remove it."),
        ({"base_column": "women"}, "base_column: Only a ratio has a base. Remove it."),
        (
            {"measure": "ratio", "column": "women", "frequency": "level"},
            "base_column: A ratio needs a base. Choose the number that is the whole.",
        ),
        (
            {"measure": "sum", "column": "amount", "record_kind": "annual_budget"},
            "Amounts have currencies: only their growth is calculated.",
        ),
        ({"frequency": "level"}, "This measure grows from 0."),
        ({"measure": "share"}, "This measure does not add up over the plan."),
        ({"measure": "share", "frequency": "level"}, "It is a share without a numerator."),
        ({"unit_en": "", "unit": ""}, "unit"),
    ],
)
def test_a_target_whose_rule_means_nothing(plan: Plan, values: dict[str, Any], said: str) -> None:
    Target.objects.update(**values)
    assert any(error.startswith("target 1.1-decisions: ") for error in errors(plan))
    assert any(said in error for error in errors(plan))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"baseline_value": 3}, "baseline_on: A baseline needs its day. Enter it."),
        (
            {"baseline_on": date(2021, 3, 31)},
            "baseline_value: The day has no value. Enter the baseline value, or remove the day.",
        ),
        (
            {"baseline_value": 3, "baseline_on": date(2022, 4, 1)},
            "baseline_on: The baseline is of a day after 2022-03-31, when",
        ),
        (
            {"baseline_value": -1, "baseline_on": date(2021, 3, 31)},
            "baseline_value: Ensure this value is greater than or equal to 0.",
        ),
        (
            {
                "record_kind": "annual_budget",
                "measure": "growth",
                "column": "amount",
                "frequency": "every_year",
                "baseline_value": 3,
            },
            "baseline_value: Growth is measured from the records of the year before.",
        ),
    ],
)
def test_a_baseline_that_means_nothing(plan: Plan, values: dict[str, Any], said: str) -> None:
    Condition.objects.all().delete()
    Target.objects.update(**values)
    (error,) = errors(plan)
    assert error.startswith(f"target 1.1-decisions: {said}")


@pytest.mark.parametrize("day", [date(2021, 3, 31), date(2022, 3, 31)])
def test_a_baseline_of_nothing_until_the_first_year_ends(plan: Plan, day: date) -> None:
    Target.objects.update(baseline_value=0, baseline_on=day)
    assert validate_plan(plan) == []


def test_a_baseline_without_source_or_reason_is_a_warning(plan: Plan) -> None:
    Indicator.objects.update(**in_all_languages("baseline", ""), baseline="")
    (warning,) = validate_plan(plan)
    assert warning.is_warning
    assert str(warning) == (
        "indicator 1.1: baseline: It has none. Enter its value, or write why there is none."
    )
    Target.objects.update(baseline_value=3, baseline_on=date(2021, 3, 31))
    assert [str(warning) for warning in validate_plan(plan)] == [
        "indicator 1.1: baseline: Its value has no source. Write where it comes from."
    ]


def test_only_a_share_has_a_numerator(plan: Plan) -> None:
    Condition.objects.update(is_numerator=True)
    assert any("Only a share has a numerator. Remove the mark." in error for error in errors(plan))
    Target.objects.update(measure="share", frequency="level")
    assert errors(plan) == []


def test_thresholds_are_shares(plan: Plan) -> None:
    Plan.objects.update(on_track_from=Decimal("1.5"), level_at_risk_from=Decimal(2))
    plan.refresh_from_db()
    assert errors(plan) == [
        "plan small: on_track_from: Write a share between 0 and 1.",
        "plan small: level_at_risk_from: Write a share between 0 and 1.",
    ]


def test_years_that_are_cut_short_are_a_warning(plan: Plan) -> None:
    Target.objects.update(frequency="every_year")
    assert list_problems(plan) == []
    Plan.objects.update(year_starts_in=1)
    (warning,) = validate_plan(Plan.objects.get())
    assert warning.is_warning
    assert "first month of the reporting year" in str(warning)


def test_a_missing_translation_is_a_warning_and_an_empty_text_is_none(plan: Plan) -> None:
    words = {"heading_en": "Our vision", "text_en": "A world"}
    Section.objects.create(plan=plan, number=1, code="vision", **words)
    Objective.objects.update(statement_ar="", statement_es=None)
    warnings = validate_plan(plan)
    assert all(problem.is_warning for problem in warnings)
    assert [str(problem) for problem in warnings] == [
        "section vision: heading: no text in fr, es, ar; the English one is shown there.",
        "section vision: text: no text in fr, es, ar; the English one is shown there.",
        "objective 1.1: statement: no text in es, ar; the English one is shown there.",
    ]


def test_what_is_wrong_between_rows_costs_the_same_for_more_rows(plan: Plan) -> None:
    with CaptureQueriesContext(connection) as few:
        assert validate_relations(plan) == []
    for number in range(20):
        make_target(Indicator.objects.get(), f"more-{number}", number=number + 2)
    with CaptureQueriesContext(connection) as many:
        assert validate_relations(plan) == []
    assert len(many) == len(few)


def check_plan(*codes: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("check_plan", *codes, stdout=out, stderr=err)
    except CommandError as failure:
        err.write(f"failed: {failure}")
    return out.getvalue(), err.getvalue()


def test_the_command_is_silent_about_a_good_plan(plan: Plan) -> None:
    assert check_plan() == ("small: errors 0, warnings 0\n", "")


def test_the_command_names_the_plan_the_place_and_the_remedy(plan: Plan) -> None:
    Condition.objects.update(codes=["rumour"])
    out, err = check_plan("small")
    assert "errors 1" in out
    assert "small: condition 1.1-decisions 1: codes: “instrument” has no code rumour." in err
    assert "failed: A plan is not well formed" in err


def test_the_command_lets_warnings_pass(plan: Plan) -> None:
    Plan.objects.update(title_ar="")
    out, err = check_plan()
    assert "small: warning: plan small: title: no text in ar" in out
    assert err == ""


def test_the_command_names_the_plans_there_are(plan: Plan) -> None:
    assert "failed: There is no plan 1999 (there are: small)" in check_plan("1999")[1]
    Plan.objects.all().delete()
    assert "failed: There is no plan at all (there are: none)" in check_plan()[1]


def test_a_results_chain_leads_upwards_within_its_plan(plan: Plan) -> None:
    other = Plan.objects.create(
        code="other", title="Other", starts_on=date(2030, 1, 1), ends_on=date(2031, 1, 1)
    )
    names = in_all_languages("name", "Outcome")
    high, low = (
        ResultLevel.objects.create(plan=plan, number=number, code=f"l{number}", **names)
        for number in (1, 2)
    )
    foreign = ResultLevel.objects.create(plan=other, number=1, code="x", **names)
    child = Objective.objects.get()
    words = in_all_languages("statement", "Rights") | in_all_languages("short_title", "Rights")
    top = Objective.objects.create(priority=child.priority, number=9, code="9", level=high, **words)
    child.level, child.contributes_to = low, top
    child.save()
    assert errors(plan) == []
    Objective.objects.filter(pk=child.pk).update(level=high)
    (error,) = errors(plan)
    assert error.startswith("objective 1.1: contributes_to: 9 is of no higher result level.")
    Objective.objects.filter(pk=child.pk).update(level=None)
    assert len(errors(plan)) == 1
    Objective.objects.filter(pk=child.pk).update(level=foreign, contributes_to=None)
    (error,) = errors(plan)
    assert error == "objective 1.1: level: It is of another plan. Choose a level of this plan."


@pytest.fixture
def judged(plan: Plan) -> Target:
    """A target judged by a rubric of two steps."""
    rubric = Rubric.objects.create(plan=plan, code="r", **in_all_languages("name", "Adoption"))
    for number in (1, 2):
        RubricStep.objects.create(
            rubric=rubric, number=number, code=f"s{number}", **in_all_languages("name", "Step")
        )
    Indicator.objects.update(rubric=rubric)
    Condition.objects.all().delete()
    words = {"record_kind": "assessment", "measure": "judged", "frequency": "level"}
    Target.objects.update(dimension="", **words)
    TargetVersion.objects.update(minimum=2, maximum=None, **in_all_languages("statement", "Held"))
    return Target.objects.get()


def test_a_rubric_has_at_least_two_steps(plan: Plan, judged: Target) -> None:
    assert errors(plan) == []
    RubricStep.objects.get(number=1).delete()
    assert errors(plan) == [
        "rubric r: It has fewer than two steps. Add the steps from the lowest to the highest."
    ]


def test_the_bounds_of_a_judged_target_are_steps(plan: Plan, judged: Target) -> None:
    TargetVersion.objects.update(minimum=Decimal("1.5"))
    Target.objects.update(baseline_value=3, baseline_on=plan.starts_on)
    assert [error.partition(": ")[2] for error in errors(plan)] == [
        "baseline_value: 3 is no step of the rubric. Its steps are: 1, 2.",
        "minimum: 1.5 is no step of the rubric. Its steps are: 1, 2.",
    ]


def test_a_judged_target_has_a_rubric_of_its_plan(plan: Plan, judged: Target) -> None:
    other = Plan.objects.create(
        code="other", title="Other", starts_on=date(2030, 1, 1), ends_on=date(2031, 1, 1)
    )
    foreign = Rubric.objects.create(plan=other, code="x", name="Other")
    Indicator.objects.update(rubric=foreign)
    assert errors(plan)[0].endswith("rubric: It is of another plan. Choose a rubric of this plan.")
    Indicator.objects.update(rubric=None)
    (error,) = errors(plan)
    assert error.endswith("Its indicator has no rubric to judge by. Choose one for the indicator.")


def test_only_assessments_are_judged(plan: Plan, judged: Target) -> None:
    Target.objects.update(record_kind="decision")
    (error,) = errors(plan)
    assert "record_kind: Only assessments are judged by a rubric." in error
    Target.objects.update(record_kind="assessment", frequency="whole_plan")
    (error,) = errors(plan)
    assert "frequency: This measure does not add up over the plan." in error
