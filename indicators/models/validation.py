"""Rules between the values of a record, for forms and files; models validate each value."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators.models.kinds.programming import Project
from indicators.models.reading.confidentiality import is_pseudonym
from indicators.models.record import Record, find_source_column
from strategy.choices import EvaluationLevel, LessonState, RecordKind, Scope
from strategy.dates.periods import PartialDate
from strategy.dates.plausibility import explain_implausible

Values = Mapping[str, Any]
"""Field name -> value in Python; many-to-many values as a collection; unknown ones are absent."""

Check = Callable[[Values], dict[str, str]]
"""Returns the errors in values: field name -> what to correct."""

RESERVED_REFERENCES = frozenset({"new"})
"""Words that URLs of records use already."""

MAX_PEOPLE = 100_000
"""In one session; a higher number was mistyped."""

MAX_TEXT_LENGTH = 50_000
"""Of a long text: more than a workbook's cell holds, and quick to search."""

TOO_LONG = gettext_lazy(
    "The text has %(show_value)s characters; at most %(limit_value)s are kept. Shorten it."
)
"""The error of a text longer than its column, with the values of Django's validator."""

_REFERENCE = re.compile(r"\w(?:[\w .+-]*\w)?")


def validate_values(kind: RecordKind, values: Values, today: date) -> dict[str, str]:
    """Return the errors of the values; empty if they fit together."""
    errors: dict[str, str] = {}
    for check in CHECKS[kind]:
        errors |= check(values)
    return errors | _find_implausible_dates(values, today)


def _find_implausible_dates(values: Values, today: date) -> dict[str, str]:
    dates = {name: value for name, value in values.items() if isinstance(value, PartialDate)}
    errors = {name: explain_implausible(day, today) for name, day in dates.items()}
    return {name: error for name, error in errors.items() if error}


def find_same_record(record: Record) -> tuple[str, Record] | None:
    """Return another record with a value that only one may have, and the column; None if none.

    References and names are equal in all capitals, accents and spaces.
    """
    model = type(record)
    others = model.all_objects.exclude(pk=record.pk)
    taken = others.with_same_reference(record.reference).first() if record.reference else None
    if taken is not None:
        return "reference", taken
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            values = {name: getattr(record, name) for name in constraint.fields}
            other = others.filter(constraint.condition or models.Q(), **values).first()
            if other is not None:
                return find_source_column(model, constraint.fields[0]), other
    return None


def validate_reference(reference: str) -> str:
    """Return why the text cannot be a reference, which is part of URLs; empty if it can."""
    if reference.lower() in RESERVED_REFERENCES or is_pseudonym(reference.lower()):
        return _("“%(text)s” cannot be a reference. Choose another.") % {"text": reference}
    if reference and not _REFERENCE.fullmatch(reference):
        return _(
            "Write the reference with letters, digits, spaces, dots and hyphens only, "
            "beginning and ending with a letter or a digit."
        )
    return ""


def _check_reference(values: Values) -> dict[str, str]:
    error = validate_reference(values.get("reference") or "")
    return {"reference": error} if error else {}


def _check_order(first: str, second: str) -> Check:
    """Check that the second date may follow the first: `2018` may follow `2018-03-30`."""

    def check(values: Values) -> dict[str, str]:
        start, end = values.get(first), values.get(second)
        if not isinstance(start, PartialDate) or not isinstance(end, PartialDate):
            return {}
        if end.last >= start.first:
            return {}
        return {
            second: _("Enter a date that is not before %(start)s, or correct that one.")
            % {"start": start}
        }

    return check


def _check_country(values: Values) -> dict[str, str]:
    if values.get("scope") != Scope.COUNTRY or values.get("countries"):
        return {}
    return {"countries": _("Enter the country. If there is no single one, change the scope.")}


def _check_currency(values: Values) -> dict[str, str]:
    amount, currency = values.get("amount"), values.get("currency") or ""
    if amount is not None and not currency:
        return {"currency": _("Enter the currency of the amount, such as CAD.")}
    return {}


def _check_amount(values: Values) -> dict[str, str]:
    amount = values.get("amount")
    if isinstance(amount, Decimal) and amount < 0:
        return {"amount": _("Enter an amount of 0 or more.")}
    return {}


def _check_people_basis(values: Values) -> dict[str, str]:
    has_people = any(values.get(name) is not None for name in ("direct_people", "indirect_people"))
    if has_people and not values.get("people_basis"):
        return {"people_basis": _("Choose whether these people were counted or estimated.")}
    return {}


