"""Fixtures of every test: users of each role, and clients that are signed in as them."""

import gc
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage
from django.test import Client, override_settings
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from strategy.choices import Role
from strategy.models import Plan, User
from tests.factories import make_user
from tests.support.concurrency import at_once
from tests.support.database.cleanup import tables_may_be_emptied
from tests.support.database.fixtures import load_fixtures
from tests.support.database.template import django_db_modify_db_settings
from tests.support.query_baselines import pytest_addoption, query_baseline
from tests.support.samples.signing_keys import SIGNING_KEY

# The same examples in each run, so that results are repeatable; --hypothesis-profile=default
# draws others.
hypothesis_settings.register_profile("same", derandomize=True)
hypothesis_settings.load_profile("same")

TESTS = Path(__file__).parent
ONE_DATABASE = (
    "indicators/forms/test_initial.py",
    "indicators/import_export/exports/",
    "indicators/lists/test_my_work.py",
    "indicators/lists/test_review.py",
    "project/test_access_policy.py",
    "reporting/annual_report/content/",
    "reporting/annual_report/drafting/test_draft_views.py",
    "reporting/annual_report/drafting/test_sample_narrative.py",
    "reporting/annual_report/drafting/test_stale_numbers.py",
    "reporting/annual_report/issuing/test_causes.py",
    "reporting/annual_report/pdf/test_document.py",
    "reporting/annual_report/pdf/test_glyphs.py",
    "reporting/annual_report/pdf/test_sample_reports.py",
    "reporting/annual_report/sealing/test_attachments.py",
    "reporting/annual_report/verification/test_hostile.py",
    "reporting/annual_report/verification/test_recalculation.py",
    "reporting/annual_report/verification/test_verify.py",
    "reporting/annual_report/verification/test_views.py",
    "reporting/charts/",
    "reporting/dashboards/",
    "reporting/exports/test_outputs_agree.py",
    "reporting/exports/test_plan_shapes.py",
    "reporting/subjects/test_subject_pages.py",
    "reporting/wording/",
    "strategy/admin/test_figure_changes.py",
    "strategy/admin/test_plan_admin.py",
    "strategy/plan/test_plan_page.py",
    "strategy/workbench/test_rows.py",
)
"""Pages, forms, files and PDFs. What they read and write, other tests do on both databases:
counting, figures, lists, imports, the workflow, drafts, issuing and the sealed rows.
"""

NOT_MEASURED = (
    "indicators/import_export/exports/test_round_trip.py",
    "indicators/import_export/files/test_any_file.py",
    "journeys/",
    "project/test_access_policy.py",
    "project/test_bad_input.py",
    "reporting/annual_report/content/test_contents.py",
    "reporting/annual_report/content/test_data_files.py",
    "reporting/annual_report/pdf/test_sample_reports.py",
    "reporting/annual_report/verification/test_recalculation.py",
    "reporting/dashboards/dashboard/test_dashboard_links.py",
    "reporting/exports/test_plan_shapes.py",
    "reporting/figures/measures/test_invariants.py",
    "reporting/figures/test_sample_figures.py",
    "tools/",
)
"""Tests that run what other tests have measured, many times over: measuring takes as long again.

For the same reason only the first case of a test with many is measured, except in EACH_CASE.
"""

EACH_CASE = ("indicators/safeguarding/",)
"""Texts and files that take a branch each, and little time."""

