"""A passkey, from the page that adds it to signing in with it alone, by a device of Chromium's."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, Page, expect

from strategy.models import User
from tests.journeys.support.browser import window
from tests.journeys.support.live_server import HOST
from tests.journeys.support.steps import PASSWORD, sign_in

pytestmark = pytest.mark.browser


def add_device(page: Page) -> None:
    """Let Chromium have a device that knows its owner and confirms by itself."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_added_and_signs_in_without_a_password(
    browser: Browser, site: str, staff: User, settings: Any
) -> None:
    # A passkey belongs to a host name; an address has none.
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "localhost"]
    staff.set_password(PASSWORD)
    staff.save()
    with window(browser, site.replace(HOST, "localhost")) as page:
        add_device(page)
        sign_in(page, staff)
        page.goto("/accounts/2fa/webauthn/add/")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Confirm").click()
        page.get_by_label("Name").fill("Telephone")
        page.get_by_label("Passwordless").check()
        page.get_by_role("main").get_by_role("button", name="Add").click()
        page.wait_for_url("**/recovery-codes/**")
        assert Authenticator.objects.filter(user=staff, type="webauthn").count() == 1

        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("button", name="Use a passkey").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
