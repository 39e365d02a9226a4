"""The only functions that create or change records; ``deletion`` deletes them.

Each action is one transaction, one row of history and one step of ``version``. An action names the
version that the user saw: if the record has changed since, nothing is written.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from indicators.models import Evidence, HistoryAction, Record, RecordQuerySet, Status
from indicators.models.record import WORKFLOW_FIELDS, list_parent_fields
from indicators.models.validation import find_same_record
from indicators.safeguarding.detection import find_note_error
from indicators.workflow.evidence import (
    EvidenceEdit,
    apply_evidence_edit,
    build_uploads,
    delete_files,
    is_evidence_changed,
)
from indicators.workflow.history import no_automatic_history, write_history
from indicators.workflow.reported_years import (
    explain_missing_reason,
    find_citing_reports,
    find_record_closed_dates,
    log_cited_changes,
)
from indicators.workflow.transitions import (
    DENIALS,
    REFUSALS,
    Action,
    Obstacle,
    can_view,
    find_obstacle,
    find_transition,
)
from strategy.accounts.policy import can_record
from strategy.models import User

R = TypeVar("R", bound=Record)

Many = Mapping[str, Collection[models.Model]]
"""Many-to-many field -> all the rows that it is to hold."""

NEW_REFERENCES_TRIED = 5

REASON = "change_reason"
"""The field of the reason for a change of a record that an issued report cites."""

REFUSED_IN_CLOSED_YEARS = frozenset(
    {Action.APPROVE, Action.WITHDRAW, Action.RESTORE, Action.DELETE, Action.UNDELETE}
)
"""``save_record`` refuses to create and to change a record too."""


class WorkflowError(Exception):
    """An act that is not possible; its text is a sentence for the person who tried."""


class ActionDenied(WorkflowError):
    """The person may not do this with this record."""


class InvalidTransition(WorkflowError):
    """The record is not in a state for this, or something is missing."""


class ConcurrentEdit(WorkflowError):
    """Someone else changed the record after the user opened it."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(
            sentence
            or _("Someone else changed this record after you opened it. Nothing was written.")
        )


class ValueRefused(WorkflowError):
    """A value that cannot be saved; ``field`` names it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class UniqueValueTaken(ValueRefused):
    """Another record has this value already."""


@dataclass(frozen=True)
class RecordChange:
    """The author and time of a save, and its changes outside the record's own columns."""

    by: User
    at: datetime
    many: Many
    evidence: EvidenceEdit
    uploads: Sequence[Evidence]
    reason: str = ""


def save_record(
    record: R,
    *,
    by: User,
    at: datetime,
    many: Many | None = None,
    evidence: EvidenceEdit | None = None,
    seen_version: int | None = None,
    reason: str = "",
) -> R:
    """Create the record or change it to what ``record`` holds; return it as it now stands.

    Creating twice with one ``creation_token`` gives the record of the first time. Saving what is
    there already changes nothing. An approved record that is changed waits for approval again.
    Raises ConcurrentEdit when ``seen_version`` (by default the record's own) is no longer the last,
    UniqueValueTaken when another record has the reference, ValueRefused when a date falls in a
    closed year, or when an issued report cites the record and there is no ``reason``.
    """
    is_new = record.pk is None
    evidence = evidence or EvidenceEdit()
    change = RecordChange(by, at, many or {}, evidence, build_uploads(evidence, by), reason)
    try:
        with transaction.atomic():
            if is_new:
                return _create(record, change)
            seen = record.version if seen_version is None else seen_version
            return _change(record, change, seen)
    except BaseException as error:
        delete_files(change.uploads)
        record.pk = None if is_new else record.pk
        if not isinstance(error, IntegrityError):
            raise
        first = _find_by_creation_token(type(record), record.creation_token, by) if is_new else None
        if first is None:
            raise build_taken_error(record, by) from None
        return first


