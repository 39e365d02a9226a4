"""Run the worker that makes queued PDFs and sends e-mails; several may run in parallel.

Extends the worker of django-tasks-db, which never resumes the tasks of a killed worker.
"""

from typing import Any

from django_tasks_db.management.commands import db_worker

from ibcr_rbm.maintenance.status.heartbeat import start_heartbeat
from reporting.annual_report.pdf.tasks import requeue_interrupted
from strategy.accounts.mail_queue import start_delivery


class Command(db_worker.Command):
    help = (
        "Makes the PDFs that the pages ask for, and sends e-mails. Begins with what a worker that "
        "was killed had not finished."
    )

    def handle(self, **options: Any) -> None:
        if left := requeue_interrupted():
            self.stdout.write(f"taken up again: {left}")
        stops = [start_delivery(), start_heartbeat()]
        try:
            super().handle(**options)
        finally:
            for stop in stops:
                stop.set()
