"""A disk or a database that takes nothing more: reading goes on, and no half of a file stays."""

import errno
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, OperationalError, connection
from django.test import Client, RequestFactory
from django.urls import reverse

from ibcr_rbm import settings as defaults
from ibcr_rbm.web.middleware import SEEN_AT, UnavailableMiddleware
from ibcr_rbm.web.storage_limits import WholeFileStorage, is_storage_full
from indicators.models import Event, Evidence
from strategy.choices import RecordKind
from strategy.models import Plan, User
from tests.factories import make_record
from tests.support.samples.documents.evidence_files import PDF
from tests.support.samples.form_answers import post_edit, post_new, read_text


def _break_off(error: BaseException) -> Iterator[bytes]:
    yield b"the first half"
    raise error


class _CutFile(ContentFile[bytes]):
    """A file that cannot be written to its end."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(b"")
        self.error = error

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        return _break_off(self.error)


def list_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_a_file_that_is_cut_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    storage = WholeFileStorage(location=tmp_path)
    with pytest.raises(type(error)):
        storage.save("evidence/decree.pdf", _CutFile(error))
    assert list_files(tmp_path) == []
    storage.save("evidence/decree.pdf", ContentFile(PDF))
    assert len(list_files(tmp_path)) == 1


def test_evidence_is_stored_so() -> None:
    assert (
        defaults.STORAGES["default"]["BACKEND"]
        == f"{WholeFileStorage.__module__}.{WholeFileStorage.__name__}"
    )


@pytest.fixture
def _whole_files(settings: Any) -> None:
    whole = {"BACKEND": "ibcr_rbm.web.storage_limits.WholeFileStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": whole}


@pytest.mark.usefixtures("_whole_files")
def test_a_form_whose_file_finds_no_room_is_kept_on_the_page(
    plan: Plan, staff_client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    with monkeypatch.context() as patch:
        patch.setattr(File, "chunks", lambda *_arguments, **_options: _break_off(full))
        answer = post_new(
            staff_client,
            RecordKind.EVENT,
            title="Day of the child",
            new_files=SimpleUploadedFile("decree.pdf", PDF),
        )
    assert (answer.status_code, answer["Retry-After"]) == (503, "600")
    page = read_text(answer)
    assert "The server has no room left." in page and "Day of the child" in page
    assert not Event.objects.exists() and not Evidence.objects.exists()
    assert list_files(Path(settings.MEDIA_ROOT)) == []


def forbid_writing() -> None:
    # Checks that wait for the end of the transaction would lock rows then.
    connection.check_constraints()
    with connection.cursor() as cursor:
        is_sqlite = connection.vendor == "sqlite"
        cursor.execute("PRAGMA query_only = ON" if is_sqlite else "SET TRANSACTION READ ONLY")


@pytest.fixture
def _writable_again(db: None) -> Iterator[None]:
    yield
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = OFF")


@pytest.mark.usefixtures("_writable_again")
def test_pages_are_read_while_nothing_can_be_written(
    plan: Plan, staff: User, staff_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    event = make_record("event", entered_by=staff, title="Day of the child")
    # The next page wants to note when it was opened.
    session = staff_client.session
    session[SEEN_AT] = session.get(SEEN_AT, 0) - project.SESSION_IDLE_SECONDS // 2
    session.save()
    forbid_writing()
    with caplog.at_level(logging.ERROR):
        for page in (
            reverse("indicators:record_list", args=["event"]),
            reverse("indicators:record_detail", args=["event", event.reference]),
            reverse("reporting:dashboard"),
        ):
            answer = staff_client.get(page)
            assert answer.status_code == 200, page
    answer = post_edit(staff_client, event, title="Day of every child")
    assert answer.status_code == 503
    assert "Day of every child" in read_text(answer)


def test_errors_of_a_full_disk_are_told_from_others() -> None:
    full = sqlite3.connect(":memory:", isolation_level=None)
    full.execute("CREATE TABLE a (b)")
    full.execute("PRAGMA max_page_count = 2")
    with pytest.raises(sqlite3.OperationalError) as caught:
        full.execute("INSERT INTO a VALUES (zeroblob(100000))")
    full.close()
    assert is_storage_full(OperationalError(str(caught.value)))
    assert is_storage_full(OSError(errno.EROFS, "read-only"))
    assert not is_storage_full(OSError(errno.ENOENT, "none"))
    assert not is_storage_full(DatabaseError("syntax error"))
    assert not is_storage_full(ValueError("database or disk is full"))
    request = RequestFactory().get("/")
    assert (
        UnavailableMiddleware(lambda _request: None).process_exception(  # type: ignore[arg-type,return-value]
            request, ValueError()
        )
        is None
    )
