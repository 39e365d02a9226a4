"""What the values of a record must satisfy together, for the form and for imported files alike.

What one value must be stands on the models; here is what no single field can see.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from strategy.choices import RecordKind, Scope
from strategy.dates.periods import PartialDate
from strategy.dates.plausibility import explain_implausible

Values = Mapping[str, Any]
"""Field name -> value in Python; many-to-many values as a collection; absent means not known."""

Check = Callable[[Values], dict[str, str]]
"""The errors in some values: field name -> a sentence that says what to do."""

RESERVED_REFERENCES = frozenset({"new"})
"""Words that addresses of records already use."""

MAX_PEOPLE = 100_000
"""More people than anyone trains in one session: beyond it, a number was mistyped."""

TOO_LONG = gettext_lazy(
    "The text has %(show_value)s characters; at most %(limit_value)s are kept. Shorten it."
)
"""What is said of a text that its column does not hold, with the names of a validator's values."""

_REFERENCE = re.compile(r"\w(?:[\w .+-]*\w)?")


def validate_values(kind: RecordKind, values: Values, today: date) -> dict[str, str]:
    """Field name -> what is wrong with it and what to do; empty when the values fit together."""
    errors: dict[str, str] = {}
    for check in CHECKS[kind]:
        errors |= check(values)
    return errors | _find_implausible_dates(values, today)


def _find_implausible_dates(values: Values, today: date) -> dict[str, str]:
    dates = {name: value for name, value in values.items() if isinstance(value, PartialDate)}
    errors = {name: explain_implausible(day, today) for name, day in dates.items()}
    return {name: error for name, error in errors.items() if error}


def validate_reference(reference: str) -> str:
    """Why the text cannot be a reference: it stands in addresses. Empty when it can be one."""
    if reference.lower() in RESERVED_REFERENCES:
        return _("“%(text)s” cannot be a reference. Choose another.") % {"text": reference}
    if reference and not _REFERENCE.fullmatch(reference):
        return _(
            "Write the reference with letters, digits, spaces, dots and hyphens only, "
            "beginning and ending with a letter or a digit."
        )
    return ""


def _reference(values: Values) -> dict[str, str]:
    error = validate_reference(values.get("reference") or "")
    return {"reference": error} if error else {}


def _order(first: str, second: str) -> Check:
    """The second date is not surely before the first: `2018` may well follow `2018-03-30`."""

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


def _country_of_scope(values: Values) -> dict[str, str]:
    if values.get("scope") != Scope.COUNTRY or values.get("countries"):
        return {}
    return {"countries": _("Enter the country. If there is no single one, change the scope.")}


def _money(values: Values) -> dict[str, str]:
    amount, currency = values.get("amount"), values.get("currency") or ""
    if amount is not None and not currency:
        return {"currency": _("Enter the currency of the amount, such as CAD.")}
    return {}


def _no_debt(values: Values) -> dict[str, str]:
    amount = values.get("amount")
    if isinstance(amount, Decimal) and amount < 0:
        return {"amount": _("Enter an amount of 0 or more.")}
    return {}


def _people(values: Values) -> dict[str, str]:
    most = _("Enter the people of this one session, at most %(most)s.") % {"most": MAX_PEOPLE}
    columns = ("women", "men", "sex_not_recorded")
    return {name: most for name in columns if (values.get(name) or 0) > MAX_PEOPLE}


def _year(name: str) -> Check:
    """A year that spans two calendar years spans two that follow each other."""

    def check(values: Values) -> dict[str, str]:
        first, _dash, second = str(values.get(name) or "").partition("-")
        if not second or not (first + second).isdigit() or int(second) == int(first) + 1:
            return {}
        return {
            name: _("Enter two years that follow each other, such as %(years)s.")
            % {"years": f"{first}-{int(first) + 1}"}
        }

    return check


_SPAN = _order("starts_on", "ends_on")

CHECKS: Mapping[RecordKind, tuple[Check, ...]] = {
    RecordKind.PROJECT: (_reference, _SPAN, _money, _no_debt),
    RecordKind.INITIATIVE: (_reference, _SPAN, _country_of_scope),
    RecordKind.ACTIVITY: (_reference, _SPAN, _people),
    RecordKind.COUNTRY_SUPPORT: (_reference, _SPAN),
    RecordKind.DECISION: (_reference, _order("occurred_on", "reversed_on")),
    RecordKind.NETWORK: (_reference, _SPAN),
    RecordKind.EVENT: (_reference, _order("occurred_on", "ends_on")),
    RecordKind.SECTOR_STRENGTHENED: (_reference,),
    RecordKind.SPONSOR: (_reference, _money, _no_debt),
    RecordKind.ANNUAL_BUDGET: (_reference, _money, _year("year")),
    RecordKind.ACTION_REPORT: (_reference, _year("year_covered")),
    RecordKind.POLICY_UPDATE: (_reference,),
}
"""What is checked on the records of each kind; a test holds that no kind lacks its line."""
