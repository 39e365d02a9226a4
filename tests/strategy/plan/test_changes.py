"""Readers see the changes that can move figures: the day, the person, the reason, the words."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from strategy.models import Condition, Country, CountryList, Plan, Target, TargetVersion, User
from strategy.plan.change_texts import describe_changes, describe_details
from strategy.plan.figure_data import FigureDataChange, read_figure_data, save_change
from tests.support.html_tree import text_of, tree_of

pytestmark = pytest.mark.django_db

MAY = datetime(2019, 5, 3, 12, tzinfo=UTC)


def change(
    act: Callable[[], object], reason: str = "Decided", by: User | None = None
) -> FigureDataChange:
    before = read_figure_data()
    act()
    difference = FigureDataChange(before, read_figure_data())
    save_change(difference, reason=reason, by=by, at=MAY)
    return difference


def lengthen() -> object:
    return Plan.objects.update(ends_on=date(2021, 12, 31), on_track_from=Decimal("0.95"))


def read(client: Client, address: str) -> str:
    return text_of(tree_of(client.get(address)))


def test_dates_numbers_and_choices_are_in_words(plan: Plan) -> None:
    assert describe_details(change(lengthen).details) == [
        "plan 2017-2020, last day: 31 December 2021 instead of 31 December 2020",
        "plan 2017-2020, on track from: 0.95 instead of 0.9",
    ]
    act = Target.objects.filter(code="1.1-initiatives").update
    assert describe_details(change(lambda: act(frequency="every_year")).details) == [
        "target 1.1-initiatives, how often: every year instead of once, over the whole plan"
    ]


def test_countries_have_their_names_and_codes_stay_codes(plan: Plan) -> None:
    def act() -> None:
        countries = CountryList.objects.get(code="canada").countries
        countries.set(Country.objects.filter(code__in=["FR", "NE"]))
        Condition.objects.filter(target__code="2.3-events", dimension="event_kind").update(
            codes=["conference"]
        )

    sentences = describe_details(change(act).details)
    assert "list of countries canada, countries: added France, Niger" in sentences
    assert "list of countries canada, countries: removed Canada" in sentences
    assert any("codes: removed" in sentence for sentence in sentences)


def test_it_is_said_in_the_reader_s_language(plan: Plan) -> None:
    details = change(lengthen).details
    with translation.override("fr"):
        assert describe_details(details)[1] == (
            "plan 2017-2020, en bonne voie à partir de : 0,95 au lieu de 0,9"
        )


def test_many_changes_cost_a_constant_number_of_queries(
    plan: Plan, django_assert_num_queries: Callable[[int], Any]
) -> None:
    countries = CountryList.objects.get(code="canada").countries
    for country in Country.objects.filter(code__in=["FR", "NE", "SN"]):
        change(partial(countries.add, country))
    stored = list(plan.changes.all())
    with django_assert_num_queries(1):
        assert len(describe_changes(stored)) == 3


def test_the_pages_of_plan_and_target_list_them(
    plan: Plan, officer: User, officer_client: Client, board_client: Client
) -> None:
    address = reverse("reporting:target", args=["1.1-countries"])
    assert "Changes that can move figures" not in read(officer_client, address)
    assert "Changes that can move figures" not in read(board_client, "/plan/")
    change(lengthen, "One year more", officer)
    sentence = f"Changed on 3 May 2019 by {officer}: One year more"
    for client, page in ((officer_client, address), (board_client, "/plan/")):
        text = read(client, page)
        assert "Changes that can move figures" in text
        assert sentence in text
        assert "on track from: 0.95 instead of 0.9" in text


def test_the_change_of_another_target_is_not_listed(plan: Plan, officer_client: Client) -> None:
    change(lambda: Target.objects.filter(code="2.3-events").update(due_months=2), "Later")
    address = reverse("reporting:target", args=["1.1-countries"])
    assert "Later" not in read(officer_client, address)
    address = reverse("reporting:target", args=["2.3-events"])
    assert "Changed on 3 May 2019: Later" in read(officer_client, address)


def test_a_version_that_was_corrected_says_so(plan: Plan, officer_client: Client) -> None:
    versions = TargetVersion.objects.filter(target__code="1.1-countries")
    change(lambda: versions.update(minimum=24), "A typing mistake")
    address = reverse("reporting:target", args=["1.1-countries"])
    assert "Corrected on 3 May 2019: A typing mistake" in read(officer_client, address)
