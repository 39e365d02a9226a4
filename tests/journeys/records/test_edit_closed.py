"""An edit of a record that is withdrawn at the same time: the text survives and is reused."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from indicators.models import Event, Status
from indicators.workflow import actions
from strategy.models import User
from tests.factories import make_record
from tests.journeys.conftest import Window
from tests.journeys.support.accessibility import find_barriers

pytestmark = pytest.mark.browser

TYPED = "Conference on children as witnesses"


@pytest.mark.parametrize(
    ("language", "restore"), [("en", "Restore as a draft"), ("ar", "استعادة بوصفه مسودة")]
)
def test_what_was_typed_is_shown_without_a_barrier_and_offered_again(
    language: str, restore: str, site: str, staff: User, manager: User, open_window: Window
) -> None:
    event = make_record("event", status=Status.APPROVED, entered_by=staff)
    page = open_window(staff, language=language, allowed=frozenset({409, 422}))
    page.goto(f"/records/event/{event.reference}/edit/")
    event.refresh_from_db()
    actions.withdraw(event, by=manager, at=timezone.now(), note="Recorded twice.")
    page.locator("[name=title]").fill(TYPED)
    page.locator("[name=title]").press("Enter")

    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Rosalie")
    expect(page.get_by_role("alert")).to_contain_text("Recorded twice.")
    expect(page.get_by_role("main")).to_contain_text(TYPED)
    assert not list(find_barriers(page))

    page.get_by_role("button", name=restore).click()
    expect(page.locator("main h1")).to_be_visible()
    page.goto(f"/records/event/{event.reference}/edit/")
    offered = page.locator("main a[href*='?draft=']")
    offered.first.click()
    expect(page.locator("[name=title]")).to_have_value(TYPED)
    assert Event.objects.get().status == Status.DRAFT
