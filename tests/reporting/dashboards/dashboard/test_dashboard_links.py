"""Every number of the dashboard links to exactly the records that it counts."""

from urllib.parse import urljoin

import pytest
from django.test import Client

from indicators.models import Initiative
from reporting.dashboards.dashboard import build_dashboard
from strategy.dates.periods import PartialDate
from strategy.models import Plan
from tests.factories import make_approved, make_record
from tests.reporting.dashboards.dashboard_page import AUTUMN, DAY, cell, page, rows
from tests.support.html_tree import links_in, query_of, text_of, tree_of, with_class


class TestEveryNumberIsALink:
    @pytest.mark.usefixtures("records")
    def test_to_exactly_the_records_that_it_counts(
        self, plan: Plan, manager_client: Client
    ) -> None:
        shown = build_dashboard(plan, AUTUMN)
        tree = page(manager_client, as_of=DAY)
        table = rows(tree)
        for line in shown.rollup.targets:
            if line.years or line.value is None:
                continue
            name = f"{line.target.indicator.objective.code} {line.target.name}"
            [link] = links_in(with_class(table[name], "value")[0])
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
        [link] = links_in(with_class(row, "value")[0])
        tree = tree_of(manager_client.get(link))
        [left_out] = [one for one in links_in(tree) if "counts=no" in one]
        assert manager_client.get(urljoin(link, left_out)).context["figure"].is_excluded
        [file] = [one for one in links_in(tree) if ".csv" in one]
        lines = b"".join(manager_client.get(file)).decode().splitlines()
        assert f"{len(lines) - 1} of 50" == cell(row, "value")

    def test_people_by_target_group_overlap_and_lead_to_their_sessions(
        self, plan: Plan, manager_client: Client
    ) -> None:
        both = make_approved("initiative", target_groups=["security_forces", "social_workers"])
        none = make_approved("initiative", target_groups=[])
        make_approved("activity", initiative=both, country="NE", women=5)
        make_approved("activity", initiative=none, men=4)
        people = build_dashboard(plan, AUTUMN).people
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
