"""Uploads on a slow network: their progress and their errors."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from indicators.models import Event, Evidence
from strategy.models import User
from tests.journeys.conftest import Window
from tests.support.samples.documents.evidence_files import PDF, build_pdf, build_stream

pytestmark = pytest.mark.browser

SLOW = {"offline": False, "latency": 50, "downloadThroughput": -1, "uploadThroughput": 600_000}


def begin(page: Page, *files: Path) -> None:
    page.goto("/records/event/new/")
    page.locator("[name=title]").fill("Conference on child witnesses")
    page.get_by_label("Organised", exact=True).check()
    page.locator("[name=kind]").select_option("conference")
    choose(page, *files)


def choose(page: Page, *files: Path) -> None:
    page.locator("[name=new_files]").set_input_files(list(files))


def test_files_show_how_far_they_are_and_arrive(
    site: str, staff: User, open_window: Window, tmp_path: Path
) -> None:
    page = open_window(staff, allowed=frozenset({400}))
    large, second = tmp_path / "decree.pdf", tmp_path / "annex.pdf"
    large.write_bytes(build_pdf(build_stream(b"x" * 2_000_000)))
    second.write_bytes(PDF)
    wrong = tmp_path / "page.pdf"
    wrong.write_bytes(b"<html>")
    begin(page, wrong)
    page.get_by_role("button", name="Save and submit").click()
    expect(page).to_have_title("Error: Record an event – IBCR results")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("[name=title]")).to_have_value("Conference on child witnesses")
    assert not Event.objects.exists()

    # The form with errors works like the first form.
    page.get_by_text("Add details").click()
    page.locator("[name=country]").fill("sen")
    expect(page.locator(".combo [role=option]")).to_have_text(["Senegal"])
    page.locator("[name=country]").press("Enter")
    page.locator("[name=occurred_on]").fill("2018-09")
    expect(page.locator("#contributions")).to_contain_text("it would count towards 2.3.")
    expect(page.locator("form .form-draft")).to_have_text("Saved")

    choose(page, large, second)
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
    page.get_by_role("button", name="Save and submit").click()
    expect(page.get_by_role("progressbar", name="Sending the files")).to_be_visible()
    expect(page.locator("output[for=sending]")).to_have_text(re.compile(r"^[1-9]\d* %$"))
    expect(page.get_by_role("main")).to_contain_text("A second person checks it now")
    assert [item.name for item in Evidence.objects.all()] == ["decree.pdf", "annex.pdf"]


def test_a_server_that_fails_in_between_loses_neither_files_nor_answers(
    site: str, staff: User, open_window: Window, tmp_path: Path
) -> None:
    page = open_window(staff, allowed=frozenset({502}))
    decree = tmp_path / "decree.pdf"
    decree.write_bytes(PDF)
    begin(page, decree)
    failed: list[str | None] = []

    def fail_once(route: Route) -> None:
        if route.request.method == "POST" and not failed:
            failed.append(route.request.headers.get("x-sending"))
            route.fulfill(status=502, body="<h1>Bad gateway</h1>", content_type="text/html")
        else:
            route.continue_()

    page.route("**/records/event/new/", fail_once)
    page.get_by_role("button", name="Save and submit").click()
    expect(page.get_by_role("main")).to_contain_text("A second person checks it now")
    assert failed == ["yes"]
    assert [item.name for item in Evidence.objects.all()] == ["decree.pdf"]
    assert Event.objects.get().title == "Conference on child witnesses"


@pytest.mark.parametrize("arrives", [True, False], ids=["late", "never"])
def test_who_saves_before_the_script_is_there_waits_for_it(
    site: str, staff: User, open_window: Window, tmp_path: Path, arrives: bool
) -> None:
    page = open_window(staff)
    decree = tmp_path / "decree.pdf"
    decree.write_bytes(PDF)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/upload_progress*.js", hold)
    with page.expect_request("**/upload_progress*.js"):
        begin(page, decree)
    sent: list[str | None] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/records/event/new/"):
            sent.append(request.headers.get("x-sending"))

    page.on("request", note)
    page.get_by_role("button", name="Save and submit").dblclick()
    expect(page.get_by_role("progressbar", name="Sending the files")).to_be_visible()
    assert sent == []
    if arrives:
        held[0].continue_()
    else:
        held[0].abort()
    expect(page.get_by_role("main")).to_contain_text("A second person checks it now")
    assert sent == ["yes" if arrives else None]
    assert [item.name for item in Evidence.objects.all()] == ["decree.pdf"]
