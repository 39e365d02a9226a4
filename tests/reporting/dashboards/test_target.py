"""The page of a target: figure, rule, slices, years, counted and excluded records."""

from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element

import pytest
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from indicators.counting.rules import UNTIL_APPROVED, with_exclusion_reason
from indicators.models import Status
from reporting.dashboards.target_detail import build_target_detail
from reporting.figures import trends
from reporting.figures.progress import TargetProgress
from reporting.figures.rollup import build_target_row
from reporting.wording import target_notes
from strategy.choices import Measure, Reason
from strategy.models import Plan, Target, User
from tests.conftest import client_of
from tests.factories import make_approved, make_record, make_user
from tests.support.html_tree import links_in, local_name, query_of, text_of, tree_of, with_class
from tests.support.query_baselines import Baseline

DAY = "2019-09-30"
AUTUMN = date(2019, 9, 30)


def page(client: Client, code: str, day: str = DAY) -> Element:
    return tree_of(client.get(reverse("reporting:target", args=[code]), {"as_of": day}))


def detail(plan: Plan, code: str, day: date = AUTUMN) -> TargetProgress:
    return build_target_detail(target(plan, code), day).progress


def target(plan: Plan, code: str) -> Target:
    return Target.objects.of_plan(plan).with_rules().get(code=code).as_of(AUTUMN)


def facts(tree: Element) -> dict[str, str]:
    parts = [text_of(one) for one in with_class(tree, "facts")[0]]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def table_rows(tree: Element, labelled: str) -> list[list[str]]:
    [table] = [one for one in tree.iter("table") if one.get("aria-labelledby") == labelled]
    return [[text_of(cell) for cell in row] for body in table.iter("tbody") for row in body]


@pytest.fixture
def countries(plan: Plan, staff: User) -> None:
    """Create three countries in four initiatives, and one record per exclusion reason."""
    for begun, codes in (
        ("2017-03", ["NE"]),
        ("2018-05", ["NE", "BF"]),
        ("2019-02", ["SN"]),
        ("2019-03", ["NE"]),
    ):
        make_approved("initiative", countries=codes, starts_on=begun)
    make_approved("initiative", countries=["CA"], title="Quebec: course")
    make_approved("initiative", countries=["TG"], starts_on=None)
    make_approved("initiative", countries=["TG"], starts_on="2021-02")
    make_record("initiative", countries=["MG"], status="submitted", evidence=1, entered_by=staff)
    make_record("initiative", countries=["MG"], status="draft", entered_by=staff)


