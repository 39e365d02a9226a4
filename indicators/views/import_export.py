"""Import of records from files: upload, preview, confirm, undo; export of lists as files."""

import tempfile
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import IO, Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from indicators.forms.registry import RECORD_TYPES
from indicators.import_export import previews, undo, uploads
from indicators.import_export.exports.column_help import build_column_help
from indicators.import_export.exports.error_report import (
    error_file_name,
    write_error_csv,
    write_error_xlsx,
)
from indicators.import_export.exports.records import TooLongForWorkbook, stream_csv, write_workbook
from indicators.import_export.exports.templates import write_csv_template, write_xlsx_template
from indicators.import_export.files.table import OpenQuestions, UnreadableFile
from indicators.import_export.forms import ImportForm, QuestionsForm
from indicators.import_export.rows.results import RowStatus
from indicators.lists.pagination import paginate
from indicators.lists.record_list import build_listing
from indicators.models import CitedChange, ImportPreview, ImportRun, ImportUpload
from indicators.views.shortcuts import get_user, redirect_for_xhr
from indicators.views.work import notify_officers, notify_reviewers
from indicators.workflow.actions import WorkflowError
from strategy.choices import RecordKind

PER_PAGE = 50

KEY_COOKIE = "import_key"
"""The cookie with the key of an uploaded file."""

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "POST"])
def import_start(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES)
        response = _receive(form, request) if form.is_valid() else None
        if response:
            return redirect_for_xhr(request, response)
    else:
        form = ImportForm(initial={"kind": request.GET.get("kind", "")})
    chosen = form["kind"].value()
    kind = RecordKind(chosen) if chosen in RecordKind.values else None
    context = {
        "form": form,
        "record_types": RECORD_TYPES.values(),
        "explained": RECORD_TYPES[kind] if kind else None,
        "guides": build_column_help(kind) if kind else (),
    }
    status = 400 if form.errors else 200
    return render(request, "indicators/imports/start.html", context, status=status)


def _receive(form: ImportForm, request: HttpRequest) -> HttpResponse | None:
    """Redirect to the preview of the file, or to its questions; None after an error."""
    file, by, at = form.cleaned_data["file"], get_user(request), timezone.now()
    name = "".join(character for character in file.name if character.isprintable())
    kind, content = RecordKind(form.cleaned_data["kind"]), file.read()
    try:
        preview = previews.make_preview(kind, content, name, by=by, at=at)
        return redirect("indicators:import_preview", identifier=preview.uuid)
    except OpenQuestions:
        return _ask(*uploads.save_upload(kind, content, name, by=by, at=at))
    except UnreadableFile as error:
        for problem in error.problems:
            form.add_error("file", problem.sentence)
    except WorkflowError as error:
        form.add_error(None, str(error))
    return None


