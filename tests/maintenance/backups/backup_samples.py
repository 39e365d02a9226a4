"""Backups as tests write them, with the keys that close and open them."""

from datetime import UTC, datetime
from pathlib import Path

import pyrage

from ibcr_rbm.maintenance.backups.checking import BackupSummary
from ibcr_rbm.maintenance.backups.encryption import Keys
from ibcr_rbm.maintenance.backups.writing import write_backup

AT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
OWNER = pyrage.x25519.Identity.generate()
CLOSING = Keys(recipients=[str(OWNER.to_public())])
OPENING = Keys(identities=[str(OWNER)])


def save(path: Path, keys: Keys = CLOSING) -> BackupSummary:
    return write_backup(path, keys, at=AT, version="1.0.0")
