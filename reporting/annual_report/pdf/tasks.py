"""Making PDFs outside the requests: asking a worker for them, doing it, and how far each is.

``manage.py db_worker`` runs the tasks. What a worker had begun when it died, the next one that
starts takes up again; where none starts, it counts as stalled after ``STALLED_AFTER`` and can be
asked for again. However many workers make one file, the first stores it and the others find it
there.
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
"""A report takes seconds: what is not done by then, nobody is doing any more."""
NO_WORKER_AFTER = timedelta(seconds=20)
"""A worker looks every second: where none is at work and none was, there is none."""
MAX_ATTEMPTS = 3
"""What has ended so many workers is left alone: one that ends them all would stop every file."""
PREVIEW_LIFETIME = timedelta(hours=1)


class PdfStatus(Enum):
    """How far a PDF is."""

    NOT_ASKED = "not_asked"
    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    STALLED = "stalled"


@dataclass(frozen=True)
class PdfProgress:
    """How far the PDF in one language is, with the stored file once it is ready."""

    language: str
    stage: PdfStatus
    file: ReportFile | None = None
    failure: str = ""
    waits_long: bool = False

    @property
    def is_moving(self) -> bool:
        """Whether it is worth looking again soon."""
        return self.stage in (PdfStatus.WAITING, PdfStatus.MAKING)

    @property
    def can_be_asked(self) -> bool:
        return self.stage in (PdfStatus.NOT_ASKED, PdfStatus.FAILED, PdfStatus.STALLED)


def get_pdf_progress(report: AnnualReport, at: datetime) -> list[PdfProgress]:
    """Each language of a report, in two queries, none where files and requests are prefetched."""
    stored = {file.language: file for file in report.files.all()}
    asked = {request.language: request for request in report.requests.all()}
    return [
        PdfProgress(language, PdfStatus.READY, stored[language])
        if language in stored
        else _build_progress(language, asked.get(language), at)
        for language in dict.fromkeys([*document.LANGUAGES, *stored])
    ]


def enqueue_pdfs(
    report: AnnualReport, at: datetime, languages: Iterable[str] = document.LANGUAGES
) -> list[str]:
    """Have a worker make the files that are missing and that nobody is making; which they are."""
    asked = []
    for one in get_pdf_progress(report, at):
        if one.language in languages and one.can_be_asked:
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
    """Have a worker make the PDF that the draft would be; one that is being made is waited for."""
    DraftPdfJob.objects.filter(asked_at__lt=at - PREVIEW_LIFETIME).delete()
    with transaction.atomic():
        row, _made = ReportDraft.objects.get_or_create(
            plan=draft.plan, year=draft.year, version=draft.version
        )
        there = get_preview(row, language, by, at)
        if there and there.pages is None and _build_progress(language, there, at).is_moving:
            return there
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
    """The officer's own preview, without its bytes; None when there is none, or it is too old."""
    found = DraftPdfJob.objects.filter(
        draft__plan=draft.plan,
        draft__year=draft.year,
        draft__version=draft.version,
        language=language,
        asked_by=by,
        asked_at__gte=at - PREVIEW_LIFETIME,
    )
    return found.defer("content").first()


def get_preview_progress(preview: DraftPdfJob, at: datetime) -> PdfProgress:
    if preview.pages is not None:
        return PdfProgress(preview.language, PdfStatus.READY)
    return _build_progress(preview.language, preview, at)


def has_worker(at: datetime) -> bool:
    """Whether a worker is making something, or was a moment ago."""
    return DBTaskResult.objects.filter(
        Q(status=TaskResultStatus.RUNNING, started_at__gt=at - STALLED_AFTER)
        | Q(finished_at__gt=at - NO_WORKER_AFTER)
    ).exists()


def requeue_interrupted() -> int:
    """Let what workers had begun when they died, or were told to end at once, wait again.

    How many tasks that are. One that another worker is still at is done twice, and stored once.
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
    """Make and store one file of an issued report, unless it is stored already."""
    rows = ReportPdfJob.objects.filter(report=report_id, language=language)
    rows.update(started_at=context.task_result.started_at, failure="")
    try:
        document.get_report_pdf(AnnualReport.objects.get(pk=report_id), language)
    except Exception as error:
        rows.update(failure=type(error).__name__)
        raise


@task(takes_context=True)
def render_preview_task(context: TaskContext, preview_id: int, asked_at: str) -> None:
    """Make a preview, unless it was asked for anew or is gone."""
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
