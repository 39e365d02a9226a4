"""Records that are there already, with what their cells hold: few queries, however many."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet

from indicators.import_export.rows.columns import EVIDENCE
from indicators.import_export.rows.widgets import RecordWidget, Widget
from indicators.models import Evidence, Record

BATCH = 5_000
"""Records in one query: every database takes as many values."""

T = TypeVar("T")


def split_batches(things: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """The things in lists of at most ``size``."""
    rest = iter(things)
    while batch := list(islice(rest, size)):
        yield batch


class Links:
    """How the links of a many-to-many field lie in the database."""

    def __init__(self, field: Any) -> None:
        self.through: type[Model] = field.remote_field.through
        meta = self.through._meta
        self.owner = meta.get_field(field.m2m_field_name()).attname
        self.target = meta.get_field(field.m2m_reverse_field_name()).attname

    def of_records(self, keys: Sequence[int]) -> QuerySet[Model]:
        """The rows that link these records."""
        return QuerySet(self.through).filter(**{f"{self.owner}__in": keys})

    def of(self, keys: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """Key of a record -> the keys that it is linked with, in the order in which they came."""
        found: dict[int, list[int]] = defaultdict(list)
        rows = self.of_records(keys).order_by("pk")
        for owner, target in rows.values_list(self.owner, self.target):
            found[owner].append(target)
        return {owner: tuple(targets) for owner, targets in found.items()}


class ExistingValues:
    """What the cells of saved records of one kind hold; loaded a batch of records at a time."""

    def __init__(self, cells: Mapping[str, Widget]) -> None:
        self.cells = cells
        self._many: dict[str, dict[int, tuple[Any, ...]]] = {
            name: {} for name, cell in cells.items() if cell.is_many
        }
        self.with_files: set[int] = set()
        """Keys of the records that have a file as evidence."""

    def load(self, records: Sequence[Record]) -> None:
        """Read what stands in other tables for at most a batch of records."""
        if not records:
            return
        keys = [record.pk for record in records]
        for name, cell in self.cells.items():
            if name == EVIDENCE:
                self._many[name] |= self._links_to_evidence(type(records[0]), keys)
            elif cell.is_many:
                self._many[name] |= Links(cell.field).of(keys)
            elif isinstance(cell, RecordWidget):
                cell.learn(pk__in={getattr(record, cell.field.attname) for record in records})

    def _links_to_evidence(
        self, model: type[Record], keys: Sequence[int]
    ) -> dict[int, tuple[str, ...]]:
        found: dict[int, list[str]] = defaultdict(list)
        kind = ContentType.objects.get_for_model(model)
        items = Evidence.objects.filter(content_type=kind, object_id__in=keys).order_by("pk")
        for key, url in items.values_list("object_id", "url"):
            if url:
                found[key].append(url)
            else:
                self.with_files.add(key)
        return {key: tuple(urls) for key, urls in found.items()}

    def value(self, record: Record, name: str) -> Any:
        """The value of a column; a tuple for columns of several."""
        if name in self._many:
            return self._many[name].get(record.pk, ())
        return getattr(record, self.cells[name].field.attname)

    def texts(self, record: Record) -> dict[str, str]:
        """The record's row in a file: column -> text."""
        return {name: cell.render(self.value(record, name)) for name, cell in self.cells.items()}

    def has_evidence(self, record: Record) -> bool:
        return record.pk in self.with_files or bool(self.value(record, EVIDENCE))
