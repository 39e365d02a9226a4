"""The what-if form: the balance of the fields with more initiatives."""

from datetime import date
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from django.test import Client
from django.urls import reverse

from reporting.dashboards.what_if import calculate_what_if
from reporting.figures.balance import field_weights, records_to_balance
from reporting.figures.rollup import TargetRow, build_rollup
from strategy.models import Plan, TargetVersion
from tests.factories import make_approved
from tests.support.html_tree import text_of, tree_of, with_class

DAY = date(2019, 9, 30)


def fields(plan: Plan) -> TargetRow:
    return next(one for one in build_rollup(plan, DAY).targets if one.target.code == "1.2-fields")


def ask(client: Client, status: int = 200, **added: Any) -> Element:
    query = {"as_of": DAY.isoformat(), **{f"add_{code}": text for code, text in added.items()}}
    return tree_of(client.get(reverse("reporting:dashboard"), query), status)


@pytest.fixture
def records(plan: Plan) -> None:
    for field, number in (("justice", 3), ("violence", 2), ("emergencies", 1)):
        for _each in range(number):
            make_approved("initiative", fields_of_activity=[field], starts_on="2018")


@pytest.mark.usefixtures("records")
class TestOnlyAMaximum:
    @pytest.fixture(autouse=True)
    def _at_most(self, plan: Plan) -> None:
        words = {f"statement_{code}": "At most 20 %" for code in ("en", "fr", "es", "ar")}
        versions = TargetVersion.objects.filter(target__code="1.2-fields")
        versions.update(minimum=None, maximum=20, **words)

    def test_the_page_asks_for_no_minimum(self, manager_client: Client) -> None:
        tree = ask(manager_client)
        assert "The smallest share is to be at most 20 %. It is 16.7 %." in text_of(tree)
        assert "hold at least" not in text_of(tree)

    def test_more_records_may_exceed_it(self, plan: Plan, manager_client: Client) -> None:
        answers = [calculate_what_if(fields(plan), {"emergencies": more}) for more in (0, 1)]
        assert [answer and answer.is_balanced for answer in answers] == [True, False]
        text = text_of(ask(manager_client, emergencies="1"))
        assert "The smallest share is to be at most 20 %. It would be 28.6 %." in text

    def test_a_range_names_the_maximum_where_it_is_exceeded(
        self, plan: Plan, manager_client: Client
    ) -> None:
        versions = TargetVersion.objects.filter(target__code="1.2-fields")
        versions.update(minimum=10, statement_en="10 to 20 %")
        assert "Each field would hold at least 10 %." in text_of(ask(manager_client, justice="1"))
        text = text_of(ask(manager_client, emergencies="1"))
        assert "The smallest share is to be 10–20 %. It would be 28.6 %." in text


@pytest.mark.usefixtures("records")
class TestTheAnswer:
    def test_what_is_said_to_restore_the_balance_does_and_one_less_does_not(
        self, plan: Plan
    ) -> None:
        line = fields(plan)
        weights = field_weights(line.actual.measurement)
        missing = records_to_balance(weights, line.target.minimum or Decimal(0))
        assert missing == {"emergencies": 1}
        answer, control = calculate_what_if(line, missing), calculate_what_if(line, {})
        assert answer is not None
        assert control is not None
        assert answer.is_balanced
        assert not control.is_balanced
        assert [part.new_share for part in control.slices] == [
            part.current_share for part in control.slices
        ]

    def test_a_share_just_below_the_minimum_does_not_hold(self, plan: Plan) -> None:
        answer = calculate_what_if(
            fields(plan), {"justice": 9997, "violence": 5000, "emergencies": 4999}
        )
        assert answer is not None
        assert answer.smallest.code == "emergencies"
        assert not answer.is_balanced

    def test_one_that_is_short_stays_named(self, manager_client: Client) -> None:
        text = text_of(ask(manager_client, justice="4"))
        assert "“Children and emergency situations” would hold 10.0 %, less than 25 %." in text

    def test_the_page_says_whether_it_would_hold(self, manager_client: Client) -> None:
        tree = ask(manager_client, emergencies="1", violence="")
        assert "Each field would hold at least 25 %." in text_of(tree)
        [form] = with_class(tree, "what-if")
        kept = {one.get("name"): one.get("value") for one in form.iter("input")}
        assert kept["as_of"] == DAY.isoformat()
        assert kept["add_emergencies"] == "1"


class TestTheQuestion:
    @pytest.mark.usefixtures("records")
    def test_not_asked_it_offers_what_would_restore_the_balance(
        self, manager_client: Client
    ) -> None:
        tree = ask(manager_client)
        [form] = with_class(tree, "what-if")
        offered = {one.get("name"): one.get("value") for one in form.iter("input")}
        assert (offered["add_justice"], offered["add_emergencies"]) == ("0", "1")
        assert "would hold" not in text_of(tree)

    @pytest.mark.usefixtures("records")
    @pytest.mark.parametrize("text", ["-1", "x", "10001", "1.5"])
    def test_what_is_no_number_is_said_at_the_field(
        self, manager_client: Client, text: str
    ) -> None:
        tree = ask(manager_client, 400, justice=text)
        says = "Write a whole number from 0 to 10000 for “Children and the justice system”."
        assert text_of(with_class(tree, "errors")[0]).endswith(says)
        [form] = with_class(tree, "what-if")
        assert says in text_of(form)
        assert "would hold" not in text_of(tree)

    def test_with_nothing_recorded_it_can_be_asked_too(
        self, plan: Plan, manager_client: Client
    ) -> None:
        text = text_of(ask(manager_client, justice="1", violence="1", emergencies="1"))
        assert "Each field would hold at least 25 %." in text
        assert "there is nothing to share" in text_of(ask(manager_client, justice="0"))