__all__ = [
    "at_once",
    "django_db_modify_db_settings",
    "pytest_addoption",
    "query_baseline",
    "tables_may_be_emptied",
]


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Mark tests whose result is the same on every database, and those that are not measured."""
    paths = (*ONE_DATABASE, *NOT_MEASURED, *EACH_CASE)
    assert all((TESTS / path).exists() for path in paths), "tests have moved"
    seen = set[tuple[object, ...]]()
    for item in items:
        path, fixtures = item.path.relative_to(TESTS).as_posix(), set(item.fixturenames)
        has_one = item.get_closest_marker("django_db") or fixtures & {"db", "django_db_setup"}
        is_seen = item.get_closest_marker("browser") or "visitors" in fixtures
        # A server that is killed while it writes is the database's own matter.
        if "mortal" not in fixtures and (path.startswith(ONE_DATABASE) or is_seen or not has_one):
            item.add_marker("one_database")
        test = (path, item.cls, item.originalname)
        if path.startswith(NOT_MEASURED) or (test in seen and not path.startswith(EACH_CASE)):
            item.add_marker("not_measured")
        seen.add(test)


def pytest_collection_finish() -> None:
    """Keep the modules and tests out of garbage collection, a tenth of the processor time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure nothing of a test that is not measured, nor of its fixtures."""
    measuring = Coverage.current() if item.get_closest_marker("not_measured") else None
    if measuring is None:
        return (yield)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()


@pytest.fixture(scope="session", autouse=True)
def _signing_key() -> Iterator[None]:
    """Let reports be issued, also by fixtures of a whole module."""
    with override_settings(REPORT_SIGNING_KEY=SIGNING_KEY, REPORT_FORMER_KEYS=[]):
        yield


PLAIN_SETTINGS: Mapping[str, Any] = {
    "STORAGES": {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    },
    # Background tasks are enqueued and not run, unless a test runs them.
    "TASKS": {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}},
    # The worker's e-mails, which a test delivers itself.
    "MAIL_SERVER_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
}
"""Pages are served without collected static files, and passwords are checked soon."""


@pytest.fixture(autouse=True)
def _plain_settings(settings: Any, tmp_path: Path) -> None:
    """Use the plain settings, and store uploads in the test's own folder."""
    settings.FILE_CHECK_FOLDER = tmp_path
    settings.MEDIA_ROOT = tmp_path / "evidence"
    for name, value in PLAIN_SETTINGS.items():
        setattr(settings, name, value)


@pytest.fixture(autouse=True)
def _language_of_the_settings() -> None:
    """Reset the language: a French page leaves its thread in French for the next test."""
    translation.deactivate()


@pytest.fixture
def staff(db: None) -> User:
    return make_user(Role.STAFF, username="aissa", first_name="Aïssa", last_name="Moussa")


@pytest.fixture
def manager(db: None) -> User:
    return make_user(Role.MANAGER, "montreal", username="rosalie", first_name="Rosalie")


@pytest.fixture
def officer(db: None) -> User:
    return make_user(Role.OFFICER, "montreal", username="camille", first_name="Camille")


@pytest.fixture
def board(db: None) -> User:
    return make_user(Role.BOARD, username="boris", first_name="Boris")


@pytest.fixture
def admin_user(db: None) -> User:
    return make_user(Role.ADMIN, username="ada", first_name="Ada")


def client_of(user: User) -> Client:
    """A browser that the person is signed in with."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def staff_client(staff: User) -> Client:
    return client_of(staff)


@pytest.fixture
def manager_client(manager: User) -> Client:
    return client_of(manager)


@pytest.fixture
def officer_client(officer: User) -> Client:
    return client_of(officer)


@pytest.fixture
def board_client(board: User) -> Client:
    return client_of(board)


@pytest.fixture
def admin_client(admin_user: User) -> Client:
    return client_of(admin_user)


@pytest.fixture
def plan(db: None) -> Plan:
    """The strategic plan 2017-2020 with its reference data, as the fixtures have it."""
    load_fixtures("countries", "reference", "plan_2017_2020")
    return Plan.objects.get(code="2017-2020")


@pytest.fixture
def later_plan(db: None) -> Plan:
    """A second plan, from 2025, with some codes of the first; no plan is chosen as the first."""
    load_fixtures("countries", "reference", "plan_2017_2020", "tests/fixtures/repeat_plan.json")
    Plan.objects.update(is_shown_first=False)
    return Plan.objects.get(code="repeat-plan")
