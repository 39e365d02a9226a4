"""Tables with a row per country: the first rows, and a link to all of them."""

import pytest
from django.test import Client

from indicators.models import Initiative
from reporting.templatetags.figures import FIRST_ROWS
from strategy.models import Country, Plan
from tests.factories import make_approved
from tests.reporting.dashboards.dashboard_page import DAY, page
from tests.support.html_tree import links_in, text_of, tree_of, with_class

COUNTRIES = FIRST_ROWS + 3


@pytest.fixture
def wide_plan(plan: Plan) -> None:
    codes = Country.objects.exclude(code="CA").values_list("code", flat=True)[:COUNTRIES]
    parent = make_approved("initiative", countries=list(codes), starts_on="2018")
    assert isinstance(parent, Initiative)
    for code in codes:
        make_approved("activity", initiative=parent, country=code, starts_on="2018", women=3)


def _count_rows(client: Client, **query: str) -> list[int]:
    """Return the number of rows of the table of countries reached and of that of sessions."""
    tree = page(client, as_of=DAY, **query)
    tables = {
        str(table.get("aria-labelledby") or text_of(next(iter(table)))): table
        for table in tree.iter("table")
    }
    names = ["countries", "People trained by: Country of the session"]
    return [len(list(tables[name].iter("tr"))) - 1 for name in names]


@pytest.mark.usefixtures("wide_plan")
def test_the_dashboard_shows_the_first_countries_and_all_on_demand(manager_client: Client) -> None:
    assert _count_rows(manager_client) == [FIRST_ROWS, FIRST_ROWS]
    assert _count_rows(manager_client, rows="all") == [COUNTRIES, COUNTRIES]


@pytest.mark.usefixtures("wide_plan")
def test_the_link_to_all_rows_keeps_the_selection(manager_client: Client) -> None:
    links = [link for link in links_in(page(manager_client, as_of=DAY)) if "rows=all" in link]
    assert links == [
        f"?as_of={DAY}&rows=all#countries",
        f"?as_of={DAY}&rows=all#people",
    ]
    tree = page(manager_client, as_of=DAY, rows="all")
    assert [link for link in links_in(tree) if link == f"?as_of={DAY}#countries"]
    assert {"countries", "people"} <= {str(one.get("id")) for one in tree.iter()}
    hidden = [one.get("name") for one in tree.iter("input") if one.get("type") == "hidden"]
    assert "rows" in hidden


@pytest.mark.usefixtures("wide_plan")
def test_the_map_marks_every_country(manager_client: Client) -> None:
    [world] = with_class(page(manager_client, as_of=DAY), "map")
    assert len([one for one in world.iter() if one.tag.endswith("title")]) == COUNTRIES + 1


@pytest.mark.usefixtures("wide_plan")
@pytest.mark.parametrize(("query", "rows"), [("", FIRST_ROWS), ("&rows=all", COUNTRIES)])
def test_a_target_shows_the_first_values_and_all_on_demand(
    manager_client: Client, query: str, rows: int
) -> None:
    answer = manager_client.get(f"/targets/1.1-countries/?as_of={DAY}{query}")
    [slices] = with_class(tree_of(answer), "two")
    assert len(list(slices.iter("dt"))) == rows


@pytest.mark.usefixtures("records")
def test_short_tables_have_no_link(manager_client: Client) -> None:
    assert not [link for link in links_in(page(manager_client, as_of=DAY)) if "rows=" in link]
