"""The dashboard: what it says, whom it says it to, what it costs, and where its numbers lead."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import urlencode, urljoin
from xml.etree.ElementTree import Element

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from indicators.models import Decision, Initiative
from reporting.dashboard import Order, dashboard_for
from strategy.models import Plan, User
from strategy.periods import PartialDate
from strategy.vocabulary import Rating, RecordKind
from tests.baselines import Baseline
from tests.conftest import client_of
from tests.factories import NOON, make_approved, make_record
from tests.pages import links_in, local_name, query_of, seen_text_of, text_of, tree_of, with_class

DAY = "2019-09-30"
AUTUMN = date(2019, 9, 30)


def address(**query: str) -> str:
    return reverse("dashboard") + (f"?{urlencode(query)}" if query else "")


def page(client: Client, **query: str) -> Element:
    return tree_of(client.get(address(**query)))


def rows(tree: Element) -> dict[str, Element]:
    """The rows of the plan table by objective and name of the target."""
    found = {}
    [table] = with_class(tree, "plan")
    for body in table.iter("tbody"):
        for row in body.iter("tr"):
            [name] = with_class(row, "name")
            found[f"{str(body.get('id'))[1:]} {seen_text_of(name)}"] = row
    return found


def cell(row: Element, name: str) -> str:
    [found] = with_class(row, name)
    return seen_text_of(found)


@pytest.fixture
def records(plan: Plan, staff: User) -> None:
    """Some of everything that the dashboard speaks of."""
    for country, begun, field in (
        ("NE", "2015-11-05", "justice"),
        ("NE", "2018-03", "justice"),
        ("BF", "2019-08-20", "violence"),
        ("SN", "2019-12-01", "emergencies"),
    ):
        make_approved(
            "initiative", countries=[country], starts_on=begun, fields_of_activity=[field]
        )
    make_approved("initiative", countries=[], scope="global", fields_of_activity=[])
    make_approved("country_support", country="TG", starts_on="2018")
    make_approved("decision", authority_country="NE", occurred_on="2019-08-22")
    make_approved("decision", authority_country="CA", countries_concerned=["CA"])
    make_record("initiative", status="submitted", evidence=1, entered_by=staff)
    make_record("initiative", status="returned", entered_by=staff)
    make_record("initiative", status="draft", evidence=0, entered_by=staff)
    again = make_record("decision", status="submitted", evidence=1, entered_by=staff)
    Decision.objects.filter(pk=again.pk).update(approved_at=NOON)


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
        assert cell(row, "val") == "4 of 50"
        assert cell(row, "rate") == "Off track"
        assert cell(row, "chg") == "+1"
        assert cell(row, "last") == "20 Aug 2019"

    @pytest.mark.usefixtures("records")
    def test_a_share_stands_beside_its_minimum(self, manager_client: Client) -> None:
        row = rows(page(manager_client, as_of=DAY))["1.2 Smallest field's share"]
        assert cell(row, "val") == "0.0 % / 25 %"
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
        assert cell(row, "val") == "10–20 % a year"

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
        [score] = with_class(tree, "score")
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
            assert cell(rows(tree)["1.2 Part du plus petit domaine"], "val").startswith("0,0 %")


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
        assert cell(row, "val") == "1 of 15"
        assert cell(row, "rate") == "Not achieved"
        assert "31 Dec 2020: 100 %" in text_of(tree)

    def test_before_its_start_nothing_is_judged(self, plan: Plan, manager_client: Client) -> None:
        make_approved("decision", occurred_on="2018-05-14")
        tree = page(manager_client, as_of="2016-06-30")
        assert "The plan begins on 1 January 2017." in text_of(tree)
        row = rows(tree)["2.1 Decisions"]
        assert (cell(row, "val"), cell(row, "rate")) == ("0 of 15", "Too early to rate")

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
        [link] = links_in(with_class(rows(tree)["2.1 Decisions"], "val")[0])
        listed = manager_client.get(link)
        assert listed.context["page"].paginator.count == 1

    def test_years_that_begin_in_april_have_their_names(
        self, second: Plan, manager_client: Client
    ) -> None:
        text = text_of(page(manager_client, as_of="2022-06-30"))
        assert "2021-2022" in text


class TestEveryNumberIsALink:
    @pytest.mark.usefixtures("records")
    def test_to_exactly_the_records_that_it_counts(
        self, plan: Plan, manager_client: Client
    ) -> None:
        shown = dashboard_for(plan, AUTUMN)
        tree = page(manager_client, as_of=DAY)
        table = rows(tree)
        for line in shown.rolled.targets:
            if line.years or line.value is None:
                continue
            name = f"{line.target.indicator.objective.code} {line.target.name}"
            [link] = links_in(with_class(table[name], "val")[0])
            listed = manager_client.get(link)
            assert listed.status_code == 200
            assert listed.context["page"].paginator.count == line.actual.evidence.count()

    @pytest.mark.usefixtures("records")
    def test_of_countries_parts_and_sessions_too(self, manager_client: Client) -> None:
        make_approved("activity", initiative=Initiative.objects.first(), women=3)
        tree = page(manager_client, as_of=DAY)
        checked = 0
        for one in tree.iter("a"):
            href, text = str(one.get("href")), text_of(one)
            is_distinct = "-countries&" in href and "slice=" not in href
            if (sex := query_of(href).get("people")) and sex != "none":
                sessions = manager_client.get(href).context["page"].object_list
                assert sum(getattr(one, sex) for one in sessions) == int(text), href
                checked += 1
            elif href.startswith("/records/") and text.isdigit() and not is_distinct:
                assert manager_client.get(href).context["page"].paginator.count == int(text), href
                checked += 1
        assert checked > 10

    @pytest.mark.usefixtures("records")
    def test_of_a_change_to_the_records_that_count_since(self, manager_client: Client) -> None:
        row = rows(page(manager_client, as_of=DAY))["1.1 Initiatives"]
        [link] = links_in(with_class(row, "chg")[0])
        listed = manager_client.get(link)
        assert (cell(row, "chg"), query_of(link)["after"]) == ("+1", "2019-07-02")
        assert [one.record.starts_on for one in listed.context["rows"]] == [
            PartialDate("2019-08-20")
        ]
        assert "Only: counting since " in text_of(tree_of(listed))

    @pytest.mark.usefixtures("records")
    def test_of_what_would_count_to_the_records_that_only_wait(
        self, manager_client: Client
    ) -> None:
        make_record("initiative", status="submitted", evidence=1, starts_on="2025")
        tree = tree_of(manager_client.get(f"/targets/1.1-initiatives/?as_of={DAY}"))
        [link] = [one for one in links_in(tree) if "counts=once_approved" in one]
        assert "1 record would count once approved" in text_of(tree)
        assert manager_client.get(link).context["page"].paginator.count == 1

    @pytest.mark.usefixtures("records")
    def test_a_list_says_where_those_left_out_are_and_its_file_has_the_same_rows(
        self, manager_client: Client
    ) -> None:
        row = rows(page(manager_client, as_of=DAY))["1.1 Initiatives"]
        [link] = links_in(with_class(row, "val")[0])
        tree = tree_of(manager_client.get(link))
        [left_out] = [one for one in links_in(tree) if "counts=no" in one]
        assert manager_client.get(urljoin(link, left_out)).context["figure"].leaves_out
        [file] = [one for one in links_in(tree) if ".csv" in one]
        lines = b"".join(manager_client.get(file)).decode().splitlines()
        assert f"{len(lines) - 1} of 50" == cell(row, "val")

    def test_people_by_target_group_overlap_and_lead_to_their_sessions(
        self, plan: Plan, manager_client: Client
    ) -> None:
        both = make_approved("initiative", target_groups=["security_forces", "social_workers"])
        none = make_approved("initiative", target_groups=[])
        make_approved("activity", initiative=both, country="NE", women=5)
        make_approved("activity", initiative=none, men=4)
        people = dashboard_for(plan, AUTUMN).people
        assert people is not None
        found = {one.group: (one.sessions, one.women, one.men) for one in people.groups}
        assert found == {
            "security_forces": (1, 5, None),
            "social_workers": (1, 5, None),
            "": (1, None, 4),
        }
        links = [one for one in links_in(page(manager_client, as_of=DAY)) if "activity" in one]
        for part in ("group=social_workers", "lacks=group", "lacks=country", "country=NE"):
            [link, *_more] = [one for one in links if part in one]
            assert manager_client.get(link).context["page"].paginator.count == 1

    def test_of_a_year_to_the_records_of_that_year(
        self, plan: Plan, manager_client: Client
    ) -> None:
        for day in ("2017-02", "2018-05", "2018-06"):
            make_approved("sponsor", first_agreement_on=day)
        row = rows(page(manager_client, as_of=DAY))["3.3 New sponsors"]
        links = links_in(with_class(row, "years")[0])
        counts = [manager_client.get(link).context["page"].paginator.count for link in links]
        assert counts == [1, 2]
        assert "2019, Open: no data" in text_of(row)


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
        assert cell(rows(tree)["1.1 Initiatives"], "val") == "4 of 50"
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


def _lines(plan: Plan, order: Order) -> Iterator[tuple[str, Rating]]:
    for one in dashboard_for(plan, AUTUMN, order).objectives:
        yield one.line.objective.code, one.line.rating


class TestItsValues:
    @pytest.mark.usefixtures("records")
    def test_worst_first_keeps_the_plans_order_among_equals(self, plan: Plan) -> None:
        worst = list(_lines(plan, Order.WORST))
        by_plan = list(_lines(plan, Order.PLAN))
        ranks = [list(Rating).index(rating) for _code, rating in worst]
        assert ranks == sorted(ranks)
        for rating in Rating:
            assert [code for code, one in worst if one == rating] == [
                code for code, one in by_plan if one == rating
            ]

    def test_the_change_of_a_share_and_of_a_yearly_count(self, plan: Plan) -> None:
        for field, begun in (("justice", "2017"), ("violence", "2017"), ("emergencies", "2019-08")):
            make_approved("initiative", fields_of_activity=[field], starts_on=begun)
        make_approved("sponsor", first_agreement_on="2019-02")
        make_approved("sponsor", first_agreement_on="2019-08-05")
        found = {
            one.line.target.code: one
            for objective in dashboard_for(plan, AUTUMN).objectives
            for one in objective.targets
        }
        share = found["1.2-fields"].change
        assert share == Decimal(100) / 3
        assert found["3.3-sponsors"].change == 1
        assert found["3.3-budget"].change is None

    def test_reach_has_a_tie_a_target_on_countries(self, plan: Plan) -> None:
        reach = dashboard_for(plan, AUTUMN).reach
        assert reach is not None
        kinds = [RecordKind(tie.actual.target.record_kind) for tie in reach.ties]
        assert kinds == [RecordKind.INITIATIVE, RecordKind.COUNTRY_SUPPORT, RecordKind.DECISION]
