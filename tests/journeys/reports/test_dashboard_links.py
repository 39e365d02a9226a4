"""Every number of the dashboard links to exactly the records that it counts."""

import re
from xml.etree.ElementTree import Element

import pytest
from playwright.sync_api import expect

from indicators.models import Initiative
from strategy.models import Plan, Target, User
from tests.conftest import client_of
from tests.factories import make_approved, make_record
from tests.journeys.conftest import Window
from tests.journeys.support.figure_links import (
    RecordLists,
    find_faults,
    find_faults_of_left_out,
    find_numbers,
    select,
)
from tests.support.html_tree import text_of, tree_of
from tests.support.samples.figure_records import make_records

pytestmark = pytest.mark.one_database

PARTS_OF_A_FIGURE = {"slice", "after", "year"}
ROWS_A_PAGE = 50


@pytest.fixture
def records(plan: Plan, staff: User) -> None:
    """Create records behind every target, sessions with and without numbers, and pending work."""
    make_records()
    make_approved("event", occurred_on="2018-09-11")
    for number in range(53):
        make_approved("decision", authority_country="NE", occurred_on="2017-05", title=f"{number}")
    [initiative, *_others] = Initiative.objects.order_by("pk")
    for day, people in (("2017-06", {"women": 12}), ("2018-03", {"women": 3, "men": 4})):
        make_approved("activity", initiative=initiative, country="NE", starts_on=day, **people)
    make_approved("activity", initiative=initiative, country=None, starts_on="2018-05")
    make_approved("initiative", countries=["NE"], fields_of_activity=[])
    make_record("initiative", status="returned", evidence=0, entered_by=staff)
    again = make_record("initiative", status="submitted", evidence=1, entered_by=staff)
    Initiative.objects.filter(pk=again.pk).update(approved_at=again.submitted_at)


def find_faults_on(dashboard: Element, lists: RecordLists, within: str = "main") -> list[str]:
    """Return the faults of the dashboard's numbers and of the lists behind them."""
    numbers = find_numbers(dashboard, within)
    faults = [fault for number in numbers for fault in find_faults(lists, number)]
    whole_figures = {
        number.query["target"]: number
        for number in numbers
        if not PARTS_OF_A_FIGURE & number.query.keys() and lists.open(number.address).left_out
    }
    for number in whole_figures.values():
        faults += find_faults_of_left_out(lists, number)
    return faults


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize(
    ("who", "query", "within", "least"),
    [
        ("manager", "?as_of=2018-12-31", "main", 90),
        ("officer", "?as_of=2019-11-15", "table.plan", 16),
        ("manager", "", "table.plan", 16),
    ],
)
def test_every_number_has_its_records_in_list_address_and_file(
    who: str, query: str, within: str, least: int, plan: Plan, request: pytest.FixtureRequest
) -> None:
    client = client_of(request.getfixturevalue(who))
    dashboard = tree_of(client.get(f"/dashboard/{query}"))
    numbers = find_numbers(dashboard, within)
    linked = {number.query.get("target", "") for number in numbers}
    assert set(Target.objects.of_plan(plan).values_list("code", flat=True)) <= linked
    assert len(numbers) >= least
    assert not find_faults_on(dashboard, RecordLists(client), within)


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize("within", ["#o1\\.1 .value", "dl.shares"])
def test_an_altered_number_is_found(within: str, manager: User) -> None:
    # The control: one digit of one number is changed, on the page alone.
    client = client_of(manager)
    dashboard = tree_of(client.get("/dashboard/?as_of=2019-11-15"))
    link = select(dashboard, f"{within} a[href^='/records/']")[0]
    altered = re.sub("[0-8]", "9", text_of(link), count=1)
    for child in list(link):
        link.remove(child)
    link.text = altered
    assert len(find_faults_on(dashboard, RecordLists(client), within)) == 1


@pytest.mark.browser
@pytest.mark.usefixtures("records")
def test_a_click_on_a_number_opens_its_list_at_the_same_address(
    site: str, manager: User, open_window: Window
) -> None:
    client = client_of(manager)
    numbers = find_numbers(tree_of(client.get("/dashboard/?as_of=2018-12-31")))
    samples = {frozenset(number.query): number for number in numbers}
    assert len(samples) >= 4, "whole figures, years, shares and waiting records"
    lists = RecordLists(client)
    page = open_window(manager)
    page.goto("/dashboard/?as_of=2018-12-31")
    for number in samples.values():
        page.locator(f"main a[href='{number.address}']").first.click()
        expect(page).to_have_url(f"{site}{number.address}")
        in_file = len(lists.open(number.address).in_file)
        rows = page.locator("main table.reflow > tbody > tr")
        expect(rows).to_have_count(min(in_file, ROWS_A_PAGE))
        page.go_back()
