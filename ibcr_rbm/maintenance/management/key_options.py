"""The options of the commands that close and open backups."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from ibcr_rbm.maintenance.backups.apart import WORTH
from ibcr_rbm.maintenance.backups.checking import BackupSummary
from ibcr_rbm.maintenance.backups.encryption import Keys, parse_identities
from ibcr_rbm.maintenance.backups.errors import BackupError


def add_key_options(parser: CommandParser) -> None:
    parser.add_argument(
        "--identity",
        type=Path,
        metavar="FILE",
        help="a file of age-keygen with the private key; without it, BACKUP_PASSPHRASE opens",
    )


def read_keys(options: Mapping[str, Any]) -> Keys:
    """Raise BackupError for an unreadable file of a private key."""
    identities: list[str] = []
    file: Path | None = options["identity"]
    if file is not None:
        try:
            identities = parse_identities(file.read_text(encoding="ascii"))
        except (OSError, ValueError) as error:
            raise BackupError(f"{file} is no file of a private key: {error}") from None
    return Keys(
        passphrase=settings.BACKUP_PASSPHRASE,
        recipients=settings.BACKUP_RECIPIENTS,
        identities=identities,
    )


def describe_backup(path: Path, summary: BackupSummary) -> str:
    """Return what a whole backup holds, and which keys are kept apart from it."""
    rows, at = sum(summary.rows.values()), f"{summary.head.at:%Y-%m-%d %H:%M:%S} UTC"
    lines = [
        f"{path} is whole: {rows:,} rows and {summary.files:,} files of {at}.",
        f"It has {summary.size:,} bytes.",
        *(f"Missing at the time: {name}" for name in summary.missing_files),
        "Not in it, and needed to restore it:",
        *(
            f"  {setting} {key[:16]} ({WORTH.get(setting, '')})"
            for setting, fingerprints in summary.head.keys.items()
            for key in fingerprints
        ),
    ]
    return "\n".join(lines)