@pytest.mark.usefixtures("countries")
class TestACount:
    def test_the_figure_and_why_it_is_rated_so(self, manager_client: Client) -> None:
        tree = page(manager_client, "1.1-countries")
        assert text_of(with_class(tree, "figure")[0]) == "3 of 25 countries"
        text = text_of(tree)
        assert "17.2 were expected by now: the figure is 17 % of that." in text
        assert "From 90 % it is on track, below 60 % off track." in text

    def test_the_facts(self, manager_client: Client) -> None:
        found = facts(page(manager_client, "1.1-countries"))
        assert found["As of"] == "30 September 2019 (69 % of the plan’s time)"
        assert found["Pace so far"] == "1.1 a year"
        assert found["At that pace"] == "4 by 31 December 2020"
        assert found["Pace now needed"] == "17.5 a year"
        assert found["In 2019"] == "3"
        assert found["Waiting"].startswith("1 record would count once approved")

    def test_the_rule_in_words_and_as_data(self, plan: Plan, manager_client: Client) -> None:
        text = text_of(page(manager_client, "1.1-countries"))
        assert " ".join(target(plan, "1.1-countries").rule.split()) in text
        assert "count of distinct values (country)" in text
        assert "at least one outside: Quebec and Canada (1)" in text
        assert "progress is expected in a straight line" in text

    def test_parts_lead_to_their_records(self, manager_client: Client) -> None:
        tree = page(manager_client, "1.1-countries")
        [parts] = with_class(tree, "two")
        names = [text_of(one) for one in parts.iter("dt")]
        assert names == ["Niger", "Burkina Faso", "Senegal"]
        listed = [manager_client.get(link).context["page"] for link in links_in(parts)]
        assert [one.paginator.count for one in listed] == [3, 1, 1]

    def test_other_dimensions_lead_to_theirs(self, manager_client: Client) -> None:
        assert with_class(page(manager_client, "2.1-countries"), "parts") == []
        [parts] = with_class(page(manager_client, "1.1-initiatives"), "parts")
        for one in parts.iter("dl"):
            cells = list(one)
            for name, number in zip(cells[::3], cells[1::3], strict=True):
                for link in links_in(name):
                    listed = manager_client.get(link)
                    assert listed.status_code == 200, link
                    assert listed.context["page"].paginator.count == int(text_of(number))

    def test_years(self, manager_client: Client) -> None:
        assert table_rows(page(manager_client, "1.1-countries"), "years") == [
            ["2017", "1", "+1", "1", "6.2"],
            ["2018", "2", "+1", "2", "12.5"],
            ["2019 to 30 September 2019", "3", "+1", "3", "17.2"],
        ]

    def test_every_number_of_the_years_leads_to_its_records(
        self, plan: Plan, manager_client: Client
    ) -> None:
        tree = page(manager_client, "1.1-initiatives")
        [table] = [one for one in tree.iter("table") if one.get("aria-labelledby") == "years"]
        for one in table.iter("a"):
            listed = manager_client.get(str(one.get("href")))
            assert listed.context["page"].paginator.count == int(text_of(one))
        assert any(text_of(one).startswith("+") for one in table.iter("a"))

    def test_records_that_count_and_those_left_out(self, manager_client: Client) -> None:
        tree = page(manager_client, "1.1-countries")
        assert "4 records count" in text_of(tree)
        assert len(table_rows(tree, "counted")) == 4
        assert [row[:2] for row in table_rows(tree, "left-out")] == [
            [str(Reason.NOT_APPROVED.label), "1"],
            [str(Reason.NO_EVIDENCE.label), "1"],
            [str(Reason.NO_DATE.label), "1"],
            [str(Reason.OUTSIDE_PERIOD.label), "1"],
            [str(Reason.OUTSIDE_GEOGRAPHY.label), "1"],
        ]
        [table] = [one for one in tree.iter("table") if one.get("aria-labelledby") == "left-out"]
        for link in links_in(table):
            assert manager_client.get(link).context["page"].paginator.count == 1, link

    def test_the_picture_says_what_it_shows(self, manager_client: Client) -> None:
        tree = page(manager_client, "1.1-countries")
        [chart] = [one for one in tree.iter() if "large" in str(one.get("class")).split()]
        title = next(one for one in chart if local_name(one) == "title")
        assert text_of(title) == (
            "Countries: 3 of 25 on 30 September 2019;"
            " 17.2 were expected, and at this pace it will be 4."
        )

    def test_only_the_first_twenty_are_named(self, manager_client: Client) -> None:
        for number in range(22):
            make_approved("initiative", countries=["ML"], title=f"Mali {number}")
        tree = page(manager_client, "1.1-initiatives")
        assert len(table_rows(tree, "counted")) == 20
        assert "Show all 26" in text_of(tree)


class TestOtherTargets:
    def test_a_share(self, plan: Plan, manager_client: Client) -> None:
        for field in ["justice"] * 9 + ["violence"] * 7 + ["emergencies"] * 4:
            make_approved("initiative", fields_of_activity=[field], starts_on="2017-06")
        tree = page(manager_client, "1.2-fields")
        assert text_of(with_class(tree, "figure")[0]) == "20.0 % / 25 %"
        assert "From 25 % it is on track, from 20 % at risk, below that off track." in text_of(tree)
        assert "Shares of 20 records that weigh 1 each" in text_of(tree)
        assert table_rows(tree, "years")[0] == ["2017", "20.0 %", "20.0 %", "at least 25 %"]

    def test_years_of_a_growth(self, plan: Plan, manager_client: Client) -> None:
        for year, amount in ((2016, 100), (2017, 110), (2018, 140)):
            make_approved("annual_budget", year=str(year), amount=str(amount))
        tree = page(manager_client, "3.3-budget")
        assert "1 of 2 years met: 10–20 % a year" in text_of(tree)
        assert "Not met: above the range" in text_of(tree)
        [figure] = with_class(tree, "figure")
        assert len(manager_client.get(links_in(figure)[0]).context["rows"]) == 3
        [strip] = with_class(tree, "years")
        listed = manager_client.get(links_in(strip)[0])
        shown = {row.record.year for row in listed.context["rows"]}
        assert shown == {"2016", "2017"}, "a growth stands on the budgets of two years"

    def test_a_report_that_is_due_says_until_when(self, plan: Plan, manager_client: Client) -> None:
        assert "Due until 30 June 2019" in text_of(page(manager_client, "3.1-report", "2019-02-01"))

    def test_a_list_to_confirm_is_marked_with_its_source(
        self, plan: Plan, manager_client: Client
    ) -> None:
        text = text_of(page(manager_client, "2.2-decisions"))
        assert "Countries targeted by Canadian foreign policy (24) – to confirm" in text
        assert "announced in June 2014" in text

    def test_no_data_is_not_zero(self, plan: Plan, manager_client: Client) -> None:
        tree = page(manager_client, "2.3-networks")
        assert text_of(with_class(tree, "figure")[0]) == "no data of 5 networks"
        assert "No record of this kind falls in the period" in text_of(tree)
        assert "No record counts" in text_of(tree)
        make_record("network", status="draft", starts_on="2018")
        tree = page(manager_client, "2.3-networks")
        assert text_of(with_class(tree, "figure")[0]) == "0 of 5 networks"

    @pytest.mark.parametrize("day", ["2016-02-01", "2020-12-31", "2031-01-01"])
    def test_at_any_time_every_target_has_its_page(
        self, plan: Plan, manager_client: Client, day: str
    ) -> None:
        make_approved("initiative", countries=["NE"])
        for code in Target.objects.of_plan(plan).values_list("code", flat=True):
            page(manager_client, code, day)

    @pytest.mark.parametrize("language", ["fr", "ar"])
    def test_in_other_languages(self, plan: Plan, manager_client: Client, language: str) -> None:
        make_approved("initiative", countries=["NE"])
        manager_client.cookies["django_language"] = language
        for code in ("1.1-countries", "1.2-fields", "3.3-budget"):
            page(manager_client, code)

    def test_of_another_plan(self, second: Plan, manager_client: Client) -> None:
        make_approved("initiative", countries=["NE"], starts_on="2021-05")
        for code in Target.objects.of_plan(second).values_list("code", flat=True):
            page(manager_client, code, "2022-09-30")

    def test_without_its_target_the_address_is_not_found(
        self, plan: Plan, manager_client: Client
    ) -> None:
        assert manager_client.get(reverse("reporting:target", args=["9.9-none"])).status_code == 404
        address = reverse("reporting:target", args=["1.1-countries"])
        assert manager_client.get(address, {"plan": "none"}).status_code == 404
        tree = tree_of(manager_client.get(address, {"as_of": "x"}), 400)
        assert "as_of: “x” is no day of the calendar." in text_of(tree)


