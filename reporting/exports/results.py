"""The figures as plain values for other programs: JSON, CSV and a table in the terminal.

The shape is fixed (product description, section 4); numbers are texts of exact decimals or None.
"""

from collections.abc import Iterator
from datetime import UTC
from decimal import Decimal
from typing import Any

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


def build_json(rolled: Rollup) -> dict[str, Any]:
    return {
        "plan": rolled.plan.code,
        "as_of": rolled.as_of.isoformat(),
        "elapsed": format_exact(rolled.elapsed),
        "objectives": [
            {
                "code": line.objective.code,
                "rating": line.rating.value,
                "targets": [_target(one) for one in line.targets],
            }
            for line in rolled.objectives
        ],
    }


def build_rows(rolled: Rollup) -> Iterator[dict[str, str]]:
    """One row a target with the columns of CSV_COLUMNS; what is not known is empty."""
    for line in rolled.objectives:
        for one in line.targets:
            yield {
                "objective": line.objective.code,
                "target": one.target.code,
                "unit": one.target.unit,
                "value": format_exact(one.value) or "",
                "minimum": format_exact(one.target.minimum) or "",
                "maximum": format_exact(one.target.maximum) or "",
                "expected": format_exact(one.expected) or "",
                "rating": one.rating.value,
                "objective_rating": line.rating.value,
                "calculated_rating": one.calculated.value,
                **_override_cells(one),
            }


def _override_cells(line: TargetRow) -> dict[str, str]:
    override = _override(line)
    return {f"override_{name}": override.get(name, "") for name in ("by", "at", "reason")}


def _override(line: TargetRow) -> dict[str, str]:
    """What an officer set the rating with; empty where the rule's stands."""
    if line.override is None:
        return {}
    at = line.override.at.astimezone(UTC).isoformat()
    return {"reason": line.override.reason, "by": line.override.by, "at": at}


def _target(line: TargetRow) -> dict[str, Any]:
    target, reading = line.target, line.actual.reading
    return {
        "code": target.code,
        "measure": target.measure,
        "unit": target.unit,
        "value": format_exact(reading.value),
        "minimum": format_exact(target.minimum),
        "maximum": format_exact(target.maximum),
        "expected": format_exact(line.expected),
        "rating": line.rating.value,
        "rule": target.rule,
        "numerator": format_exact(reading.numerator),
        "denominator": format_exact(reading.denominator),
        "slices": [
            {
                "code": piece.code,
                "label": piece.label,
                "value": format_exact(piece.value),
                "records": piece.records,
            }
            for piece in reading.slices
        ],
        "years": [
            {"year": one.year.label, "value": format_exact(one.value), "state": one.state.value}
            for one in line.years
        ],
        "records": list(
            line.actual.evidence.order_by("reference").values_list("reference", flat=True)
        ),
        "left_out": [
            {"reference": reference, "reason": reason}
            for reference, reason in line.actual.left_out.order_by("reference").values_list(
                "reference", "reason"
            )
        ],
        **_if_overridden(line),
    }


def _if_overridden(line: TargetRow) -> dict[str, Any]:
    """What is there only where an officer set the rating: then ``rating`` is the officer's."""
    if line.override is None:
        return {}
    return {"calculated_rating": line.calculated.value, "override": _override(line)}
