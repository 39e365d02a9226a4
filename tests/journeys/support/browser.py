"""A user's own browser window, and the errors that nobody sees in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

from strategy.models import User
from tests.conftest import client_of

ANSWER = "Failed to load resource"
"""The start of Chromium's message about a response with status 400 or more."""

BLOCKED = "Service Worker registration blocked by Playwright"


@dataclass
class Troubles:
    """Invisible errors of pages: of scripts and of the policy, and foreign requests.

    ``allowed`` are the statuses of whole pages that the journey expects, such as a refused form.
    """

    site: str
    allowed: frozenset[int] = frozenset()
    found: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", self.on_console)
        page.on("pageerror", lambda error: self.found.append(f"script: {error}"))
        page.on("request", self.on_request)
        page.on("response", self.on_response)

    def on_console(self, message: ConsoleMessage) -> None:
        is_known = message.text.startswith((ANSWER, BLOCKED))
        if message.type in ("error", "warning") and not is_known:
            self.found.append(f"{message.page and message.page.url}: {message.text}")

    def on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "data" and f"{parts.scheme}://{parts.netloc}" != self.site:
            self.found.append(f"request to another host: {request.url}")

    def on_response(self, response: Response) -> None:
        # A request of a script is refused like the page of its form.
        from_device = response.url.endswith("/send/") or "/form-drafts/" in response.url
        from_device = from_device or "/draft/text/" in response.url
        is_sent = from_device or "x-sending" in response.request.headers
        is_page = response.request.is_navigation_request() or is_sent
        if response.status >= 400 and not (is_page and response.status in self.allowed):
            self.found.append(f"{response.status} {response.request.method} {response.url}")


def session_of(client: Client) -> str:
    """Return the key of the client's session."""
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def choose_language(context: BrowserContext, site: str, language: str) -> None:
    context.add_cookies([{"name": "django_language", "value": language, "url": site}])


@contextmanager
def window(
    browser: Browser,
    site: str,
    who: User | str | None = None,
    *,
    language: str = "en",
    allowed: frozenset[int] = frozenset(),
    **options: Any,
) -> Iterator[Page]:
    """Open a window, signed in where a user or the key of a session is given.

    Raise AssertionError on closing if an invisible error occurred. ``options`` are those of
    Browser.new_context. The pages for offline use are fetched, and the service worker runs, only
    with ``service_workers="allow"``.
    """
    options.setdefault("service_workers", "block")
    troubles = Troubles(site, allowed)
    context = browser.new_context(base_url=site, **options)
    context.set_default_timeout(90_000)
    try:
        choose_language(context, site, language)
        if who is not None:
            session = who if isinstance(who, str) else session_of(client_of(who))
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}]
            )
        page = context.new_page()
        troubles.watch(page)
        yield page
    finally:
        context.close()
    assert not troubles.found, "\n".join(troubles.found)