def _ask(upload: ImportUpload, key: str) -> HttpResponse:
    """Redirect to the questions of the file; its key goes into a cookie of that page alone."""
    response = redirect("indicators:import_questions", identifier=upload.uuid)
    response.set_cookie(
        KEY_COOKIE,
        key,
        max_age=previews.LIFETIME,
        path=response.url,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_http_methods(["GET", "POST"])
def import_questions(request: HttpRequest, identifier: uuid.UUID) -> HttpResponse:
    at = timezone.now()
    upload = uploads.get_upload(identifier, get_user(request), at)
    key = request.COOKIES.get(KEY_COOKIE, "")
    content = uploads.decrypt(upload, key) if upload else None
    if upload is None or content is None:
        messages.warning(request, _("The file waited for more than an hour. Choose it again."))
        return redirect("indicators:import_start")
    try:
        questions = uploads.list_questions(upload, content)
        form = QuestionsForm(questions, data=request.POST if request.method == "POST" else None)
        if form.is_valid():
            preview = uploads.answer_questions(upload, content, form.answers, at)
            if preview:
                return redirect("indicators:import_preview", identifier=preview.uuid)
            return redirect("indicators:import_questions", identifier=identifier)
    except UnreadableFile as error:
        return _show_problems(request, upload, error)
    context = {"form": form, "upload": upload, "record_type": RECORD_TYPES[RecordKind(upload.kind)]}
    status = 400 if form.errors else 200
    return render(request, "indicators/imports/questions.html", context, status=status)


def _show_problems(
    request: HttpRequest, upload: ImportUpload, error: UnreadableFile
) -> HttpResponse:
    context = {
        "problems": [problem.sentence for problem in error.problems],
        "upload": upload,
        "record_type": RECORD_TYPES[RecordKind(upload.kind)],
    }
    return render(request, "indicators/imports/questions.html", context, status=400)


@require_http_methods(["GET", "POST"])
def import_preview(request: HttpRequest, identifier: uuid.UUID) -> HttpResponse:
    user, now = get_user(request), timezone.now()
    preview = previews.get_preview(identifier, user)
    is_imported = undo.all_runs().filter(uuid=identifier, owner=user).exists()
    if is_imported or (preview and preview.imported_at):
        return redirect("indicators:import_detail", identifier=identifier)
    if preview is None:
        raise Http404(_("There is no such file waiting. It was imported, or sent by someone else."))
    if previews.is_expired(preview, now):
        messages.warning(request, _("The file waited for more than an hour. Choose it again."))
        return redirect(f"{reverse('indicators:import_start')}?kind={preview.kind}")
    if request.method == "POST":
        return _confirm(request, preview)
    return render(request, "indicators/imports/preview.html", _preview_context(request, preview))


def _confirm(request: HttpRequest, preview: ImportPreview) -> HttpResponse:
    try:
        run = previews.confirm(
            preview,
            by=get_user(request),
            at=timezone.now(),
            is_partial=request.POST.get("rows") == "good",
            choices=_read_choices(request, preview),
            reason=request.POST.get("change_reason", ""),
            accepts_rare_dates="rare_dates" in request.POST,
        )
    except WorkflowError as error:
        messages.error(request, str(error))
        return redirect("indicators:import_preview", identifier=preview.uuid)
    if run.new or run.changed:
        notify_reviewers(request)
    if CitedChange.objects.filter(by=run.owner, at=run.at).exists():
        notify_officers(request)
    messages.success(
        request,
        _("Imported: %(new)s new, %(changed)s changed. They wait for the approval of someone else.")
        % {"new": run.new, "changed": run.changed},
    )
    return redirect("indicators:import_detail", identifier=run.uuid)


def _read_choices(request: HttpRequest, preview: ImportPreview) -> Mapping[int, bool]:
    """Return of each row that may be recorded already whether to import it, where it is said."""
    rest = request.POST.get("rest", "")
    answers = {
        number: request.POST.get(f"row-{number}") or rest
        for number in previews.load_duplicates(preview)
    }
    return {
        number: answer == "import"
        for number, answer in answers.items()
        if answer in ("import", "leave")
    }


def _preview_context(request: HttpRequest, preview: ImportPreview) -> dict[str, Any]:
    outcome = preview.outcome
    tally: Mapping[str, int] = outcome["tally"]
    shown = request.GET.get("show") or next((state for state in RowStatus if tally[state]), "new")
    if shown not in RowStatus.values:
        raise BadRequest(_("“%(word)s” is no state of a row.") % {"word": shown})
    rows = previews.load_rows(preview, RowStatus(shown))
    names = {row.number: row.name for row in previews.load_rows(preview, RowStatus.NEW)}
    page = paginate(rows, request.GET, PER_PAGE)
    page.object_list = previews.describe_rows(preview, page.object_list)
    return {
        "preview": preview,
        "record_type": RECORD_TYPES[RecordKind(preview.kind)],
        "counts": outcome["counts"],
        "tally": [(state, tally[state]) for state in RowStatus],
        "notices": outcome["notices"],
        "file_problems": outcome["problems"],
        "stop_counting": outcome["stop_counting"],
        "duplicates": [
            (number, duplicates, names.get(number, ""))
            for number, duplicates in previews.load_duplicates(preview).items()
        ],
        "rare_dates": outcome.get("rare_dates", 0),
        "good_rows": tally[RowStatus.NEW] + tally[RowStatus.CHANGED],
        "wrong_rows": tally[RowStatus.ERROR],
        "is_good": not outcome["counts"][RowStatus.ERROR],
        "shown": RowStatus(shown),
        "page": page,
    }


@require_GET
def import_errors(request: HttpRequest, identifier: uuid.UUID, ext: str) -> HttpResponseBase:
    preview = previews.get_preview(identifier, get_user(request))
    if preview is None or not previews.has_errors(preview):
        raise Http404(_("There is no such file waiting. It was imported, or sent by someone else."))
    name = error_file_name(preview, ext)
    if ext == "csv":
        return _as_attachment(HttpResponse(write_error_csv(preview), content_type=CSV_TYPE), name)
    return _send_workbook(lambda target: write_error_xlsx(preview, target), name)


@require_GET
def import_template(request: HttpRequest, kind: RecordKind, ext: str) -> HttpResponseBase:
    name = f"{kind}.{ext}"
    if ext == "csv":
        return _as_attachment(HttpResponse(write_csv_template(kind), content_type=CSV_TYPE), name)
    return _send_workbook(lambda target: write_xlsx_template(kind, target), name)


@require_GET
def record_export(request: HttpRequest, kind: RecordKind, ext: str) -> HttpResponseBase:
    today = timezone.localdate()
    listing = build_listing(kind, request.GET, get_user(request), today)
    if not listing.is_valid:
        errors = [str(error) for each in listing.filters.form.errors.values() for error in each]
        raise BadRequest(" ".join(errors))
    name = f"{kind}-{today}.{ext}"
    if ext == "csv":
        rows = stream_csv(kind, listing.records, has_mark=True)
        return _as_attachment(StreamingHttpResponse(rows, content_type=CSV_TYPE), name)
    try:
        return _send_workbook(lambda target: write_workbook(kind, listing.records, target), name)
    except TooLongForWorkbook as error:
        raise BadRequest(str(error)) from None


def _send_workbook(write: Callable[[IO[bytes]], None], name: str) -> FileResponse:
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    write(target)
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=name, content_type=XLSX_TYPE)


