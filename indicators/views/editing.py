"""Entering a record and changing it: one form for every kind."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from indicators import permissions, workflow
from indicators.form_page import differences, form_page
from indicators.forms.base import RecordForm
from indicators.models import Record, Status
from indicators.screens import SCREENS
from indicators.standing import targets_of
from indicators.views.access import record_or_404, user_of
from strategy.models import Plan
from strategy.vocabulary import RecordKind


@require_http_methods(["GET", "HEAD", "POST"])
def record_create(request: HttpRequest, kind: RecordKind) -> HttpResponse:
    user, screen = user_of(request), SCREENS[kind]
    if not permissions.may_record(user):
        raise PermissionDenied(_("Your account may not enter records, or belongs to no office."))
    form = _form(request, screen.model())
    if request.method == "POST" and form.is_valid():
        token = form.cleaned_data["creation_token"]
        if token:
            form.instance.creation_token = token
        saved = _save(request, form, timezone.now())
        if saved is not None:
            return saved
    return _page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
def record_edit(request: HttpRequest, kind: RecordKind, reference: str) -> HttpResponse:
    record = record_or_404(request, kind, reference)
    if not permissions.may_edit(user_of(request), record):
        raise PermissionDenied(_("A cancelled record is not changed. Restore it first."))
    form = _form(request, record)
    if request.method == "POST" and form.is_valid():
        saved = _save(request, form, timezone.now())
        if saved is not None:
            return saved
    return _page(request, form)


def _form(request: HttpRequest, record: Record) -> RecordForm:
    form_class, user, today = SCREENS[record.KIND].form, user_of(request), timezone.localdate()
    if request.method == "POST":
        return form_class(request.POST, request.FILES, instance=record, user=user, today=today)
    return form_class(instance=record, user=user, today=today)


def _save(request: HttpRequest, form: RecordForm, at: datetime) -> HttpResponse | None:
    """Save, perhaps submit, and go to the record; None when the form has to say what is wrong."""
    user, was = user_of(request), form.status_before
    try:
        record = workflow.save_record(
            form.instance,
            by=user,
            at=at,
            many=form.many,
            evidence=form.evidence,
            seen_version=form.cleaned_data["version"] or 0,
        )
        if "submit" in request.POST and permissions.may_submit(user, record):
            record = workflow.submit(record, by=user, at=at)
    except workflow.TakenValue as error:
        form.add_sentence(error.field, str(error))
        return None
    except workflow.StaleRecord:
        form.is_stale = True
        return None
    except workflow.NotAllowed as error:
        raise PermissionDenied(str(error)) from None
    messages.success(request, _said(record, was))
    return redirect("record_detail", record.KIND, record.reference)


def _said(record: Record, was: str) -> str:
    if record.status == Status.SUBMITTED and was == Status.APPROVED:
        return _("Saved. It stopped counting, and waits to be approved again.")
    if record.status == Status.SUBMITTED and was == Status.SUBMITTED:
        return _("Saved. It still waits for a second person.")
    if record.status == Status.SUBMITTED:
        return _("Saved and submitted. A second person checks it now.")
    if record.status == Status.APPROVED:
        return _("Nothing was changed.")
    return _("Saved.") if was else _("Saved as a draft.")


def _page(request: HttpRequest, form: RecordForm) -> HttpResponse:
    kind = form.KIND
    stored: Any = record_or_404(request, kind, form.reference_before) if form.is_stale else None
    today: date = timezone.localdate()
    context = {
        "page": form_page(form, SCREENS[kind]),
        "form": form,
        "screen": SCREENS[kind],
        "targets": [t for t in targets_of(Plan.objects.current(today)) if t.record_kind == kind],
        "stored": stored,
        "differences": differences(form, stored) if stored else (),
    }
    if stored:
        form.take_version(stored.version)
    names = [f"indicators/{kind}_form.html", "indicators/record_form.html"]
    return render(request, names, context, status=_status(form))


def _status(form: RecordForm) -> int:
    if form.is_stale:
        return 409
    return 400 if form.errors else 200
