"""The bytes of a page on the network, against a limit."""

from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.support.browser import session_of, window
from tests.journeys.support.demo_site import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

COLD, WARM, SCRIPT = 70_000, 25_000, 20_000
"""The maximum bytes of a page at the first visit, at a later visit, and of its scripts."""

DASHBOARD = 20_000
"""The maximum bytes of the dashboard as it is sent, in any language."""

HEAVIEST = "ar"
"""The language with two fonts per page, its own and Latin, and two bytes per letter."""

PAGES = [
    ("staff", "/my-work/"),
    ("staff", "/records/"),
    ("staff", "/records/initiative/"),
    ("staff", "/records/initiative/new/"),
    ("staff", "/records/initiative/INI-RETURNED/"),
    ("staff", "/targets/1.1-countries/"),
    ("manager", "/review/"),
    ("manager", "/dashboard/"),
    ("manager", "/summary/"),
    ("officer", "/import/?kind=initiative"),
    ("officer", "/plan/"),
    ("board", "/reports/"),
    ("board", "/reports/2018/1/"),
    ("board", "/reports/2018/1/page/"),
    ("board", "/reports/2018/1/page/method/"),
]


class Scale:
    """The bytes that a page loads; responses from the browser's cache have none."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._kinds: dict[str, str] = {}
        self._bytes: dict[str, int] = {}
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")
        line.on("Network.responseReceived", self._on_response)
        line.on("Network.loadingFinished", self._on_finished)

    def _on_response(self, event: Mapping[str, Any]) -> None:
        self._kinds[event["requestId"]] = event["type"]

    def _on_finished(self, event: Mapping[str, Any]) -> None:
        kind = self._kinds.get(event["requestId"], "")
        self._bytes[kind] = self._bytes.get(kind, 0) + int(event["encodedDataLength"])

    def weigh(self, address: str) -> Mapping[str, int]:
        """Return the bytes by Chromium's type of resource: Document, Stylesheet, Script, Font..."""
        self._bytes.clear()
        self._page.goto(address)
        self._page.evaluate("document.fonts.ready.then(() => null)")
        return dict(self._bytes)


@pytest.mark.parametrize(("role", "address"), PAGES)
def test_a_page_is_light(
    role: str, address: str, visitors: Mapping[str, Visitor], browser: Browser, server: str
) -> None:
    session = session_of(visitors[role].client)
    with window(browser, server, session, language=HEAVIEST) as page:
        scale = Scale(page)
        cold = scale.weigh(address)
        warm = scale.weigh(address)
    assert {"Document", "Stylesheet", "Font"} <= cold.keys()
    assert sum(cold.values()) <= COLD, cold
    assert cold.get("Script", 0) <= SCRIPT, cold
    assert sum(warm.values()) <= WARM, warm


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_the_dashboard_is_light_in_every_language(
    language: str, visitors: Mapping[str, Visitor]
) -> None:
    client = visitors["manager"].client
    client.cookies["django_language"] = language
    response = client.get("/dashboard/", headers={"accept-encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert len(response.content) <= DASHBOARD
