"""A session that ends during typing: after signing in again, the text is saved."""

from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from indicators.models import Event
from strategy.models import User
from tests.journeys.conftest import Window
from tests.journeys.support.accessibility import find_barriers
from tests.journeys.support.steps import PASSWORD
from tests.support.samples.documents.evidence_files import PDF

pytestmark = pytest.mark.browser

TITLE = "Conference on children as witnesses"
NOTES = "First line\n   indented"


def sign_in_beside(page: Page, user: User) -> None:
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in in a new window").click()
    beside = opened.value
    beside.get_by_label("User name or e-mail address").fill(user.username)
    beside.get_by_label("Password", exact=True).fill(PASSWORD)
    beside.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(beside.get_by_role("button", name="Sign out")).to_be_visible()
    beside.close()


@pytest.mark.parametrize("with_files", [False, True], ids=["without a script", "with a file"])
def test_what_was_typed_is_saved_after_signing_in_again(
    with_files: bool, site: str, staff: User, open_window: Window, tmp_path: Path
) -> None:
    staff.set_password(PASSWORD)
    staff.save()
    page = open_window(staff, allowed=frozenset({401, 403}), java_script_enabled=with_files)
    page.goto("/records/event/new/")
    page.locator("[name=title]").fill(TITLE)
    page.get_by_label("Organised", exact=True).check()
    page.locator("[name=kind]").select_option("conference")
    page.get_by_text("Add details").click()
    page.locator("[name=notes]").fill(NOTES)
    if with_files:
        decree = tmp_path / "decree.pdf"
        decree.write_bytes(PDF)
        page.locator("[name=new_files]").set_input_files(decree)
        expect(page.locator("form .form-draft")).to_have_text("Saved")
    Session.objects.all().delete()
    page.get_by_role("button", name="Save and submit").click()

    expect(page).to_have_title("Error: You are signed out – IBCR results")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("main")).to_contain_text(TITLE)
    if with_files:
        expect(page.get_by_role("main")).to_contain_text("decree.pdf")
        assert not list(find_barriers(page))
    sign_in_beside(page, staff)
    page.get_by_role("button", name="Save what I typed").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The form was not sent")
    page.get_by_role("button", name="Save what I typed").click()
    expect(page.get_by_role("main")).to_contain_text("A second person checks it now")
    saved = Event.objects.get()
    assert (saved.title, saved.entered_by) == (TITLE, staff)
    assert saved.notes.splitlines() == NOTES.splitlines()
