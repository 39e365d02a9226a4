"""Remove permanently the records that were deleted more than 30 days ago; to be run daily."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from indicators.workflow.deletion import purge
from strategy.accounts.security_log.events import delete_old_events
from strategy.caching.changes import fold_changes


class Command(BaseCommand):
    help = (
        "Removes for good the records that were deleted more than 30 days ago, with their history "
        "and their files. Nothing else removes them."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"removed {purge(timezone.now())}")
        delete_old_events(timezone.now())
        fold_changes()
