"""Two people who edit one row: the second is told, and their answers stay in the form."""

import hashlib
from typing import Any, TypeVar, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from strategy.text import join_plain

M = TypeVar("M", bound=models.Model)

SEEN = "seen_state"
"""The input with the state of the row that the form was filled with."""


def read_state(row: models.Model) -> str:
    """Return a digest of the row as stored and of the last edit, also of rows in its form."""
    stored = type(row)._default_manager.filter(pk=row.pk)
    edits = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk)
    )
    last = edits.order_by("-pk").values_list("pk", flat=True).first()
    return hashlib.sha256(f"{serializers.serialize('json', stored)}{last}".encode()).hexdigest()


class OutdatedForm(forms.BaseModelForm[Any]):
    """A form of a row that was changed after the form was opened."""

    def clean(self) -> dict[str, Any] | None:
        text = _(
            "This was changed after you opened it, so nothing is saved. Check your answers, then"
            " save again."
        )
        labels = [str(self.fields[name].label) for name in self.changed_data]
        if labels:
            differing = _("Your answers differ from what is stored: %(fields)s.")
            text = f"{text} {differing % {'fields': join_plain(labels)}}"
        self.add_error(None, text)
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
