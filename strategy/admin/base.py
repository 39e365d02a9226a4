"""The base of all admin classes: one fieldset per language, and 404 for a missing row."""

from typing import Any, TypeVar

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models.options import Options
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language_info
from modeltranslation.admin import TranslationAdmin
from modeltranslation.fields import TranslationField
from modeltranslation.settings import AVAILABLE_LANGUAGES, DEFAULT_LANGUAGE

from strategy.admin.concurrent_edits import ConcurrentEditAdmin

M = TypeVar("M", bound=models.Model)


LOOKUPS = frozenset({"exact", "id", "in", "isnull", "gte", "lt", "year", "month", "day"})
"""What may follow the name of a declared filter in a query string."""


class StrictAdmin(admin.ModelAdmin[M]):
    """Answers 404 for a row that the user may not see, and 400 for a filter not declared.

    Django also looks up every column of the model itself, ``?password__startswith=`` for one.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        declared = {self.date_hierarchy, *map(_get_filter_name, self.list_filter or ())}
        parts = lookup.split("__")
        return any(
            "__".join(parts[:number]) in declared and LOOKUPS.issuperset(parts[number:])
            for number in range(1, len(parts) + 1)
        )

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Options[M], object_id: str
    ) -> HttpResponse:
        raise Http404


def _get_filter_name(declared: object) -> str:
    """Return the field of an entry of ``list_filter``, or the parameter of a filter's class."""
    if isinstance(declared, type) and issubclass(declared, admin.SimpleListFilter):
        return str(declared.parameter_name)
    return str(declared[0] if isinstance(declared, tuple) else declared)


def find_language(field: object) -> str:
    """Return the language of a translated column; empty for any other column."""
    return field.language if isinstance(field, TranslationField) else ""


class TranslatedAdmin(ConcurrentEditAdmin[M], TranslationAdmin[M], StrictAdmin[M]):
    """A form with the untranslated fields first, then one fieldset per language.

    English, the fallback of the other languages, is open; the others are collapsed.
    """

    def get_fieldsets(self, request: HttpRequest, obj: M | None = None) -> Any:
        names = list(self.get_form(request, obj, fields=None).base_fields)
        plain = [name for name in names if not self._language(name)]
        fieldsets: list[tuple[str | None, dict[str, list[str]]]] = [
            (None, {"fields": [*plain, *self.get_readonly_fields(request, obj)]})
        ]
        for code in AVAILABLE_LANGUAGES:
            title = str(get_language_info(code)["name_translated"]).capitalize()
            fields = [name for name in names if self._language(name) == code]
            classes = [] if code == DEFAULT_LANGUAGE else ["collapse"]
            if fields:
                fieldsets.append((title, {"fields": fields, "classes": classes}))
        return fieldsets

    def _language(self, name: str) -> str:
        columns = {field.name: field for field in self.model._meta.get_fields()}
        return find_language(columns.get(name))

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        language = find_language(db_field)
        if field is not None and language:
            is_rtl = get_language_info(language)["bidi"]
            field.widget.attrs |= {"lang": language, "dir": "rtl" if is_rtl else "ltr"}
        return field
