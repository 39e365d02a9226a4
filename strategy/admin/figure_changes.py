"""A change in the admin that can move figures: a preview first, then a reason, then saved whole."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from django.contrib import messages
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from strategy.admin.base import TranslatedAdmin
from strategy.workbench.views.previews import (
    SaveAttempt,
    build_preview,
    read_reason,
    save_if_previewed,
)

M = TypeVar("M", bound=models.Model)

HELD_MESSAGES = "held_messages"


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
        attempt = save_if_previewed(request, view)
        if attempt.is_saved:
            for show in held:
                show()
            return attempt.response
        return self._render_preview(request, attempt)

    def _render_preview(self, request: HttpRequest, attempt: SaveAttempt) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Check what changes"),
            "opts": self.model._meta,
            **build_preview(request, attempt),
        }
        return TemplateResponse(request, "admin/figure_change.html", context)
