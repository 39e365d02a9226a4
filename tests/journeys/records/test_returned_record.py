"""A returned record is corrected, approved and counted."""

import pytest
from playwright.sync_api import expect

from indicators.models import Status
from strategy.models import User
from tests.factories import make_record
from tests.journeys.conftest import Window
from tests.journeys.support.steps import go_to

pytestmark = pytest.mark.browser

TITLE = "Togo: guide for social workers"
NOTE = "Which month did it start? The source says spring."


def test_a_returned_record_is_corrected_and_approved(
    site: str, staff: User, manager: User, open_window: Window
) -> None:
    record = make_record(
        "initiative",
        title=TITLE,
        starts_on="2019",
        countries=["TG"],
        status=Status.SUBMITTED,
        evidence=1,
        entered_by=staff,
    )
    reviewing = open_window(manager, allowed=frozenset({400}))
    reviewing.goto("/review/")
    item = reviewing.get_by_role("listitem").filter(has=reviewing.get_by_label("Note"))
    item.get_by_role("button", name="Return with the note").click()
    expect(reviewing).to_have_title("Error: Review – IBCR results")
    expect(item).to_contain_text("Write a note that says what to correct.")
    item.get_by_label("Note").fill(NOTE)
    item.get_by_role("button", name="Return with the note").click()
    expect(reviewing.get_by_role("status")).to_contain_text("1 record was returned")

    answering = open_window(staff)
    answering.goto("/my-work/")
    returned = answering.get_by_role("listitem").filter(has_text=TITLE)
    expect(returned).to_contain_text(NOTE)
    returned.get_by_role("link", name="Correct it").click()
    expect(answering.get_by_role("main")).to_contain_text(NOTE)
    answering.get_by_label("When did it start?").fill("2019-04")
    answering.get_by_role("button", name="Save and submit again").click()
    expect(answering.get_by_role("status")).to_contain_text("Saved and submitted")

    go_to(reviewing, "Review")
    expect(item).to_contain_text("2019-04")
    item.get_by_role("button", name="Approve").click()
    expect(reviewing.get_by_role("status")).to_contain_text("1 record was approved")
    record.refresh_from_db()
    assert record.status == Status.APPROVED
    answering.reload()
    answering.get_by_role("link", name="History").click()
    expect(answering.get_by_role("main")).to_contain_text(NOTE)
