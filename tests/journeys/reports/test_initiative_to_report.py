"""From a recorded initiative to the number in the board's PDF, with every role."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from indicators.models import Initiative, Status
from reporting.annual_report.pdf.document import create_files
from reporting.models import AnnualReport
from strategy.choices import Role
from strategy.models import User
from tests.factories import make_approved, make_user
from tests.journeys.conftest import Window
from tests.journeys.support.steps import (
    EVIDENCE,
    PASSWORD,
    TITLE,
    go_to,
    record_initiative,
    sign_in,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def people(site: str) -> Mapping[Role, User]:
    """One user per role, who can sign in; one initiative counts already."""
    make_approved("initiative", reference="INI-BEFORE", starts_on="2019-02")
    return {
        role: make_user(role, office, username=f"{role}.person", password=PASSWORD)
        for role, office in (
            (Role.STAFF, "niamey"),
            (Role.MANAGER, "montreal"),
            (Role.OFFICER, "montreal"),
            (Role.BOARD, "montreal"),
        )
    }


def number_of_initiatives(page: Page) -> Locator:
    """Return the link of target 1.1-initiatives on the dashboard."""
    go_to(page, "Dashboard")
    address = "a[href^='/records/initiative/?target=1.1-initiatives&'][href$='counts=yes']"
    return page.locator(address).first


@pytest.mark.parametrize("script", [True, False], ids=["with_javascript", "without_javascript"])
def test_an_initiative_comes_from_staff_into_the_report_of_the_board(
    script: bool,
    people: Mapping[Role, User],
    open_window: Window,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    if not script:
        # The pages of the PDF are the same: rendering them once is enough.
        request.getfixturevalue("fake_pdf")
    staff = sign_in(open_window(java_script_enabled=script), people[Role.STAFF])
    manager, officer, board = (
        open_at_start(open_window(people[role], java_script_enabled=script))
        for role in (Role.MANAGER, Role.OFFICER, Role.BOARD)
    )
    reference = record_initiative(staff)
    assert Initiative.objects.get(reference=reference).status == Status.SUBMITTED
    assert staff.get_by_role("button", name="Approve").count() == 0

    expect(number_of_initiatives(manager)).to_have_text("1")
    go_to(manager, "Review")
    waiting = manager.get_by_role("listitem").filter(has_text=TITLE)
    expect(waiting.get_by_role("link", name="ibcr.org")).to_have_attribute("href", EVIDENCE)
    waiting.get_by_role("button", name="Approve").click()
    expect(manager.get_by_role("status")).to_contain_text("1 record was approved")

    number = number_of_initiatives(manager)
    expect(number).to_have_text("2")
    number.click()
    listed = manager.get_by_role("table").locator("tbody th a")
    expect(listed).to_have_count(2)
    addresses = [str(link.get_attribute("href")) for link in listed.all()]
    assert {one.split("/")[3] for one in addresses} == {"INI-BEFORE", reference}

    issue_report(officer, "2018")
    look_at_report(board, "2018", tmp_path)


def open_at_start(page: Page) -> Page:
    page.goto("/")
    return page


def issue_report(page: Page, year: str) -> None:
    go_to(page, "Annual reports")
    page.get_by_role("link", name=f"Check and issue {year}").click()
    page.get_by_label("I have read what is still open").check()
    page.get_by_role("button", name=f"Issue the annual report {year}").click()
    expect(page.get_by_role("status")).to_contain_text(f"The annual report of {year} is issued")
    assert AnnualReport.objects.get().year == year
    create_files(
        AnnualReport.objects.get(), ["en"]
    )  # in place of the worker, which no journey starts


def look_at_report(page: Page, year: str, folder: Path) -> None:
    """Read the report as the board, which sees its figures and PDF but no record."""
    go_to(page, "Annual reports")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="PDF, English", exact=True).click()
    download = waiting.value
    assert download.suggested_filename == f"ibcr-annual-report-{year}-en.pdf"
    download.save_as(folder / "report.pdf")
    content = (folder / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    page.get_by_role("link", name=f"Annual report {year}").click()
    expect(page).to_have_url(re.compile(f"/reports/{year}/1/$"))
    row = page.get_by_role("row").filter(has=page.locator("a[href*='target=1.1-initiatives']"))
    expect(row.locator("[data-label=Reported]")).to_have_text("1")
    assert page.locator("a[href*='/records/']").count() == 0
    row.get_by_role("link").click()
    expect(page.get_by_role("row").filter(has_text=TITLE)).to_have_count(1)
    assert page.locator("a[href*='/records/']").count() == 0
    go_to(page, "Dashboard")
    assert page.locator("a[href*='/records/']").count() == 0


def test_who_entered_a_record_finds_nowhere_a_way_to_approve_it(
    people: Mapping[Role, User], open_window: Window
) -> None:
    page = open_at_start(open_window(people[Role.MANAGER], allowed=frozenset({403})))
    go_to(page, "My work")
    reference = record_initiative(page)
    assert page.get_by_role("button", name="Approve").count() == 0
    assert "someone else must approve it" in page.get_by_role("main").inner_text()
    go_to(page, "Review")
    expect(page.get_by_role("main")).to_contain_text("someone else must approve it")
    assert page.get_by_role("main").get_by_role("button", name="Approve").count() == 0

    _send_approval(page, reference)
    expect(page.get_by_role("heading", level=1)).to_contain_text("not open to your account")
    assert Initiative.objects.get(reference=reference).status == Status.SUBMITTED


def _send_approval(page: Page, reference: str) -> None:
    # A form of another page, sent to the URL of the missing button.
    page.goto(f"/records/initiative/{reference}/")
    page.get_by_text("Delete this record").click()
    page.evaluate(
        """() => {
            const form = document.querySelector("form[action$='/delete/']");
            form.action = form.action.replace("/delete/", "/approve/");
        }"""
    )
    page.get_by_role("button", name="Delete the record").click()
