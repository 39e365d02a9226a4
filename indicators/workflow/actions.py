"""The life of a record: the only place where one is created, changed or moved along.

Deleting, undoing that, and removing for good are ``deleting``'s.

Each act is one transaction, one row of history and one step of ``version``. An act names the
version that the person saw; when the record is another by then, nothing is written. The time is
the caller's.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from django.core.files import File
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from indicators.models import Evidence, Record, RecordQuerySet, Status
from indicators.safeguarding.detection import find_note_error
from indicators.safeguarding.uploads import get_file_name, with_random_name
from indicators.workflow import permissions
from indicators.workflow.history import EvidenceChange, no_automatic_history, write_history
from strategy.accounts.policy import can_record, can_review
from strategy.models import User

R = TypeVar("R", bound=Record)

Many = Mapping[str, Collection[models.Model]]
"""Many-to-many field -> all the rows that it is to hold."""

NEW_REFERENCES_TRIED = 5


class WorkflowError(Exception):
    """An act that is not possible; its text is a sentence for the person who tried."""


class ActionDenied(WorkflowError):
    """The person may not do this with this record."""


class InvalidTransition(WorkflowError):
    """The record is not in a state for this, or something is missing."""


class ConcurrentEdit(WorkflowError):
    """Someone else changed the record since the person opened it; nothing was written."""


class UniqueValueTaken(WorkflowError):
    """Another record has this value already; ``field`` names it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True)
class EvidenceEdit:
    """What a change does to the evidence.

    ``links`` are all the addresses that the record is to have, None leaves them; ``files``, checked
    beforehand, are added; ``removed`` are the identifiers of files to take away.
    """

    links: Sequence[str] | None = None
    files: Sequence[File] = ()  # type: ignore[type-arg]
    removed: Collection[uuid.UUID] = ()


@dataclass(frozen=True)
class RecordChange:
    """Who changes a record, when, and what besides its columns."""

    by: User
    at: datetime
    many: Many
    evidence: EvidenceEdit
    attached: Sequence[Evidence]


def save_record(
    record: R,
    *,
    by: User,
    at: datetime,
    many: Many | None = None,
    evidence: EvidenceEdit | None = None,
    seen_version: int | None = None,
) -> R:
    """Create the record or change it to what ``record`` holds; return it as it now stands.

    Creating twice with one ``creation_token`` gives the record of the first time. Saving what is
    there already changes nothing. An approved record that is changed waits for approval again.
    Raises ConcurrentEdit when ``seen_version`` (by default the record's own) is no longer the last,
    UniqueValueTaken when another record has the reference.
    """
    is_new = record.pk is None
    evidence = evidence or EvidenceEdit()
    attached = [
        Evidence(file=with_random_name(file), name=get_file_name(file), added_by=by)
        for file in evidence.files
    ]
    act = RecordChange(by, at, many or {}, evidence, attached)
    try:
        with transaction.atomic():
            if is_new:
                return _create(record, act)
            return _change(record, act, record.version if seen_version is None else seen_version)
    except BaseException as error:
        discard_files(attached)
        record.pk = None if is_new else record.pk
        if not isinstance(error, IntegrityError):
            raise
        first = _find_by_creation_token(type(record), record.creation_token, by) if is_new else None
        if first is None:
            raise taken(record) from None
        return first


def _create(record: R, act: RecordChange) -> R:
    if not can_record(act.by) or act.by.office is None:
        raise ActionDenied(_("Your account may not enter records, or belongs to no office."))
    first = _find_by_creation_token(type(record), record.creation_token, act.by)
    if first is not None:
        return first
    record.office, record.entered_by, record.changed_by = act.by.office, act.by, act.by
    record.status, record.version = Status.DRAFT, 1
    with no_automatic_history([record]):
        _insert(record)
        _set_many(record, act.many)
    # The columns would take the clock's time by themselves.
    _row(record).update(entered_at=act.at, changed_at=act.at)
    record.entered_at = record.changed_at = act.at
    change = _change_evidence(record, act)
    write_history([record], by=act.by, at=act.at, is_new=True, reason=change.as_text())
    return record


def _insert(record: Record) -> None:
    """Save a new record; a reference that the application makes is made again when it is taken."""
    if record.reference:
        record.save(force_insert=True)
        return
    for _attempt in range(NEW_REFERENCES_TRIED):
        record.reference = record.new_reference()
        if not type(record).all_objects.with_reference(record.reference).exists():
            break
    record.save(force_insert=True)