def _create(record: R, change: RecordChange) -> R:
    if not can_record(change.by) or change.by.office is None:
        raise ActionDenied(_("Your account may not enter records, or belongs to no office."))
    # One query: between two, the same form sent twice would look like another person's.
    first = RecordQuerySet(type(record)).filter(creation_token=record.creation_token).first()
    if first is not None and first.entered_by_id == change.by.pk:
        return first
    if first is not None:
        # Another person's form had this token; nothing of theirs may show here.
        record.creation_token = uuid.uuid4()
    refuse_closed_years(record)
    record.office, record.entered_by, record.changed_by = change.by.office, change.by, change.by
    record.status, record.version = Status.DRAFT, 1
    lock_parents(record)
    with no_automatic_history([record]):
        _insert(record)
        _set_many(record, change.many)
    # The columns would take the clock's time by themselves.
    _row_at(record, 1).update(entered_at=change.at, changed_at=change.at)
    record.entered_at = record.changed_at = change.at
    apply_evidence_edit(record, change.evidence, change.uploads, by=change.by, at=change.at)
    write_history([record], by=change.by, at=change.at, act=HistoryAction.CREATED)
    return record


def lock_parents(record: Record) -> None:
    """Lock the records to which this one belongs; raise ValueRefused if one was deleted."""
    for field in list_parent_fields(type(record)):
        key = getattr(record, field.attname)
        parents = field.related_model.objects.select_for_update().filter(pk=key)
        if key is not None and not list(parents.values_list("pk")):
            raise ValueRefused(
                field.name, _("The record that it belongs to was deleted. Choose another.")
            )


def _insert(record: Record) -> None:
    if record.reference:
        record.save(force_insert=True)
        return
    for _attempt in range(NEW_REFERENCES_TRIED):
        record.reference = record.new_reference()
        if not type(record).all_objects.with_same_reference(record.reference).exists():
            break
    record.save(force_insert=True)


def _change(record: R, change: RecordChange, seen: int) -> R:
    current = type(record).all_objects.get(pk=record.pk)
    values = check_action(Action.EDIT, current, change.by)
    if _is_stale(current, seen):
        raise ConcurrentEdit
    _copy_workflow_fields(record, current)
    if _has_no_changes(record, current, change.many) and not is_evidence_changed(
        record, change.evidence
    ):
        return record
    refuse_closed_years(current)
    refuse_closed_years(record)
    reports = find_citing_reports(current)
    if reports and not change.reason.strip():
        raise ValueRefused(REASON, explain_missing_reason(reports))
    lock_parents(record)
    if values:
        record.status, record.submitted_at = values["status"], change.at
    record.changed_by, record.changed_at, record.version = change.by, change.at, seen + 1
    columns = {column: getattr(record, column) for column in _columns(record)}
    if not _row_at(record, seen).update(**columns):
        raise ConcurrentEdit
    with no_automatic_history([record]):
        _set_many(record, change.many)
    apply_evidence_edit(record, change.evidence, change.uploads, by=change.by, at=change.at)
    is_again = current.status == Status.APPROVED
    act = HistoryAction.CHANGED_AGAIN if is_again else HistoryAction.CHANGED
    write_history([record], by=change.by, at=change.at, act=act)
    if reports:
        cited = {record.pk: reports}
        log_cited_changes([record], cited, change.reason, by=change.by, at=change.at)
    return record


def refuse_closed_years(record: Record) -> None:
    for field, sentence in find_record_closed_dates(record).items():
        raise ValueRefused(field, sentence)


def submit(record: R, *, by: User, at: datetime, seen_version: int | None = None) -> R:
    values = check_action(Action.SUBMIT, record, by) | {"submitted_at": at}
    return apply_transition(record, by, at, seen_version, values, HistoryAction.SUBMITTED)


def approve(record: R, *, by: User, at: datetime, seen_version: int | None = None) -> R:
    """Let the record count: needs evidence and a second person (counting rule 1.2)."""
    approval = {"approved_by": by, "approved_at": at, "note_on_return": ""}
    values = check_action(Action.APPROVE, record, by) | approval
    return apply_transition(record, by, at, seen_version, values, HistoryAction.APPROVED)


def return_record(
    record: R, *, by: User, at: datetime, note: str, seen_version: int | None = None
) -> R:
    values = check_action(Action.RETURN, record, by, note) | {"note_on_return": note.strip()}
    return apply_transition(record, by, at, seen_version, values, HistoryAction.RETURNED)


def withdraw(record: R, *, by: User, at: datetime, note: str, seen_version: int | None = None) -> R:
    """Exclude a record from the figures that was approved once; other records are deleted."""
    values = check_action(Action.WITHDRAW, record, by, note) | {"note_on_return": note.strip()}
    reports = find_citing_reports(record)
    with transaction.atomic():
        record = apply_transition(record, by, at, seen_version, values, HistoryAction.WITHDRAWN)
        if reports:
            log_cited_changes([record], {record.pk: reports}, note, by=by, at=at)
    return record


