"""Figures in the text format of Prometheus."""

from datetime import datetime

from django.db import DatabaseError

from ibcr_rbm.maintenance.models import SignOfLife
from ibcr_rbm.maintenance.status.findings import find_state
from strategy.models import QueuedEmail


def build_metrics(at: datetime) -> str:
    problems = sum(1 for finding in find_state(at) if finding.problem)
    lines = ["# TYPE ibcr_problems gauge", f"ibcr_problems {problems}"]
    try:
        waiting = QueuedEmail.objects.count()
        signs = list(SignOfLife.objects.order_by("work"))
    except DatabaseError:
        return "\n".join([*lines, "ibcr_database_up 0", ""])
    lines += ["# TYPE ibcr_database_up gauge", "ibcr_database_up 1"]
    lines += ["# TYPE ibcr_emails_waiting gauge", f"ibcr_emails_waiting {waiting}"]
    lines.append("# TYPE ibcr_last_done_timestamp_seconds gauge")
    lines += [
        f'ibcr_last_done_timestamp_seconds{{work="{sign.work}"}} {sign.at.timestamp():.0f}'
        for sign in signs
    ]
    return "\n".join([*lines, ""])
