"""The field of a partial date, and its comparisons with a day.

Its text sorts as dates do, except that `2018` and `2018-03` sort before their days; the look-ups
correct that, so one index is enough.
"""

import calendar
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import Lookup
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import gettext_lazy as _

from strategy.dates.periods import PartialDate

Sql = tuple[str, tuple[str | int, ...]]
"""A condition with its parameters."""


class PartialDateField(models.CharField[PartialDate | str | None, PartialDate | None]):
    """`2018`, `2018-03` or `2018-03-30`, stored and displayed as entered. Empty is NULL."""

    description = _("Date as far as it is known")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 10)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, *args: Any) -> PartialDate | None:
        return PartialDate(value) if value else None

    def to_python(self, value: object) -> PartialDate | None:
        if value is None or isinstance(value, PartialDate):
            return value
        if isinstance(value, date):
            return PartialDate(value.isoformat())
        if not str(value).strip():
            return None
        try:
            return PartialDate.parse(str(value))
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from None

    def get_prep_value(self, value: object) -> str | None:
        partial_date = self.to_python(value)
        return partial_date.text if partial_date else None

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return str(value) if value else ""

    def run_validators(self, value: object) -> None:
        """Accept the value: what ``to_python`` accepts is never too long."""


class _DayLookup(Lookup[date]):
    """A comparison of a partial date with a day."""

    def get_prep_lookup(self) -> date:
        day = self.rhs
        if not isinstance(day, date):
            raise TypeError(f"{self.lookup_name} compares with a date, not {day!r}")
        return day

    def sides(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...], date]:
        sql, params = self.process_lhs(compiler, connection)
        return sql, tuple(params), self.rhs


@PartialDateField.register_lookup
class CertainlyBy(_DayLookup):
    """A look-up: the last possible day is not after the day."""

    lookup_name = "surely_by"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        sql, params, day = self.sides(compiler, connection)
        unsure = []
        if (day.month, day.day) != (12, 31):
            unsure.append(f"{day:%Y}")
        if day.day != calendar.monthrange(day.year, day.month)[1]:
            unsure.append(f"{day:%Y-%m}")
        if not unsure:
            return f"{sql} <= %s", (*params, day.isoformat())
        marks = ", ".join(["%s"] * len(unsure))
        return (
            f"({sql} <= %s AND {sql} NOT IN ({marks}))",
            (*params, day.isoformat(), *params, *unsure),
        )


@PartialDateField.register_lookup
class PossiblyFrom(_DayLookup):
    """A look-up: the last possible day is not before the day."""

    lookup_name = "maybe_from"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        sql, params, day = self.sides(compiler, connection)
        return (
            f"({sql} >= %s OR {sql} IN (%s, %s))",
            (*params, day.isoformat(), *params, f"{day:%Y}", f"{day:%Y-%m}"),
        )


@PartialDateField.register_lookup
class CertainlyFrom(_DayLookup):
    """A look-up: the first possible day is not before the day."""

    lookup_name = "surely_from"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        sql, params, day = self.sides(compiler, connection)
        also = []
        if (day.month, day.day) == (1, 1):
            also.append(f"{day:%Y}")
        if day.day == 1:
            also.append(f"{day:%Y-%m}")
        if not also:
            return f"{sql} >= %s", (*params, day.isoformat())
        marks = ", ".join(["%s"] * len(also))
        return (
            f"({sql} >= %s OR {sql} IN ({marks}))",
            (*params, day.isoformat(), *params, *also),
        )