def restore(record: R, *, by: User, at: datetime, seen_version: int | None = None) -> R:
    """Make a withdrawn record a draft again."""
    values = check_action(Action.RESTORE, record, by) | {"note_on_return": "", "merged_into": None}
    try:
        return apply_transition(record, by, at, seen_version, values, HistoryAction.RESTORED)
    except IntegrityError:
        raise build_taken_error(record, by) from None


def check_action(action: Action, record: Record, by: User, note: str = "") -> dict[str, Any]:
    """Return the columns that the transition changes; raises ActionDenied or InvalidTransition."""
    obstacle = find_obstacle(by, action, record)
    row = find_transition(action, record)
    if row is None or obstacle is not None:
        raise _refusal(action, obstacle or Obstacle.STATUS)
    if row.needs_evidence and not record.evidence.exists():
        raise _refusal(action, Obstacle.EVIDENCE)
    if row.needs_note and not note.strip():
        raise _refusal(action, Obstacle.NOTE)
    error = find_note_error(note)
    if error:
        raise InvalidTransition(error)
    if action in REFUSED_IN_CLOSED_YEARS:
        for sentence in find_record_closed_dates(record).values():
            raise InvalidTransition(sentence)
    return {} if row.target is None else {"status": row.target}


def _refusal(action: Action, obstacle: Obstacle) -> WorkflowError:
    sentence = REFUSALS.get((action, obstacle))
    if sentence is None or obstacle == Obstacle.PERSON:
        return ActionDenied(str(sentence or DENIALS[action]))
    return InvalidTransition(str(sentence))


def apply_transition(
    record: R,
    by: User,
    at: datetime,
    seen: int | None,
    values: Mapping[str, Any],
    act: HistoryAction,
) -> R:
    """Write a checked transition's columns; raises ConcurrentEdit if the record has changed."""
    if seen is not None and seen != record.version:
        raise ConcurrentEdit
    with transaction.atomic():
        changed_count = (
            _row_at(record, record.version)
            .filter(status=record.status)
            .update(version=record.version + 1, **values)
        )
        if not changed_count:
            raise ConcurrentEdit
        record.refresh_from_db()
        write_history([record], by=by, at=at, act=act)
    return record


def parse_version(text: str) -> int:
    """Return the version that a form sends; 0, which no record has, when it is not a number."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _is_stale(current: Record, seen: int) -> bool:
    return current.version != seen


def _row_at(record: Record, version: int) -> RecordQuerySet[Record]:
    """Return the row at this version; an update after a concurrent edit matches nothing."""
    return type(record).all_objects.filter(pk=record.pk, version=version)


def _columns(record: Record) -> list[str]:
    return [field.attname for field in record._meta.concrete_fields if not field.primary_key]


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
    """Whether saving the stored record would change nothing."""
    current = type(record).all_objects.get(pk=record.pk)
    _copy_workflow_fields(record, current)
    return _has_no_changes(record, current, many) and not is_evidence_changed(record, evidence)


def _set_many(record: Record, many: Many) -> None:
    for name, rows in many.items():
        getattr(record, name).set(rows)


def _find_by_creation_token(model: type[R], token: uuid.UUID, by: User) -> R | None:
    return RecordQuerySet(model).with_creation_token(token, by).first()


def build_taken_error(record: Record, by: User) -> UniqueValueTaken:
    return find_taken_value(record, by) or UniqueValueTaken(
        "reference", _("There is such a record already. Open that one and change it.")
    )


def find_taken_value(record: Record, by: User) -> UniqueValueTaken | None:
    """Return why another record already is what this one would be; None if none is."""
    found = find_same_record(record)
    if found is None:
        return None
    column, other = found
    if column == "reference":
        sentence = _("Another record has the reference “%(reference)s”. Choose another.")
        return UniqueValueTaken(column, sentence % {"reference": record.reference})
    if not can_view(by, other):
        sentence = _("Another office has recorded this already. Ask an M&E officer.")
        return UniqueValueTaken(column, sentence)
    sentence = _(
        "There is such a record already: “%(name)s” (%(reference)s). Open that one and change it."
    )
    names = {"name": other.name, "reference": other.reference}
    return UniqueValueTaken(column, sentence % names)
