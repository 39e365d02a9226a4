"""The plan and the as-of day of the dashboard, and the errors of an invalid URL."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client

from strategy.models import Plan
from tests.factories import make_approved
from tests.reporting.dashboards.dashboard_page import DAY, address, cell, page, rows
from tests.support.html_tree import links_in, query_of, text_of, tree_of, with_class


class TestTheDay:
    def test_without_a_day_it_is_today(self, plan: Plan, manager_client: Client) -> None:
        with time_machine.travel(datetime(2018, 6, 15, 12, tzinfo=UTC)):
            [verdict] = with_class(page(manager_client), "verdict")
        assert "on 15 June 2018" in text_of(verdict)

    def test_after_its_end_the_plan_is_over_and_figures_look_no_further(
        self, plan: Plan, manager_client: Client
    ) -> None:
        make_approved("decision", occurred_on="2020-12-31")
        make_approved("decision", occurred_on="2021-01-01")
        tree = page(manager_client, as_of="2023-05-01")
        assert "The plan ended on 31 December 2020." in text_of(tree)
        row = rows(tree)["2.1 Decisions"]
        assert cell(row, "value") == "1 of 15"
        assert cell(row, "rate") == "Not achieved"
        assert "31 Dec 2020: 100 %" in text_of(tree)

    def test_before_its_start_nothing_is_judged(self, plan: Plan, manager_client: Client) -> None:
        make_approved("decision", occurred_on="2018-05-14")
        tree = page(manager_client, as_of="2016-06-30")
        assert "The plan begins on 1 January 2017." in text_of(tree)
        row = rows(tree)["2.1 Decisions"]
        assert (cell(row, "value"), cell(row, "rate")) == ("no data", "No data")

    def test_years_lead_to_their_last_day_and_the_running_one_to_today(
        self, plan: Plan, manager_client: Client
    ) -> None:
        with time_machine.travel(datetime(2019, 6, 15, 12, tzinfo=UTC)):
            [tabs] = with_class(page(manager_client, as_of="2018-12-31", order="plan"), "tabs")
        days = [query_of(link).get("as_of") for link in links_in(tabs)]
        assert days == ["2017-12-31", "2018-12-31", "2019-06-15", None]
        assert all(query_of(link)["order"] == "plan" for link in links_in(tabs))
        [current] = [one for one in tabs.iter("a") if one.get("aria-current")]
        assert query_of(str(current.get("href")))["as_of"] == "2018-12-31"
        assert "2020: not begun" in text_of(tabs)

    def test_a_day_to_come_is_said_to_be_one(self, plan: Plan, manager_client: Client) -> None:
        with time_machine.travel(datetime(2019, 6, 15, 12, tzinfo=UTC)):
            assert "This day has not come yet" in text_of(page(manager_client, as_of=DAY))

    @pytest.mark.parametrize(
        ("query", "status", "says"),
        [
            ({"as_of": "2018-02-30"}, 400, "as_of: “2018-02-30” is no day of the calendar."),
            ({"as_of": "soon"}, 400, "as_of: “soon” is no day of the calendar."),
            ({"as_of": "0001-01-01"}, 400, "as_of: 0001-01-01 is too far away."),
            ({"as_of": "2018"}, 400, "Write it as 2018-12-31."),
            ({"order": "best"}, 400, "order: “best” is no order."),
            ({"plan": "2031"}, 404, "there is no plan “2031”. Write one of these: 2017-2020."),
            ({"plan": "2031", "as_of": "x"}, 400, "as_of: “x” is no day of the calendar."),
            ({"plan": "<b>"}, 404, "there is no plan “<b>”"),
        ],
    )
    def test_an_address_that_means_nothing_can_be_mended(
        self, plan: Plan, manager_client: Client, query: dict[str, str], status: int, says: str
    ) -> None:
        tree = tree_of(manager_client.get(address(), query), status)
        assert says in text_of(tree)
        assert text_of(next(tree.iter("title"))).startswith("Error: ")
        typed = {str(one.get("name")): one.get("value") for one in tree.iter("input")}
        if "as_of" in query:
            assert typed["as_of"] == query["as_of"]
        problems = [link for link in links_in(tree) if link.startswith("#id_")]
        assert problems
        assert {link[1:] for link in problems} <= {str(one.get("id")) for one in tree.iter()}

    def test_a_null_byte_is_refused(self, plan: Plan, manager_client: Client) -> None:
        assert manager_client.get(address(as_of="2018\x00")).status_code == 400

    def test_without_any_plan_it_says_what_to_do(self, manager_client: Client) -> None:
        text = text_of(page(manager_client))
        assert "There is no plan yet" in text
        assert "manage.py bootstrap" in text

    def test_a_plan_without_targets_says_what_to_do(self, manager_client: Client) -> None:
        Plan.objects.create(
            code="2030", title="Bare", starts_on=date(2030, 1, 1), ends_on=date(2033, 12, 31)
        )
        assert "This plan has no targets yet" in text_of(page(manager_client, plan="2030"))


class TestAnotherPlan:
    def test_the_day_chooses_the_plan_and_the_address_may_name_it(
        self, second: Plan, manager_client: Client
    ) -> None:
        assert len(rows(page(manager_client, as_of="2019-06-30"))) == 14
        assert len(rows(page(manager_client, as_of="2022-06-30"))) == 7
        assert len(rows(page(manager_client, as_of="2022-06-30", plan="2017-2020"))) == 14

    def test_links_keep_the_plan_though_another_is_current(
        self, second: Plan, manager_client: Client
    ) -> None:
        make_approved("decision", occurred_on="2018-05-14")
        tree = page(manager_client, as_of="2022-06-30", plan="2017-2020")
        [link] = links_in(with_class(rows(tree)["2.1 Decisions"], "value")[0])
        listed = manager_client.get(link)
        assert listed.context["page"].paginator.count == 1

    def test_years_that_begin_in_april_have_their_names(
        self, second: Plan, manager_client: Client
    ) -> None:
        text = text_of(page(manager_client, as_of="2022-06-30"))
        assert "2021-2022" in text