def _change(record: R, act: RecordChange, seen: int) -> R:
    current = type(record).all_objects.get(pk=record.pk)
    if not permissions.can_edit(act.by, current):
        raise ActionDenied(_("You may not change this record, or it is withdrawn."))
    if _is_stale(current, seen):
        raise ConcurrentEdit(_stale_sentence())
    _copy_workflow_fields(record, current)
    if _has_no_changes(record, current, act.many) and not _is_evidence_changed(
        record, act.evidence
    ):
        return record
    if current.status == Status.APPROVED:
        record.status, record.submitted_at = Status.SUBMITTED, act.at
    record.changed_by, record.changed_at, record.version = act.by, act.at, seen + 1
    values = {column: getattr(record, column) for column in _columns(record)}
    if not _row_at(record, seen).update(**values):
        raise ConcurrentEdit(_stale_sentence())
    with no_automatic_history([record]):
        _set_many(record, act.many)
    change = _change_evidence(record, act)
    write_history([record], by=act.by, at=act.at, reason=change.as_text())
    return record


def submit(record: R, *, by: User, at: datetime, seen_version: int | None = None) -> R:
    """Ask for approval of a draft or of a returned record."""
    if not permissions.can_edit(by, record):
        raise ActionDenied(_("You may not submit this record."))
    if not permissions.can_submit(by, record):
        raise InvalidTransition(_("Only a draft or a returned record can be submitted."))
    return apply_transition(record, by, at, seen_version, status=Status.SUBMITTED, submitted_at=at)


def approve(record: R, *, by: User, at: datetime, seen_version: int | None = None) -> R:
    """Let the record count. Needs evidence and a second person (counting rule 1.2)."""
    if not can_review(by):
        raise ActionDenied(_("Only managers and M&E officers approve records."))
    if record.status != Status.SUBMITTED:
        raise InvalidTransition(_("Only a submitted record can be approved."))
    if not permissions.is_second_person(by, record):
        raise ActionDenied(_("You entered or last changed it: someone else must approve it."))
    with transaction.atomic():
        if not record.evidence.exists():
            raise InvalidTransition(_("It has no evidence. Attach a file or a link first."))
        return apply_transition(
            record,
            by,
            at,
            seen_version,
            status=Status.APPROVED,
            approved_by=by,
            approved_at=at,
            note_on_return="",
        )


def return_record(
    record: R, *, by: User, at: datetime, note: str, seen_version: int | None = None
) -> R:
    """Send a submitted record back to who entered it, saying what to do."""
    if not can_review(by):
        raise ActionDenied(_("Only managers and M&E officers return records."))
    if record.status != Status.SUBMITTED:
        raise InvalidTransition(_("Only a submitted record can be returned."))
    if not permissions.can_return(by, record):
        raise ActionDenied(_("You entered it: edit it instead of returning it."))
    if not note.strip():
        raise InvalidTransition(_("Write a note that says what to correct."))
    _check_note(note)
    return apply_transition(
        record, by, at, seen_version, status=Status.RETURNED, note_on_return=note.strip()
    )


def withdraw(record: R, *, by: User, at: datetime, note: str, seen_version: int | None = None) -> R:
    """Take a record that was approved once out of the figures, saying why.

    It stays in the lists and in the history. What was never approved is deleted instead
    (``deleting``).
    """
    if not permissions.can_withdraw(by, record):
        raise ActionDenied(_("You may not withdraw this record."))
    if not note.strip():
        raise InvalidTransition(_("Write why it is withdrawn."))
    _check_note(note)
    values = {"status": Status.WITHDRAWN, "note_on_return": note.strip()}
    return apply_transition(record, by, at, seen_version, **values)


def restore(record: R, *, by: User, at: datetime, seen_version: int | None = None) -> R:
    """Make a withdrawn record a draft again."""
    if not permissions.can_restore(by, record):
        raise ActionDenied(_("Only a withdrawn record can be restored, by who may see it."))
    try:
        return apply_transition(
            record, by, at, seen_version, status=Status.DRAFT, note_on_return=""
        )
    except IntegrityError:
        raise taken(record) from None


def apply_transition(record: R, by: User, at: datetime, seen: int | None, **values: Any) -> R:
    """Write the columns of a step of life if the record is still the one that was seen.

    For the acts of this module and of ``deleting``, which ask first whether the step is allowed.
    """
    if seen is not None and seen != record.version:
        raise ConcurrentEdit(_stale_sentence())
    with transaction.atomic():
        moved = (
            _row_at(record, record.version)
            .filter(status=record.status)
            .update(version=record.version + 1, **values)
        )
        if not moved:
            raise ConcurrentEdit(_stale_sentence())
        record.refresh_from_db()
        write_history([record], by=by, at=at)
    return record


