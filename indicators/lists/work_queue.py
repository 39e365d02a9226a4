"""Work that waits, ready for its two screens: one's own records, and those of others to approve.

Which records wait is ``queues``; the acts on them are ``workflow``'s, here on several at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from indicators.counting.contributions import (
    Contribution,
    add_record_hints,
    counted_objectives,
    find_contributions,
    load_targets,
)
from indicators.forms.registry import RECORD_TYPES, RecordType
from indicators.models import Record, Status
from indicators.values.display import DisplayField, display_fields
from indicators.workflow import actions, queues
from indicators.workflow.audit_log import FieldChange, changes_since_approval
from indicators.workflow.deletion import UNDO_PERIOD
from indicators.workflow.queues import PendingRecord
from indicators.workflow.transitions import Action
from strategy.choices import RecordKind
from strategy.models import Plan, User

MAX_OWN_ITEMS = 200
"""Limit of a user's own unfinished records on the page; the lists show all of them."""

Answers = Mapping[tuple[RecordKind, int], Sequence[Contribution]]


@dataclass(frozen=True)
class WorkItem:
    """A record that waits, with what there is to say about it.

    ``days`` since it was submitted; ``towards`` the objectives that it would count towards once
    approved, and where there is none, ``reason`` says why, and ``outside`` is the answer that says
    where its countries count instead.
    """

    waiting: PendingRecord
    days: int
    towards: Sequence[str] = ()
    reason: str = ""
    outside: Contribution | None = None
    record: Any = None
    facts: Sequence[DisplayField] = ()
    changes: Sequence[FieldChange] = ()
    """What is not as it was approved; only for what was approved once."""
    note: str = ""
    error: str = ""

    @property
    def screen(self) -> RecordType:
        return RECORD_TYPES[self.waiting.kind]

    @property
    def name(self) -> str:
        return f"{self.waiting.kind}/{self.waiting.reference}"

    @property
    def anchor(self) -> str:
        """The element's id on the page: a reference may have characters that an id may not."""
        return f"{self.waiting.kind}-{self.waiting.pk}"

    @property
    def key(self) -> str:
        """The name with the version that the page shows."""
        return f"{self.name}/{self.record.version}"


@dataclass(frozen=True)
class DeletedItem:
    """A deleted record, and until when that can be undone."""

    waiting: PendingRecord
    until: datetime


@dataclass(frozen=True)
class BulkActionSummary:
    """What acting on several records came to: which, and by name why not the others."""

    done: Sequence[Record]
    failed: Mapping[str, str]


def load_own_items(user: User, now: datetime, today: date) -> Sequence[WorkItem]:
    rows = queues.pending_records(user, queues.own_unfinished).order_by("-changed_at", "pk")
    waiting = queues.build_pending_records(rows[:MAX_OWN_ITEMS])
    submitted = [one for one in waiting if one.status == Status.SUBMITTED]
    answers = _answers(queues.load_records(submitted), today)
    return [_item(one, now, answers.get((one.kind, one.pk), ())) for one in waiting]


def load_deleted_items(user: User, now: datetime) -> Sequence[DeletedItem]:
    rows = queues.recently_deleted(user, now - UNDO_PERIOD).order_by("-deleted_at", "pk")[
        :MAX_OWN_ITEMS
    ]
    return [
        DeletedItem(one, one.deleted_at + UNDO_PERIOD)
        for one in queues.build_pending_records(rows)
        if one.deleted_at
    ]


def load_review_items(
    waiting: Sequence[PendingRecord], now: datetime, today: date
) -> Sequence[WorkItem]:
    records = queues.load_records(waiting)
    for kind, found in records.items():
        model = RECORD_TYPES[kind].model
        words = [name for name in model.COLUMNS if model._meta.get_field(name).is_relation]
        prefetch_related_objects(found, *words, "evidence")
    answers, changes = _answers(records, today), _changes(records)
    by_key = {(kind, one.pk): one for kind, found in records.items() for one in found}
    items = []
    for one in waiting:
        key = (one.kind, one.pk)
        values = display_fields(by_key[key])
        items.append(
            replace(
                _item(one, now, answers.get(key, ())),
                record=by_key[key],
                facts=[fact for fact in values if fact.text and fact.name != "title"],
                changes=changes.get(key, ()),
            )
        )
    return items


def apply_bulk_action(
    keys: Sequence[str], action: Action, notes: Mapping[str, str], *, by: User, at: datetime
) -> BulkActionSummary:
    """Approve or return each record, named `kind/reference/version`; a failure stops no other."""
    failed: dict[str, str] = {}
    done: list[Record] = []
    for key in keys:
        name, _slash, version = key.rpartition("/")
        try:
            record = _get_record(by, name)
            seen = actions.parse_version(version)
            if action == Action.APPROVE:
                actions.approve(record, by=by, at=at, seen_version=seen)
            else:
                note = notes.get(name, "")
                actions.return_record(record, by=by, at=at, note=note, seen_version=seen)
        except actions.WorkflowError as error:
            failed[name] = str(error)
        else:
            done.append(record)
    return BulkActionSummary(done, failed)


def _get_record(user: User, name: str) -> Record:
    word, _slash, reference = name.partition("/")
    found: Record | None = None
    if word in RecordKind.values and reference.isprintable():
        records = RECORD_TYPES[RecordKind(word)].model.objects.visible_to(user)
        found = records.with_reference(reference).first()
    if found is None:
        raise actions.InvalidTransition(_("There is no such record that you may see."))
    return found


def _answers(records: Mapping[RecordKind, Sequence[Record]], today: date) -> Answers:
    targets = load_targets(Plan.objects.current(today)) if records else ()
    found: dict[tuple[RecordKind, int], Sequence[Contribution]] = {}
    for kind, some in records.items():
        said = find_contributions(kind, some, targets, today, once_approved=True)
        for record in some:
            found[kind, record.pk] = add_record_hints(record, said.get(record.pk, ()), targets)
    return found


def _changes(
    records: Mapping[RecordKind, Sequence[Record]],
) -> Mapping[tuple[RecordKind, int], Sequence[FieldChange]]:
    return {
        (kind, pk): changes
        for kind, some in records.items()
        for pk, changes in changes_since_approval([r for r in some if r.was_approved]).items()
    }


def _item(one: PendingRecord, now: datetime, answers: Sequence[Contribution]) -> WorkItem:
    towards = counted_objectives(answers)
    first = next(iter(answers), None) if not towards else None
    return WorkItem(
        waiting=one,
        days=(now - one.submitted_at).days if one.submitted_at else 0,
        towards=towards,
        reason=str(first.reason.label) if first and first.reason else "",
        outside=first if first and first.elsewhere else None,
    )
