"""Drafts made ready to be written: rows for the database, kept outside of memory until all are.

Whatever can be computed is computed here, before the transaction that writes them opens, so that
others wait for the writing alone.
"""

import pickle
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from indicators.import_export.rows.drafts import RowDraft
from indicators.import_export.rows.widgets import ChoicesWidget, Widget
from indicators.models import Record

_AS_THEY_ARE = (str, int, NoneType)
"""What the database takes as it stands, whatever field of a record it is the value of."""

IN_MEMORY = 8 * 1024**2
"""Bytes of prepared rows beyond which they go to a file."""


@dataclass(slots=True)
class RowBatch:
    """Rows of some records that are all new, or are all there already.

    Records are named by their place in the batch. ``rows`` hold the columns of
    ``columns_of``; ``keys`` and ``versions`` are those of records that are there;
    ``links`` are pairs of a place and the key that it is linked with, ``relinked`` the places whose
    links are first taken away; ``added`` and ``removed`` the addresses of evidence.
    """

    is_new: bool
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    links: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    relinked: dict[str, list[int]] = field(default_factory=dict)
    added: list[tuple[int, str]] = field(default_factory=list)
    removed: list[tuple[int, str]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def columns_of(model: type[Record]) -> list[Any]:
    """The fields of a record's own row, its key excepted."""
    return [column for column in model._meta.concrete_fields if not column.primary_key]


class BulkWriter:
    """Batches in the order in which they are to be written; in a file when they are many."""

    def __init__(self, model: type[Record], cells: Mapping[str, Widget]) -> None:
        self.model = model
        self.columns = columns_of(model)
        self.many = [name for name, cell in cells.items() if isinstance(cell, ChoicesWidget)]
        self.new = 0
        self.connection = connections[DEFAULT_DB_ALIAS]
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115

    def take(self, drafts: Sequence[RowDraft]) -> None:
        """Make drafts ready, new ones and others apart."""
        for is_new in (True, False):
            some = [draft for draft in drafts if draft.is_new is is_new]
            if some:
                pickle.dump(self._batch(some, is_new), self._file, pickle.HIGHEST_PROTOCOL)
                self.new += len(some) if is_new else 0

    def __iter__(self) -> Iterator[RowBatch]:
        """The batches from the first on; nothing is added any more."""
        end = self._file.tell()
        self._file.seek(0)
        while self._file.tell() < end:
            yield pickle.load(self._file)  # what this very object wrote

    def _batch(self, drafts: Sequence[RowDraft], is_new: bool) -> RowBatch:
        batch = RowBatch(is_new)
        for name in self.many:
            batch.links[name], batch.relinked[name] = [], []
        for place, draft in enumerate(drafts):
            self._add(batch, place, draft)
        return batch

    def _add(self, batch: RowBatch, place: int, draft: RowDraft) -> None:
        record = draft.record
        if draft.seen_version is None:
            record.reference = record.reference or record.new_reference()
        else:
            batch.keys.append(record.pk)
            batch.versions.append(draft.seen_version)
        values = ((column, getattr(record, column.attname)) for column in self.columns)
        batch.rows.append(
            tuple(
                value
                if type(value) in _AS_THEY_ARE
                else column.get_db_prep_save(value, self.connection)
                for column, value in values
            )
        )
        for name, targets in draft.many.items():
            batch.links[name] += [(place, target) for target in targets]
            if not batch.is_new:
                batch.relinked[name].append(place)
        batch.added += [(place, url) for url in draft.evidence.added]
        batch.removed += [(place, url) for url in draft.evidence.removed]
        batch.reasons.append(draft.evidence.as_text())
