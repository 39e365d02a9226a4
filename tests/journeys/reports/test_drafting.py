"""A draft edited on a poor network: saved during typing, and no text is lost."""

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from reporting.annual_report.drafting.texts import DraftTextKey, get_draft, save_text
from reporting.annual_report.issuing import issue_annual_report
from reporting.models import DraftTextType, EarlierText, NarrativeText
from strategy.choices import Role
from strategy.models import Plan, User
from tests.conftest import client_of
from tests.factories import make_user
from tests.journeys.conftest import Window
from tests.journeys.support.browser import session_of
from tests.journeys.support.offline_steps import load_stored

DRAFT = "/reports/2018/1/draft/?plan=2017-2020&language=en"

pytestmark = pytest.mark.browser


@pytest.fixture
def writer(site: str) -> User:
    return make_user(Role.OFFICER, "montreal", first_name="Camille")


def summary_on(page: Page) -> Locator:
    return page.get_by_label("The director’s summary")


def note_at(box: Locator) -> Locator:
    """Return the message about saving below a text box."""
    return box.page.locator(".field", has=box).locator("[data-message]")


def stored() -> str:
    return NarrativeText.objects.get(part=DraftTextType.SUMMARY).text


def test_a_text_is_saved_while_it_is_written_and_survives_a_lost_link(
    writer: User, open_window: Window
) -> None:
    page = open_window(writer)
    page.goto(DRAFT)
    box = summary_on(page)
    box.fill("A year of work.")
    expect(note_at(box)).to_contain_text("Saved at")
    assert stored() == "A year of work."
    assert load_stored(page, "texts") == [], "what is saved is kept nowhere else"

    page.context.set_offline(True)
    box.fill("A year of work. Written on a train.")
    expect(note_at(box)).to_contain_text("no connection")
    expect(note_at(box)).to_contain_text("This device keeps the text")
    assert stored() == "A year of work."
    page.context.set_offline(False)
    expect(note_at(box)).to_contain_text("Saved at")
    assert stored() == "A year of work. Written on a train."

    page.context.set_offline(True)
    box.fill("A year of work. Then the battery was empty.")
    expect(note_at(box)).to_contain_text("This device keeps the text")
    page.close(run_before_unload=False)
    another = page.context.new_page()
    page.context.set_offline(False)
    another.goto(DRAFT)
    expect(summary_on(another)).to_have_value("A year of work. Then the battery was empty.")
    expect(note_at(summary_on(another))).to_contain_text("Saved at")
    assert stored() == "A year of work. Then the battery was empty."
    assert load_stored(another, "texts") == []


def test_of_two_who_write_one_text_the_second_reads_the_first_and_decides(
    writer: User, plan: Plan, open_window: Window
) -> None:
    other = make_user(Role.OFFICER, "montreal", first_name="Inès")
    page = open_window(writer, allowed=frozenset({409}))
    page.goto(DRAFT)
    box = summary_on(page)
    now = timezone.now()
    draft = get_draft(plan, "2018", 1)
    save_text(
        draft, DraftTextKey(DraftTextType.SUMMARY, "en"), "Hers", by=other, at=now, seen_version=0
    )
    box.fill("Mine")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Inès changed this text meanwhile.")
    expect(alert.locator("blockquote")).to_have_text("Hers")
    expect(box).to_have_value("Mine")
    box.press_sequentially(" and more")
    box.blur()
    assert stored() == "Hers", "nothing is replaced unasked"
    alert.get_by_role("button", name="Save mine instead").click()
    expect(note_at(box)).to_contain_text("Saved at")
    assert stored() == "Mine and more"
    assert EarlierText.objects.get().text == "Hers", "and nothing is lost"


def test_without_a_script_the_button_saves_and_says_so(writer: User, open_window: Window) -> None:
    page = open_window(writer, java_script_enabled=False)
    page.goto(DRAFT)
    expect(page.locator("[data-status]")).to_contain_text("Nothing is saved before you press it")
    summary_on(page).fill("A year of work.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    assert stored() == "A year of work."


def with_a_text_on_the_device(page: Page, text: str) -> Page:
    """Open the reports after a crash of the device, with a network again."""
    page.goto(DRAFT)
    page.context.set_offline(True)
    box = summary_on(page)
    box.fill(text)
    expect(note_at(box)).to_contain_text("This device keeps the text")
    page.close(run_before_unload=False)
    another = page.context.new_page()
    another.on("dialog", lambda dialog: dialog.accept())
    page.context.set_offline(False)
    another.goto("/reports/")
    return another


def test_signing_out_asks_about_texts_that_only_this_device_has(
    writer: User, open_window: Window
) -> None:
    page = with_a_text_on_the_device(open_window(writer), "Written on a train.")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("Before you sign out.")).to_be_visible()
    asked = page.locator("#offline-leaving")
    expect(asked).to_contain_text("Records (0)")
    expect(asked).to_contain_text("Texts of annual reports (1)")
    expect(page.locator("#offline-list")).to_contain_text("Written on a train.")
    page.get_by_role("button", name="Leave them here and sign out").click()
    page.wait_for_url("**/accounts/login/")
    assert len(load_stored(page, "texts")) == 1

    other = client_of(make_user(Role.OFFICER, "montreal", first_name="Inès"))
    cookie = {"name": "sessionid", "value": session_of(other), "url": page.evaluate("origin")}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    for address in ("/offline/", DRAFT):
        page.goto(address)
        expect(page.get_by_role("main")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert "Written on a train." not in page.content()
    expect(summary_on(page)).to_have_value("")
    assert not NarrativeText.objects.exists()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")


@pytest.mark.parametrize(
    ("button", "stored_then"),
    [("Send them and sign out", ["Mine."]), ("Delete them and sign out", [])],
)
def test_such_texts_are_sent_or_deleted_as_one_chooses(
    button: str, stored_then: list[str], writer: User, open_window: Window
) -> None:
    page = with_a_text_on_the_device(open_window(writer), "Mine.")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name=button).click()
    page.wait_for_url("**/accounts/login/")
    assert load_stored(page, "texts") == []
    assert list(NarrativeText.objects.values_list("text", flat=True)) == stored_then


@pytest.mark.parametrize(
    ("is_issued", "sentence"),
    [(False, "Inès changed this text meanwhile."), (True, "Open the draft to see how it stands")],
    ids=["changed", "issued"],
)
def test_such_a_text_that_is_not_taken_stays_and_says_why(
    is_issued: bool, sentence: str, writer: User, plan: Plan, open_window: Window
) -> None:
    page = with_a_text_on_the_device(open_window(writer, allowed=frozenset({404, 409})), "Mine.")
    other, now = make_user(Role.OFFICER, "montreal", first_name="Inès"), timezone.now()
    if is_issued:
        issue_annual_report(plan, "2018", other, now)
    else:
        place = DraftTextKey(DraftTextType.SUMMARY, "en")
        save_text(get_draft(plan, "2018", 1), place, "Hers.", by=other, at=now, seen_version=0)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Send them and sign out").click()
    item = page.locator("#offline-list li")
    expect(item.locator(".error")).to_contain_text(sentence)
    expect(item).to_contain_text("Mine.")
    assert len(load_stored(page, "texts")) == 1