def _check_note(note: str) -> None:
    """No note may tell who a child is either."""
    error = find_note_error(note)
    if error:
        raise InvalidTransition(error)


def _row(record: Record) -> RecordQuerySet[Record]:
    return type(record).all_objects.filter(pk=record.pk)


def _is_stale(current: Record, seen: int) -> bool:
    return current.version != seen


def _row_at(record: Record, version: int) -> RecordQuerySet[Record]:
    """The record's row as long as it has this version: what two people write, one of them does."""
    return _row(record).filter(version=version)


def _columns(record: Record) -> list[str]:
    return [field.attname for field in record._meta.concrete_fields if not field.primary_key]


WORKFLOW_FIELDS = (
    "status",
    "note_on_return",
    "office_id",
    "entered_by_id",
    "entered_at",
    "changed_by_id",
    "changed_at",
    "submitted_at",
    "approved_by_id",
    "approved_at",
    "deleted_at",
    "deleted_by_id",
    "version",
    "creation_token",
)
"""The columns that only the acts of this module write."""


def _copy_workflow_fields(record: Record, current: Record) -> None:
    for name in WORKFLOW_FIELDS:
        setattr(record, name, getattr(current, name))
    record.reference = record.reference or current.reference


def _has_no_changes(record: Record, current: Record, many: Many) -> bool:
    if any(getattr(record, column) != getattr(current, column) for column in _columns(record)):
        return False
    return all(
        {row.pk for row in wanted} == set(getattr(current, name).values_list("pk", flat=True))
        for name, wanted in many.items()
    )


def is_stored(record: Record, *, many: Many, evidence: EvidenceEdit) -> bool:
    """Whether saving the record, which is there, would change nothing."""
    current = type(record).all_objects.get(pk=record.pk)
    _copy_workflow_fields(record, current)
    return _has_no_changes(record, current, many) and not _is_evidence_changed(record, evidence)


def _set_many(record: Record, many: Many) -> None:
    for name, rows in many.items():
        getattr(record, name).set(rows)


def _find_by_creation_token(model: type[R], token: uuid.UUID, by: User) -> R | None:
    """The record that this person made with the token, if there is one."""
    return model.all_objects.with_creation_token(token, by).first()


def _is_evidence_changed(record: Record, edit: EvidenceEdit) -> bool:
    if edit.files or edit.removed:
        return True
    if edit.links is None:
        return False
    return set(edit.links) != set(record.evidence.exclude(url="").values_list("url", flat=True))


def _change_evidence(record: Record, act: RecordChange) -> EvidenceChange:
    """Bring the evidence to what is asked; say what was added and removed."""
    items = list(record.evidence.all())
    links = act.evidence.links
    wanted = [item.url for item in items] if links is None else list(dict.fromkeys(links))
    gone = [
        item
        for item in items
        if item.uuid in act.evidence.removed or (item.url and item.url not in wanted)
    ]
    there = {item.url for item in items}
    added = [Evidence(url=url, added_by=act.by) for url in wanted if url not in there]
    for item in (*added, *act.attached):
        item.record = record
    _remove(gone)
    Evidence.objects.bulk_create([*added, *act.attached])
    return EvidenceChange(
        added=tuple(str(item) for item in (*added, *act.attached)),
        removed=tuple(str(item) for item in gone),
    )


def _remove(items: Sequence[Evidence]) -> None:
    """Delete items of evidence; their files go when the transaction is there to stay."""
    for item in items:
        if item.file.name:
            transaction.on_commit(partial(item.file.storage.delete, item.file.name))
    Evidence.objects.filter(pk__in=[item.pk for item in items]).delete()


def discard_files(items: Sequence[Evidence]) -> None:
    """Take away the files of items that were not saved after all."""
    for item in items:
        item.file.storage.delete(item.file.name or "")


def _stale_sentence() -> str:
    return _("Someone else changed this record after you opened it. Nothing was written.")


def taken(record: Record) -> UniqueValueTaken:
    """Which value it is that another record has: the reference, else what makes a year's budget."""
    others = type(record).all_objects.exclude(pk=record.pk)
    if others.with_reference(record.reference).exists():
        sentence = _("Another record has the reference “%(reference)s”. Choose another.")
        return UniqueValueTaken("reference", sentence % {"reference": record.reference})
    return UniqueValueTaken(
        "year", _("There is such a record already. Open that one and change it.")
    )
