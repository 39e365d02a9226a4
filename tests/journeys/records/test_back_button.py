"""The back button after saving: the form warns before typed text is lost."""

import pytest
from playwright.sync_api import expect

from indicators.models import Event
from strategy.models import User
from tests.journeys.conftest import Window

pytestmark = pytest.mark.browser


def test_what_is_typed_after_going_back_changes_the_record(
    site: str, staff: User, open_window: Window
) -> None:
    page = open_window(staff)
    page.goto("/records/event/new/")
    page.locator("[name=title]").fill("Conference on child witnesses")
    page.get_by_label("Organised", exact=True).check()
    page.locator("[name=kind]").select_option("conference")
    token = page.locator("[name=creation_token]").input_value()
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved as a draft")

    page.go_back()
    # As with a back/forward cache, which is disabled in this browser.
    page.evaluate("token => document.querySelector('[name=creation_token]').value = token", token)
    with page.expect_response(lambda answer: answer.url.endswith("/form-drafts/event/")) as kept:
        page.locator("[name=title]").fill("Conference on children as witnesses")
    assert kept.value.status == 200
    expect(page.locator("form .form-draft")).to_have_text("Saved")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("children as witnesses")
    assert Event.objects.get().title == "Conference on children as witnesses"
