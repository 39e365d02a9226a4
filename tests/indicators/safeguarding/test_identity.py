"""Phrases that identify a child, and harmless ones that resemble them; false alarms on real texts.

The phrases are in ``identity.csv``. The real texts are those of the public sample records, or of
the CSV file that PUBLIC_RECORDS names.
"""

import csv
import os
from collections import Counter
from pathlib import Path

import pytest

from indicators.safeguarding.detection import find_identifiers
from tests.support.recount import RECORDS

FEWEST_PHRASES = 20
MOST_ALARMS = 1 / 200


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PHRASES = _read(Path(__file__).with_name("identity.csv"))


@pytest.mark.parametrize(("text", "expected"), [(row["text"], row["expected"]) for row in PHRASES])
def test_a_phrase_is_asked_about_or_let_through(text: str, expected: str) -> None:
    assert expected in ("refuse", "accept")
    found = [finding.phrase for finding in find_identifiers(text)]
    assert bool(found) == (expected == "refuse"), found


def test_each_language_has_phrases_of_its_own() -> None:
    counts = Counter(row["language"] for row in PHRASES if row["expected"] == "refuse")
    assert counts.keys() == {"en", "fr", "es", "ar"}
    assert min(counts.values()) >= FEWEST_PHRASES


def test_real_texts_raise_few_false_alarms() -> None:
    given = os.environ.get("PUBLIC_RECORDS")
    paths = [Path(given)] if given else list(RECORDS.glob("*.csv"))
    texts = [
        text
        for path in paths
        for row in _read(path)
        for column, text in row.items()
        if text and not column.endswith(("_url", "_sources"))
    ]
    alarms = [text for text in texts if find_identifiers(text)]
    assert len(texts) > 1000
    assert len(alarms) <= len(texts) * MOST_ALARMS, alarms
