"""The work of every night."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from ibcr_rbm.maintenance.daily import run_daily
from ibcr_rbm.maintenance.models import SignOfLife, Work, remember_work
from indicators.models import Evidence
from strategy.accounts.mail_queue import send_queued_emails
from strategy.choices import Role
from strategy.models import SecurityAction, SecurityEvent
from tests.factories import make_record, make_user
from tests.maintenance.backups.backup_samples import CLOSING

pytestmark = pytest.mark.django_db(transaction=True)

MONTHS_AGO = timedelta(days=70).total_seconds()


@pytest.fixture(autouse=True)
def _tasks_in_the_database(settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    settings.BACKUP_FOLDER, settings.BACKUP_KEEP_DAYS = str(folder), 30
    settings.BACKUP_RECIPIENTS = CLOSING.recipients
    return folder


def age(path: Path) -> None:
    then = timezone.now().timestamp() - MONTHS_AGO
    os.utime(path, (then, then))


def test_it_writes_a_backup_and_removes_old_ones(folder: Path) -> None:
    for number in range(1, 6):
        old = folder / f"ibcr-2020-01-0{number}-000000.backup"
        old.touch()
        age(old)
    (folder / ".ibcr-2020-01-01-000000.backup.x.part").touch()
    age(folder / ".ibcr-2020-01-01-000000.backup.x.part")
    (folder / "ibcr-notes.txt").touch()
    lines, _problems = run_daily(timezone.now())
    assert lines[1] == "removed backups: 4"
    names = sorted(path.name for path in folder.iterdir())
    assert names[:2] == ["ibcr-2020-01-04-000000.backup", "ibcr-2020-01-05-000000.backup"]
    assert len(names) == 4, "the new one and the note"
    assert SecurityEvent.objects.filter(action=SecurityAction.BACKED_UP).count() == 1
    assert {Work.BACKUP, Work.DAILY} == {sign.work for sign in SignOfLife.objects.all()}


def test_it_removes_old_files_that_no_record_names(folder: Path) -> None:
    record = make_record("event")
    for name in ("evidence/named.pdf", "evidence/old.pdf", "evidence/new.pdf"):
        default_storage.save(name, ContentFile(b"%PDF"))
        if "new" not in name:
            age(Path(default_storage.path(name)))
    Evidence.objects.create(record=record, file="evidence/named.pdf", added_by=make_user())
    run_daily(timezone.now())
    assert default_storage.listdir("evidence")[1] in (
        ["named.pdf", "new.pdf"],
        ["new.pdf", "named.pdf"],
    )


def test_it_removes_no_files_where_the_database_is_not_theirs(folder: Path) -> None:
    for number in range(21):
        default_storage.save(f"evidence/{number}.pdf", ContentFile(b"%PDF"))
        age(Path(default_storage.path(f"evidence/{number}.pdf")))
    default_storage.save("notes.txt", ContentFile(b"of somebody else"))
    _lines, problems = run_daily(timezone.now())
    assert any("21 of 21 files have no record" in problem for problem in problems)
    assert len(default_storage.listdir("evidence")[1]) == 21
    default_storage.delete("evidence/0.pdf")
    run_daily(timezone.now())
    assert default_storage.listdir("evidence")[1] == []
    assert default_storage.exists("notes.txt")


def test_it_removes_old_entries_of_the_security_log(folder: Path, settings: Any) -> None:
    settings.SECURITY_LOG_DAYS = 30
    for days in (29, 31):
        at = timezone.now() - timedelta(days=days)
        SecurityEvent.objects.create(at=at, action=SecurityAction.EXPORTED, subject=str(days))
    run_daily(timezone.now())
    exported = SecurityEvent.objects.filter(action=SecurityAction.EXPORTED)
    assert [event.subject for event in exported] == ["29"]


def test_administrators_get_the_problems_by_email_in_their_language(settings: Any) -> None:
    make_user(Role.ADMIN, email="ada@example.org", email_language="fr")
    make_user(Role.OFFICER, email="camille@example.org")
    settings.BACKUP_FOLDER = ""
    _lines, problems = run_daily(timezone.now())
    assert any("BACKUP_FOLDER is not set" in problem for problem in problems)
    send_queued_emails(timezone.now())
    (message,) = mail.outbox
    assert message.to == ["ada@example.org"]
    assert "BACKUP_FOLDER" in message.body
    assert "Aucun processus de fond" in message.body


def test_nobody_is_told_when_all_is_well(folder: Path) -> None:
    make_user(Role.ADMIN, email="ada@example.org")
    for work in Work:
        remember_work(work, timezone.now())
    _lines, problems = run_daily(timezone.now())
    assert problems == []
    send_queued_emails(timezone.now())
    assert mail.outbox == []
