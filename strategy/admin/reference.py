"""Reference data: countries and their lists, offices, the codes that plans and records use."""

from typing import Any, TypeVar

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from strategy.admin.figure_changes import FigureAdmin
from strategy.models import (
    Capability,
    Country,
    CountryList,
    Feature,
    FieldOfActivity,
    Keyed,
    Office,
    PartnerType,
    PolicyArea,
    RestrictedContext,
    Sector,
    TargetGroup,
)
from strategy.workbench.fields import LinesField

K = TypeVar("K", bound=Keyed)


class CodedAdmin(FigureAdmin[K]):
    """A row whose code never changes: files, URLs and rules name it."""

    list_display: tuple[str, ...] = ("name", "code")
    search_fields = ("code", "name")
    save_as = False

    def get_readonly_fields(self, request: HttpRequest, obj: K | None = None) -> tuple[str, ...]:
        return ("code",) if obj else ()


@admin.register(Country)
class CountryAdmin(CodedAdmin[Country]):
    list_display = ("name", "code", "numeric")

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        if db_field.name == "aliases":
            return LinesField(required=False, label=db_field.verbose_name)
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(CountryList)
class CountryListAdmin(CodedAdmin[CountryList]):
    list_display = ("name", "code", "source", "valid_from", "is_confirmed")
    filter_horizontal = ("countries",)


@admin.register(RestrictedContext)
class RestrictedContextAdmin(FigureAdmin[RestrictedContext]):
    list_display = ("country", "starts_on", "ends_on")
    list_select_related = ("country",)


@admin.register(Office)
class OfficeAdmin(CodedAdmin[Office]):
    list_display = ("name", "code", "country", "is_active")
    list_select_related = ("country",)


@admin.register(
    *(Capability, Feature, FieldOfActivity, PartnerType, PolicyArea, Sector, TargetGroup)
)
class NumberedWordAdmin(CodedAdmin[Keyed]):
    list_display = ("name", "code", "number")
