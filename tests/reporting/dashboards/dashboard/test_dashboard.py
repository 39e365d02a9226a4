"""The dashboard: its content, its permissions and its number of queries."""

from decimal import Decimal

import pytest
from django.test import Client

from reporting.dashboards.dashboard import ObjectiveOrder, build_dashboard
from reporting.figures.rollup import ObjectiveRow, build_rollup
from strategy.choices import Rating, RecordKind
from strategy.models import Plan
from tests.conftest import client_of
from tests.factories import make_approved, make_record
from tests.reporting.dashboards.dashboard_page import AUTUMN, DAY, address, cell, page, rows
from tests.support.html_tree import links_in, local_name, text_of, tree_of, with_class
from tests.support.query_baselines import Baseline


class TestItWorks:
    @pytest.mark.usefixtures("records")
    def test_the_verdict_counts_the_objectives_and_names_day_and_time(
        self, manager_client: Client
    ) -> None:
        [verdict] = with_class(page(manager_client, as_of=DAY), "verdict")
        assert text_of(verdict) == (
            "3 of the 10 objectives are off track, 6 have no data, 1 is too early to rate and none"
            " is on track on 30 September 2019, with 69 % of the plan’s time gone."
        )

    @pytest.mark.usefixtures("records")
    def test_a_count_stands_beside_its_target_with_what_changed_of_late(
        self, manager_client: Client
    ) -> None:
        row = rows(page(manager_client, as_of=DAY))["1.1 Initiatives"]
        assert cell(row, "value") == "4 of 50"
        assert cell(row, "rate") == "Off track"
        assert cell(row, "chg") == "+1"
        assert cell(row, "last") == "20 Aug 2019"

    @pytest.mark.usefixtures("records")
    def test_a_share_stands_beside_its_minimum(self, manager_client: Client) -> None:
        row = rows(page(manager_client, as_of=DAY))["1.2 Smallest field's share"]
        assert cell(row, "value") == "0.0 % / 25 %"
        assert cell(row, "rate") == "Too early to rate"

    def test_a_year_has_a_cell_with_its_state_in_words(
        self, plan: Plan, manager_client: Client
    ) -> None:
        for year, amount in ((2016, 100), (2017, 110), (2018, 140), (2019, 150)):
            make_approved("annual_budget", year=str(year), amount=str(amount))
        row = rows(page(manager_client, as_of=DAY))["3.3 Budget growth"]
        [cells] = with_class(row, "years")
        assert [text_of(one) for one in cells] == [
            "2017, Met: 10.0 %",
            "2018, Not met, above the range: 27.3 % ↑",
            "2019, Open: 7.1 %",
            "2020, not begun: –",
        ]
        assert cell(row, "value") == "10–20 % a year"

    @pytest.mark.usefixtures("records")
    def test_the_worst_come_first_or_the_plan_leads(self, manager_client: Client) -> None:
        worst = list(rows(page(manager_client, as_of=DAY)))
        plan_order = list(rows(page(manager_client, as_of=DAY, order="plan")))
        assert sorted(worst) == sorted(plan_order)
        assert plan_order[0] == "1.1 Initiatives"
        assert worst[-1].startswith("1.2")

    @pytest.mark.usefixtures("records")
    def test_the_score_has_one_cell_an_objective_that_leads_to_its_rows(
        self, manager_client: Client
    ) -> None:
        tree = page(manager_client, as_of=DAY)
        [score] = with_class(tree, "objective-strip")
        anchors = [link.removeprefix("#") for link in links_in(score)]
        assert len(anchors) == 10
        assert set(anchors) <= {str(one.get("id")) for one in tree.iter()}

    @pytest.mark.usefixtures("records")
    @pytest.mark.parametrize(("day", "columns"), [(DAY, 6), ("2020-12-31", 4)])
    def test_what_lies_ahead_is_told_only_while_the_plan_runs(
        self, manager_client: Client, day: str, columns: int
    ) -> None:
        tree = page(manager_client, as_of=day)
        [table] = [one for one in tree.iter("table") if one.get("aria-labelledby") == "pace"]
        assert {len(list(row)) for row in table.iter("tr")} == {columns}
        assert ("at this pace" in text_of(tree)) is (columns == 6)

    def test_before_any_data_no_empty_curve_is_drawn(
        self, plan: Plan, manager_client: Client
    ) -> None:
        text = text_of(page(manager_client, as_of=DAY))
        assert "Pace, quarter by quarter" not in text
        assert "Filled:" not in text
        make_approved("initiative", starts_on="2018", countries=["NE"])
        text = text_of(page(manager_client, as_of=DAY))
        assert "Pace, quarter by quarter" in text
        assert "Filled:" in text

    @pytest.mark.usefixtures("records")
    def test_the_balance_says_how_many_would_restore_it(self, manager_client: Client) -> None:
        text = text_of(page(manager_client, as_of=DAY))
        assert "It takes 1 more in “Children and emergency situations”." in text
        assert "1 without a field is left out." in text

    @pytest.mark.usefixtures("records")
    def test_countries_stand_on_the_map_and_in_the_table(self, manager_client: Client) -> None:
        tree = page(manager_client, as_of=DAY)
        [world] = with_class(tree, "map")
        titles = [text_of(one) for one in world.iter() if local_name(one) == "title"]
        assert {"Niger", "Burkina Faso", "Togo"} <= set(titles)
        table = next(t for t in tree.iter("table") if t.get("aria-labelledby") == "countries")
        lines = {text_of(row[0]): [text_of(one) for one in row[1:]] for row in table.iter("tr")}
        assert lines["Niger"] == ["2", "–", "1"]
        assert lines["Togo"] == ["–", "1", "–"]
        assert "Canada" not in lines

    @pytest.mark.usefixtures("records")
    def test_what_waits_is_told_by_kind(self, manager_client: Client) -> None:
        tree = page(manager_client, as_of=DAY)
        table = next(t for t in tree.iter("table") if t.get("aria-labelledby") == "waiting")
        lines = {text_of(row[0]): [text_of(one) for one in row[1:]] for row in table.iter("tr")}
        assert lines["Initiatives"] == ["1", "0", "1", "2"]
        assert lines["Decisions"] == ["1", "1", "0", "0"]
        assert lines["Together"] == ["2", "1", "1", "2"]
        assert len(links_in(table)) == 5

    def test_a_year_that_is_due_says_until_when(self, plan: Plan, manager_client: Client) -> None:
        text = text_of(page(manager_client, as_of="2019-03-01"))
        assert "3.1 Report on actions taken, 2018 until 30 June 2019" in text

    def test_people_trained_are_sums_of_what_was_written_down(
        self, plan: Plan, manager_client: Client
    ) -> None:
        parent = make_approved("initiative")
        for begun, women, men in (("2018-03-12", 12, 20), ("2018-05-01", None, 3)):
            make_approved("activity", initiative=parent, starts_on=begun, women=women, men=men)
        make_approved("activity", initiative=parent, starts_on="2019-10-01", women=7)
        make_record("activity", initiative=parent, status="submitted", women=100)
        text = text_of(page(manager_client, as_of=DAY))
        assert "2018 2 12 23 no data 0 In all 2 12 23 no data 0" in text

    @pytest.mark.parametrize("language", ["fr", "es", "ar"])
    @pytest.mark.usefixtures("records")
    def test_it_is_there_in_every_language(self, manager_client: Client, language: str) -> None:
        manager_client.cookies["django_language"] = language
        tree = page(manager_client, as_of=DAY)
        html = next(tree.iter("html"))
        assert html.get("dir") == ("rtl" if language == "ar" else "ltr")
        assert len(rows(tree)) == 14
        if language == "fr":
            assert cell(rows(tree)["1.2 Part du plus petit domaine"], "value").startswith("0,0 %")


