"""Views of a report draft: edit its texts in each language and preview its PDF."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from indicators.views.shortcuts import get_user
from reporting.annual_report.drafting.editor import (
    SubmittedTexts,
    build_draft_page,
    load_earlier_texts,
    parse_key,
    save_form,
)
from reporting.annual_report.drafting.texts import (
    ConcurrentTextEdit,
    DraftText,
    TextRejected,
    get_draft,
    get_next_version,
    save_text,
)
from reporting.annual_report.pdf import document
from reporting.annual_report.pdf.tasks import (
    enqueue_preview,
    get_preview,
    get_preview_progress,
    has_worker,
)
from reporting.annual_report.snapshot.citations import load_changes_since_report
from reporting.models import MAX_TEXT_LENGTH, ReportDraft
from reporting.views.plan_context import asks_for_plan, get_plan_year_or_404


@asks_for_plan
@require_http_methods(["GET", "HEAD", "POST"])
def draft_edit(request: HttpRequest, year: str, version: int) -> HttpResponse:
    draft, language = _get_draft(request, year, version), _get_language(request)
    user = get_user(request)
    at = timezone.now()
    if request.method != "POST":
        return _render_page(request, draft, language, {})
    wrong = save_form(draft, language, request.POST.dict(), by=user, at=at)
    if wrong:
        return _render_page(request, draft, language, wrong)
    messages.success(request, _("Saved."))
    return redirect(_build_url("reporting:draft_edit", draft, language))


@asks_for_plan
@require_POST
def draft_text_save(request: HttpRequest, year: str, version: int) -> HttpResponse:
    """Save one text by script; return its new version as JSON, 409 after a concurrent edit."""
    draft, language = _get_draft(request, year, version), _get_language(request)
    place = parse_key(request.POST.get("name", ""), language)
    seen = request.POST.get("seen", "")
    if place is None or not seen.isdecimal():
        return JsonResponse({"message": _("This text has no place in the report.")}, status=400)
    user = get_user(request)
    text = request.POST.get("text", "")
    try:
        saved = save_text(
            draft, place, text, by=user, at=timezone.now(), seen_version=int(seen[:9])
        )
    except ConcurrentTextEdit as stale:
        return JsonResponse({**_serialize_text(stale.current), "message": str(stale)}, status=409)
    except TextRejected as refusal:
        return JsonResponse({"message": str(refusal)}, status=400)
    return JsonResponse(_serialize_text(saved))


@asks_for_plan
@require_safe
def draft_text_history(request: HttpRequest, year: str, version: int, name: str) -> HttpResponse:
    draft, language = _get_draft(request, year, version), _get_language(request)
    place = parse_key(name, language)
    if place is None:
        raise Http404(_("This text has no place in the report."))
    context = {
        **_build_context(draft, language),
        "place": place,
        "texts": load_earlier_texts(draft, place),
    }
    return render(request, "reporting/drafts/history.html", context)


@asks_for_plan
@require_http_methods(["GET", "HEAD", "POST"])
def draft_preview(request: HttpRequest, year: str, version: int) -> HttpResponse:
    draft, language = _get_draft(request, year, version), _get_language(request)
    if language not in document.LANGUAGES:
        raise Http404(_("There is no PDF in the language “%(code)s”.") % {"code": language})
    user = get_user(request)
    if request.method == "POST":
        enqueue_preview(draft, language, user, timezone.now())
        return redirect(_build_url("reporting:draft_preview", draft, language))
    at = timezone.now()
    preview = get_preview(draft, language, user, at)
    context = {
        **_build_context(draft, language),
        "preview": preview,
        "one": get_preview_progress(preview, at) if preview else None,
        "has_worker": has_worker(at),
        "languages": document.LANGUAGES,
        "file_url": _build_url("reporting:draft_preview_pdf", draft, language),
    }
    return render(request, "reporting/drafts/preview.html", context)


@asks_for_plan
@require_safe
def draft_preview_pdf(request: HttpRequest, year: str, version: int) -> HttpResponse:
    """Send the user's own stored preview; 404 until the worker has made it."""
    draft, language = _get_draft(request, year, version), _get_language(request)
    user = get_user(request)
    preview = get_preview(draft, language, user, timezone.now())
    if preview is None or preview.content is None:
        raise Http404(_("This preview is not there. Have it made again."))
    response = HttpResponse(bytes(preview.content), content_type="application/pdf")
    name = f"draft-{draft.year}-{draft.version}-{language}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _render_page(
    request: HttpRequest, draft: ReportDraft, language: str, wrong: SubmittedTexts
) -> HttpResponse:
    user = get_user(request)
    page = build_draft_page(draft, language, user, timezone.now(), wrong)
    context = {
        **_build_context(draft, language),
        "page": page,
        "cited_changes": load_changes_since_report(draft.plan),
        "longest": MAX_TEXT_LENGTH,
        "text_url": _build_url("reporting:draft_text_save", draft, language),
    }
    return render(request, "reporting/drafts/edit.html", context, status=409 if wrong else 200)


def _get_draft(request: HttpRequest, year: str, version: int) -> ReportDraft:
    # Only the next version of a report can be written.
    plan, period = get_plan_year_or_404(request, year)
    if version != get_next_version(plan, period.label) or period.starts_on > timezone.localdate():
        raise Http404(
            _("There is no version %(version)s of the report of %(year)s to write.")
            % {"version": version, "year": year}
        )
    return get_draft(plan, period.label, version)


def _get_language(request: HttpRequest) -> str:
    asked = request.GET.get("language") or getattr(request, "LANGUAGE_CODE", "")
    if asked not in dict(settings.LANGUAGES):
        raise Http404(_("There is no language “%(code)s”.") % {"code": asked})
    return asked


def _build_context(draft: ReportDraft, language: str) -> dict[str, object]:
    query = urlencode({"plan": draft.plan.code})
    return {
        "draft": draft,
        "period": draft.plan.year(draft.year),
        "language": language,
        "plan_query": query,
        "is_over": draft.plan.year(draft.year).ends_on < timezone.localdate(),
    }


def _build_url(name: str, draft: ReportDraft, language: str) -> str:
    query = urlencode({"plan": draft.plan.code, "language": language})
    return f"{reverse(name, args=[draft.year, draft.version])}?{query}"


def _serialize_text(text: DraftText) -> dict[str, object]:
    return {"version": text.version, "text": text.text, "by": str(text.by or "")}
