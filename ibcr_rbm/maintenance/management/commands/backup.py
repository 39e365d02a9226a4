"""Write a backup of the database and the evidence, or check one."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ibcr_rbm.maintenance.backups.checking import BackupSummary, check_backup
from ibcr_rbm.maintenance.backups.errors import BackupError
from ibcr_rbm.maintenance.backups.writing import write_backup
from ibcr_rbm.maintenance.management.key_options import add_key_options, describe_backup, read_keys
from ibcr_rbm.maintenance.models import Work, remember_work
from ibcr_rbm.maintenance.version import read_version
from strategy.accounts.security_log.events import log_event
from strategy.models import SecurityAction


class Command(BaseCommand):
    help = (
        "Writes the database and the evidence as they are at one moment, while people work, to one "
        "encrypted file, and checks it. The file appears whole or not at all."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="prove this older file instead")
        add_key_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            summary = self._act(path, options)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(describe_backup(path, summary))

    def _act(self, path: Path, options: dict[str, Any]) -> BackupSummary:
        keys = read_keys(options)
        if options["check"]:
            summary = check_backup(path, keys)
            remember_work(Work.CHECK, timezone.now(), path.name)
            return summary
        now = timezone.now()
        summary = write_backup(path, keys, at=now, version=read_version())
        remember_work(Work.BACKUP, now, path.name)
        log_event(SecurityAction.BACKED_UP, path.name)
        return summary
