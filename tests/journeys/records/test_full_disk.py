"""A disk that is really full: pages are read, a form is kept, no half of a file stays.

It needs a small disk of its own, which only root on Linux may mount; elsewhere it is skipped.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from strategy.models import Plan, User
from tests.conftest import client_of
from tests.factories import make_record
from tests.journeys.support.browser import session_of, window
from tests.journeys.support.killable_server import Database, run_killable_server
from tests.support.samples.documents.evidence_files import build_pdf, build_stream

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = ("/records/event/", "/dashboard/", "/plan/", "/my-work/", "/records/event/new/")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 40 MB that holds the database and the evidence."""
    if connection.vendor != "sqlite":
        pytest.skip("the server of PostgreSQL has its own disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        while True:
            file.write(bytes(65_536))
    return filler


def record(page: Page, title: str, decree: Path) -> None:
    page.goto("/records/event/new/")
    page.get_by_label("What is it called?").fill(title)
    page.get_by_label("Organised", exact=True).check()
    page.get_by_label("What kind of event was it?").select_option("conference")
    page.locator("[name=new_files]").set_input_files(decree)
    page.get_by_role("button", name="Save and submit").click()


def list_evidence(disk: Path) -> list[Path]:
    return [path for path in disk.rglob("*.pdf") if path.is_file()]


def test_reading_goes_on_and_a_form_waits_until_there_is_room(
    browser: Browser, plan: Plan, staff: User, static_root: Path, disk: Path, tmp_path: Path
) -> None:
    make_record("event", entered_by=staff, title="Day of the child")
    session, database = session_of(client_of(staff)), Database(disk)
    database.copy()
    decree = tmp_path / "decree.pdf"
    decree.write_bytes(build_pdf(build_stream(os.urandom(4_000_000))))
    with run_killable_server(database, static_root, disk) as server:
        server.start()
        allowed = frozenset({503})
        with window(browser, server.address, session, allowed=allowed) as page:
            page.goto("/records/event/new/")
            filler = fill(disk)
            for address in PAGES:
                answer = page.goto(address)
                assert answer and answer.status == 200, address
            record(page, "Conference on a full disk", decree)
            expect(page.get_by_role("heading", name="Nothing can be saved now")).to_be_visible()
            expect(page.get_by_role("main")).to_contain_text("Conference on a full disk")
            assert database.titles() == ["Day of the child"]
            assert list_evidence(disk) == []
            filler.unlink()
            record(page, "Conference with room", decree)
            page.wait_for_url("**/records/event/EVT-*/")
            assert len(list_evidence(disk)) == 1