class TestWhoSeesWhat:
    @pytest.mark.usefixtures("countries")
    def test_staff_see_the_figure_and_only_their_own_offices_records(self, staff: User) -> None:
        other = make_user("staff", "dakar")
        make_approved("initiative", countries=["CI"], title="Dakar: own work", entered_by=other)
        tree = page(client_of(other), "1.1-initiatives")
        assert text_of(with_class(tree, "figure")[0]) == "5 of 50 initiatives"
        assert [row[0] for row in table_rows(tree, "counted")] == ["Dakar: own work"]
        tree = page(client_of(make_user("staff", "montreal")), "1.1-initiatives")
        assert "They belong to other offices than yours." in text_of(tree)

    def test_the_board_and_the_administrator_may_not(
        self, plan: Plan, board_client: Client, admin_client: Client, client: Client
    ) -> None:
        address = reverse("reporting:target", args=["1.1-countries"])
        assert board_client.get(address).status_code == 403
        assert admin_client.get(address).status_code == 403
        assert client.get(address).status_code == 302

    @pytest.mark.usefixtures("countries")
    def test_links_stay_on_the_day_and_the_plan(self, manager_client: Client) -> None:
        for link in links_in(page(manager_client, "1.1-countries")):
            query = query_of(link)
            if link.startswith("/records/") and "target" in query:
                assert query["plan"] == "2017-2020"
                plan = Plan.objects.get(code="2017-2020")
                ends = {day.isoformat() for day in trends.past_quarter_ends(plan.period, AUTUMN)}
                assert query["as_of"] in {DAY, *ends}


class TestCost:
    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("code", ["1.1-countries", "1.2-fields", "3.3-sponsors"])
    @pytest.mark.usefixtures("countries")
    def test_as_many_queries_whatever_there_is(
        self, manager_client: Client, query_baseline: Baseline, code: str
    ) -> None:
        make_approved("sponsor", first_agreement_on="2018-02")
        make_approved("initiative", countries=["ML"], starts_on="2018-04")
        # The plan and its words are kept, as they are between changes of them; the page is not.
        page(manager_client, code)
        make_approved("event")
        for time in range(2):
            with query_baseline(f"target_{code}"):
                page(manager_client, code)
            for number in range(10):
                make_approved("initiative", countries=["ML", "NE"], starts_on="2018-04")
                title = f"Fund {time}-{number}"
                make_approved("sponsor", title=title, first_agreement_on="2018-03")


