"""Changes of a record's evidence, inside the transaction that changes the record."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.core.files.base import File
from django.db import transaction

from indicators.models import Evidence, Record
from indicators.safeguarding.files.uploads import get_file_name, with_random_name
from indicators.workflow.history import write_evidence_history
from strategy.models import User


@dataclass(frozen=True)
class EvidenceEdit:
    """The changes of a record's evidence that a user asks for.

    ``links`` are all the URLs that the record is to have, None leaves them as they are; ``files``
    are new and validated; ``removed`` are the identifiers of files to delete.
    """

    links: Sequence[str] | None = None
    files: Sequence[File[bytes]] = ()
    removed: Collection[uuid.UUID] = ()


def build_uploads(edit: EvidenceEdit, by: User) -> list[Evidence]:
    return [
        Evidence(file=with_random_name(file), name=get_file_name(file), added_by=by)
        for file in edit.files
    ]


def is_evidence_changed(record: Record, edit: EvidenceEdit) -> bool:
    if edit.files or edit.removed:
        return True
    if edit.links is None:
        return False
    return set(edit.links) != set(record.evidence.exclude(url="").values_list("url", flat=True))


def apply_evidence_edit(
    record: Record, edit: EvidenceEdit, uploads: Sequence[Evidence], *, by: User, at: datetime
) -> None:
    items = list(record.evidence.all())
    urls = [item.url for item in items] if edit.links is None else list(dict.fromkeys(edit.links))
    removed = [
        item for item in items if item.uuid in edit.removed or (item.url and item.url not in urls)
    ]
    present = {item.url for item in items}
    added = [Evidence(url=url, added_by=by) for url in urls if url not in present]
    added += uploads
    for item in added:
        item.record = record
    _delete_evidence(removed)
    Evidence.objects.bulk_create(added)
    write_evidence_history(added, removed, {record.pk: record.version}, by=by, at=at)


def delete_files(items: Iterable[Evidence]) -> None:
    """Delete the files of items that are not, or no longer, in the database."""
    for item in items:
        item.file.storage.delete(item.file.name or "")


def _delete_evidence(items: Sequence[Evidence]) -> None:
    files = [item for item in items if item.file.name]
    if files:
        # After a rollback the rows still need their files.
        transaction.on_commit(partial(delete_files, files))
    Evidence.objects.filter(pk__in=[item.pk for item in items]).delete()
