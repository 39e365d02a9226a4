"""Restore a backup into an empty database and an empty place for evidence."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ibcr_rbm.maintenance.backups.apart import WORTH
from ibcr_rbm.maintenance.backups.errors import BackupError
from ibcr_rbm.maintenance.backups.restoring import restore_backup
from ibcr_rbm.maintenance.management.key_options import add_key_options, describe_backup, read_keys


class Command(BaseCommand):
    help = (
        "Restores a backup to an empty database (SQLite or PostgreSQL, whichever wrote it) and an "
        "empty place for evidence. A damaged backup is refused before anything is changed. "
        "Restart the web server and the worker afterwards."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--without",
            action="append",
            default=[],
            choices=sorted(WORTH),
            help="restore although the key of this setting is lost for good",
        )
        add_key_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            summary = restore_backup(path, read_keys(options), without=options["without"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored. {describe_backup(path, summary)}")
