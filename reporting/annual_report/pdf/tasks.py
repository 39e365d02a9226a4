"""Background tasks that render PDFs, and their progress.

``manage.py db_worker`` runs the tasks. A worker that starts requeues the tasks of one that died;
without a worker, a task is stalled after ``STALLED_AFTER`` and can be enqueued again. If several
workers render the same file, the first one stores it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.db import transaction
from django.db.models import Q
from django_tasks import TaskContext, TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from reporting.annual_report.drafting.proposal import build_proposal
from reporting.annual_report.pdf import document
from reporting.models import AnnualReport, DraftPdfJob, ReportDraft, ReportFile, ReportPdfJob
from strategy.models import User

STALLED_AFTER = timedelta(minutes=10)
"""A report takes seconds: a task that takes longer has no worker."""
NO_WORKER_AFTER = timedelta(seconds=20)
"""A worker polls every second: without a running or recent task there is no worker."""
MAX_ATTEMPTS = 3
"""A task that ended so many workers is not requeued, so that it cannot block all others."""
PREVIEW_LIFETIME = timedelta(hours=1)


class PdfStatus(Enum):
    """The state of a PDF."""

    NOT_ASKED = "not_asked"
    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    STALLED = "stalled"


@dataclass(frozen=True)
class PdfProgress:
    """The progress of the PDF in one language, with the stored file once it is ready."""

    language: str
    stage: PdfStatus
    file: ReportFile | None = None
    failure: str = ""
    waits_long: bool = False

    @property
    def is_moving(self) -> bool:
        return self.stage in (PdfStatus.WAITING, PdfStatus.MAKING)

    @property
    def can_be_requested(self) -> bool:
        return self.stage in (PdfStatus.NOT_ASKED, PdfStatus.FAILED, PdfStatus.STALLED)


def get_pdf_progress(report: AnnualReport, at: datetime) -> list[PdfProgress]:
    """Return the progress of each language in two queries; none if prefetched."""
    stored = {file.language: file for file in report.files.all()}
    asked = {request.language: request for request in report.requests.all()}
    return [
        PdfProgress(language, PdfStatus.READY, stored[language])
        if language in stored
        else _build_progress(language, asked.get(language), at)
        for language in dict.fromkeys([*document.LANGUAGES, *stored])
    ]


def has_all_pdfs(report: AnnualReport) -> bool:
    return {file.language for file in report.files.all()} >= set(document.LANGUAGES)


def enqueue_pdfs(
    report: AnnualReport, at: datetime, languages: Iterable[str] = document.LANGUAGES
) -> list[str]:
    """Enqueue the missing files that are not in progress; return their languages."""
    asked = []
    for one in get_pdf_progress(report, at):
        if one.language in languages and one.can_be_requested:
            with transaction.atomic():
                ReportPdfJob.objects.update_or_create(
                    report=report,
                    language=one.language,
                    defaults={"asked_at": at, "started_at": None, "failure": ""},
                )
                render_pdf_task.enqueue(report.pk, one.language)
            asked.append(one.language)
    return asked


def enqueue_preview(draft: ReportDraft, language: str, by: User, at: datetime) -> DraftPdfJob:
    DraftPdfJob.objects.filter(asked_at__lt=at - PREVIEW_LIFETIME).delete()
    with transaction.atomic():
        row, _made = ReportDraft.objects.get_or_create(
            plan=draft.plan, year=draft.year, version=draft.version
        )
        current = get_preview(row, language, by, at)
        if current and current.pages is None and _build_progress(language, current, at).is_moving:
            return current
        preview, _made = DraftPdfJob.objects.update_or_create(
            draft=row,
            language=language,
            asked_by=by,
            defaults={
                "asked_at": at,
                "started_at": None,
                "failure": "",
                "content": None,
                "pages": None,
            },
        )
        render_preview_task.enqueue(preview.pk, at.isoformat())
    return preview


def get_preview(draft: ReportDraft, language: str, by: User, at: datetime) -> DraftPdfJob | None:
    """Return the user's own preview without its content; None if missing or expired."""
    previews = DraftPdfJob.objects.filter(
        draft__plan=draft.plan,
        draft__year=draft.year,
        draft__version=draft.version,
        language=language,
        asked_by=by,
        asked_at__gte=at - PREVIEW_LIFETIME,
    )
    return previews.defer("content").first()


def get_preview_progress(preview: DraftPdfJob, at: datetime) -> PdfProgress:
    if preview.pages is not None:
        return PdfProgress(preview.language, PdfStatus.READY)
    return _build_progress(preview.language, preview, at)


def has_worker(at: datetime) -> bool:
    """Return whether a task is running or finished within NO_WORKER_AFTER."""
    return DBTaskResult.objects.filter(
        Q(status=TaskResultStatus.RUNNING, started_at__gt=at - STALLED_AFTER)
        | Q(finished_at__gt=at - NO_WORKER_AFTER)
    ).exists()


def requeue_interrupted() -> int:
    """Requeue the tasks of workers that died or were stopped; return their number.

    A task that another worker still runs is done twice, and its file stored once.
    """
    interrupted = Q(status=TaskResultStatus.RUNNING) | Q(
        status=TaskResultStatus.FAILED, exception_class_path="builtins.SystemExit"
    )
    with transaction.atomic():
        left = [
            one.pk
            for one in DBTaskResult.objects.select_for_update().filter(interrupted)
            if len(one.worker_ids) < MAX_ATTEMPTS
        ]
        return DBTaskResult.objects.filter(pk__in=left).update(status=TaskResultStatus.READY)


@task(takes_context=True)
def render_pdf_task(context: TaskContext, report_id: int, language: str) -> None:
    """Render and store one file of an issued report, unless it is stored already."""
    rows = ReportPdfJob.objects.filter(report=report_id, language=language)
    rows.update(started_at=context.task_result.started_at, failure="")
    try:
        document.get_report_pdf(AnnualReport.objects.get(pk=report_id), language)
    except Exception as error:
        rows.update(failure=type(error).__name__)
        raise


@task(takes_context=True)
def render_preview_task(context: TaskContext, preview_id: int, asked_at: str) -> None:
    """Render a preview, unless it was requested again or deleted."""
    rows = DraftPdfJob.objects.filter(pk=preview_id, asked_at=datetime.fromisoformat(asked_at))
    preview = rows.select_related("draft__plan", "asked_by").defer("content").first()
    if preview is None or context.task_result.started_at is None:
        return
    rows.update(started_at=context.task_result.started_at)
    try:
        proposal = build_proposal(preview.draft, preview.asked_by, context.task_result.started_at)
        made = document.render(proposal.rows, preview.language, is_draft=True)
        rows.update(content=made.content, pages=made.pages)
    except Exception as error:
        rows.update(failure=type(error).__name__)
        raise


def _build_progress(
    language: str, asked: ReportPdfJob | DraftPdfJob | None, at: datetime
) -> PdfProgress:
    if asked is None:
        return PdfProgress(language, PdfStatus.NOT_ASKED)
    if asked.failure:
        return PdfProgress(language, PdfStatus.FAILED, failure=asked.failure)
    if at - (asked.started_at or asked.asked_at) > STALLED_AFTER:
        return PdfProgress(language, PdfStatus.STALLED)
    if asked.started_at:
        return PdfProgress(language, PdfStatus.MAKING)
    return PdfProgress(
        language, PdfStatus.WAITING, waits_long=at - asked.asked_at > NO_WORKER_AFTER
    )
