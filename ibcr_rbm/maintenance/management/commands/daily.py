"""Do the work of every night, and tell the administrators of problems."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ibcr_rbm.maintenance.daily import run_daily


class Command(BaseCommand):
    help = (
        "Writes a backup to BACKUP_FOLDER and removes those older than BACKUP_KEEP_DAYS, removes "
        "what is past its time, and mails the problems to the administrators; exit 1 with any."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        lines, problems = run_daily(timezone.now())
        for line in (*lines, *problems):
            self.stdout.write(line)
        if problems:
            sys.exit(1)
