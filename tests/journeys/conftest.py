"""Fixtures of all journeys: one Chromium, the application on a port, and browser windows."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings
from playwright.sync_api import Browser, Page, expect, sync_playwright

from strategy.models import Plan, User
from tests.journeys.support.browser import window
from tests.journeys.support.demo_site import Visitor, make_demonstration
from tests.journeys.support.live_server import (
    HOST,
    collect_static_files,
    run_server,
    storages,
    wait_until_served,
)

PROGRAMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)

Window = Callable[..., Page]
"""Called with a user (or None) and the options of ``windows.window``; returns the page."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium here: install chromium (Debian) or Google Chrome to walk through")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright runs a loop in this thread, so Django suspects asynchronous code.
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        expect.set_options(timeout=30_000)  # for a machine with a high load
        chromium = playwright.chromium.launch(
            executable_path=program, args=["--disable-gpu", "--disable-background-networking"]
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    collect_static_files(folder)
    return folder


@pytest.fixture(scope="session")
def server(static_root: Path, django_db_setup: None) -> Iterator[str]:
    """The URL of the application. Its database is available only in a test with a database."""
    with run_server(static_root) as address:
        yield address


@pytest.fixture(autouse=True)
def _as_served(
    _plain_settings: None, settings: Any, static_root: Path, request: pytest.FixtureRequest
) -> None:
    settings.STORAGES = storages()
    settings.STATIC_ROOT = static_root
    settings.ALLOWED_HOSTS = [HOST, "testserver"]
    if "visitors" in request.fixturenames:
        settings.MEDIA_ROOT = request.getfixturevalue("evidence_folder")


@pytest.fixture
def site(transactional_db: None, server: str, plan: Plan) -> Iterator[str]:
    """The URL of an installation with the plan and without records."""
    yield server
    wait_until_served(server)


@pytest.fixture
def open_window(browser: Browser, site: str) -> Iterator[Window]:
    """Open windows; after the test, fail on errors in them."""
    with ExitStack() as stack:

        def opened(user: User | None = None, **options: Any) -> Page:
            return stack.enter_context(window(browser, site, user, **options))

        yield opened


@pytest.fixture(scope="module")
def evidence_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("evidence")


@pytest.fixture(scope="module")
def visitors(
    django_db_setup: None,
    django_db_blocker: Any,
    static_root: Path,
    evidence_folder: Path,
    server: str,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Mapping[str, Visitor]]:
    """One user per role in the demonstration; tests of a module must not change it."""
    # Only tests with a database have a test database; never flush another.
    assert request.node.get_closest_marker("django_db")
    as_served = override_settings(
        ALLOWED_HOSTS=[HOST, "testserver"],
        IS_DEMONSTRATION=True,
        MEDIA_ROOT=evidence_folder,
        STATIC_ROOT=static_root,
        STORAGES=storages(),
    )
    folder = tmp_path_factory.getbasetemp()
    of_all_workers = folder.parent if hasattr(request.config, "workerinput") else folder
    with django_db_blocker.unblock(), as_served:
        try:
            yield make_demonstration(evidence_folder, of_all_workers / "demonstration")
        finally:
            wait_until_served(server)
            call_command("flush", interactive=False, verbosity=0)
