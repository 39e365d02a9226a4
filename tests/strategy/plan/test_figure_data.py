"""A change that can move figures is found whole, and stored with its targets."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db.models import Field

from strategy.models import (
    ChangeDetail,
    Condition,
    Country,
    CountryList,
    FieldOfActivity,
    Indicator,
    Keyed,
    Objective,
    Plan,
    Priority,
    RestrictedContext,
    RubricStep,
    Sector,
    Target,
    TargetVersion,
    User,
)
from strategy.plan.figure_data import (
    FIGURE_FIELDS,
    FigureDataChange,
    read_figure_data,
    save_change,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2019, 3, 1, 12, tzinfo=UTC)

NO_FIGURE: dict[type[Keyed], set[str]] = {
    Plan: {"title", "follows", "is_shown_first", "is_draft", "is_outline", "source"},
    Priority: {"number", "title"},
    Objective: {"number", "statement", "short_title", "level", "contributes_to"},
    Indicator: {
        *("number", "statement", "target_words", "baseline"),
        *("data_source", "method", "collected", "responsible"),
    },
    Target: {"number"},
    TargetVersion: {"target", "decided_by", "reason", "document", "created_at", "created_by"},
    Condition: {"target", "number"},
    RubricStep: {"rubric", "code", "text"},
    CountryList: {"code", "name", "source", "valid_from", "is_confirmed"},
    RestrictedContext: set(),
}
"""The fields of the rows of figures that no figure is computed from."""


def find_change(act: Callable[[], object]) -> FigureDataChange:
    before = read_figure_data()
    act()
    return FigureDataChange(before, read_figure_data())


def get_target(code: str) -> Target:
    return Target.objects.get(code=code)


def test_every_field_of_a_row_of_figures_is_one_or_the_other() -> None:
    for model, names in FIGURE_FIELDS.items():
        fields: list[Field[object, object]] = [
            field
            for field in [*model._meta.fields, *model._meta.many_to_many]
            if not field.primary_key and not hasattr(field, "translated_field")
        ]
        figures = {re.sub("_(en|fr|es|ar)$", "", name) for name in names}
        assert {field.name for field in fields} == figures | NO_FIGURE[model], model


def test_words_and_orders_are_no_change(plan: Plan) -> None:
    def act() -> None:
        Plan.objects.update(title_fr="Un autre titre")
        Target.objects.filter(code="1.1-countries").update(number=9)
        CountryList.objects.update(is_confirmed=False, source_en="A letter")
        Sector.objects.update(name_en="Sector")
        CountryList.objects.create(code="unused", name="Unused").countries.add(
            Country.objects.get(code="FR")
        )

    assert find_change(act).details == []


def test_the_threshold_of_a_rating_is_a_change_of_every_target(plan: Plan, officer: User) -> None:
    change = find_change(lambda: Plan.objects.update(on_track_from=Decimal("0.850")))
    expected = ChangeDetail(
        model="plan", row="2017-2020", field="on_track_from", before="0.9", after="0.85"
    )
    assert change.details == [expected]
    stored = save_change(change, reason="As the Global Fund", by=officer, at=NOW)
    stored.refresh_from_db()
    assert stored.details == [expected]
    assert (stored.changed_at, stored.changed_by, stored.reason) == (
        NOW,
        officer,
        "As the Global Fund",
    )
    assert stored.targets.count() == 14
    assert list(stored.plans.all()) == [plan]


def test_a_period_is_written_as_dates(plan: Plan) -> None:
    change = find_change(lambda: Plan.objects.update(ends_on=date(2021, 12, 31)))
    (detail,) = change.details
    assert (detail["before"], detail["after"]) == ("2020-12-31", "2021-12-31")


def test_milestones_are_written_by_year(plan: Plan) -> None:
    version = TargetVersion.objects.get(target__code="1.1-countries")
    change = find_change(
        lambda: TargetVersion.objects.filter(pk=version.pk).update(
            milestones={"2018": "10", "2020": "25"}
        )
    )
    (detail,) = change.details
    assert (detail["before"], detail["after"]) == (None, ["2018: 10", "2020: 25"])


def test_a_list_of_countries_is_a_change_of_the_targets_that_name_it(plan: Plan) -> None:
    countries = CountryList.objects.get(code="foreign_policy")
    change = find_change(lambda: countries.countries.remove(Country.objects.get(code="SN")))
    (detail,) = change.details
    assert (detail["model"], detail["row"], detail["field"]) == (
        "countrylist",
        "foreign_policy",
        "countries",
    )
    assert isinstance(detail["before"], list)
    assert isinstance(detail["after"], list)
    assert set(detail["before"]) - set(detail["after"]) == {"SN"}
    targets = change.find_targets()
    assert [target.code for target in targets] == ["2.2-decisions"]
    assert change.find_plans(targets) == [plan]


def test_a_country_that_goes_is_a_change_of_its_lists(plan: Plan) -> None:
    country = Country.objects.create(code="XX", numeric="999", name="Nowhere")
    CountryList.objects.get(code="foreign_policy").countries.add(country)
    assert [detail["row"] for detail in find_change(country.delete).details] == ["foreign_policy"]


def test_a_field_of_activity_that_goes_is_a_change_of_the_plan(plan: Plan) -> None:
    field = FieldOfActivity.objects.create(code="sport", name="Sport")
    plan.fields_of_activity.add(field)
    (detail,) = find_change(field.delete).details
    assert (detail["row"], detail["field"]) == ("2017-2020", "fields_of_activity")


def test_conditions_that_come_change_and_go_are_one_change_of_their_target(plan: Plan) -> None:
    target = get_target("2.3-events")
    first, second = target.conditions.order_by("number")

    def act() -> None:
        first.delete()
        Condition.objects.filter(pk=second.pk).update(codes=["conference"])
        Condition.objects.create(target=target, number=9, dimension="scope", codes=["national"])

    change = find_change(act)
    assert [
        (detail["row"], detail["field"], detail["before"], detail["after"])
        for detail in change.details
        if detail["field"] in ("codes", "dimension")
    ] == [
        ("2.3-events 1", "dimension", first.dimension, None),
        ("2.3-events 1", "codes", first.codes, None),
        ("2.3-events 2", "codes", second.codes, ["conference"]),
        ("2.3-events 9", "dimension", None, "scope"),
        ("2.3-events 9", "codes", None, ["national"]),
    ]
    assert change.find_targets() == [target]


def test_a_target_that_goes_or_comes_is_said_once(plan: Plan) -> None:
    target = get_target("2.3-events")
    gone = find_change(target.indicator.objective.delete)
    assert gone.details == [
        ChangeDetail(model="target", row=code, field="", before=code, after=None)
        for code in ("2.3-networks", "2.3-events")
    ]
    assert gone.find_plans(gone.find_targets()) == [plan]
    target = get_target("2.2-decisions")
    target.pk, target.code = None, "2.2-laws"
    come = find_change(target.save)
    assert [(detail["before"], detail["after"]) for detail in come.details] == [(None, "2.2-laws")]


def test_a_new_plan_is_no_change_and_one_that_goes_is_said_once(plan: Plan) -> None:
    other = Plan(code="next", title="Next", starts_on=date(2021, 1, 1), ends_on=date(2024, 12, 31))

    def act() -> None:
        other.save()
        other.fields_of_activity.set(plan.fields_of_activity.all())
        Priority.objects.create(plan=other, number=1, title="First")

    assert find_change(act).details == []
    assert find_change(other.delete).details == [
        ChangeDetail(model="plan", row="next", field="", before="next", after=None)
    ]


def test_a_stored_change_stays_when_its_target_goes(plan: Plan) -> None:
    target = get_target("2.3-events")
    change = find_change(lambda: Target.objects.filter(pk=target.pk).update(due_months=3))
    stored = save_change(change, reason="A later due day", by=None, at=NOW)
    target.delete()
    stored.refresh_from_db()
    assert (list(stored.targets.all()), list(stored.plans.all())) == ([], [plan])


def test_reading_costs_the_same_for_more_rows(
    plan: Plan, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    with django_assert_num_queries(13):
        read_figure_data()
