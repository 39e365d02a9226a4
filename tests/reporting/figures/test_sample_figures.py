"""The figures of the sample files equal those of an independent reading."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db.models import ForeignKey, ManyToManyField

from indicators.models import Status
from reporting.exports.results import build_json
from reporting.figures.rollup import build_rollup
from strategy.choices import RecordKind
from strategy.models import Plan, Target, User
from tests.factories import MODELS, make_record
from tests.support.recount import YEAR_ENDS, Row, drafts, rows_of, values

EXPECTED = json.loads((Path(__file__).parents[2] / "sample_expectations.json").read_text("utf-8"))


def cell_value(kind: RecordKind, column: str, cell: str) -> Any:
    """Return the value of a cell for the model: a list, a code, None or the text."""
    field = MODELS[kind]._meta.get_field(column)
    if isinstance(field, ManyToManyField):
        return values(cell)
    if isinstance(field, ForeignKey) or getattr(field, "null", False):
        return cell or None
    return cell


def load(kind: RecordKind, row: Row, person: User, *, is_draft: bool) -> None:
    columns = ("reference", *MODELS[kind].COLUMNS)
    make_record(
        kind,
        status=Status.DRAFT if is_draft else Status.APPROVED,
        evidence=values(row["evidence_url"]),
        entered_by=person,
        **{column: cell_value(kind, column, row[column]) for column in columns if column in row},
    )


@pytest.fixture
def samples(plan: Plan, staff: User) -> Plan:
    left = drafts()
    for kind in RecordKind:
        for row in rows_of(kind):
            load(kind, row, staff, is_draft=(kind, row["reference"]) in left)
    return plan


def targets(plan: Plan, as_of: date) -> Iterator[dict[str, Any]]:
    for objective in build_json(build_rollup(plan, as_of))["objectives"]:
        yield from objective["targets"]


def test_product_and_plain_reading_agree(samples: Plan) -> None:
    for as_of in YEAR_ENDS:
        for target in targets(samples, as_of):
            kept = EXPECTED[target["code"]][as_of.isoformat()]
            given = {"value": target["value"], "records": target["records"]}
            assert given == {key: kept[key] for key in given}, (target["code"], as_of)
            for year in target["years"]:
                if year["year"] in kept["years"]:
                    assert year["value"] == kept["years"][year["year"]], (target["code"], year)


def test_a_record_counts_or_is_left_out_and_never_both(samples: Plan) -> None:
    kinds = dict(Target.objects.of_plan(samples).values_list("code", "record_kind"))
    for target in targets(samples, YEAR_ENDS[-1]):
        counted = set(target["records"])
        left = {row["reference"] for row in target["left_out"]}
        assert not counted & left
        assert counted | left == {row["reference"] for row in rows_of(kinds[target["code"]])}