def _as_attachment(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


LIST_PERIOD = timedelta(days=365)


@require_GET
def import_list(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    runs = undo.all_runs().filter(at__gte=now - LIST_PERIOD)
    page = paginate(runs, request.GET, PER_PAGE)
    rows = [
        {
            "run": run,
            "record_type": RECORD_TYPES[RecordKind(run.kind)],
            "can_undo": undo.can_undo(run, now),
        }
        for run in page.object_list
    ]
    return render(request, "indicators/imports/list.html", {"page": page, "rows": rows})


@require_http_methods(["GET", "POST"])
def import_detail(request: HttpRequest, identifier: uuid.UUID) -> HttpResponse:
    run = get_object_or_404(undo.all_runs(), uuid=identifier)
    now, user = timezone.now(), get_user(request)
    if request.method == "POST":
        _undo(request, run)
        return redirect("indicators:import_detail", identifier=run.uuid)
    can_undo = undo.can_undo(run, now)
    blockers = undo.find_undo_blockers(run) if can_undo or run.undone_at else []
    total = run.new + run.changed
    preview = previews.get_preview(identifier, user)
    page = paginate(blockers, request.GET, PER_PAGE)
    context = {
        "run": run,
        "record_type": RECORD_TYPES[RecordKind(run.kind)],
        "can_undo": can_undo,
        "until": run.at + undo.LIFETIME,
        "left": len(blockers),
        "back": total - len(blockers),
        "page": page,
        "has_errors": preview is not None and previews.has_errors(preview),
    }
    return render(request, "indicators/imports/detail.html", context)


def _undo(request: HttpRequest, run: ImportRun) -> None:
    user, now = get_user(request), timezone.now()
    try:
        left = undo.undo(run, by=user, at=now)
    except WorkflowError as error:
        messages.error(request, str(error))
        return
    if CitedChange.objects.filter(by=user, at=now).exists():
        notify_officers(request)
    if left:
        messages.warning(
            request,
            ngettext(
                "The import was taken back, except for %(number)s record.",
                "The import was taken back, except for %(number)s records.",
                left,
            )
            % {"number": left},
        )
    else:
        messages.success(request, _("The import was taken back."))