class TestWords:
    """Sentences whose numbers must not contradict the rating."""

    def test_a_whole_number_may_be_on_track_below_the_line(self, plan: Plan) -> None:
        # 1 of 5 decisions after a year: 1.25 were expected, and decisions are whole numbers.
        make_approved(
            "decision", authority_country="CA", countries_concerned=["CA"], occurred_on="2017-06"
        )
        day = date(2017, 12, 31)
        said = target_notes.explain_rating(detail(plan, "2.2-decisions", day), day)
        assert said == "1.2 were expected by now, so 1 whole ones: on track."

    def test_a_pace_is_never_rounded_up_to_the_target(self, plan: Plan) -> None:
        for number in range(34):
            make_approved("initiative", title=f"{number}", starts_on="2017-05")
        progress = detail(plan, "1.1-initiatives")
        assert progress.projection is not None
        assert Decimal("49.5") < progress.projection.at_end < 50
        found = dict(target_notes.key_figures(progress, AUTUMN))
        assert found["At that pace"] == "49 by 31 December 2020"

    def test_the_points_of_the_picture_end_at_the_value(self, plan: Plan) -> None:
        for begun in ("2017-02", "2018-11", "2019-09-30"):
            make_approved("initiative", countries=["NE"], starts_on=begun)
        one = target(plan, "1.1-initiatives")
        found = build_target_detail(one, AUTUMN)
        days = [day for day, _value in found.points]
        assert days[0] == date(2017, 3, 31)
        assert days[-1] == AUTUMN
        assert found.points[-1][1] == build_target_row(one, AUTUMN).value == 3


@pytest.mark.usefixtures("countries")
def test_a_measure_without_a_curve_has_its_pages_all_the_same(
    plan: Plan, officer_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(trends.RISE_QUERIES, Measure.DISTINCT)  # type: ignore[arg-type]
    assert detail(plan, "1.1-countries").trend is None
    assert "3 of 25 countries" in text_of(page(officer_client, "1.1-countries"))
    tree_of(officer_client.get(reverse("reporting:dashboard"), {"as_of": DAY}))


def test_a_reversed_decision_counts_and_carries_its_mark(
    plan: Plan, manager_client: Client
) -> None:
    make_approved(
        "decision", authority_country="SN", occurred_on="2018-03-01", reversed_on="2018-09-01"
    )
    make_approved("decision", authority_country="SN", occurred_on="2018-03-02")
    mark, told = "reversed on 1 September 2018", "1 of the decisions counted was reversed."
    for day, is_told in (("2018-08-31", False), ("2018-09-01", True), ("2019-12-31", True)):
        query = {"plan": plan.code, "as_of": day}
        page = manager_client.get("/targets/2.1-decisions/", query).content.decode()
        assert "2 records count" in page
        assert (mark in page, told in page) == (is_told, is_told)
        figure = {**query, "target": "2.1-decisions"}
        listed = manager_client.get("/records/decision/", figure).content.decode()
        assert (mark in listed) == is_told
    assert mark in manager_client.get("/records/decision/").content.decode()


def test_a_reversed_decision_that_is_left_out_is_counted_in_its_reason(
    plan: Plan, manager_client: Client
) -> None:
    decision = make_approved(
        "decision", authority_country="CA", occurred_on="2018-03-01", reversed_on="2018-09-01"
    )
    make_approved("decision", authority_country="CA", occurred_on="2018-03-01")
    for day, is_told in (("2018-08-31", False), ("2018-09-01", True)):
        query = {"plan": plan.code, "as_of": day}
        page = manager_client.get("/targets/2.1-decisions/", query).content.decode()
        assert "2 left out" in page
        assert ("1 was reversed" in page) == is_told
    head = manager_client.get(f"/records/decision/{decision.reference}/").content.decode()
    assert "<b>Reversed on 1 September 2018</b>" in head


@pytest.mark.usefixtures("countries")
def test_the_counts_by_reason_are_those_of_the_lists(plan: Plan, staff: User) -> None:
    make_approved("decision", authority_country="SN", reversed_on="2018-09-01")
    make_approved("decision", authority_country="CA", reversed_on="2018-09-01")
    make_record("initiative", status="submitted", evidence=1, entered_by=staff, countries=["NE"])
    make_record("initiative", status="submitted", evidence=0, entered_by=staff, countries=["NE"])
    make_record("initiative", status="submitted", evidence=1, entered_by=staff, countries=["CA"])
    waiting = 0
    for one in Target.objects.of_plan(plan).with_rules():
        found = build_target_detail(one.as_of(AUTUMN), AUTUMN)
        actual = found.progress.row.actual
        assert found.evidence_count == actual.evidence.count()
        counts = {exclusion.reason: exclusion.count for exclusion in found.exclusions}
        assert counts == actual.excluded.count_by_reason()
        would_count = with_exclusion_reason(actual.target, actual.window, UNTIL_APPROVED)
        submitted = would_count.filter(Q(reason__isnull=True), status=Status.SUBMITTED)
        assert found.submitted_count == submitted.count()
        waiting += found.submitted_count
    assert waiting > 0