def _check_people(values: Values) -> dict[str, str]:
    most = _("Enter the people of this one session, at most %(most)s.") % {"most": MAX_PEOPLE}
    columns = ("women", "men", "sex_not_recorded", "girls", "boys", "children_sex_not_recorded")
    return {name: most for name in columns if (values.get(name) or 0) > MAX_PEOPLE}


def _check_year(name: str) -> Check:
    """Check that a label of two years names years that follow each other."""

    def check(values: Values) -> dict[str, str]:
        first, _dash, second = str(values.get(name) or "").partition("-")
        if not second or not (first + second).isdigit() or int(second) == int(first) + 1:
            return {}
        return {
            name: _("Enter two years that follow each other, such as %(years)s.")
            % {"years": f"{first}-{int(first) + 1}"}
        }

    return check


def _check_ex_post(values: Values) -> dict[str, str]:
    """Check that the project of an ex-post evaluation ended before it."""
    project = values.get("project")
    if values.get("level") != EvaluationLevel.EX_POST or project is None:
        return {}
    # A file names the project by its key.
    if not isinstance(project, Project):
        project = Project.all_objects.get(pk=project)
    completed, end = values.get("completed_on"), project.ends_on
    if end is not None and (completed is None or end.first <= completed.last):
        return {}
    if not project.reference:
        # The user may not know of it, so nothing of it is said or asked.
        return {}
    return {
        "level": _(
            "An ex-post evaluation is of a project that has ended. Enter the end date of "
            "%(project)s first, or choose another level."
        )
        % {"project": project.reference}
    }


def _check_application(values: Values) -> dict[str, str]:
    """Check that a lesson says where it was applied, if and only if it was."""
    is_applied, applied_in = values.get("state") == LessonState.APPLIED, values.get("applied_in")
    if is_applied and not applied_in:
        return {"applied_in": _("Enter the reference of the record or policy that applies it.")}
    if applied_in and not is_applied:
        return {"state": _("Choose “Applied”, or take away the references under “Applied in”.")}
    return {}


def _check_finding(values: Values) -> dict[str, str]:
    """Check that an assessment has one of a step, a value, and a numerator of a denominator."""
    part, whole = values.get("numerator"), values.get("denominator")
    findings = [values.get("step"), values.get("value"), part if part is not None else whole]
    number = sum(finding is not None for finding in findings)
    if number == 0:
        return {"step": _("Choose a step, or enter a value, or a numerator with its denominator.")}
    if number > 1:
        return {"step": _("Give one only: a step, a value, or a numerator with its denominator.")}
    return {} if part is None and whole is None else _check_fraction(part, whole)


def _check_fraction(part: int | None, whole: int | None) -> dict[str, str]:
    if not whole:
        return {"denominator": _("Enter the denominator: all who were asked.")}
    if part is None:
        return {"numerator": _("Enter the numerator: those who answered so.")}
    if part > whole:
        return {"numerator": _("Enter a numerator that is not above the denominator.")}
    return {}


_SPAN = _check_order("starts_on", "ends_on")

CHECKS: Mapping[RecordKind, tuple[Check, ...]] = {
    RecordKind.PROJECT: (
        *(_check_reference, _SPAN, _check_currency, _check_amount, _check_people_basis),
    ),
    RecordKind.INITIATIVE: (_check_reference, _SPAN, _check_country),
    RecordKind.ACTIVITY: (_check_reference, _SPAN, _check_people),
    RecordKind.COUNTRY_SUPPORT: (_check_reference, _SPAN),
    RecordKind.DECISION: (_check_reference, _check_order("occurred_on", "reversed_on")),
    RecordKind.NETWORK: (_check_reference, _SPAN),
    RecordKind.EVENT: (_check_reference, _check_order("occurred_on", "ends_on")),
    RecordKind.SECTOR_STRENGTHENED: (_check_reference,),
    RecordKind.SPONSOR: (_check_reference, _check_currency, _check_amount),
    RecordKind.ANNUAL_BUDGET: (_check_reference, _check_currency, _check_year("year")),
    RecordKind.ACTION_REPORT: (_check_reference, _check_year("year_covered")),
    RecordKind.POLICY_UPDATE: (_check_reference,),
    RecordKind.EVALUATION: (_check_reference, _check_ex_post),
    RecordKind.RECOMMENDATION: (_check_reference,),
    RecordKind.LESSON: (_check_reference, _check_year("year"), _check_application),
    RecordKind.PARTNER: (_check_reference, _SPAN),
    RecordKind.ADVOCACY_STRATEGY: (_check_reference, _SPAN, _check_currency, _check_amount),
    RecordKind.TEAM_YEAR: (_check_reference, _check_year("year")),
    RecordKind.ASSESSMENT: (_check_reference, _check_finding),
}
"""The checks of each kind of record."""
