"""Print the state of the installation; exit 1 where something is wrong."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ibcr_rbm.maintenance.status.findings import find_state


class Command(BaseCommand):
    help = "Prints the state of the installation, with its problems and what to do; exit 1 then."

    def handle(self, *args: Any, **options: Any) -> None:
        findings = find_state(timezone.now())
        for finding in findings:
            self.stdout.write(f"{finding.label}: {finding.value}")
            if finding.problem:
                self.stdout.write(f"  {finding.problem}")
        if any(finding.problem for finding in findings):
            sys.exit(1)
