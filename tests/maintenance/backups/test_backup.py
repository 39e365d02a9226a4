"""Backups: complete, consistent while people write, encrypted, whole or not there at all."""

import json
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection

from ibcr_rbm.maintenance.backups import writing
from ibcr_rbm.maintenance.backups.checking import BackupSummary, check_backup, read_members
from ibcr_rbm.maintenance.backups.database.rows import UNSAVED, list_models
from ibcr_rbm.maintenance.backups.encryption import Keys
from ibcr_rbm.maintenance.backups.errors import BackupDamaged, BackupError
from indicators.models import Evidence
from strategy.models import Office
from tests.factories import make_country, make_office, make_record, make_user
from tests.maintenance.backups.backup_samples import CLOSING, OPENING, OWNER, save
from tests.support.concurrency import Run

pytestmark = pytest.mark.django_db(transaction=True)

ENOUGH = 40
"""Writes before the backup begins."""
MOST_WRITES = 2000
WAIT = 60

TABLES_WITHOUT_MODEL = {
    "django_migrations": "The head of a backup names them.",
    "shared_cache": "Counts of attempts, and what is made again.",
    "strategy_datachange": "The version of the data, which is another one after a restore.",
}


def read_offices(path: Path) -> set[str]:
    names = set()
    for name, content in read_members(path, OPENING):
        if name.startswith("rows/strategy.Office/"):
            names |= {json.loads(line)[1] for line in content.splitlines()}
    return names


def test_a_backup_has_every_table() -> None:
    saved = {model._meta.db_table for model in list_models()}
    unsaved = {
        *("django_session", "usersessions_usersession"),
        *("strategy_planversion", "maintenance_signoflife"),
    }
    assert len(unsaved) == len(UNSAVED)
    found = set(connection.introspection.table_names())
    assert found - set(TABLES_WITHOUT_MODEL) == saved | unsaved


def test_every_write_acknowledged_before_it_began_is_there(tmp_path: Path, at_once: Run) -> None:
    country = make_country("NE")
    path = tmp_path / "one.backup"
    acknowledged: list[str] = []
    before: list[str] = []
    enough, done = threading.Event(), threading.Event()

    def act(place: int) -> None:
        if place == 8:
            enough.wait(WAIT)
            before.extend(acknowledged)
            try:
                save(path)
            finally:
                done.set()
            return
        number = 0
        while not done.is_set() and number < MOST_WRITES:
            number += 1
            code = f"w{place}-{number}"
            Office.objects.create(code=code, name=code, name_en=code, country=country)
            acknowledged.append(code)
            if len(acknowledged) >= ENOUGH:
                enough.set()

    assert set(at_once(9, act)) == {None}
    codes = read_offices(path)
    assert len(acknowledged) > len(before) >= ENOUGH, "the writers wrote on during the backup"
    assert set(before) <= codes
    # A snapshot: of each writer, all up to one moment and nothing after a gap.
    for place in range(8):
        numbers = sorted(int(c.partition("-")[2]) for c in codes if c.startswith(f"w{place}-"))
        assert numbers == list(range(1, len(numbers) + 1))


def test_a_changed_byte_is_refused_wherever_it_is(tmp_path: Path) -> None:
    make_office()
    path, changed = tmp_path / "one.backup", tmp_path / "changed.backup"
    save(path)
    whole = path.read_bytes()
    step = len(whole) // 60
    for place in (*range(0, len(whole), step), len(whole) - 1):
        content = bytearray(whole)
        content[place] ^= 1
        changed.write_bytes(content)
        with pytest.raises(BackupError):
            check_backup(changed, OPENING)
    for cut in (whole[:-1], whole[: len(whole) // 2], whole + b"\n", b""):
        changed.write_bytes(cut)
        with pytest.raises(BackupError):
            check_backup(changed, OPENING)
    changed.write_bytes(whole)
    assert check_backup(changed, OPENING).rows["strategy.Office"] == 1, "the control"


def test_a_passphrase_closes_and_opens_it(tmp_path: Path) -> None:
    make_office()
    path = tmp_path / "one.backup"
    summary = save(path, Keys(passphrase="the organisation's long phrase"))
    opened = check_backup(path, Keys(passphrase="the organisation's long phrase"))
    assert opened == summary
    with pytest.raises(BackupError, match="passphrase does not open"):
        check_backup(path, Keys(passphrase="another"))
    with pytest.raises(BackupError, match="Nothing opens this backup"):
        check_backup(path, Keys())
    assert b"niamey" not in path.read_bytes().lower()


def test_another_key_does_not_open_it(tmp_path: Path) -> None:
    path = tmp_path / "one.backup"
    save(path)
    other = Keys(identities=[str(pyrage.x25519.Identity.generate())])
    with pytest.raises(BackupError, match="This key does not open"):
        check_backup(path, other)


def test_without_a_key_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="BACKUP_PASSPHRASE"):
        save(tmp_path / "one.backup", Keys())
    assert list(tmp_path.glob("*backup*")) == []


def test_what_fails_halfway_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> Iterator[None]:
        raise KeyboardInterrupt

    path = tmp_path / "one.backup"
    monkeypatch.setattr(writing, "_write_table", fail)
    with pytest.raises(KeyboardInterrupt):
        save(path)
    monkeypatch.undo()
    assert list(tmp_path.glob("*backup*")) == []
    assert save(path)
    with pytest.raises(BackupError, match="overwrites no file"):
        save(path)


def test_a_damaged_disk_is_noticed_before_the_file_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damage(part: Path, keys: Keys) -> BackupSummary:
        part.write_bytes(part.read_bytes()[:-30])
        return check_backup(part, keys)

    monkeypatch.setattr(writing, "check_backup", damage)
    with pytest.raises(BackupDamaged):
        save(tmp_path / "one.backup")
    assert list(tmp_path.glob("*backup*")) == []


def test_evidence_is_in_it_and_what_is_missing_is_told(tmp_path: Path) -> None:
    record = make_record("event")
    for name in ("evidence/2026/01/a.pdf", "evidence/2026/01/b.pdf"):
        default_storage.save(name, ContentFile(b"%PDF " + name.encode()))
        Evidence.objects.create(record=record, file=name, added_by=make_user())
    default_storage.delete("evidence/2026/01/b.pdf")
    path = tmp_path / "one.backup"
    summary = save(path)
    assert (summary.files, summary.missing_files) == (1, ["evidence/2026/01/b.pdf"])
    files = {name: content for name, content in read_members(path, OPENING) if "files/" in name}
    assert files == {"files/evidence/2026/01/a.pdf": b"%PDF evidence/2026/01/a.pdf"}


def test_the_command_names_the_keys_that_are_kept_apart(tmp_path: Path, settings: Any) -> None:
    settings.BACKUP_RECIPIENTS = CLOSING.recipients
    key = tmp_path / "key.txt"
    key.write_text(f"# created: today\n{OWNER}\n")
    path = str(tmp_path / "one.backup")
    call_command("backup", path, stdout=StringIO())
    out = StringIO()
    call_command("backup", path, check=True, identity=key, stdout=out)
    assert "is whole" in out.getvalue()
    assert "SECRET_KEY" in out.getvalue()
    assert "REPORT_SIGNING_KEY" in out.getvalue()
    assert settings.SECRET_KEY not in out.getvalue()
