"""The figures as plain values for other programs: JSON, CSV and a table in the terminal.

The shape is fixed (product description, section 4); numbers are texts of exact decimals or None.
"""

from collections.abc import Iterator
from datetime import UTC
from decimal import Decimal
from typing import Any

from django.db.models import F

from reporting.figures.rollup import Rollup, TargetRow

CSV_COLUMNS = (
    "objective",
    "target",
    "unit",
    "value",
    "minimum",
    "maximum",
    "expected",
    "rating",
    "objective_rating",
    "calculated_rating",
    "override_by",
    "override_at",
    "override_reason",
)


def format_exact(number: Decimal | None) -> str | None:
    """An exact decimal without an exponent or trailing zeros: `25`, `12.49`; None stays None."""
    if number is None:
        return None
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text


def build_json(rollup: Rollup) -> dict[str, Any]:
    return {
        "plan": rollup.plan.code,
        "as_of": rollup.as_of.isoformat(),
        "elapsed": format_exact(rollup.elapsed),
        "objectives": [
            {
                "code": row.objective.code,
                "rating": row.rating.value,
                "targets": [_target(one) for one in row.targets],
            }
            for row in rollup.objectives
        ],
    }


def build_rows(rollup: Rollup) -> Iterator[dict[str, str]]:
    """One row a target with the columns of CSV_COLUMNS; what is not known is empty."""
    for row in rollup.objectives:
        for one in row.targets:
            yield {
                "objective": row.objective.code,
                "target": one.target.code,
                "unit": one.target.unit,
                "value": format_exact(one.value) or "",
                "minimum": format_exact(one.target.minimum) or "",
                "maximum": format_exact(one.target.maximum) or "",
                "expected": format_exact(one.expected) or "",
                "rating": one.rating.value,
                "objective_rating": row.rating.value,
                "calculated_rating": one.calculated.value,
                **_override_cells(one),
            }


def _override_cells(row: TargetRow) -> dict[str, str]:
    override = _override(row)
    return {f"override_{name}": override.get(name, "") for name in ("by", "at", "reason")}


def _override(row: TargetRow) -> dict[str, str]:
    """What an officer set the rating with; empty where the rule's stands."""
    if row.override is None:
        return {}
    at = row.override.at.astimezone(UTC).isoformat()
    return {"reason": row.override.reason, "by": row.override.by, "at": at}


def _target(row: TargetRow) -> dict[str, Any]:
    target, measurement = row.target, row.actual.measurement
    return {
        "code": target.code,
        "measure": target.measure,
        "unit": target.unit,
        "value": format_exact(measurement.value),
        "minimum": format_exact(target.minimum),
        "maximum": format_exact(target.maximum),
        "expected": format_exact(row.expected),
        "rating": row.rating.value,
        "rule": target.rule,
        "numerator": format_exact(measurement.numerator),
        "denominator": format_exact(measurement.denominator),
        "slices": [
            {
                "code": slice_.code,
                "label": slice_.label,
                "value": format_exact(slice_.value),
                "records": slice_.records,
            }
            for slice_ in measurement.slices
        ],
        "years": [
            {"year": one.year.label, "value": format_exact(one.value), "state": one.state.value}
            for one in row.years
        ],
        "records": list(
            row.actual.evidence.order_by("reference").values_list("reference", flat=True)
        ),
        "left_out": [
            {"reference": reference, "reason": reason}
            for reference, reason in row.actual.excluded.order_by("reference").values_list(
                "reference", F("reason")
            )
        ],
        **_if_overridden(row),
    }


def _if_overridden(row: TargetRow) -> dict[str, Any]:
    """What is there only where an officer set the rating: then ``rating`` is the officer's."""
    if row.override is None:
        return {}
    return {"calculated_rating": row.calculated.value, "override": _override(row)}
