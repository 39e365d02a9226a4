"""Two people who edit one row: the second is told, and their answers stay in the form."""

import hashlib
from typing import Any, TypeVar, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.http import HttpRequest, HttpResponse

from strategy.workbench.forms import explain_outdated
from strategy.workbench.views.previews import SEEN, digest_row

M = TypeVar("M", bound=models.Model)


def read_state(row: models.Model) -> str:
    """Return a digest of the row as stored and of the last edit, also of rows in its form."""
    edits = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk)
    )
    last = edits.order_by("-pk").values_list("pk", flat=True).first()
    return hashlib.sha256(f"{digest_row(row)}{last}".encode()).hexdigest()


class OutdatedForm(forms.BaseModelForm[Any]):
    """A form of a row that was changed after the form was opened."""

    def clean(self) -> dict[str, Any] | None:
        self.add_error(None, explain_outdated(self))
        return super().clean()


class ConcurrentEditAdmin(admin.ModelAdmin[M]):
    """Saves a form only if its row is as it was when the form was opened."""

    def get_form(
        self, request: HttpRequest, obj: M | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[M]]:
        form = super().get_form(request, obj, change=change, **kwargs)
        seen = request.POST.get(SEEN)
        if obj is None or not seen or seen == read_state(obj):
            return form
        outdated = type(form.__name__, (OutdatedForm, form), {})
        return cast("type[forms.ModelForm[M]]", outdated)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context.get("original")
        if row is not None and kwargs.get("change"):
            context[SEEN] = read_state(row)
        return super().render_change_form(request, context, *args, **kwargs)
