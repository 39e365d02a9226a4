"""What every form of the administration has: one part a language, and 404 for what is not there."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin
from modeltranslation.fields import TranslationField
from modeltranslation.settings import AVAILABLE_LANGUAGES, DEFAULT_LANGUAGE


class StrictAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A row that the person may not see is one that does not exist: 404."""

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        raise Http404


def find_language(field: Any) -> str:
    """The language of a translated column; empty for any other."""
    return field.language if isinstance(field, TranslationField) else ""


class TranslatedAdmin(TranslationAdmin, StrictAdmin):  # type: ignore[type-arg]
    """A form with what is the same in all languages first, then one part a language.

    English, which stands in where another language is missing, is open; the others unfold.
    """

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        names = list(self.get_form(request, obj, fields=None).base_fields)
        plain = [name for name in names if not self._language(name)]
        parts: list[tuple[Any, dict[str, Any]]] = [
            (None, {"fields": [*plain, *self.get_readonly_fields(request, obj)]})
        ]
        for code in AVAILABLE_LANGUAGES:
            title = str(get_language_info(code)["name_translated"]).capitalize()
            fields = [name for name in names if self._language(name) == code]
            classes = [] if code == DEFAULT_LANGUAGE else ["collapse"]
            if fields:
                parts.append((title, {"fields": fields, "classes": classes}))
        return parts

    def _language(self, name: str) -> str:
        columns = {field.name: field for field in self.model._meta.get_fields()}
        return find_language(columns.get(name))

    def formfield_for_dbfield(
        self, db_field: Any, request: Any, **kwargs: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        language = find_language(db_field)
        if field is not None and language:
            is_rtl = get_language_info(language)["bidi"]
            field.widget.attrs |= {"lang": language, "dir": "rtl" if is_rtl else "ltr"}
        return field


class CodesField(forms.CharField):
    """Several codes in one line, with commas between them; a list in the database."""

    default_help = _("Several: put commas between them.")

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", self.default_help)
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(one) for one in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return [one.strip() for one in str(text).replace(";", ",").split(",") if one.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))
