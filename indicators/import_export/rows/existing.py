"""Saved records with the texts of their cells, loaded in a few queries for many records."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet

from indicators.import_export.rows.columns import EVIDENCE
from indicators.import_export.rows.widgets import RecordWidget, Widget
from indicators.models import Evidence, Record
from indicators.models.reading.confidentiality import Audience, get_confidential_name
from indicators.models.references import (
    find_check,
    find_hidden_keys,
    find_hidden_references,
    redact_references,
    split_references,
)
from indicators.values.codes import normalize_reference
from strategy.text import fold_spelling, is_storable

BATCH = 5_000
"""Records in one query: every database accepts as many values."""

T = TypeVar("T")


def split_batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def collect_references(rows: Iterable[Sequence[str]], place: int) -> set[str]:
    """Return the folded references in a column of rows."""
    texts = {normalize_reference(cells[place]) for cells in rows}
    return {fold_spelling(text) for text in texts if text and is_storable(text)}


class Links:
    """The table of a many-to-many field, and its columns."""

    def __init__(self, field: Any) -> None:
        self.through: type[Model] = field.remote_field.through
        meta = self.through._meta
        self.owner = meta.get_field(field.m2m_field_name()).attname
        self.target = meta.get_field(field.m2m_reverse_field_name()).attname

    def of_records(self, keys: Sequence[int]) -> QuerySet[Model]:
        return QuerySet(self.through).filter(**{f"{self.owner}__in": keys})

    def load(self, keys: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """Return the linked keys of each record, in the order of their creation."""
        links: dict[int, list[int]] = defaultdict(list)
        rows = self.of_records(keys).order_by("pk")
        for owner, target in rows.values_list(self.owner, self.target):
            links[owner].append(target)
        return {owner: tuple(targets) for owner, targets in links.items()}


class ExistingValues:
    """The values of saved records of one kind, loaded a batch of records at a time."""

    def __init__(self, cells: Mapping[str, Widget], audience: Audience | None = None) -> None:
        self.cells, self.audience = cells, audience
        self._references = {name for name, cell in cells.items() if find_check(cell.field)}
        self._hidden_keys: dict[str, frozenset[int]] = {}
        self._hidden_references: frozenset[str] = frozenset()
        self._many: dict[str, dict[int, tuple[Any, ...]]] = {
            name: {} for name, cell in cells.items() if cell.is_many
        }
        self.with_files: set[int] = set()
        """Keys of the records that have a file as evidence."""

    def load(self, records: Sequence[Record]) -> None:
        if not records:
            return
        keys = [record.pk for record in records]
        for name, cell in self.cells.items():
            if name == EVIDENCE:
                self._many[name] |= self._load_evidence_links(type(records[0]), keys)
            elif cell.is_many:
                self._many[name] |= Links(cell.field).load(keys)
            elif isinstance(cell, RecordWidget):
                named = {getattr(record, cell.field.attname) for record in records} - {None}
                cell.load(pk__in=named)
                self._hidden_keys[name] = find_hidden_keys(cell.model, named, self.audience)
        texts = [self.value(record, name) for record in records for name in self._references]
        references = {reference for text in texts for reference in split_references(text)}
        self._hidden_references = find_hidden_references(references, self.audience)

    def _load_evidence_links(
        self, model: type[Record], keys: Sequence[int]
    ) -> dict[int, tuple[str, ...]]:
        links: dict[int, list[str]] = defaultdict(list)
        content_type = ContentType.objects.get_for_model(model)
        items = Evidence.objects.filter(content_type=content_type, object_id__in=keys).order_by(
            "pk"
        )
        for key, url in items.values_list("object_id", "url"):
            if url:
                links[key].append(url)
            else:
                self.with_files.add(key)
        return {key: tuple(urls) for key, urls in links.items()}

    def value(self, record: Record, name: str) -> Any:
        if name in self._many:
            return self._many[name].get(record.pk, ())
        return getattr(record, self.cells[name].field.attname)

    def texts(self, record: Record) -> dict[str, str]:
        """Return the cells as the audience may read them."""
        return {name: self._render(record, name, cell) for name, cell in self.cells.items()}

    def _render(self, record: Record, name: str, cell: Widget) -> str:
        value = self.value(record, name)
        if value in self._hidden_keys.get(name, ()):
            return get_confidential_name()
        if name in self._references and self._hidden_references:
            return redact_references(value, self._hidden_references)
        return cell.render(value)

    def has_evidence(self, record: Record) -> bool:
        return record.pk in self.with_files or bool(self.value(record, EVIDENCE))