class TestWhoMay:
    @pytest.mark.parametrize("who", ["staff", "manager", "officer", "board"])
    def test_readers_may(self, plan: Plan, who: str, request: pytest.FixtureRequest) -> None:
        client = client_of(request.getfixturevalue(who))
        assert client.get(address()).status_code == 200

    def test_the_administrator_and_strangers_may_not(
        self, plan: Plan, admin_client: Client, client: Client
    ) -> None:
        assert admin_client.get(address()).status_code == 403
        assert client.get(address()).status_code == 302
        assert admin_client.post(address()).status_code == 405

    @pytest.mark.usefixtures("records")
    def test_the_board_sees_figures_and_no_way_to_records(self, board_client: Client) -> None:
        tree = page(board_client, as_of=DAY)
        assert cell(rows(tree)["1.1 Initiatives"], "value") == "4 of 50"
        hidden = ("/records/", "/targets/", "/review/", "/my-work/")
        assert not [link for link in links_in(tree) if link.startswith(hidden)]
        assert "2 records wait for approval" in text_of(tree)
        [rule] = links_in(with_class(rows(tree)["1.1 Initiatives"], "name")[0])
        assert rule == "/plan/?plan=2017-2020#1.1-initiatives"
        ids = {str(one.get("id")) for one in tree_of(board_client.get(rule)).iter()}
        assert "1.1-initiatives" in ids

    @pytest.mark.usefixtures("records")
    def test_staff_are_not_sent_to_what_managers_review(self, staff_client: Client) -> None:
        tree = page(staff_client, as_of=DAY)
        assert "/review/" not in links_in(tree)
        assert not [link for link in links_in(tree) if "status=submitted" in link]

    @pytest.mark.usefixtures("records")
    def test_no_title_of_a_record_is_on_it(self, board_client: Client) -> None:
        assert "Niger: police training" not in text_of(page(board_client, as_of=DAY))


