"""Records to save from the rows of a file."""

from dataclasses import dataclass, field
from typing import Any

from indicators.import_export.rows.results import FieldDiff
from indicators.models import Record
from indicators.workflow.history import NO_EVIDENCE_CHANGE, EvidenceChange


@dataclass(slots=True)
class RowDraft:
    """A record with the values of a row of a file, not yet saved.

    ``seen_version`` is the version that the row was compared with, None for a new record.
    ``values`` has the changed values by column, ``many`` those of many-to-many columns.
    """

    number: int
    record: Record
    seen_version: int | None
    was_approved: bool
    values: dict[str, Any] = field(default_factory=dict)
    changes: list[FieldDiff] = field(default_factory=list)
    many: dict[str, tuple[int, ...]] = field(default_factory=dict)
    evidence: EvidenceChange = NO_EVIDENCE_CHANGE
    has_evidence: bool = False

    @property
    def is_new(self) -> bool:
        return self.seen_version is None

    @property
    def has_changes(self) -> bool:
        return self.is_new or bool(self.changes)
