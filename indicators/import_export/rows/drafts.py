"""A record as a row of a file wants it, between the check of the row and its writing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from indicators.import_export.rows.results import FieldDiff
from indicators.models import Record
from indicators.workflow.history import EvidenceChange

NO_CHANGE = EvidenceChange()


@dataclass(slots=True)
class RowDraft:
    """A record as a row of a file wants it, not yet saved.

    ``many`` holds the columns of several values that change, ``links`` the addresses of the
    evidence where those change, ``evidence`` what that adds and removes; ``seen_version`` is the
    version that the row was compared with, None for a new record.
    """

    record: Record
    seen_version: int | None
    was_approved: bool
    values: dict[str, Any] = field(default_factory=dict)
    changes: list[FieldDiff] = field(default_factory=list)
    many: dict[str, tuple[int, ...]] = field(default_factory=dict)
    links: tuple[str, ...] | None = None
    evidence: EvidenceChange = NO_CHANGE

    @property
    def is_new(self) -> bool:
        return self.seen_version is None


class ApprovalCandidate(NamedTuple):
    """As much of a record with evidence as its approval asks for.

    ``place`` counts the new records of the file, which have no key yet.
    """

    key: int | None
    place: int
    version: int
    status: str
    office_id: int
    entered_by_id: int
    changed_by_id: int

    @classmethod
    def of(cls, record: Record, place: int) -> "ApprovalCandidate":
        life = (record.version, record.status, record.office_id)
        return cls(record.pk, place, *life, record.entered_by_id, record.changed_by_id)

    def record_of(self, model: type[Record], keys: Sequence[int]) -> Record:
        """The record, as far as it is known here; ``keys`` are those of the new records."""
        key = self.key
        if key is None and keys:
            key = keys[self.place]
        record = model(version=self.version, status=self.status, office_id=self.office_id)
        record.pk = key
        record.entered_by_id, record.changed_by_id = self.entered_by_id, self.changed_by_id
        return record