class TestWhatItCosts:
    @pytest.mark.usefixtures("records")
    def test_as_many_queries_whatever_there_is(
        self, plan: Plan, manager_client: Client, query_baseline: Baseline
    ) -> None:
        with query_baseline("dashboard"):
            manager_client.get(address(as_of=DAY))
        _many_more()
        with query_baseline("dashboard"):
            manager_client.get(address(as_of=DAY))


def _many_more() -> None:
    for number in range(12):
        make_approved("initiative", countries=["NE", "MG"], starts_on=f"2018-{number + 1:02}")
        make_approved("decision", authority_country="MG", occurred_on="2019-02-03")
        make_record("country_support", status="submitted", country="CI")


def _rows(plan: Plan, order: ObjectiveOrder) -> list[ObjectiveRow]:
    return [one.row for one in build_dashboard(plan, AUTUMN, order).objectives]


class TestItsValues:
    @pytest.mark.usefixtures("records")
    def test_worst_first_keeps_the_plans_order_among_equals(self, plan: Plan) -> None:
        worst, by_plan = _rows(plan, ObjectiveOrder.WORST), _rows(plan, ObjectiveOrder.PLAN)
        ranks = [(list(Rating).index(row.rating), row.fulfilment) for row in worst]
        assert ranks == sorted(ranks)
        for row in worst:
            equals = (row.rating, row.fulfilment)
            codes = [
                [one.objective.code for one in rows if (one.rating, one.fulfilment) == equals]
                for rows in (worst, by_plan)
            ]
            assert codes[0] == codes[1]

    def test_within_a_rating_the_furthest_behind_comes_first(self, plan: Plan) -> None:
        make_record("event", occurred_on="2018-02-01")
        for _one in range(3):
            make_approved("decision", authority_country="MG", occurred_on="2018-02-03")
        rows = _rows(plan, ObjectiveOrder.WORST)
        off_track = [row for row in rows if row.rating == Rating.OFF_TRACK]
        assert [(row.objective.code, row.fulfilment > 0) for row in off_track] == [
            ("2.2", False),
            ("2.3", False),
            ("2.1", True),
        ]

    def test_missed_years_put_a_target_for_every_year_behind(self, plan: Plan) -> None:
        for year in (2017, 2018):
            make_record("sponsor", first_agreement_on=f"{year}-02-01")
        make_approved("policy_update", areas=["human_resources"], occurred_on="2017-03-01")
        for _one in range(2):
            make_approved("sponsor", first_agreement_on="2018-03-01")
        rows = {row.target.code: row for row in build_rollup(plan, AUTUMN).targets}
        assert rows["3.3-sponsors"].fulfilment == Decimal("0.5")
        assert rows["3.4-policies"].fulfilment == 0
        assert rows["3.1-report"].fulfilment == 0

    def test_the_change_of_a_share_and_of_a_yearly_count(self, plan: Plan) -> None:
        for field, begun in (("justice", "2017"), ("violence", "2017"), ("emergencies", "2019-08")):
            make_approved("initiative", fields_of_activity=[field], starts_on=begun)
        make_approved("sponsor", first_agreement_on="2019-02")
        make_approved("sponsor", first_agreement_on="2019-08-05")
        found = {
            one.row.target.code: one
            for objective in build_dashboard(plan, AUTUMN).objectives
            for one in objective.targets
        }
        share = found["1.2-fields"].change
        assert share == Decimal(100) / 3
        assert found["3.3-sponsors"].change == 1
        assert found["3.3-budget"].change is None

    def test_reach_has_a_tie_a_target_on_countries(self, plan: Plan) -> None:
        reach = build_dashboard(plan, AUTUMN).reach
        assert reach is not None
        kinds = [RecordKind(tie.actual.target.record_kind) for tie in reach.targets]
        assert kinds == [RecordKind.INITIATIVE, RecordKind.COUNTRY_SUPPORT, RecordKind.DECISION]
