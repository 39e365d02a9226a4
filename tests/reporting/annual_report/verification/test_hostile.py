"""Hostile files: verify_report answers with a sentence within bounded time."""

import json
import time
import tracemalloc
import zlib
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from reporting.annual_report.verification import extraction
from reporting.annual_report.verification.compare import Verification, verify
from reporting.annual_report.verification.extraction import (
    extract_figures,
    extract_files,
)
from reporting.models import AnnualReport
from tests.support.samples.documents.report_files import target, wrap

Run = Callable[[bytes], tuple[int, str]]

BOMB = zlib.compress(b" " * (extraction.MAX_STREAM_SIZE + 1))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("foreign", "said"),
    [
        (b"", "carries no figures"),
        (b"%PDF-1.7\n%%EOF\n", "carries no figures"),
        (b"not a PDF", "carries no figures"),
        (wrap(b'{"format":"something else"}'), "carries no figures"),
        (wrap(b'{"format":"ibcr-annual-report","plan":'), "damaged and cannot be read"),
        (wrap(b'{"format":"ibcr-annual-report"}'), "damaged or incomplete"),
        (wrap(b'{"x":"ibcr-annual-report"}'), "not those of an annual report"),
        (wrap(b'{"format":"ibcr-annual-report","a":' + b"[" * 200_000), "damaged and cannot"),
        (b"1 0 obj<</Type/EmbeddedFile/Length 999999999>>stream\n{", "carries no figures"),
        (b"/Type/EmbeddedFile" * 200_000, "carries no figures"),
        (b"1 0 obj<</Type/EmbeddedFile" * 100_000, "carries no figures"),
        (
            b"1 0 obj<</Type/EmbeddedFile/Filter/FlateDecode/Length %d>>stream\n%s\nendstream"
            % (len(BOMB), BOMB),
            "carries no figures",
        ),
    ],
)
def test_a_foreign_or_hostile_file_gets_a_sentence(foreign: bytes, said: str, run: Run) -> None:
    code, told = run(foreign)
    assert code == 1
    assert said in told
    assert "not proved. Do not rely on it" in told


def test_no_part_of_the_figures_can_break_it(report: AnnualReport, content: bytes) -> None:
    """Each value in turn is put out of place, by what no report holds."""
    nonsense: Any
    carried = extract_figures(content)
    for nonsense in (None, [], {}, -1, "9" * 30, "1e999999999", True, "\x00", 10**30):
        for path in _paths(carried):
            figures = deepcopy(carried)
            inner: Any = figures
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = nonsense
            found = verify(wrap(json.dumps(figures).encode()))
            assert not found.is_genuine


def _paths(figures: dict[str, Any]) -> list[list[Any]]:
    """The way to each part of the frame, of one target, and of one citation."""
    first = ["objectives", 0, "targets", 1]
    told = figures["objectives"][0]["targets"][1]
    yearly = ["objectives", 7, "targets", 0]
    assert told["cited"]
    return [
        *([key] for key in figures),
        *(["thresholds", key] for key in figures["thresholds"]),
        *([*first, key] for key in told),
        *([*first, "cited", 0, key] for key in told["cited"][0]),
        *([*first, "slices", 0, key] for key in told["slices"][0]),
        *([*yearly, "years", 0, key] for key in ("year", "value", "state")),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("odd", [b"\0", b"\n", b"\x1b[2K", "\u202e".encode(), b"\xff"])
def test_no_order_to_a_terminal_or_a_database_is_taken_for_a_name(odd: bytes, run: Run) -> None:
    names = b'"plan":"2017%s2020","year":"2018%s","version":1' % (odd, odd)
    code, told = run(wrap(b'{"format":"ibcr-annual-report",%s}' % names))
    assert code == 1
    assert all(line.isprintable() for line in told.splitlines())
    assert "It says of itself: version 1. The database has no such report." in told


@pytest.mark.parametrize("odd", ["\ud800", "\x1b[2K", "1\n2", "\x9b2K"])
def test_what_cannot_be_shown_is_not_taken_for_a_figure(
    odd: str, report: AnnualReport, content: bytes
) -> None:
    def damage(place: list[Any], key: str, value: Any) -> Verification:
        inner: Any = (figures := extract_figures(content))
        for step in place:
            inner = inner[step]
        inner[key] = value
        return verify(wrap(json.dumps(figures).encode()))

    first, yearly = ["objectives", 0, "targets", 1], ["objectives", 7, "targets", 0]
    assert damage(first, "code", odd).unreadable
    assert damage([*first, "slices", 0], "code", odd).unreadable
    assert damage([*yearly, "years", 0], "year", odd).unreadable
    found = damage([], odd, 1)
    assert len(found.others) == 3, "it, and the two tables that are not there"
    assert all(place.isprintable() for place in found.others)


def test_the_files_that_a_file_carries_are_compared_one_at_a_time(content: bytes) -> None:
    """As many as are read, each as large as may be, are more than a machine has to spare."""
    figures, *_tables = extract_files(content)
    size = 1024 * 1024
    others = [bytes([number]) * size for number in range(extraction.MAX_STREAMS - 1)]
    large = wrap(figures.replace(b'"version":1', b'"version": 1'), *others, compress=True)
    del others
    tracemalloc.start()
    found = verify(large)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.report
    assert len(found.others) == 2, "the tables are not among them"
    assert peak < 8 * size


def test_a_file_of_many_targets_years_and_records_is_checked_soon(content: bytes) -> None:
    figures = extract_figures(content)
    yearly = target(figures, "3.1-report")
    yearly["years"] = [
        {"year": str(year), "value": "0", "state": "met"} for year in range(1965, 2025)
    ]
    yearly["cited"] = [{"begins": "", "ends": "", "year": "2018", "codes": []}] * 100
    figures["objectives"] = [{"code": "3.1", "rating": "on_track", "targets": [yearly] * 501}]
    large = wrap(json.dumps(figures).encode())
    began = time.process_time()
    assert verify(large).differences
    assert time.process_time() - began < 5
