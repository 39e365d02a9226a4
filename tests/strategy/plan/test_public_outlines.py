"""The public outlines of later plans: loaded by fixture alone, shown as what they are."""

from datetime import date

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from reporting.figures.rollup import build_rollup
from strategy.choices import Rating
from strategy.models import Indicator, Objective, Plan
from strategy.plan.validation import validate_plan
from tests.support.database.fixtures import load_fixtures
from tests.support.html_tree import text_of, tree_of

OUTLINES = ("2021-2024", "2025-2028")
LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.fixture
def outlines(db: None) -> dict[str, Plan]:
    """The plan 2017-2020 and the public outlines of the two after it; before user fixtures."""
    load_fixtures(
        *("countries", "reference", "plan_2017_2020"),
        *("plan_2021_2024", "plan_2025_2028"),
    )
    return {plan.code: plan for plan in Plan.objects.filter(code__in=OUTLINES)}


def test_they_are_well_formed_and_translated(outlines: dict[str, Plan]) -> None:
    for plan in outlines.values():
        assert validate_plan(plan) == [], plan


def test_they_follow_each_other(outlines: dict[str, Plan]) -> None:
    chain = [plan.follows.code for plan in outlines.values() if plan.follows]
    assert chain == ["2017-2020", "2021-2024"]
    assert all(plan.is_outline and plan.source for plan in outlines.values())


def test_the_plan_of_2021_has_what_was_published(outlines: dict[str, Plan]) -> None:
    plan = outlines["2021-2024"]
    assert plan.years[0].label == "2020-2021", "reporting years run from April"
    assert [row.objectives.count() for row in plan.priorities.order_by("number")] == [3, 3, 3, 0, 0]
    words = [row.target_words_en for row in Indicator.objects.of_plan(plan).order_by("code")]
    assert words == [
        *("100% of the risk factors", "75% of the professionals", "90% of project partners"),
        *("75% of projects", "100% of projects", "100% of multi-year projects"),
    ]


def test_the_plan_of_2025_has_six_actions_without_numbers(outlines: dict[str, Plan]) -> None:
    plan = outlines["2025-2028"]
    assert plan.priorities.count() == 6
    assert not Objective.objects.of_plan(plan).exists()
    assert not build_rollup(plan, date(2026, 6, 30)).objectives


def test_none_is_rated_or_shown_first(outlines: dict[str, Plan]) -> None:
    for day in (date(2018, 1, 1), date(2022, 6, 30), date(2026, 6, 30)):
        for chosen in (True, False):
            Plan.objects.filter(code="2017-2020").update(is_shown_first=chosen)
            plan = Plan.objects.current(day)
            assert plan
            assert plan.code == "2017-2020"
    rows = build_rollup(outlines["2021-2024"], date(2022, 6, 30)).objectives
    assert {row.rating for row in rows} == {Rating.NO_TARGET}


@pytest.mark.parametrize("code", OUTLINES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_their_pages_open_in_every_language(
    outlines: dict[str, Plan], officer_client: Client, code: str, language: str
) -> None:
    officer_client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    for address in ("/plan/", "/dashboard/", "/summary/"):
        text = text_of(tree_of(officer_client.get(f"{address}?plan={code}")))
        assert "ibcr.org" in text, (address, "the source of an outline")


def test_published_targets_are_shown_and_not_calculated(
    outlines: dict[str, Plan], officer_client: Client
) -> None:
    for address in ("/plan/", "/dashboard/", "/summary/"):
        text = text_of(tree_of(officer_client.get(f"{address}?plan=2021-2024")))
        assert "90% of project partners (not calculated here)" in text, address
        assert "Public outline." in text


def test_bootstrap_loads_them(db: None) -> None:
    call_command("bootstrap", verbosity=0)
    assert set(Plan.objects.values_list("code", flat=True)) == {"2017-2020", *OUTLINES}
