"""PDFs of background tasks: queued, rendered once, requeued after a worker died."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django_tasks import default_task_backend
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from reporting.annual_report.drafting.texts import DraftTextKey, get_draft, save_text
from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document, tasks
from reporting.annual_report.pdf.document import Pdf
from reporting.annual_report.pdf.tasks import (
    MAX_ATTEMPTS,
    NO_WORKER_AFTER,
    PREVIEW_LIFETIME,
    STALLED_AFTER,
    PdfStatus,
    enqueue_pdfs,
    enqueue_preview,
    get_pdf_progress,
    get_preview,
    get_preview_progress,
    requeue_interrupted,
)
from reporting.models import (
    AnnualReport,
    DraftPdfJob,
    DraftTextType,
    ReportDraft,
    ReportFile,
    ReportPdfJob,
    ReportRows,
)
from strategy.choices import Role
from strategy.models import Plan, User
from tests.factories import make_user

NOW = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
FILES = "/reports/2018/1/files/"
NO_WORKER = "starts a worker: manage.py db_worker"
PREVIEW = "/reports/2018/1/draft/preview/?plan=2017-2020&language=fr"


@pytest.fixture(autouse=True)
def rendered(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, bool]]]:
    """Files are made in no time; what was rendered is written down."""
    made: list[tuple[str, bool]] = []

    def render(rows: ReportRows, language: str, *, is_draft: bool = False) -> Pdf:
        made.append((language, is_draft))
        summary = rows.report.narrative.get("summary", {})
        return Pdf(f"%PDF {rows.report.year} {language} {summary}".encode(), 7)

    monkeypatch.setattr(document, "render", render)
    with time_machine.travel(NOW, tick=False):
        yield made


@pytest.fixture
def report(plan: Plan, officer: User) -> AnnualReport:
    return issue_annual_report(plan, "2018", officer, NOW)


@pytest.fixture
def draft(plan: Plan) -> ReportDraft:
    return get_draft(plan, "2018", 1)


@pytest.fixture
def worker(settings: Any) -> None:
    """Tasks wait in the database, as in an installation."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def work() -> None:
    """What ``manage.py db_worker`` does until nothing waits, on the connection of the test."""
    worker = Worker(
        queue_names=["default"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="test",
        excluded_queue_names=[],
    )
    while task := DBTaskResult.objects.ready().first():
        task.claim(worker.worker_id)
        worker.run_task(task)


def stages(report: AnnualReport, at: datetime = NOW) -> dict[str, PdfStatus]:
    fresh = AnnualReport.objects.get(pk=report.pk)
    return {one.language: one.stage for one in get_pdf_progress(fresh, at)}


def every(stage: PdfStatus) -> dict[str, PdfStatus]:
    return dict.fromkeys(document.LANGUAGES, stage)


def fail_without_pango(*_asked: Any, **_how: Any) -> None:
    raise document.PangoMissing


def test_a_file_goes_from_asked_for_to_ready(
    report: AnnualReport, worker: None, rendered: list[Any]
) -> None:
    assert stages(report) == every(PdfStatus.NOT_ASKED)
    assert enqueue_pdfs(report, NOW) == list(document.LANGUAGES)
    assert stages(report) == every(PdfStatus.WAITING)
    assert rendered == []
    work()
    assert stages(report) == every(PdfStatus.READY)
    assert rendered == [(language, False) for language in document.LANGUAGES]


def test_what_is_waited_for_or_there_is_not_asked_for_again(
    report: AnnualReport, worker: None
) -> None:
    enqueue_pdfs(report, NOW, ["fr"])
    fresh = AnnualReport.objects.get(pk=report.pk)
    assert enqueue_pdfs(fresh, NOW, ["fr"]) == []
    work()
    assert enqueue_pdfs(AnnualReport.objects.get(pk=report.pk), NOW, ["fr"]) == []
    assert DBTaskResult.objects.count() == 1


def test_while_it_is_made_the_page_says_so(
    report: AnnualReport, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def render(rows: ReportRows, language: str, *, is_draft: bool = False) -> Pdf:
        seen.append(stages(report)[language])
        return Pdf(b"%PDF", 1)

    monkeypatch.setattr(document, "render", render)
    enqueue_pdfs(report, NOW, ["en"])
    work()
    assert seen == [PdfStatus.MAKING]


def test_a_failure_is_told_and_can_be_tried_again(
    report: AnnualReport, worker: None, board_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(document, "render", fail_without_pango)
        enqueue_pdfs(report, NOW, ["en"])
        work()
    assert stages(report)["en"] == PdfStatus.FAILED
    page = board_client.get("/reports/").content.decode()
    assert "failed: this server lacks Pango" in page
    assert "Make the missing PDFs" in page
    answer = board_client.post(FILES)
    assert (answer.status_code, answer["Location"]) == (302, "/reports/2018/1/")
    work()
    assert stages(report) == every(PdfStatus.READY)


def test_a_fault_of_ours_names_its_error(
    report: AnnualReport, worker: None, board_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_asked: Any, **_how: Any) -> None:
        raise ValueError("/home/somebody/secret")

    monkeypatch.setattr(document, "render", fail)
    enqueue_pdfs(report, NOW, ["en"])
    work()
    page = board_client.get("/reports/").content.decode()
    assert "failed, the server’s log says why (ValueError)" in page
    assert "secret" not in page


def test_what_a_dead_worker_had_begun_can_be_asked_for_again(
    report: AnnualReport, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process ends here: nothing of ours runs after it."""

    def die(*_asked: Any, **_how: Any) -> None:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(document, "render", die)
        enqueue_pdfs(report, NOW, ["en"])
        work()
    assert ReportPdfJob.objects.get().started_at is not None, "it struck while it was made"
    assert stages(report)["en"] == PdfStatus.MAKING
    a_minute_later = NOW + timedelta(minutes=1)
    assert enqueue_pdfs(AnnualReport.objects.get(pk=report.pk), a_minute_later, ["en"]) == []
    later = NOW + STALLED_AFTER + timedelta(seconds=1)
    assert stages(report, later)["en"] == PdfStatus.STALLED
    assert enqueue_pdfs(AnnualReport.objects.get(pk=report.pk), later, ["en"]) == ["en"]
    work()
    assert stages(report)["en"] == PdfStatus.READY


def test_of_two_workers_at_one_file_one_stores_it(
    report: AnnualReport, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other's file came in while this one was being made: only the database noticed."""
    struck = []

    def beaten(rows: ReportRows, language: str, *, is_draft: bool = False) -> Pdf:
        ReportFile.objects.create(
            report=report, language=language, content=b"%PDF 1", sha256="1" * 64, size=6, pages=1
        )
        struck.append(language)
        return Pdf(b"%PDF 2", 2)

    monkeypatch.setattr(document, "render", beaten)
    with pytest.raises(IntegrityError), transaction.atomic():
        document.create_files(report, ["es"])
    struck.clear()
    enqueue_pdfs(report, NOW, ["en"])
    work()
    assert struck == ["en"]
    assert bytes(ReportFile.objects.get().content) == b"%PDF 1"
    assert not ReportPdfJob.objects.get().failure


def test_a_task_that_finds_the_file_there_makes_none(
    report: AnnualReport, worker: None, rendered: list[Any]
) -> None:
    enqueue_pdfs(report, NOW, ["en"])
    document.create_files(report, ["en"])
    rendered.clear()
    work()
    assert rendered == []
    assert DBTaskResult.objects.get().status == "SUCCESSFUL"


def test_what_ends_every_worker_is_in_the_end_left_alone(report: AnnualReport) -> None:
    task = DBTaskResult.objects.create(
        args_kwargs={"args": [report.pk, "en"], "kwargs": {}},
        task_path="reporting.annual_report.pdf.tasks.render_pdf_task",
        backend_name="default",
        run_after=NOW,
    )
    for attempt in range(1, MAX_ATTEMPTS + 1):
        task.claim(f"worker {attempt}")
        is_tried_again = attempt < MAX_ATTEMPTS
        assert requeue_interrupted() == is_tried_again
        task.refresh_from_db()
        assert task.status == ("READY" if is_tried_again else "RUNNING")


def test_where_a_worker_is_at_work_nobody_is_asked_to_start_one(
    report: AnnualReport, worker: None, board_client: Client
) -> None:
    """The last of many files waits for long, and is not forgotten."""
    enqueue_pdfs(report, NOW)
    with time_machine.travel(NOW + NO_WORKER_AFTER + timedelta(seconds=1), tick=False):
        assert NO_WORKER in board_client.get(FILES).content.decode()
        busy = DBTaskResult.objects.ready()[0]
        busy.claim("worker")
        assert NO_WORKER not in board_client.get(FILES).content.decode()
        busy.set_successful(None)
        assert NO_WORKER not in board_client.get(FILES).content.decode()
    with time_machine.travel(NOW + STALLED_AFTER - timedelta(seconds=1), tick=False):
        assert NO_WORKER in board_client.get(FILES).content.decode()


def test_without_a_worker_the_page_says_who_can_start_one(
    report: AnnualReport, worker: None, board_client: Client
) -> None:
    enqueue_pdfs(report, NOW)
    assert NO_WORKER not in board_client.get(FILES).content.decode()
    with time_machine.travel(NOW + NO_WORKER_AFTER + timedelta(seconds=1), tick=False):
        assert NO_WORKER in board_client.get(FILES).content.decode()


def test_the_part_of_the_page_is_fetched_again_while_something_moves(
    report: AnnualReport, worker: None, board_client: Client
) -> None:
    assert "data-poll" not in board_client.get(FILES).content.decode()
    enqueue_pdfs(report, NOW)
    part = board_client.get(FILES).content.decode()
    assert f'id="files-{report.pk}" data-poll="{FILES}"' in part
    assert "<html" not in part
    work()
    part = board_client.get(FILES).content.decode()
    assert "data-poll" not in part
    assert 'href="/reports/2018/1/ar.pdf"' in part


def test_nine_board_members_download_what_is_stored(
    report: AnnualReport, worker: None, board_client: Client, rendered: list[Any]
) -> None:
    enqueue_pdfs(report, NOW)
    work()
    rendered.clear()
    answers = {board_client.get("/reports/2018/1/fr.pdf").content for _member in range(9)}
    assert answers == {b"%PDF 2018 fr {}"}
    assert rendered == []


def test_files_are_for_those_who_read_reports(report: AnnualReport, staff_client: Client) -> None:
    assert staff_client.get(FILES).status_code == 403
    assert staff_client.post(FILES).status_code == 403


def test_a_preview_is_the_draft_as_it_would_be(
    draft: ReportDraft, officer: User, officer_client: Client, worker: None, rendered: list[Any]
) -> None:
    key = DraftTextKey(DraftTextType.SUMMARY, "fr")
    save_text(draft, key, "Une année", by=officer, at=NOW, seen_version=0)
    assert "Make the PDF in French" in officer_client.get(PREVIEW).content.decode()
    answer = officer_client.post(PREVIEW)
    assert (answer.status_code, answer["Location"]) == (302, PREVIEW)
    assert ">waiting" in "".join(officer_client.get(PREVIEW).content.decode().split())
    work()
    assert "Open the draft in French" in officer_client.get(PREVIEW).content.decode()
    file = officer_client.get(PREVIEW.replace("preview/", "preview.pdf"))
    assert file.content == "%PDF 2018 fr {'fr': 'Une année'}".encode()
    assert file["Cache-Control"] == "private, no-store"
    assert rendered == [("fr", True)]
    assert not AnnualReport.objects.exists()


def test_a_preview_is_one_s_own(
    draft: ReportDraft, officer: User, officer_client: Client, worker: None
) -> None:
    other = make_user(Role.OFFICER)
    enqueue_preview(draft, "fr", other, NOW)
    work()
    assert "Make the PDF in French" in officer_client.get(PREVIEW).content.decode()
    assert officer_client.get(PREVIEW.replace("preview/", "preview.pdf")).status_code == 404


def test_a_preview_lasts_an_hour(draft: ReportDraft, officer: User, worker: None) -> None:
    enqueue_preview(draft, "fr", officer, NOW)
    work()
    saved = get_draft(draft.plan, "2018", 1)
    assert get_preview(saved, "fr", officer, NOW + PREVIEW_LIFETIME) is not None
    later = NOW + PREVIEW_LIFETIME + timedelta(seconds=1)
    assert get_preview(saved, "fr", officer, later) is None
    enqueue_preview(saved, "en", officer, later)
    assert DraftPdfJob.objects.get().language == "en", "its bytes are gone too"


def test_a_preview_that_is_being_made_is_waited_for(
    draft: ReportDraft, officer: User, worker: None, rendered: list[Any]
) -> None:
    first = enqueue_preview(draft, "fr", officer, NOW)
    assert enqueue_preview(draft, "fr", officer, NOW + timedelta(seconds=2)).pk == first.pk
    work()
    assert rendered == [("fr", True)]
    again = enqueue_preview(draft, "fr", officer, NOW + timedelta(seconds=9))
    assert get_preview_progress(again, NOW).stage == PdfStatus.WAITING
    work()
    assert rendered == [("fr", True)] * 2


def test_a_preview_that_fails_says_so(
    draft: ReportDraft, officer_client: Client, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document, "render", fail_without_pango)
    officer_client.post(PREVIEW)
    work()
    page = officer_client.get(PREVIEW).content.decode()
    assert "this server lacks Pango" in page
    assert "Make it again" in page


def test_a_preview_that_is_gone_is_not_made(
    draft: ReportDraft, officer: User, worker: None, rendered: list[Any]
) -> None:
    enqueue_preview(draft, "fr", officer, NOW)
    DraftPdfJob.objects.all().delete()
    work()
    assert rendered == []


def test_tests_leave_the_work_undone_unless_they_do_it(report: AnnualReport) -> None:
    enqueue_pdfs(report, NOW)
    assert len(default_task_backend.results) == len(document.LANGUAGES)  # type: ignore[attr-defined]
    assert default_task_backend.results[0].task == tasks.render_pdf_task  # type: ignore[attr-defined]


def test_the_rows_say_what_they_are(
    report: AnnualReport, draft: ReportDraft, officer: User, plan: Plan
) -> None:
    enqueue_pdfs(report, NOW, ["ar"])
    preview = enqueue_preview(get_draft(plan, "2017", 1), "es", officer, NOW)
    assert str(ReportPdfJob.objects.get()) == "2017-2020 2018, 1, ar"
    assert str(preview) == "2017-2020 2017, 1, es"
