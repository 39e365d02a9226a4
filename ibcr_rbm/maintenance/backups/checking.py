"""The check of a backup: all of it is read, and compared with its own list."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ibcr_rbm.maintenance.backups.archive import HEAD, MANIFEST, read_archive
from ibcr_rbm.maintenance.backups.encryption import Keys, decrypt_from
from ibcr_rbm.maintenance.backups.errors import BackupDamaged, RestoreRefused

KNOWN_FORMAT = 1


@dataclass(frozen=True)
class Head:
    """What a backup says of itself before its rows."""

    at: datetime
    version: str
    keys: Mapping[str, Sequence[str]]
    migrations: Sequence[tuple[str, str]]
    fields: Mapping[str, Sequence[str]]
    """Model -> its fields, in the order of the values of a row."""
    sequences: Mapping[str, int]
    """Table -> the last key that it gave."""


@dataclass(frozen=True)
class BackupSummary:
    """A whole backup."""

    head: Head
    rows: Mapping[str, int]
    files: int
    missing_files: Sequence[str]
    """Evidence that a record named and that was not there."""
    size: int


def check_backup(path: Path, keys: Keys) -> BackupSummary:
    """Read all of a backup. Raises BackupDamaged, or BackupError if nothing opens it."""
    head: Head | None = None
    manifest: bytes = b""
    counted: dict[str, int] = {}
    files = 0
    for name, content in read_members(path, keys):
        folder, _slash, rest = name.partition("/")
        if name == HEAD:
            head = read_head(content)
        elif name == MANIFEST:
            manifest = content
        elif folder == "rows":
            label = rest.partition("/")[0]
            counted[label] = counted.get(label, 0) + content.count(b"\n") + 1
        elif folder == "files":
            files += 1
    if head is None or not manifest:
        raise BackupDamaged("its beginning or its end is missing")
    told = json.loads(manifest)
    if {label: rows for label, rows in told["rows"].items() if rows} != counted:
        raise BackupDamaged("the number of its rows does not fit")
    size = path.stat().st_size
    return BackupSummary(head, told["rows"], files, told["missing_files"], size)


def read_members(path: Path, keys: Keys) -> Iterator[tuple[str, bytes]]:
    with decrypt_from(path, keys) as stream:
        yield from read_archive(stream)


def read_head(content: bytes) -> Head:
    told = json.loads(content)
    if told["format"] != KNOWN_FORMAT:
        raise RestoreRefused("A later version of this software wrote the backup. Use that one.")
    return Head(
        at=datetime.fromisoformat(told["at"]),
        version=told["version"],
        keys=told["keys"],
        migrations=[(app, name) for app, name in told["migrations"]],
        fields=told["fields"],
        sequences=told["sequences"],
    )
