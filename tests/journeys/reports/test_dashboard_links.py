"""Every number of the dashboard leads to exactly the records that it counts, and to the others."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from indicators.models import Initiative
from strategy.models import Plan, Target, User
from tests.factories import make_approved, make_record
from tests.journeys.conftest import Window
from tests.journeys.support.figure_links import Number, faults_of, in_file, listed, numbers_on
from tests.support.samples.figure_records import make_records

pytestmark = pytest.mark.browser


@pytest.fixture
def records(site: str, staff: User) -> None:
    """Behind every target; sessions with numbers and without; what waits in every way."""
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


def faults_on(page: Page, within: str = "main") -> list[str]:
    """What is wrong with any number of the dashboard that is open, and with the lists behind it."""
    faults: list[str] = []
    left_out: dict[str, tuple[Number, int, str]] = {}
    numbers = numbers_on(page, within)
    lists = {one.address: listed(page, one.address) for one in numbers}
    for number in numbers:
        found = lists[number.address]
        faults += faults_of(page, number, found)
        is_whole = not {"slice", "after", "year"} & number.query.keys()
        if is_whole and found.left_out:
            left_out[number.query["target"]] = (number, len(found.in_file), found.left_out)
    for number, counted, address in left_out.values():
        faults += faults_of_rest(page, number, counted, address)
    return faults


def faults_of_rest(page: Page, number: Number, counted: int, address: str) -> list[str]:
    """Those left out are all others of the kind, each with its reason."""
    rest = listed(page, address)
    page.goto(address)
    reasons = page.locator("td[data-label=Reason]").all_inner_texts()
    kind = urlsplit(number.address).path
    everything = len(in_file(page, f"{kind}export.csv"))
    faults = []
    if counted + rest.on_pages != everything:
        faults.append(f"{number}: {counted} count, {rest.on_pages} left out, of {everything}")
    if rest.on_pages and (not reasons or not all(len(one) > 3 for one in reasons)):
        faults.append(f"{number}: left out without a reason: {reasons}")
    return faults


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize(
    ("who", "query", "within", "least"),
    [
        ("manager", "?as_of=2018-12-31", "main", 100),
        ("officer", "?as_of=2019-11-15", "table.plan", 16),
        ("manager", "", "table.plan", 16),
    ],
)
def test_every_number_has_its_records_in_list_address_and_file(
    who: str,
    query: str,
    within: str,
    least: int,
    plan: Plan,
    open_window: Window,
    request: pytest.FixtureRequest,
) -> None:
    page = open_window(request.getfixturevalue(who))
    page.goto(f"/dashboard/{query}")
    numbers = numbers_on(page, within)
    linked = {one.query.get("target", "") for one in numbers}
    assert set(Target.objects.of_plan(plan).values_list("code", flat=True)) <= linked
    assert len(numbers) >= least
    assert not faults_on(page, within)


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize("within", ["#o1\\.1 .value", "dl.shares"])
def test_an_altered_number_is_found(within: str, manager: User, open_window: Window) -> None:
    """The control: one digit of one number is another, on the page alone."""
    page = open_window(manager)
    page.goto("/dashboard/?as_of=2019-11-15")
    link = page.locator(f"{within} a[href^='/records/']").first
    link.evaluate("a => { a.textContent = a.textContent.replace(/[0-8]/, '9') }")
    assert len(faults_on(page, within)) == 1
