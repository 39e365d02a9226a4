"""The sample records of the demonstration: public facts, entered by one, approved by another."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from indicators.import_export.importer import validate_file
from indicators.import_export.rows.results import RowStatus
from strategy.choices import RecordKind
from strategy.models import User

DRAFTS = "drafts.csv"
"""Which sample records stay drafts, with the reason: kind, reference, reason."""


class SampleFault(ValueError):
    """A sample file that cannot be loaded; its text names the file, the row and what is wrong."""


@dataclass(frozen=True)
class LoadedKind:
    """How many records of a kind came in, and how many of them were approved."""

    kind: RecordKind
    new: int
    approved: int


def load_sample_records(
    folder: Path, *, by: User, approver: User, at: datetime
) -> list[LoadedKind]:
    """Bring in the sample records that are not there yet, all or nothing.

    What is there stays as people left it. Raises SampleFault where a file has errors.
    """
    drafts = _drafts(folder / DRAFTS)
    with transaction.atomic():
        return [
            _load(path, kind, drafts.get(kind, frozenset()), (by, approver), at)
            for kind in RecordKind
            if (path := folder / f"{kind}.csv").exists()
        ]


def _drafts(path: Path) -> Mapping[str, frozenset[str]]:
    """Kind -> references of the records that stay drafts."""
    found: dict[str, set[str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["kind"], set()).add(row["reference"])
    return {kind: frozenset(references) for kind, references in found.items()}


def _load(
    path: Path, kind: RecordKind, drafts: frozenset[str], people: tuple[User, User], at: datetime
) -> LoadedKind:
    by, approver = people
    content = path.read_bytes()
    checked = validate_file(kind, content, by=by, at=at, is_only_new=True, stay_drafts=drafts)
    if not checked.outcome.is_good:
        problems = "; ".join(str(problem) for problem in checked.outcome.problems)
        raise SampleFault(f"{path.name}: {problems}")
    approved = checked.write(approver)
    return LoadedKind(kind, checked.outcome.counts[RowStatus.NEW], approved)
