"""Reference data: countries and their lists, offices, the codes that plans and records use."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest

from strategy.admin.base import CodesField, TranslatedAdmin
from strategy.models import (
    Capability,
    Country,
    CountryList,
    FieldOfActivity,
    Office,
    PolicyArea,
    Sector,
    TargetGroup,
)

# The groups are the roles, whose permissions come with the application: bootstrap loads them.
admin.site.unregister(Group)


class CodedAdmin(TranslatedAdmin):
    """A row that files, addresses and rules know by its code, which therefore never changes."""

    list_display: tuple[str, ...] = ("name", "code")
    search_fields = ("code", "name")
    save_as = False

    def get_readonly_fields(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> tuple[str, ...]:
        return ("code",) if obj else ()


@admin.register(Country)
class CountryAdmin(CodedAdmin):
    list_display = ("name", "code", "numeric")

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest | None, **kwargs: Any
    ) -> Any:
        if db_field.name == "aliases":
            return CodesField(required=False, label=db_field.verbose_name)
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(CountryList)
class CountryListAdmin(CodedAdmin):
    list_display = ("name", "code", "source", "valid_from", "is_confirmed")
    filter_horizontal = ("countries",)


@admin.register(Office)
class OfficeAdmin(CodedAdmin):
    list_display = ("name", "code", "country", "is_active")
    list_select_related = ("country",)


@admin.register(Capability, FieldOfActivity, PolicyArea, Sector, TargetGroup)
class NumberedWordAdmin(CodedAdmin):
    list_display = ("name", "code", "number")
