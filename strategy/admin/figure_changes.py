"""A change in the admin that can move figures: a preview first, then a reason, then saved whole."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from strategy.admin.base import TranslatedAdmin
from strategy.models import Plan, User
from strategy.plan.change_texts import describe_details
from strategy.plan.effects import FigureEffect, Figures, find_figure_effects, read_figures
from strategy.plan.figure_data import FigureDataChange, read_figure_data, save_change
from strategy.text import normalize_text

M = TypeVar("M", bound=models.Model)

REASON, PREVIEWED = "figure_reason", "figure_previewed"
"""The names of the two inputs of the preview, which is sent with the form's own."""

HELD_MESSAGES = "held_messages"


@dataclass(frozen=True)
class _Attempt:
    """A saved form: its response, its change, and whether it was rolled back.

    ``figures`` are those after the change; ``problem`` says why they cannot be computed.
    """

    response: HttpResponse
    change: FigureDataChange
    is_saved: bool
    figures: Figures = field(default_factory=dict)
    problem: str = ""


class FigureAdmin(TranslatedAdmin[M]):
    """Saves a change that can move figures only after its preview, with a reason.

    The form is saved in a transaction to see what it changes, and rolled back for the preview.
    """

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        view = super().changeform_view
        return self.preview_change(
            request, partial(view, request, object_id, form_url, extra_context)
        )

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return self.preview_change(
            request, partial(super().delete_view, request, object_id, extra_context)
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return self.preview_change(
            request, partial(super().changelist_view, request, extra_context)
        )

    def message_user(
        self,
        request: HttpRequest,
        message: Any,
        level: int | str = messages.INFO,
        extra_tags: str = "",
        fail_silently: bool = False,
    ) -> None:
        show = partial(super().message_user, request, message, level, extra_tags, fail_silently)
        held = vars(request).get(HELD_MESSAGES)
        if held is None:
            show()
        else:
            held.append(show)

    def save_model(self, request: HttpRequest, obj: M, form: ModelForm[M], change: bool) -> None:
        vars(obj)["_change_reason"] = read_reason(request) or None
        super().save_model(request, obj, form, change)

    def preview_change(
        self, request: HttpRequest, view: Callable[[], HttpResponse]
    ) -> HttpResponse:
        if request.method != "POST":
            return view()
        held: list[Callable[[], None]] = []
        vars(request)[HELD_MESSAGES] = held
        attempt = _save_if_previewed(request, view)
        if attempt.is_saved:
            for show in held:
                show()
            return attempt.response
        return self._render_preview(request, attempt)

    def _render_preview(self, request: HttpRequest, attempt: _Attempt) -> HttpResponse:
        change = attempt.change
        own = ("csrfmiddlewaretoken", REASON, PREVIEWED)
        answers = [
            (name, value)
            for name, values in request.POST.lists()
            if name not in own
            for value in values
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Check what changes"),
            "opts": self.model._meta,
            "answers": answers,
            "details": describe_details(change.details),
            "effects": _find_effects(attempt),
            "problem": attempt.problem,
            "reason": read_reason(request),
            "reason_error": find_reason_error(request) if REASON in request.POST else "",
            "is_outdated": REASON in request.POST and not _is_previewed(request, change),
            "token": _make_token(change),
        }
        return TemplateResponse(request, "admin/figure_change.html", context)


def read_reason(request: HttpRequest) -> str:
    return normalize_text(request.POST.get(REASON, "")).strip()


def find_reason_error(request: HttpRequest) -> str:
    """Return why the reason cannot be stored; empty when it can."""
    reason = read_reason(request)
    if not reason:
        return _("Write the reason.")
    find_text_error: Callable[[str], str] = import_string(settings.TEXT_CHECKER)
    return find_text_error(reason)


def _save_if_previewed(request: HttpRequest, view: Callable[[], HttpResponse]) -> _Attempt:
    with transaction.atomic():
        # Lock the plans: the difference below must be that of this form alone.
        list(Plan.objects.select_for_update().order_by("pk").values_list("pk"))
        before = read_figure_data()
        response = view()
        change = FigureDataChange(before, read_figure_data())
        if not change.details:
            return _Attempt(response, change, is_saved=True)
        figures, problem = _try_figures()
        if _is_previewed(request, change) and not (problem or find_reason_error(request)):
            by = request.user if isinstance(request.user, User) else None
            save_change(change, reason=read_reason(request), by=by, at=timezone.now())
            return _Attempt(response, change, is_saved=True)
        transaction.set_rollback(True)
    return _Attempt(response, change, False, figures, problem)


def _try_figures() -> tuple[Figures, str]:
    """Return the figures, or why the plan as it is now allows none."""
    try:
        return read_figures(timezone.localdate()), ""
    except ValidationError as error:
        return {}, " ".join(error.messages)


def _find_effects(attempt: _Attempt) -> list[FigureEffect]:
    if attempt.problem:
        return []
    return find_figure_effects(read_figures(timezone.localdate()), attempt.figures)


def _is_previewed(request: HttpRequest, change: FigureDataChange) -> bool:
    return request.POST.get(PREVIEWED) == _make_token(change)


def _make_token(change: FigureDataChange) -> str:
    """Return the digest of a change, to compare with the change that the preview showed."""
    return hashlib.sha256(json.dumps(change.details).encode()).hexdigest()
