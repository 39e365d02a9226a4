"""Make the PDFs that the pages ask for, until it is stopped: any number of these may run at once.

It is the worker of django-tasks-db, which by itself would leave what a dead one had begun.
"""

from typing import Any

from django_tasks_db.management.commands import db_worker

from reporting.annual_report.pdf.tasks import requeue_interrupted


class Command(db_worker.Command):
    help = (
        "Makes the PDFs that the pages ask for. Begins with what a worker that was killed had not "
        "finished."
    )

    def handle(self, **options: Any) -> None:
        if left := requeue_interrupted():
            self.stdout.write(f"taken up again: {left}")
        super().handle(**options)
