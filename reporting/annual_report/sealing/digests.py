"""Digests of an issued report's rows, in a fixed order and with names that survive a restore."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db.models import Model

from reporting.models import ReportRows

RowName = tuple[str, ...]
"""The table's word, then the codes that name the row: `citation`, target, kind, reference."""
RowDigests = Mapping[RowName, str]

_PARENTS = {
    "ReportedPriority": "report",
    "ReportedObjective": "priority",
    "ReportedActual": "objective",
    "ReportedEvidence": "actual",
}
"""The link to the parent row. The row's name has the parent's code instead of its number."""

LATER_COLUMNS = {
    "AnnualReport": frozenset({"code_digest", "money", "people_reached", "learning"}),
    "ReportedPriority": frozenset({"story"}),
    "ReportedActual": frozenset(
        {"versions", "numbers", "baseline_value", "baseline_on", "judgement"}
    ),
    "ReportedEvidence": frozenset({"numerator", "denominator"}),
}
"""Columns added after reports were sealed: nullable, and no part of a row while they are None.

So reports sealed before they existed verify as before, and a value that is set or removed later is
found: the row then has another digest.
"""


def build_canonical(value: object) -> bytes:
    """Return JSON that is the same for equal values of SQLite and PostgreSQL."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=_format_value)
    return text.encode("ascii")


def build_digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def build_row_digests(rows: ReportRows) -> RowDigests:
    """Return the SHA-256 of each row by its name; the report's own row has a name per column."""
    return {name: build_digest(build_canonical(value)) for name, value in _list_rows(rows)}


def format_digests(digests: RowDigests) -> list[list[str]]:
    """Return the form that a seal stores: per row its digest, then its name."""
    return [[digest, *name] for name, digest in digests.items()]


def parse_digests(packed: Sequence[Sequence[str]]) -> RowDigests:
    return {tuple(name): digest for digest, *name in packed}


def _list_rows(rows: ReportRows) -> Iterator[tuple[RowName, object]]:
    for name, value in _read_columns(rows.report).items():
        yield ("report", name), value
    for priority in rows.priorities:
        yield ("priority", str(priority.number)), _read_columns(priority)
    for objective in rows.objectives:
        path = [objective.priority.number, _read_columns(objective)]
        yield ("objective", objective.code), path
    for actual, citations in zip(rows.actuals, rows.evidence, strict=True):
        yield ("target", actual.code), [actual.objective.code, _read_columns(actual)]
        for citation in citations:
            key = ("citation", actual.code, citation.record_kind, citation.reference)
            yield key, _read_columns(citation)


def _read_columns(row: Model) -> dict[str, object]:
    table = type(row).__name__
    parent, later = _PARENTS.get(table), LATER_COLUMNS.get(table, frozenset())
    values = {
        field.attname: field.value_from_object(row)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name != parent
    }
    return {name: value for name, value in values.items() if value is not None or name not in later}


def _format_value(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")
