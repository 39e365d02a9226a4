"""Writing a backup under another name, checking it there, and renaming it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.core.files.storage import default_storage
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

from ibcr_rbm.maintenance.backups.apart import list_fingerprints
from ibcr_rbm.maintenance.backups.archive import HEAD, ArchiveWriter, write_archive
from ibcr_rbm.maintenance.backups.checking import BackupSummary, check_backup
from ibcr_rbm.maintenance.backups.database.rows import Model, list_fields, list_models, read_chunks
from ibcr_rbm.maintenance.backups.database.sequences import read_sequences
from ibcr_rbm.maintenance.backups.database.snapshot import ALIAS, read_snapshot
from ibcr_rbm.maintenance.backups.encryption import Keys, encrypt_to
from ibcr_rbm.maintenance.backups.errors import BackupError

FORMAT = 1
PART_SUFFIX = ".part"
"""Of a file that is being written; its name begins with a full stop."""


@dataclass
class _Content:
    """What has gone into a backup so far."""

    rows: dict[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


def write_backup(path: Path, keys: Keys, *, at: datetime, version: str) -> BackupSummary:
    """Write the database and the evidence to a file that appears whole or not at all.

    Raises BackupError.
    """
    if path.exists():
        raise BackupError(f"{path} exists already, and a backup overwrites no file.")
    try:
        with _open_part(path) as (part, file):
            with encrypt_to(file, keys) as (stream, own), write_archive(stream) as archive:
                _write_content(archive, at, version)
            file.flush()
            os.fsync(file.fileno())
            summary = check_backup(part, own)
            # Not renamed: that would replace a file that another backup has made since.
            os.link(part, path)
    except FileExistsError:
        raise BackupError(f"{path} exists already, and a backup overwrites no file.") from None
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror or error}") from error
    _store_folder(path.parent)
    return summary


@contextmanager
def _open_part(path: Path) -> Iterator[tuple[Path, BinaryIO]]:
    handle, name = tempfile.mkstemp(PART_SUFFIX, f".{path.name}.", path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield part, file
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def _store_folder(folder: Path) -> None:
    """Store the new name too: else a power failure could take it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_content(archive: ArchiveWriter, at: datetime, version: str) -> None:
    content = _Content()
    with read_snapshot() as connection:
        archive.add_json(HEAD, _build_head(connection, at, version))
        for model in list_models():
            _write_table(archive, model, content)
    missing = [name for name in content.files if not _write_file(archive, name)]
    archive.close({"rows": content.rows, "missing_files": missing})


def _build_head(connection: BaseDatabaseWrapper, at: datetime, version: str) -> dict[str, object]:
    return {
        "format": FORMAT,
        "at": at.isoformat(),
        "version": version,
        "database": connection.vendor,
        "keys": list_fingerprints(),
        "migrations": sorted(MigrationRecorder(connection).applied_migrations()),
        "fields": {model._meta.label: list_fields(model) for model in list_models()},
        "sequences": read_sequences(connection, list_models()),
    }


def _write_table(archive: ArchiveWriter, model: Model, content: _Content) -> None:
    label = model._meta.label
    fields = model._meta.concrete_fields
    places = [n for n, column in enumerate(fields) if isinstance(column, models.FileField)]
    content.rows[label] = 0
    for number, (chunk, rows) in enumerate(read_chunks(model, ALIAS)):
        archive.add(f"rows/{label}/{number:06}.jsonl", chunk)
        content.rows[label] += len(rows)
        content.files += [row[place] for row in rows for place in places if row[place]]


def _write_file(archive: ArchiveWriter, name: str) -> bool:
    """Return False for a file that is not there."""
    try:
        with default_storage.open(name) as file:
            archive.add(f"files/{name}", file.read())
    except FileNotFoundError:
        return False
    return True
