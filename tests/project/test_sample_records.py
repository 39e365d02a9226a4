"""The sample files are consistent, and the recount of them equals the stored expectations."""

import json
from datetime import date
from pathlib import Path

import pytest

from tests.support.recount import (
    MEASURES,
    RECORDS,
    YEAR_ENDS,
    drafts,
    figure,
    rows_of,
    values,
    year_figure,
)

EXPECTED = json.loads((Path(__file__).parents[1] / "sample_expectations.json").read_text("utf-8"))
KINDS = sorted(path.stem for path in RECORDS.glob("*.csv") if path.stem != "drafts")


@pytest.mark.parametrize("as_of", YEAR_ENDS, ids=date.isoformat)
@pytest.mark.parametrize("target", sorted(MEASURES))
def test_the_plain_reading_gives_the_figures_that_are_kept(target: str, as_of: date) -> None:
    kept = EXPECTED[target][as_of.isoformat()]
    read = figure(target, as_of)
    assert (kept["value"], kept["records"]) == (
        None if read.value is None else str(read.value),
        list(read.records),
    )
    for year, value in kept["years"].items():
        read = year_figure(target, int(year), as_of)
        assert value == (None if read.value is None else str(read.value)), year


@pytest.mark.parametrize("kind", KINDS)
def test_every_sample_has_a_reference_of_its_own_and_a_link_as_evidence(kind: str) -> None:
    rows = rows_of(kind)
    assert len({row["reference"] for row in rows}) == len(rows)
    for row in rows:
        assert len(row["reference"]) <= 40
        assert all(link.startswith("http") for link in values(row["evidence_url"]))
        assert values(row["evidence_url"])
        assert row["notes"].startswith("Public record ")


def test_a_record_that_stays_a_draft_is_in_its_file() -> None:
    there = {(kind, row["reference"]) for kind in KINDS for row in rows_of(kind)}
    assert drafts() <= there


def test_no_sample_of_low_confidence_is_approved() -> None:
    low = {
        (kind, row["reference"])
        for kind in KINDS
        for row in rows_of(kind)
        if "confidence low" in row["notes"]
    }
    assert low
    assert low <= drafts()
