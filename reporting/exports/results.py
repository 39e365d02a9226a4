"""The figures for other programs: JSON, CSV and a table in the terminal.

The product description, section 4, fixes the shape. Numbers are exact decimals as text, or None.
"""

from collections.abc import Iterator
from datetime import UTC
from decimal import Decimal

from django.db.models import F

from reporting.figures.measures import Slice
from reporting.figures.rollup import Rollup, TargetRow
from strategy.models import Target

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
    "numerator",
    "denominator",
)


def format_exact(number: Decimal | None) -> str | None:
    """Format without an exponent or trailing zeros: `25`, `12.49`; None stays None."""
    if number is None:
        return None
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text


def build_json(rollup: Rollup) -> dict[str, object]:
    return {
        "plan": rollup.plan.code,
        "as_of": rollup.as_of.isoformat(),
        "elapsed": format_exact(rollup.elapsed),
        "objectives": [
            {
                "code": objective.objective.code,
                "rating": objective.rating.value,
                "targets": [_build_target(row) for row in objective.targets],
            }
            for objective in rollup.objectives
        ],
    }


def build_rows(rollup: Rollup) -> Iterator[dict[str, str]]:
    """Yield one row per target with the columns of CSV_COLUMNS; an unknown value is empty."""
    for objective in rollup.objectives:
        for row in objective.targets:
            override, measured = _build_override(row), row.actual.measurement
            yield {
                "objective": objective.objective.code,
                "target": row.target.code,
                "unit": row.target.unit,
                "value": format_exact(row.value) or "",
                "minimum": format_exact(row.target.minimum) or "",
                "maximum": format_exact(row.target.maximum) or "",
                "expected": format_exact(row.expected) or "",
                "rating": row.rating.value,
                "objective_rating": objective.rating.value,
                "calculated_rating": row.calculated.value,
                **{f"override_{name}": override.get(name, "") for name in ("by", "at", "reason")},
                "numerator": format_exact(measured.numerator) or "",
                "denominator": format_exact(measured.denominator) or "",
            }


def _build_override(row: TargetRow) -> dict[str, str]:
    if row.override is None:
        return {}
    at = row.override.at.astimezone(UTC).isoformat()
    return {"reason": row.override.reason, "by": row.override.by, "at": at}


def _build_target(row: TargetRow) -> dict[str, object]:
    target, measurement = row.target, row.actual.measurement
    evidence = row.actual.evidence.order_by("reference")
    excluded = row.actual.excluded.order_by("reference")
    values: dict[str, object] = {
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
        "slices": [_build_slice(slice_) for slice_ in measurement.slices],
        "years": [
            {"year": year.year.label, "value": format_exact(year.value), "state": year.state.value}
            for year in row.years
        ],
        "records": list(evidence.values_list("reference", flat=True)),
        "left_out": [
            {"reference": reference, "reason": reason}
            for reference, reason in excluded.values_list("reference", F("reason"))
        ],
        "baseline": _build_baseline(target),
    }
    if target.numerator_conditions:
        in_numerator = row.actual.numerator_evidence.order_by("reference")
        values["numerator_records"] = list(in_numerator.values_list("reference", flat=True))
    if target.is_judged:
        step = None if row.value is None else target.find_step(row.value)
        values["step"] = step and {"code": step.code, "name": step.name}
    if row.override:
        values |= {"calculated_rating": row.calculated.value, "override": _build_override(row)}
    return values


def _build_baseline(target: Target) -> dict[str, str | None]:
    """Return the value with its day; the words are its source, or the reason for none."""
    on = target.baseline_on
    return {
        "value": format_exact(target.baseline_value),
        "on": on.isoformat() if on else None,
        "words": target.indicator.baseline,
    }


def _build_slice(slice_: Slice) -> dict[str, object]:
    return {
        "code": slice_.code,
        "label": slice_.label,
        "value": format_exact(slice_.value),
        "records": slice_.records,
    }
